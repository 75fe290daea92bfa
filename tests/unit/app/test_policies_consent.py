"""A second person's yes to newly allowed triggers: real keys, a real bundle, and what must not count."""

import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cutter.app.policies.comparing import Compared, compare_policies, export_difference
from cutter.app.policies.consent import approve_difference, possible_actors
from cutter.app.trust import NewPerson, add_trusted_person, init_trust, revoke_trusted_key
from cutter.approval.envelope import pae
from cutter.custody.openpgp.keys import export_public, generate
from cutter.custody.openpgp.process import fresh_home, installed
from cutter.custody.own_keys import secret_fingerprints
from cutter.custody.signing import GpgSigning
from cutter.report.policies.difference import Consent, PolicyDifference
from cutter.settings import Settings, load_settings
from cutter.stops import Stop, StopCode
from tests.plugins.keys import LONG_AGO, Keys
from tests.support.policy_folders import CONFLICT, LAX, write_policies, write_workspace

NAMES = ("root", "an", "binh", "stranger")
LOGIN = pwd.getpwuid(os.geteuid()).pw_name


@dataclass(frozen=True)
class Office:
    """A workspace whose bundle trusts An and Bình, two sets of policies, and everybody's keys."""

    folder: Path
    homes: dict[str, Path]
    fprs: dict[str, str]
    logins: dict[str, str]

    @property
    def settings(self) -> Settings:
        """The workspace's settings."""
        return load_settings(self.folder, {})

    def compared(self) -> Compared:
        """The difference that allows something new."""
        return compare_policies(self.settings, self.folder / "policies", self.folder / "new", None)

    def signed(self, name: str, data: bytes | None = None) -> Path:
        """A detached signature by somebody over the bytes that are exported."""
        path = self.folder / f"by-{name}.sig"
        exported = self.folder / "exported"
        exported.unlink(missing_ok=True)
        export_difference(self.compared(), exported)
        signing = GpgSigning(self.homes[name])
        path.write_bytes(signing.sign(exported.read_bytes() if data is None else data, self.fprs[name]))
        return path

    def approve(self, signature: Path, home: str = "", actor: str | None = None) -> PolicyDifference:
        """The judgement on a signature, given by whoever has this home."""
        own = self.homes[home] if home else self.folder / "no-home"
        return approve_difference(self.settings, self.compared(), signature, own, actor)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], dict[str, str]]:
    """A key for each, in a home of its own; made once."""
    base = tmp_path_factory.mktemp("keys")
    homes = {name: base / name for name in NAMES}
    return homes, {name: generate(home, f"{name} key") for name, home in homes.items()}


@pytest.fixture
def open_office(tmp_path: Path, keys: tuple[dict[str, Path], dict[str, str]]) -> Callable[..., Office]:
    """Makes the office; `an` and `binh` are their logins."""

    def make(an: str = "an", binh: str = "binh") -> Office:
        homes, fprs = keys
        office = Office(write_workspace(tmp_path / "office"), homes, fprs, {"an": an, "binh": binh})
        write_policies(office.folder / "new", LAX)
        with (office.folder / "cutter.yaml").open("a", encoding="utf-8") as file:
            file.write(f'trust: {{roots: ["{fprs["root"]}"], threshold: 1}}\n')
        init_trust(office.settings, homes["root"], ())
        for name, login in office.logins.items():
            public = tmp_path / f"{name}.pgp"
            public.write_bytes(export_public(homes[name], fprs[name]))
            person = NewPerson(name, name, ("sovereign",), (login,), ("office",))
            add_trusted_person(office.settings, homes["root"], person, public)
        return office

    return make


def test_without_a_signature_something_newly_allowed_waits(open_office: Callable[..., Office]) -> None:
    """Without it one person could let automation do more than before."""
    report = open_office().compared().report

    assert (report.consent, report.exit_code) == (Consent.WANTED, 10)
    assert [change.newly.value for change in report.changes] == ["allowed"]


def test_a_difference_that_allows_nothing_new_needs_nobody(tmp_path: Path) -> None:
    """Without it people would sign so much that they read nothing."""
    folder = write_workspace(tmp_path / "office", LAX)
    write_policies(folder / "new")
    report = compare_policies(load_settings(folder, {}), folder / "policies", folder / "new", None).report

    assert (report.consent, report.exit_code) == (Consent.NOT_NEEDED, 0)
    assert [change.newly.value for change in report.changes] == ["escalated"]


@pytest.mark.parametrize(
    ("home", "actor", "logins"),
    [("an", None, {}), ("", "an", {}), ("", None, {"an": LOGIN}), ("an", "an", {"an": LOGIN})],
    ids=["by the keys that are here", "by name", "by the login", "by all"],
)
def test_another_persons_signature_counts(
    open_office: Callable[..., Office], home: str, actor: str | None, logins: dict[str, str]
) -> None:
    """Without it nothing could ever be allowed; and a second person could not sign where no cutter is."""
    office = open_office(**logins)
    report = office.approve(office.signed("binh"), home, actor)

    assert (report.consent, report.exit_code) == (Consent.GIVEN, 0)
    assert (report.signer, report.fpr) == ("binh", office.fprs["binh"])


@pytest.mark.parametrize(
    ("signer", "home", "actor", "logins", "detail"),
    [
        ("an", "an", None, {}, "self_approval"),
        ("an", "", "an", {}, "self_approval"),
        ("an", "", None, {"an": LOGIN}, "self_approval"),
        ("an", "an", "binh", {}, "self_approval"),
        ("root", "", "an", {}, "key_unknown"),
        ("stranger", "", "an", {}, "key_unknown"),
    ],
)
def test_whose_signature_does_not_count(
    open_office: Callable[..., Office],
    signer: str,
    home: str,
    actor: str | None,
    logins: dict[str, str],
    detail: str,
) -> None:
    """Without it who wants a change could approve it, or somebody whom nobody trusts."""
    office = open_office(**logins)
    with pytest.raises(Stop) as refused:
        office.approve(office.signed(signer), home, actor)

    assert refused.value.detail == detail
    assert refused.value.code in (StopCode.STOP_SIGNER_REFUSED, StopCode.STOP_SIGNATURE_REFUSED)


def test_who_wants_the_change_has_to_be_known(open_office: Callable[..., Office]) -> None:
    """Without it a signature would count without anybody else having asked for it."""
    office = open_office()
    with pytest.raises(Stop) as refused:
        office.approve(office.signed("binh"))

    stop = refused.value
    assert (stop.code, stop.detail) == (StopCode.STOP_INVALID_INPUT, "runner_unknown")
    assert (stop.where, stop.found, stop.needed) == ("--actor", LOGIN, "an|binh")


@pytest.mark.parametrize(
    ("home", "logins", "named"),
    [("", {}, ["--actor an", "--actor binh"]), ("an", {}, [""]), ("", {"an": LOGIN}, [""])],
)
def test_what_follows_an_export_works(
    open_office: Callable[..., Office], home: str, logins: dict[str, str], named: list[str]
) -> None:
    """Without it the command that comes next would be refused, because nobody knows who runs it."""
    office = open_office(**logins)
    own = office.homes[home] if home else office.folder / "no-home"
    exported = export_difference(office.compared(), office.folder / "bytes", possible_actors(office.settings, own))

    assert [step.command.partition("bytes.sig")[2].strip() for step in exported.next] == named


def test_a_signature_is_of_one_difference(open_office: Callable[..., Office]) -> None:
    """Without it a yes to a small change would be a yes to every later one."""
    office = open_office()
    signature = office.signed("binh")
    write_policies(office.folder / "new", LAX, CONFLICT)
    with pytest.raises(Stop) as refused:
        office.approve(signature, actor="an")

    assert refused.value.detail == "sig_bad"


@pytest.mark.parametrize("kind", ["bare", "of an approval"])
def test_a_signature_over_other_bytes_is_none(open_office: Callable[..., Office], kind: str) -> None:
    """Without it a signature that was given for something else could be carried here."""
    office = open_office()
    body = office.compared().body
    data = body if kind == "bare" else pae("application/vnd.cutter.approval-request.v1+json", body)
    with pytest.raises(Stop) as refused:
        office.approve(office.signed("binh", data), actor="an")

    assert refused.value.detail == "sig_bad"


def test_a_revoked_key_counts_no_longer(open_office: Callable[..., Office]) -> None:
    """Without it a stolen key would allow for ever."""
    office = open_office()
    signature = office.signed("binh")
    revoke_trusted_key(office.settings, office.homes["root"], office.fprs["binh"], "stolen")
    with pytest.raises(Stop) as refused:
        office.approve(signature, actor="an")

    assert refused.value.detail == "key_revoked"


@pytest.mark.parametrize(
    ("options", "days", "details"),
    [
        (("--textmode",), 0, ("sig_class",)),
        ((), -1000, ("not_valid",)),
        ((), 1, ("sig_time", "sig_bad", "gpg_failed")),
    ],
    ids=["over text", "before they were trusted", "in the future"],
)
def test_a_signature_of_a_wrong_kind_or_time(
    open_office: Callable[..., Office], options: tuple[str, ...], days: int, details: tuple[str, ...]
) -> None:
    """Without it a signature from before somebody was trusted, or over bytes that gpg alters, would count."""
    office = open_office()
    with fresh_home() as home:
        old = Keys(installed(), home)
        old.make("binh", at=LONG_AGO)
        public = office.folder / "old.pgp"
        public.write_bytes(old.public("binh"))
        add_trusted_person(office.settings, office.homes["root"], NewPerson("binh", "", (), (), ()), public)
        export_difference(office.compared(), office.folder / "exported")
        data = (office.folder / "exported").read_bytes()
        at = datetime.now(UTC) + timedelta(days=days) if days else None
        path = office.folder / "odd.sig"
        path.write_bytes(old.sign("binh", data, *options, at=at))
    with pytest.raises(Stop) as refused:
        office.approve(path, actor="an")

    assert refused.value.detail in details


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("views/recent.yaml", "SELECT true AS", "SELECT 1 = 1 AS"),
        ("templates/ready.yaml", "is ready", "has come"),
    ],
)
def test_what_says_something_else_under_its_old_name_needs_a_second_person(
    tmp_path: Path, file: str, old: str, new: str
) -> None:
    """Without it a view that always answers yes would allow what no region shows."""
    folder = write_workspace(tmp_path / "office")
    write_policies(folder / "new", (old, new), file=file)
    report = compare_policies(load_settings(folder, {}), folder / "policies", folder / "new", None).report

    assert (report.changes, report.consent) == ((), Consent.WANTED)


def test_a_type_that_is_gone_is_witnessed_by_what_knew_it(tmp_path: Path) -> None:
    """Without it a difference could not be shown where one side does not know the trigger at all."""
    folder = write_workspace(tmp_path / "office")
    write_policies(folder / "new")
    for name in ("triggers.yaml", "rules/ready.yaml"):
        path = folder / "new" / name
        path.write_text(path.read_text(encoding="utf-8").replace("lab.result_ready", "lab.other"), encoding="utf-8")
    report = compare_policies(load_settings(folder, {}), folder / "policies", folder / "new", None).report
    gone = [change for change in report.changes if change.trigger == "lab.result_ready"]

    assert gone
    assert all(change.after is None and "consent" in change.witness.trigger.fields for change in gone)


def test_without_a_believed_bundle_nobody_signs(open_office: Callable[..., Office]) -> None:
    """Without it whoever writes the bundle would say who may sign."""
    office = open_office()
    signature = office.signed("binh")
    path = office.folder / "trust" / "bundle.json"
    path.write_bytes(path.read_bytes().replace(b'"signatures"', b'"signatures_"'))
    with pytest.raises(Stop) as refused:
        office.approve(signature, actor="an")

    assert refused.value.code is StopCode.STOP_TRUST_REFUSED


@pytest.mark.parametrize(
    ("actor", "code"), [("nobody", StopCode.STOP_INVALID_INPUT), ("an", StopCode.STOP_SOURCE_MISSING)]
)
def test_what_is_named_has_to_be_there(open_office: Callable[..., Office], actor: str, code: StopCode) -> None:
    """Without it a mistyped name would be nobody, who is never the signer."""
    office = open_office()
    signature = office.signed("an") if actor == "nobody" else office.folder / "gone.sig"
    with pytest.raises(Stop) as refused:
        office.approve(signature, actor=actor)

    assert refused.value.code is code


def test_an_export_never_takes_the_place_of_a_file(open_office: Callable[..., Office]) -> None:
    """Without it a mistyped path would be gone."""
    office = open_office()
    path = office.folder / "cutter.yaml"
    before = path.read_bytes()
    with pytest.raises(Stop) as refused:
        export_difference(office.compared(), path)

    assert (refused.value.detail, path.read_bytes()) == ("file_exists", before)


def test_the_exported_bytes_are_the_same_everywhere(open_office: Callable[..., Office]) -> None:
    """Without it who signs elsewhere would sign other bytes than those that are judged."""
    office = open_office()
    first, second = office.folder / "first", office.folder / "second"
    report = export_difference(office.compared(), first)
    export_difference(office.compared(), second)

    assert first.read_bytes() == second.read_bytes()
    assert report.difference_sha256 == office.compared().report.difference_sha256
    assert (report.exit_code, report.next[0].command.split()[-1]) == (10, f"{first}.sig")


def test_whose_keys_are_here(keys: tuple[dict[str, Path], dict[str, str]], tmp_path: Path) -> None:
    """Without it who runs a command on their own host would be nobody."""
    homes, fprs = keys

    assert secret_fingerprints(homes["an"]) == (fprs["an"],)
    assert secret_fingerprints(tmp_path / "none") == ()
