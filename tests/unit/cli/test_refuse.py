"""The filter of argv: what is refused, what is shown of it, and what passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.cli.refuse import MASK, is_refused_name, refuse
from cutter.stops import Stop, StopCode

SECRET = "hunter2"
DIGEST = "63d814f8054be631e090a1f6845c0dd6c85c6c882aa77e50ee6f0bfa74fd4a04"

# argv → what is shown of the argument, and its number
REFUSED: dict[str, tuple[list[str], str, int]] = {
    "a DSN option": (["orchestrate", "cut", "--dsn=postgresql://u:hunter2@h/d"], f"--dsn={MASK}", 3),
    "a DSN option, apart": (["orchestrate", "--dsn", "postgresql://u:hunter2@h/d"], f"--dsn {MASK}", 2),
    "a database url": (["--database-url=x"], f"--database-url={MASK}", 1),
    "a database url, underscores": (["--database_url=hunter2"], f"--database-url={MASK}", 1),
    "a connection": (["--conninfo", "hunter2"], f"--conninfo {MASK}", 1),
    "a password": (["--password=hunter2"], f"--password={MASK}", 1),
    "a password, apart": (["--password", "hunter2", "cut"], f"--password {MASK}", 1),
    "a password in capitals": (["--PASSWORD=hunter2"], f"--password={MASK}", 1),
    "a password glued": (["--passwordhunter2"], f"--password{MASK}", 1),
    "a password behind a hyphen": (["--password-hunter2"], f"--password-{MASK}", 1),
    "a password behind a colon": (["--password:hunter2"], f"--password={MASK}", 1),
    "a password, one dash": (["-password=hunter2"], f"--password={MASK}", 1),
    "a password, long dash": (["—password=hunter2"], f"--password={MASK}", 1),
    "a token": (["--token=hunter2"], f"--token={MASK}", 1),
    "a secret": (["--client-secret=hunter2"], f"--{MASK}-secret={MASK}", 1),
    "a digest": (["--digest=hunter2"], f"--digest={MASK}", 1),
    "a sha256": (["--sha256=hunter2"], f"--sha256={MASK}", 1),
    "a plan's digest": (["--plan-sha256=hunter2"], f"--plan-sha256={MASK}", 1),
    "a count": (["--count=289"], f"--count={MASK}", 1),
    "units": (["--units", "289"], f"--units {MASK}", 1),
    "a change set": (["--change-set-id=hunter2"], f"--change-set-id={MASK}", 1),
    "a decision": (["--decision-id=hunter2"], f"--decision-id={MASK}", 1),
    "a review decision": (["--review-decision=x"], f"--review-decision={MASK}", 1),
    "SQL": (["--sql=hunter2"], f"--sql={MASK}", 1),
    "run SQL": (["--run-sql=hunter2"], f"--run-sql={MASK}", 1),
    "force": (["orchestrate", "cut", "ICX", "--force"], "--force", 4),
    "yes": (["--yes"], "--yes", 1),
    "assume yes": (["--assume-yes"], "--assume-yes", 1),
    "skip verify": (["--skip-verify"], "--skip-verify", 1),
    "skip anything": (["--skip-hunter2"], f"--skip-{MASK}", 1),
    "no verify": (["--no-verify"], "--no-verify", 1),
    "no backup": (["--no-backup"], "--no-backup", 1),
    "without a gate": (["--without-gate"], "--without-gate", 1),
    "unsafe": (["--unsafe"], "--unsafe", 1),
    "ignore": (["--ignore-drift"], "--ignore-drift", 1),
    "disable": (["--disable-checks=hunter2"], f"--disable-checks={MASK}", 1),
    "after the end of options": (["--", "--force"], "--force", 2),
    "a DSN by itself": (["orchestrate", "cut", "postgresql://u:hunter2@h/d"], "a connection string", 3),
    "a DSN of a driver": (["postgresql+psycopg://u:hunter2@h/d"], "a connection string", 1),
    "a DSN, encoded": (["postgres%3A%2F%2Fu:hunter2@h"], "a connection string", 1),
    "a DSN as a harmless option's value": (["--actor=postgres://u:hunter2@h/d"], "a connection string", 1),
    "a DSN behind a harmless option": (["--actor", "postgres://u:hunter2@h/d"], "a connection string", 2),
    "a URL with a password": (["--source-uri", "https://u:hunter2@h/d"], "a connection string", 2),
    "a JDBC url": (["jdbc:postgresql:d?password=hunter2"], "a connection string", 1),
    "libpq settings": (["host=h dbname=d password=hunter2"], "a connection string", 1),
    "one libpq setting": (["password = hunter2"], "a connection string", 1),
    "a libpq setting in a value": (["--actor=password=hunter2"], "a connection string", 1),
    "a variable": (["PGPASSWORD=hunter2"], "a connection string", 1),
    "a digest by itself": (["orchestrate", "cut", DIGEST], "a digest", 3),
    "a digest with its name": ([f"sha256:{DIGEST}"], "a digest", 1),
    "SQL by itself": (["orchestrate", "cut", "SELECT hunter2 FROM x"], "SQL", 3),
    "a writing statement": (["drop table hunter2"], "SQL", 1),
}

PASSED: dict[str, list[str]] = {
    "nothing": [],
    "help": ["--help"],
    "the one line": ["orchestrate", "cut", "--document-id", "ICX-CONST"],
    "everything that is declared": [
        *("orchestrate", "cut", "ICX-CONST", "--scope", "all", "--actor", "a@b"),
        *("--mode", "live", "--source-uri", "file:t.txt", "--output", "json"),
    ],
    "an approval": [
        "orchestrate",
        "resume",
        "--approval-kb-id",
        "approvals/0f8fad5b-d9cb-469f-a165-70867728950e/GATE_CUT_AUTHORIZATION/63d814f8054be631",
    ],
    "a run by its id": ["runs", "show", "0f8fad5b-d9cb-469f-a165-70867728950e"],
    "a document": ["documents", "add", "../select.txt", "--document-id", "A", "--version", "2024", "--title", "No. 5"],
    "a title that speaks of SQL": ["documents", "add", "f.txt", "--title", "Drop table rules"],
    "a digest as a title": ["documents", "add", "f.txt", "--title", DIGEST],
    "superuser": ["db", "url", "--superuser"],
    "sidecars": ["runs", "verify", "0f8f", "--sidecars"],
    "colour": ["runs", "list", "--color", "never"],
    "a dash": ["documents", "add", "-", "--", "--"],
    "a file uri": ["--source-uri=file:///srv/a.txt?x=1"],
    "Vietnamese": ["documents", "show", "Điều-5"],
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """Each of these would give what must be discovered, or skip a check; its value is never told (attack row 42)."""
    arguments, shown, number = REFUSED[name]
    with pytest.raises(Stop) as caught:
        refuse(arguments)
    stop = caught.value

    assert (stop.code, stop.found, stop.where) == (StopCode.STOP_REFUSED_INPUT, shown, f"argument {number}")
    assert SECRET not in f"{stop.args} {stop.detail} {stop.found} {stop.needed} {stop.where} {stop.suggestions}"


@pytest.mark.parametrize("name", PASSED)
def test_passed(name: str) -> None:
    """A filter that refuses an ordinary line would be turned off by the first user who meets it."""
    refuse(PASSED[name])


@given(
    st.sampled_from(["--dsn", "--password", "--token", "--secret", "--sql", "--digest", "--no-x", "--skip-x"]),
    st.text(alphabet=st.characters(categories=("L", "N"), include_characters="-_.:/@"), min_size=6),
    st.sampled_from(["=", ":"]),
)
def test_no_value_is_told(option: str, value: str, separator: str) -> None:
    """Whatever stands behind a refused option, the stop holds none of it."""
    planted = f"Zq{value}"
    with pytest.raises(Stop) as caught:
        refuse([f"{option}{separator}{planted}"])

    assert "Zq" not in caught.value.found


@pytest.mark.parametrize("name", ["approval-kb-id", "source-uri", "scope", "actor", "mode", "output", "reason", "lang"])
def test_names_that_pass(name: str) -> None:
    """The flags that DESIGN §1.1 promises can never be refused by their names."""
    assert not is_refused_name(name)
