"""Comparing fingerprints, and the files of pins."""

from pathlib import Path

import pytest

from cutter.contracts import Fingerprint, FingerprintedObject, Part
from cutter.custody.pins import PinFiles, file_name, render
from cutter.fingerprints import Change, check, compare
from cutter.stops import Stop, StopCode


def made(owner: str = "cutter_owner", major: int = 18, **more: str) -> Fingerprint:
    """A fingerprint of one function, with more parts, and one table."""
    parts = (Part("owner", owner), *(Part(name, value) for name, value in more.items()))
    function = FingerprintedObject("function library.f(uuid, text)", "function", parts)
    table = FingerprintedObject("table library.t", "table", (Part("column a", "text DEFAULT '\"\\\n#: ☂'"),))
    return Fingerprint("library", major, (function, table))


DIFFERENCES = {
    "a part changed": (made(), made("root"), [("owner", Change.CHANGED, "cutter_owner", "root")]),
    "a part more": (made(), made(acl="x"), [("acl", Change.ADDED, "absent", "x")]),
    "a part less": (made(acl="x"), made(), [("acl", Change.REMOVED, "x", "absent")]),
    "another server": (made(), made(major=15), [("server_major", Change.CHANGED, "18", "15")]),
    "the same": (made(), made(), []),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_compare(name: str) -> None:
    """A difference that is not told with both its sides cannot be judged by anybody."""
    expected, found, differences = DIFFERENCES[name]

    assert [(d.part, d.change, d.expected, d.found) for d in compare(expected, found)] == differences


def test_an_object_more_or_less_is_a_difference() -> None:
    """An object that nobody pinned is what an attacker adds."""
    whole = made()
    less = Fingerprint("library", 18, whole.objects[:1])

    assert [d.change for d in compare(less, whole)] == [Change.ADDED]
    assert [d.change for d in compare(whole, less)] == [Change.REMOVED]


REFUSED = {
    "a word": (made(), made("root"), "function:library.f:owner", "root", "cutter_owner"),
    "a long text by digest": (made(acl="a b"), made(acl="c"), "function:library.f:acl", "c", "sha256:c8687a08aa5d6ed2"),
    "no pin": (None, made(), "unpinned:library.18", "none", "cutter_fingerprints_pin"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_check(name: str) -> None:
    """A stop that does not name the object, or holds a sentence, could not be recorded in the ledger."""
    expected, found, detail, shown, needed = REFUSED[name]

    with pytest.raises(Stop) as caught:
        check(expected, found, StopCode.STOP_FINGERPRINT_DRIFT)

    assert (caught.value.detail, caught.value.found, caught.value.needed) == (detail, shown, needed)


def test_a_pin_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A definition with quotes, line ends or letters of any script would come back as drift."""
    pins = PinFiles((tmp_path,))
    pins.write(made())

    assert pins.find(made()) == made()
    assert pins.find(Fingerprint("library", 15, ())) is None


def test_the_workspace_wins(tmp_path: Path) -> None:
    """An installation with objects of its own could not pin them."""
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    PinFiles((shipped,)).write(made())
    PinFiles((own,)).write(made("root"))

    assert PinFiles((own, shipped)).find(made("somebody")) == made("root")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [(b'"cutter_owner"', b'"root"', "sha256"), (b'name: "library"', b'name: "other"', "name")],
    ids=["a part that was edited", "another name"],
)
def test_an_edited_pin_is_refused(tmp_path: Path, old: bytes, new: bytes, where: str) -> None:
    """A pin that was edited by hand, or copied under another name, is not what anybody has seen of a database."""
    (tmp_path / file_name("library", 18)).write_bytes(render(made()).replace(old, new))

    with pytest.raises(Stop) as caught:
        PinFiles((tmp_path,)).find(made("somebody"))

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, "wrong_value")
