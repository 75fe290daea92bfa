"""How a trust bundle may change, and what is refused."""

import base64
import string
from collections.abc import Callable

import msgspec
import pytest

from cutter.approval import trust_changes as changes
from cutter.approval.trust import Person, RunnerKey, TrustBundle
from cutter.stops import Stop, StopCode
from tests.plugins.keys import PERSONS, Keys

NOW = "2026-06-01T00:00:00Z"
LATER = "2099-01-01T00:00:00Z"
EMPTY = TrustBundle(
    version=1,
    expires=LATER,
    throwaway=False,
    persons=(),
    revoked=(),
    quorums=(),
    runner_keys=(),
    backup_recipients=(),
)


def _person(keys: Keys, name: str, *key_names: str, login: str = "") -> Person:
    return Person(
        person_id=name,
        name=name,
        keys=tuple(changes.trusted_key(keys.public(key)) for key in key_names),
        logins=(login or name,),
        roles=(name,),
        tenants=("office",),
        valid_from=NOW,
        valid_to=LATER,
    )


def _runner(number: int, since: str = NOW) -> RunnerKey:
    return RunnerKey(key_id=f"host-{number}", public=f"{number:064x}", valid_from=since, valid_to=LATER)


@pytest.fixture
def bundle(keys: Keys) -> TrustBundle:
    """One person with one key, and one runner key."""
    with_person = changes.add_person(EMPTY, _person(keys, "content", "content"))
    return changes.rotate_runner_key(with_person, _runner(1))


def test_a_person_comes_and_goes(keys: Keys, bundle: TrustBundle) -> None:
    """Without it an office could not follow who works there."""
    grown = changes.add_person(bundle, _person(keys, "form", "form"))
    assert grown.person("form") is not None
    assert grown.owner_of(keys.fprs["form"]) is grown.person("form")
    assert changes.remove_person(grown, "form") == bundle


def test_a_second_key_and_a_lost_one(keys: Keys, bundle: TrustBundle) -> None:
    """Without it a lost key would go on to count, or its old signatures could be told no more."""
    changed = changes.add_key(bundle, "content", changes.trusted_key(keys.public("form")))
    changed = changes.revoke_key(changed, keys.fprs["content"], NOW, "lost")
    assert [changed.is_revoked(keys.fprs[name]) for name in ("content", "form")] == [True, False]
    owners = {changed.owner_of(keys.fprs[name]) for name in ("content", "form")}
    assert owners == {changed.person("content")}


def test_a_runner_key_is_rotated(bundle: TrustBundle) -> None:
    """Without it a replaced key would go on to count, or the checkpoints that it signed could be checked no more."""
    rotated = changes.rotate_runner_key(bundle, _runner(2, "2026-07-01T00:00:00Z"), retired=("host-1",))
    assert [key.valid_to for key in rotated.runner_keys] == ["2026-07-01T00:00:00Z", LATER]
    other_host = changes.rotate_runner_key(bundle, _runner(2))
    assert [key.valid_to for key in other_host.runner_keys] == [LATER, LATER]


def test_recipients_come_and_go(keys: Keys, bundle: TrustBundle) -> None:
    """Without it backups would stay readable to those who left, and never become so to others."""
    grown = changes.add_recipient(bundle, changes.trusted_key(keys.public("content")))
    assert [key.fpr for key in grown.backup_recipients] == [keys.fprs["content"]]
    assert changes.remove_recipient(grown, keys.fprs["content"]) == bundle


def test_the_version_rises_by_one(bundle: TrustBundle) -> None:
    """Without it an older bundle could not be told from a newer one."""
    risen = changes.next_version(bundle, "2098-01-01T00:00:00Z")
    assert (risen.version, risen.expires) == (bundle.version + 1, "2098-01-01T00:00:00Z")
    assert msgspec.structs.replace(risen, version=1, expires=LATER) == bundle


def test_a_key_is_written_in_one_way_only(keys: Keys, bundle: TrustBundle) -> None:
    """Without it the same key could stand in two bundles with different digests: the last bits of base64 are free."""
    known = [changes.trusted_key(keys.public(name)) for name in PERSONS]
    key = next(key for key in known if key.pubkey.endswith("="))
    text = key.pubkey.rstrip("=")
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    other = text[:-1] + letters[letters.index(text[-1]) + 1] + "=" * (len(key.pubkey) - len(text))
    assert base64.b64decode(other) == base64.b64decode(key.pubkey)
    recipients = (msgspec.structs.replace(key, pubkey=other),)
    assert changes.inconsistency(msgspec.structs.replace(bundle, backup_recipients=(key,))) == ""
    assert changes.inconsistency(msgspec.structs.replace(bundle, backup_recipients=recipients)) == "key_malformed"


Change = Callable[[Keys, TrustBundle], object]

REFUSED: dict[str, tuple[Change, str]] = {
    "a person twice": (lambda keys, b: changes.add_person(b, _person(keys, "content", "form")), "person_twice"),
    "a key of somebody else": (lambda keys, b: changes.add_person(b, _person(keys, "form", "content")), "key_twice"),
    "a login of somebody else": (
        lambda keys, b: changes.add_person(b, _person(keys, "form", "form", login="content")),
        "login_twice",
    ),
    "a key twice": (
        lambda keys, b: changes.add_key(b, "content", changes.trusted_key(keys.public("content"))),
        "key_twice",
    ),
    "a key of nobody": (
        lambda keys, b: changes.add_key(b, "form", changes.trusted_key(keys.public("form"))),
        "person_unknown",
    ),
    "a key under another name": (
        lambda keys, b: changes.add_key(
            b, "content", msgspec.structs.replace(changes.trusted_key(keys.public("form")), fpr="A" * 40)
        ),
        "key_malformed",
    ),
    "no key": (lambda keys, b: changes.trusted_key(b"no key"), "key_malformed"),
    "revoke what nobody has": (lambda keys, b: changes.revoke_key(b, "A" * 40, NOW, "lost"), "key_unknown"),
    "revoke twice": (
        lambda keys, b: changes.revoke_key(
            changes.revoke_key(b, keys.fprs["content"], NOW, "lost"), keys.fprs["content"], NOW, "lost"
        ),
        "key_revoked",
    ),
    "a revoked key comes back": (
        lambda keys, b: changes.add_person(
            changes.remove_person(changes.revoke_key(b, keys.fprs["content"], NOW, "lost"), "content"),
            _person(keys, "form", "content"),
        ),
        "key_revoked",
    ),
    "remove nobody": (lambda keys, b: changes.remove_person(b, "form"), "person_unknown"),
    "a runner key twice": (lambda keys, b: changes.rotate_runner_key(b, _runner(1)), "runner_key_twice"),
    "retire an unknown runner key": (
        lambda keys, b: changes.rotate_runner_key(b, _runner(2), retired=("host-9",)),
        "key_unknown",
    ),
    "remove an unknown recipient": (lambda keys, b: changes.remove_recipient(b, "A" * 40), "key_unknown"),
    "a revoked recipient": (
        lambda keys, b: changes.add_recipient(
            changes.revoke_key(b, keys.fprs["content"], NOW, "lost"), changes.trusted_key(keys.public("content"))
        ),
        "key_revoked",
    ),
    "a time that is none": (
        lambda keys, b: changes.revoke_key(b, keys.fprs["content"], "yesterday", "lost"),
        "wrong_value",
    ),
    "a reason that is a sentence": (
        lambda keys, b: changes.revoke_key(b, keys.fprs["content"], NOW, "lost it"),
        "wrong_value",
    ),
    "an end that is none": (lambda keys, b: changes.next_version(b, "never"), "wrong_value"),
}


@pytest.mark.parametrize(("change", "detail"), REFUSED.values(), ids=REFUSED.keys())
def test_a_change_that_is_refused(keys: Keys, bundle: TrustBundle, change: Change, detail: str) -> None:
    """Without it one key or login could stand for two persons, or a lost key come back."""
    with pytest.raises(Stop) as caught:
        change(keys, bundle)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, detail)
