"""Changing whom an office trusts: by its roots, one version after the other, with real keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutter.app.compose import trust_of
from cutter.app.trust import (
    NewPerson,
    add_backup_recipient,
    add_trusted_person,
    init_trust,
    remove_backup_recipient,
    remove_trusted_person,
    renew_trust,
    revoke_trusted_key,
    rotate_runner,
    sign_trust,
)
from cutter.app.trust_report import show_trust
from cutter.approval.trust import TrustBundle
from cutter.custody.machine_key import load_runner_key
from cutter.custody.openpgp.keys import export_public, generate
from cutter.settings import Settings, load_settings
from cutter.stops import Stop, StopCode

AN = NewPerson("an", "An", ("sovereign",), (), ("office",))


@dataclass(frozen=True)
class Ceremony:
    """A workspace, and the homes of people's keys beside it."""

    folder: Path
    homes: dict[str, Path]
    fprs: dict[str, str]

    @property
    def settings(self) -> Settings:
        """The workspace's settings, as its file says them now."""
        return load_settings(self.folder, {})

    @property
    def bundle(self) -> TrustBundle:
        """The bundle, believed."""
        loaded = trust_of(self.settings).load()
        assert loaded.bundle is not None, loaded.refusal
        return loaded.bundle

    def public(self, name: str) -> Path:
        """A file with somebody's public key."""
        path = self.folder.parent / f"{name}.pgp"
        path.write_bytes(export_public(self.homes[name], self.fprs[name]))
        return path

    def pin(self, threshold: int, names: Sequence[str]) -> None:
        """What a person writes into cutter.yaml."""
        roots = ", ".join(f'"{self.fprs[name]}"' for name in names)
        trust = f"trust: {{roots: [{roots}], threshold: {threshold}}}"
        (self.folder / "cutter.yaml").write_text(f"format: cutter.workspace/1\ndatabase: {{service: x}}\n{trust}\n")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Path], dict[str, str]]:
    """Keys of two roots and two people, each in a home of its own; made once."""
    base = tmp_path_factory.mktemp("keys")
    homes = {name: base / name for name in ("root", "second", "an", "binh")}
    return homes, {name: generate(home, f"{name} key") for name, home in homes.items()}


@pytest.fixture
def ceremony(tmp_path: Path, keys: tuple[dict[str, Path], dict[str, str]]) -> Ceremony:
    """A workspace with one pinned root and no bundle."""
    folder = tmp_path / "office"
    folder.mkdir()
    made = Ceremony(folder, *keys)
    made.pin(1, ["root"])
    return made


@pytest.fixture
def office(ceremony: Ceremony) -> Ceremony:
    """The same with its first bundle and one person."""
    init_trust(ceremony.settings, ceremony.homes["root"], ())
    add_trusted_person(ceremony.settings, ceremony.homes["root"], AN, ceremony.public("an"))
    return ceremony


def test_the_first_bundle(ceremony: Ceremony) -> None:
    """From nothing to a bundle that is believed: a root, this host's runner key, nobody yet."""
    made = init_trust(ceremony.settings, ceremony.homes["root"], ())

    assert (made.version, made.missing, made.signed_by) == (1, 0, (ceremony.fprs["root"],))
    assert ceremony.bundle.persons == ()
    assert not ceremony.bundle.throwaway
    assert [key.public for key in ceremony.bundle.runner_keys] == [
        load_runner_key(ceremony.settings.credentials).public
    ]


def test_a_second_first_bundle_is_refused(office: Ceremony) -> None:
    """It would forget everybody, and be older than the floor that databases keep."""
    with pytest.raises(Stop) as refused:
        init_trust(office.settings, office.homes["root"], ())

    assert refused.value.detail == "bundle_exists"


def test_without_pinned_roots_there_is_no_trust(tmp_path: Path) -> None:
    """Roots come from a person's hand in cutter.yaml, never from a command."""
    with pytest.raises(Stop) as refused:
        init_trust(load_settings(tmp_path, {}), tmp_path, ())

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_TRUST_REFUSED, "no_roots")


def test_who_is_no_root_changes_nothing(office: Ceremony) -> None:
    """A change that no root signed would lock the office out, or be believed."""
    before = (office.folder / "trust" / "bundle.json").read_bytes()
    with pytest.raises(Stop) as refused:
        remove_trusted_person(office.settings, office.homes["binh"], "an")

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_KEY_UNUSABLE, "no_secret_key")
    assert (office.folder / "trust" / "bundle.json").read_bytes() == before


def test_a_bundle_that_is_not_believed_is_not_changed(office: Ceremony) -> None:
    """A root that signs a change to an altered bundle would sign what somebody else put into it."""
    office.pin(1, ["second"])
    with pytest.raises(Stop) as refused:
        remove_trusted_person(office.settings, office.homes["second"], "an")

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_TRUST_REFUSED, "trust_root")


def test_a_person_is_added_and_gets_a_second_key(office: Ceremony) -> None:
    """First by all that is to be known of them, later by a key alone."""
    root = office.homes["root"]
    changed = add_trusted_person(office.settings, root, NewPerson("an", "", (), (), ()), office.public("binh"))
    person = office.bundle.person("an")

    assert person is not None
    assert changed.version == 3
    assert [key.fpr for key in person.keys] == [office.fprs["an"], office.fprs["binh"]]
    assert (person.roles, person.logins, person.tenants) == (("sovereign",), ("an",), ("office",))


def test_the_next_person_is_of_the_usual_tenant(office: Ceremony) -> None:
    """An office with one tenant names it once."""
    new = NewPerson("binh", "Binh", ("form",), ("binh_login",), ())
    add_trusted_person(office.settings, office.homes["root"], new, office.public("binh"))
    person = office.bundle.person("binh")

    assert person is not None
    assert (person.tenants, person.logins) == (("office",), ("binh_login",))


@pytest.mark.parametrize(
    ("new", "detail"),
    [
        (NewPerson("binh", "Binh", (), (), ("office",)), "role_missing"),
        (NewPerson("an", "An", ("form",), (), ("office",)), "person_twice"),
        (NewPerson("binh", "Binh", ("form",), ("an",), ("office",)), "login_twice"),
    ],
    ids=["no role", "known already", "the login of another"],
)
def test_what_contradicts_itself_is_refused(office: Ceremony, new: NewPerson, detail: str) -> None:
    """A login of two persons, or a person without a role, would prove or permit nothing."""
    with pytest.raises(Stop) as refused:
        add_trusted_person(office.settings, office.homes["root"], new, office.public("binh"))

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_INVALID_INPUT, detail)


def test_a_lost_key_counts_no_longer(office: Ceremony) -> None:
    """The one step that cannot wait; the person and the key stay to be told of."""
    revoke_trusted_key(office.settings, office.homes["root"], office.fprs["an"], "lost")
    shown = show_trust(office.settings)

    assert office.bundle.is_revoked(office.fprs["an"])
    assert [(person.person_id, person.revoked) for person in shown.persons] == [("an", (office.fprs["an"],))]


def test_who_leaves_is_gone(office: Ceremony) -> None:
    """Their login and keys are nobody's from the next version on."""
    remove_trusted_person(office.settings, office.homes["root"], "an")

    assert office.bundle.persons == ()


def test_backup_recipients_come_and_go(office: Ceremony) -> None:
    """Backups need readers who are there when they are needed."""
    root = office.homes["root"]
    add_backup_recipient(office.settings, root, office.public("an"))
    assert [key.fpr for key in office.bundle.backup_recipients] == [office.fprs["an"]]
    remove_backup_recipient(office.settings, root, office.fprs["an"])
    assert office.bundle.backup_recipients == ()


def test_a_new_runner_key_keeps_the_old_one(office: Ceremony) -> None:
    """New proofs are signed by the new key; the old ones must still be checked by the old."""
    before = load_runner_key(office.settings.credentials).public
    rotate_runner(office.settings, office.homes["root"])
    after = load_runner_key(office.settings.credentials).public
    ends = {key.public: key.valid_to for key in office.bundle.runner_keys}

    assert before != after
    assert ends.keys() == {before, after}
    assert ends[before] < ends[after]
    assert (office.settings.credentials / f"runner-{before[:8]}.key").stat().st_mode & 0o077 == 0


def test_a_rotation_that_nobody_signs_changes_no_key(office: Ceremony) -> None:
    """Else this host would sign checkpoints by a key that nobody trusts."""
    before = load_runner_key(office.settings.credentials).public
    with pytest.raises(Stop):
        rotate_runner(office.settings, office.homes["binh"])
    assert load_runner_key(office.settings.credentials).public == before

    rotate_runner(office.settings, office.homes["root"])
    assert load_runner_key(office.settings.credentials).public != before


def test_two_roots_of_two(ceremony: Ceremony) -> None:
    """Where two must sign, one signature counts for nothing, and nothing is changed until the second is there."""
    ceremony.pin(2, ["root", "second"])
    first = init_trust(ceremony.settings, ceremony.homes["root"], [ceremony.public("second")])
    assert (first.missing, trust_of(ceremony.settings).load().refusal) == (1, "trust_root")
    assert show_trust(ceremony.settings).refusal == "trust_root"

    second = sign_trust(ceremony.settings, ceremony.homes["second"], ())
    assert (second.version, second.missing) == (1, 0)
    assert set(second.signed_by) == {ceremony.fprs["root"], ceremony.fprs["second"]}
    assert ceremony.bundle.version == 1


def test_a_lost_root_is_replaced(office: Ceremony) -> None:
    """A person pins the new root by hand; it signs the bundle as it stands, and the old one counts no longer."""
    office.pin(1, ["second"])
    changed = sign_trust(office.settings, office.homes["second"], [office.public("second")])

    assert changed.signed_by == (office.fprs["second"],)
    assert office.bundle.person("an") is not None


def test_a_key_that_is_no_pinned_root_is_not_kept_as_one(office: Ceremony) -> None:
    """A file among the roots must be one that a person pinned."""
    with pytest.raises(Stop) as refused:
        sign_trust(office.settings, office.homes["root"], [office.public("binh")])

    assert refused.value.detail == "root_unknown"


def test_renewing_gives_another_year(office: Ceremony) -> None:
    """A bundle that nobody renews expires, and with it every gate."""
    changed = renew_trust(office.settings, office.homes["root"])

    assert changed.version == 3
    assert show_trust(office.settings).expiring == ()
