"""Hand-written YAML: every mistake is refused at its place, and no value is shown."""

from typing import Annotated

import msgspec
import pytest

from cutter.custody.configuration import form_needed, parse_configuration
from cutter.stops import Stop, StopCode

FORM = "cutter.example/1"
HEAD = "format: cutter.example/1\n"


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    counts: dict[Annotated[str, msgspec.Meta(pattern="^[a-z]+$")], Annotated[int, msgspec.Meta(ge=0)]] = {}


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    items: tuple[Item, ...] = ()


def _refusal(text: str | bytes) -> Stop:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(Stop) as caught:
        parse_configuration(data, "example.yaml", FORM, Example)
    assert caught.value.code is StopCode.STOP_CONFIG_INVALID
    return caught.value


MISTAKES = {
    "unknown key": (HEAD + "itmes: []", "unknown_key", "2:1"),
    "unknown key inside": (HEAD + "items:\n  - id: a\n    name: x", "unknown_key", "4:5"),
    "missing key": (HEAD + "items:\n  - counts: {}", "missing_key", "3:5"),
    "number for a name": (HEAD + "items:\n  - id: 5", "wrong_value", "3:5"),
    "date is text, float is not": (HEAD + "items: [{id: 1.0}]", "wrong_value", "2:10"),
    "negative count": (HEAD + "items: [{id: a, counts: {x: -1}}]", "wrong_value", "2:17"),
    "a key of another form": (HEAD + "items: [{id: a, counts: {X: 1}}]", "wrong_value", "2:17"),
    "huge count": (HEAD + "items: [{id: a, counts: {x: 99999999999999999999}}]", "wrong_value", "2:17"),
    "hexadecimal": (HEAD + "items: [{id: a, counts: {x: 0xff}}]", "wrong_value", "2:17"),
    "infinity": (HEAD + "items: [{id: a, counts: {x: .inf}}]", "wrong_value", "2:17"),
    "duplicate key": (HEAD + "items: []\nitems: []", "duplicate_key", "3:1"),
    "number as key": (HEAD + "5: x", "key_not_text", "2:1"),
    "list as key": (HEAD + "? [a]\n: x", "key_not_text", "2:3"),
    "anchor": (HEAD + "items: &all []", "anchor", "2:8"),
    "alias": (HEAD + "items: *all", "anchor", "2:8"),
    "tag": (HEAD + "items: !!set {}", "tag", "2:8"),
    "python object": (HEAD + "items: !!python/object/apply:os.system [id]", "tag", "2:8"),
    "merge key": (HEAD + "<<: {items: []}", "unknown_key", "2:1"),
    "deep nesting": (HEAD + "items: " + "[" * 5000, "too_deep", "2:16"),
    "unclosed list": (HEAD + "items: [", "not_yaml", "2:9"),
    "two documents": (HEAD + "---\n" + HEAD, "not_yaml", "2:1"),
    "control character": (HEAD + "items: \x01", "not_yaml", "1:1"),
    "not UTF-8": (b"format: \xff", "not_utf8", "1:1"),
    "empty": ("", "wrong_format", "1:1"),
    "no format": ("items: []", "wrong_format", "1:1"),
    "other format": ("format: cutter.other/1", "wrong_format", "1:1"),
    "newer format": ("format: cutter.example/2", "newer_format", "1:1"),
    "format as number": ("format: 1", "wrong_format", "1:1"),
}


@pytest.mark.parametrize(("text", "detail", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_refused_at_its_place(text: str | bytes, detail: str, place: str) -> None:
    """Without it a mistyped key would be ignored in silence, or the user would have to look for the mistake."""
    stop = _refusal(text)
    assert (stop.detail, stop.where) == (detail, f"example.yaml:{place}")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "items: [{id: {postgresql://u:hunter2@h/d: x}}]",
        HEAD + "items: postgresql://u:hunter2@h/d",
        HEAD + '"postgresql://u:hunter2@h/d": x',
        HEAD + '"postgresql://u:hunter2@h/d": x\n"postgresql://u:hunter2@h/d": x',
        "format: postgresql://u:hunter2@h/d",
        HEAD + "items: [postgresql://u:hunter2@h/d",
    ],
)
def test_a_refusal_never_shows_a_value(text: str) -> None:
    """Without it a password that stands in the wrong place would come out on a screen and in logs."""
    stop = _refusal(text)
    assert "hunter2" not in repr(vars(stop)) + str(stop) + repr(stop)


@pytest.mark.parametrize("text", ["2024-01-01", "no", "1:30:00", "'5'", '"true"', "Điều", "0x1f", "1_000"])
def test_text_stays_text(text: str) -> None:
    """Without it a version such as 2024-01-01 would become a date, and `no` a boolean, as in YAML 1.1."""
    found = parse_configuration(f"{HEAD}items: [{{id: {text}}}]".encode(), "example.yaml", FORM, Example)
    assert found.value.items[0].id == text.strip("'\"")


def test_a_byte_order_mark_is_no_mistake() -> None:
    """Without it a file saved by an editor on Windows would be refused for what nobody can see."""
    assert parse_configuration(b"\xef\xbb\xbf" + HEAD.encode(), "example.yaml", FORM, Example).value.items == ()


def test_the_form_that_is_due_is_shown_as_people_write_it() -> None:
    """Without it the reader of a refusal would meet the quotes and backslashes of a programming language."""
    assert form_needed(r"str matching regex '^[A-Z]\\d+\\Z'") == r"text of the form ^[A-Z]\d+$"
    assert form_needed("int") == "int"
