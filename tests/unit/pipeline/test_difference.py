"""The structural difference of two pipelines: what a stopped resume tells."""

import copy
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter import canon
from cutter.chain import token
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from cutter.pipeline.difference import Kind, differences
from tests.architecture.source import ROOT


def _cut() -> dict[str, Any]:
    document = load((ROOT / "pipelines" / "cut.yaml").read_bytes(), "cut.yaml")
    assert not isinstance(document, Refused)
    pipeline = build(document, CATALOGUE)
    assert not isinstance(pipeline, Refused)
    tree: dict[str, Any] = msgspec.json.decode(pipeline.source)
    return tree


CUT = _cut()


def _phase(tree: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(phase for phase in tree["phases"] if phase["id"] == name)
    return found


def _set_parameter(tree: dict[str, Any]) -> None:
    _phase(tree, "plan")["with"]["text_sha256"] = "x"


def _drop_phase(tree: dict[str, Any]) -> None:
    tree["phases"].remove(_phase(tree, "backup"))


def _insert_phase(tree: dict[str, Any]) -> None:
    tree["phases"].insert(0, {"id": "first", "preflight": []})


def _swap_phases(tree: dict[str, Any]) -> None:
    tree["phases"][1:3] = reversed(tree["phases"][1:3])


def _change_survey(tree: dict[str, Any]) -> None:
    _phase(tree, "survey")["preflight"][1]["expect"]["draft"] = 2


def _drop_fingerprint(tree: dict[str, Any]) -> None:
    del _phase(tree, "survey")["preflight"][0]


def _lower_quorum(tree: dict[str, Any]) -> None:
    _phase(tree, "authorize_cut")["gate"]["quorum"] = {"form": 1}


def _other_version(tree: dict[str, Any]) -> None:
    _phase(tree, "enact")["uses"] = "library.enact@2"


def _other_key(tree: dict[str, Any]) -> None:
    _phase(tree, "enact")["idempotency"]["key"] = ["x"]


def _other_default(tree: dict[str, Any]) -> None:
    tree["inputs"]["scope"]["default"] = "all"


def _other_title(tree: dict[str, Any]) -> None:
    tree["title"]["en"] = "Other"


CASES: dict[str, tuple[Callable[[dict[str, Any]], None], list[str]]] = {
    "a parameter": (_set_parameter, ["phases.plan.with.text_sha256 changed"]),
    "a phase that is gone": (_drop_phase, ["phases.backup removed"]),
    "a phase that was put in before all": (_insert_phase, ["phases.first added"]),
    "phases in another order": (_swap_phases, ["phases.order changed"]),
    "what a survey expects": (_change_survey, ["phases.survey.preflight.lifecycle_vocabulary.expect.draft changed"]),
    "a fingerprint that is gone": (_drop_fingerprint, ["phases.survey.preflight.fingerprint:library removed"]),
    "who must sign": (
        _lower_quorum,
        ["phases.authorize_cut.gate.quorum.form added", "phases.authorize_cut.gate.quorum.sovereign removed"],
    ),
    "an operation's version": (_other_version, ["phases.enact.uses changed"]),
    "a key": (_other_key, ["phases.enact.idempotency.key changed"]),
    "an input's default": (_other_default, ["inputs.scope.default changed"]),
    "the title": (_other_title, ["title.en changed"]),
}


@pytest.mark.parametrize("name", CASES)
def test_a_difference_is_told_at_its_place(name: str) -> None:
    """Without it a stopped resume would say that something changed, and not what."""
    change, expected = CASES[name]
    tree = copy.deepcopy(CUT)
    change(tree)

    found = differences(canon.encode(CUT), canon.encode(tree))

    assert [item.words for item in found] == expected
    back = differences(canon.encode(tree), canon.encode(CUT))
    turned = {Kind.ADDED: Kind.REMOVED, Kind.REMOVED: Kind.ADDED, Kind.CHANGED: Kind.CHANGED}
    assert [(b.path, b.kind, b.before_sha, b.after_sha) for b in back] == [
        (f.path, turned[f.kind], f.after_sha, f.before_sha) for f in found
    ]


def test_the_same_pipeline_has_no_difference() -> None:
    """Without it every resume would stop."""
    assert differences(canon.encode(CUT), canon.encode(CUT)) == ()


def test_values_are_told_by_digest() -> None:
    """Without it SQL or a value of the file would stand in an event."""
    tree = copy.deepcopy(CUT)
    _phase(tree, "survey")["preflight"][1]["sql"] = "SELECT 'planted'"

    (change,) = differences(canon.encode(CUT), canon.encode(tree))

    assert "planted" not in repr(change)
    assert re.fullmatch("[0-9a-f]{16}", change.before_sha)
    assert change.after_sha == canon.digest("SELECT 'planted'")[:16]


_KEYS = st.text(min_size=1, max_size=6)
_TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS.filter(str.isascii), inner, max_size=4),
    max_leaves=12,
)


@given(before=_TREES, after=_TREES)
def test_two_trees_differ_exactly_when_their_bytes_do(before: Any, after: Any) -> None:
    """Without it a difference could be missed in a form of file that nobody thought of, or be no word of an event."""
    sides = canon.encode(before), canon.encode(after)
    found = differences(*sides)
    assert bool(found) == (sides[0] != sides[1])
    assert all(token(str(change)) for change in found)
