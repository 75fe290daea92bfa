"""`custody.backup_rows@1`: rows of a user's own table are kept, and read back, before a statement touches them."""

import msgspec
import psycopg
import pytest

from cutter.app.system import RandomIds
from cutter.custody.files import private_folder
from cutter.custody.vault import BackupVault
from cutter.events import WouldStop
from cutter.model import Mode
from tests.support.backfill import CUSTOMERS, FILLED, altered, fill, install
from tests.support.backups import NoCipher
from tests.support.runs import Office, completed, outcome_of, stop_of

MODES = [Mode.DRYRUN, Mode.LIVE]
QUESTION = "SELECT t.* FROM app.customer AS t WHERE t.province = %(province)s AND t.region IS NULL"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_the_rows_as_they_were_are_kept(office: Office, mode: Mode) -> None:
    """Without it a governed write on a user's table could not be undone (guarantee 5)."""
    records = fill(office, install(office), mode)

    assert completed(records), records[-1].event
    outcome = outcome_of(records, "backup")
    assert (outcome["rows"], outcome["row_counts"]) == (CUSTOMERS, {"app.customer": CUSTOMERS})
    assert outcome["drilled_rows"] == (0 if mode is Mode.DRYRUN else CUSTOMERS)
    files = sorted(path.name for path in (office.workspace / "vault").rglob("*") if path.is_file())
    assert files == ([] if mode is Mode.DRYRUN else ["app.customer.copy.gpg", "manifest.json"])


def test_what_was_kept_puts_the_rows_back(office: Office) -> None:
    """Without it a backup could be a file that nobody can restore from."""
    before_query = "SELECT id, name, province, region FROM app.customer ORDER BY id"
    pipeline = install(office)
    before = office.rows(before_query)
    fill(office, pipeline, Mode.LIVE)
    kept = next((office.workspace / "vault").rglob("app.customer.copy.gpg")).read_bytes()
    manifest = msgspec.json.decode(next((office.workspace / "vault").rglob("manifest.json")).read_bytes())

    office.alter("DELETE FROM app.customer WHERE province = 'HN'")
    _copy_in(office, [column["name"] for column in manifest["tables"][0]["columns"]], kept)

    assert office.rows(before_query) == before


def _copy_in(office: Office, columns: list[str], rows: bytes) -> None:
    with (
        psycopg.connect(office.database.superuser) as connection,
        connection.cursor().copy(f"COPY app.customer ({', '.join(columns)}) FROM STDIN".encode()) as stream,
    ):
        stream.write(rows)


def test_both_modes_keep_the_same_bytes(office: Office) -> None:
    """Without it a rehearsal could back up other rows than the live run."""
    pipeline = install(office)
    both = [outcome_of(fill(office, pipeline, mode), "backup") for mode in MODES]
    for name in ("rows", "size", "plain_sha256", "recipients"):
        assert both[0][name] == both[1][name], name


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        pytest.param("SELECT t.id FROM app.customer AS t WHERE t.province = %(province)s", "question", id="one column"),
        pytest.param("SELECT t.* FROM app.province AS t WHERE t.code = %(province)s", "question", id="another table"),
        pytest.param("WITH x AS (SELECT %(province)s) SELECT * FROM x", "question", id="no table"),
    ],
)
def test_a_question_for_less_than_the_rows_is_refused(office: Office, question: str, detail: str) -> None:
    """Without it what is kept could not be put back."""
    install(office)

    stop = stop_of(fill(office, altered(office, (QUESTION, question)), Mode.DRYRUN))

    assert (stop.code, stop.detail, stop.exit) == ("STOP_BACKUP_REFUSED", detail, 40)


def test_a_table_without_a_key_is_refused(office: Office) -> None:
    """Without it the same rows could be other bytes at every look."""
    pipeline = install(office)
    office.alter("ALTER TABLE app.customer DROP CONSTRAINT customer_pkey")

    stop = stop_of(fill(office, pipeline, Mode.DRYRUN))

    assert (stop.code, stop.detail) == ("STOP_BACKUP_REFUSED", "no_primary_key")


def test_without_recipients_nothing_is_written(office: Office) -> None:
    """Without it rows could be written that no backup undoes, and a rehearsal would not say so."""
    pipeline = install(office)
    vault = BackupVault(office.workspace / "vault", NoCipher(), "this-host")

    rehearsed = office.perform(
        Mode.DRYRUN, RandomIds().run_id(), pipeline=pipeline, given={"province": "HN"}, vault=vault
    )

    noted = [(r.phase, r.event.code, r.event.detail) for r in rehearsed if isinstance(r.event, WouldStop)]
    assert noted == [("backup", "STOP_BACKUP_REFUSED", "no_recipients")]


def test_a_link_in_place_of_a_folder_refuses_the_backup(office: Office) -> None:
    """Without it an operator would be told of a path, and not that no backup was made; or a link be followed."""
    pipeline, run_id, given = install(office), RandomIds().run_id(), {"province": "HN"}
    office.approve(office.perform(Mode.LIVE, run_id, pipeline=pipeline, given=given))
    private_folder(office.workspace / "vault")
    private_folder(office.workspace / "elsewhere")
    (office.workspace / "vault" / run_id).symlink_to(office.workspace / "elsewhere")

    stop = stop_of(office.perform(Mode.LIVE, run_id, pipeline=pipeline, given=given))

    assert (stop.code, stop.detail, stop.exit) == ("STOP_BACKUP_REFUSED", "link_or_folder", 40)
    assert list((office.workspace / "elsewhere").iterdir()) == []
    assert office.rows(FILLED) == [(0,)]
