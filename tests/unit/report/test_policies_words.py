"""The words of policies, and witnesses that can be read again."""

import json
from collections.abc import Iterator

import pytest

from cutter.messages import use_language
from cutter.policies.analysis.regions import Given, Part, Periods, Ranges, Region, These, Witness
from cutter.policies.domain import (
    Domain,
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    Trigger,
    TriggerType,
    TriggerTypes,
    Truth,
    Whole,
    Words,
)
from cutter.policies.envelope import read_envelope
from cutter.policies.policy import Between, Condition, Equal, OneOf, Selection, Test, View
from cutter.report.policies.lint import PolicyFinding, meaning_of, problems_of
from cutter.report.policies.witnesses import explain_steps, shown_witness, trigger_bytes
from cutter.report.policies.words import condition_phrase, effective_phrase, region_phrase
from cutter.report.problems import Severity


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins and leaves in English."""
    use_language("en")
    yield
    use_language("en")


@pytest.mark.parametrize(
    ("test", "said"),
    [
        (Equal(False), "f = false"),
        (Equal(0), "f = 0"),
        (Equal(1), "f = 1"),
        (Equal("north"), "f = north"),
        (OneOf(("a", "b")), "f = a | b"),
        (OneOf((True,)), "f = true"),
        (Between(0, 3), "f 0…3"),
        (Between(-2, -2), "f = -2"),
    ],
)
def test_a_condition(test: Test, said: str) -> None:
    """Without it `false` and 0, or a bound, could look like another condition."""
    assert condition_phrase(Condition("f", test)) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((), "everywhere"),
        ((Part("f", (These((False, True)),)),), "f = false | true"),
        ((Part("f", (Ranges(((0, 0), (4, 10))),)),), "f = 0 | 4…10"),
        ((Part("f", (), missing=True),), "f missing"),
        ((Part("f", (These(("a",)),), missing=True, outside=True),), "f = a | missing | outside its domain"),
        ((Part("t", (Given("time"),)),), "t given"),
        ((Part("as_of", (Periods((("", "2026-01-01T00:00:00Z"),)),)),), "as_of …2026-01-01"),
        ((Part("a", (These((1,)),)), Part("b", (These((2,)),))), "a = 1, b = 2"),
    ],
)
def test_a_region(parts: tuple[Part, ...], said: str) -> None:
    """Without it a reader could not tell where something is so, nor that it is also so for what is missing."""
    assert region_phrase(Region(parts)) == said


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("2026-01-01T00:00:00Z", "", "from 2026-01-01"),
        ("2026-01-01T08:00:00Z", "2027-01-01T00:00:00Z", "from 2026-01-01T08:00:00Z until 2027-01-01"),
    ],
)
def test_from_when_to_when(since: str, until: str, said: str) -> None:
    """Without it the hour at which a policy begins could be lost."""
    assert effective_phrase(since, until) == said


DOMAINS: dict[str, Domain] = {
    "number": Whole(0, 3),
    "patient": IssuedReference("PAT"),
    "seen": Truth(),
    "starts": Moment(),
    "ward": Words(("unlisted", "north")),
}
COLUMNS: dict[str, Domain] = {"recent.count": Whole(0, 9), "recent.kind": Words(("a", "b"))}
TYPES = TriggerTypes(
    "TRG",
    (),
    "notify",
    (TriggerType("lab.x", tuple(Field(name, domain) for name, domain in DOMAINS.items()), ("recent",)),),
)
VIEW = View("recent", "1.0", False, "", (), tuple(Field(name, domain) for name, domain in COLUMNS.items()), "")
SELECTION = Selection(TYPES, (), (VIEW,), (), "")
GIVEN = (
    FieldValue("number", 2),
    FieldValue("recent.count", 4),
    FieldValue("recent.kind", "b"),
    FieldValue("seen", True),
    FieldValue("ward", "north"),
)


@pytest.mark.parametrize(
    ("missing", "outside"),
    [
        ((), ()),
        (("patient", "starts"), ()),
        (("number", "seen", "ward"), ()),
        ((), ("number", "ward")),
        (("recent.count", "ward"), ("number",)),
        ((), ("recent.count",)),
    ],
)
def test_a_witness_is_a_trigger_that_can_be_read(missing: tuple[str, ...], outside: tuple[str, ...]) -> None:
    """Without it a run would refuse what lint shows, and nobody could see that it is so."""
    fields = tuple(item for item in GIVEN if item.name not in (*missing, *outside))
    shown = shown_witness(Witness("lab.x", "2026-01-01T00:00:00Z", fields, missing, outside), SELECTION)
    read = read_envelope(trigger_bytes(shown), TYPES)

    assert isinstance(read, Trigger)
    assert read.outside == tuple(name for name in outside if name in DOMAINS)
    assert {item.name for item in read.fields} == {name for name in DOMAINS if name not in (*missing, *outside)}
    assert [item for item in read.fields if item.name in ("number", "seen", "ward")] == [
        item for item in fields if "." not in item.name
    ]
    assert set(shown.answers) == {name for name in COLUMNS if name not in missing}
    assert (shown.answers.get("recent.count", 4) == 4) is ("recent.count" not in outside)


def test_a_witness_that_is_in_no_file_has_no_command() -> None:
    """Without it a screen would suggest to explain a file that is not there."""
    shown = shown_witness(Witness("lab.x", "2026-01-01T00:00:00Z", GIVEN, (), ()), SELECTION)

    assert explain_steps(shown, "") == ()
    assert explain_steps(None, "") == ()


def test_a_finding_for_tools() -> None:
    """Without it a code host would show a code without what it means, or lose the witness."""
    shown = shown_witness(Witness("lab.x", "2026-01-01T00:00:00Z", GIVEN, (), ()), SELECTION)
    found = PolicyFinding(
        code="gap",
        severity=Severity.ERROR,
        file="a.yaml",
        line=3,
        column=5,
        trigger="lab.x",
        region=Region((Part("number", (Ranges(((1, 2),)),)),)),
        witness=shown,
    )
    (problem,) = problems_of((found,))
    facts = dict(problem.facts)

    assert (problem.rule.code, problem.rule.meaning) == ("gap", meaning_of("gap"))
    assert problem.message == "lab.x · number: 1..2"
    assert problem.sentence == f"{meaning_of('gap')} {problem.message}"
    assert json.loads(facts["witness"]) == json.loads(trigger_bytes(shown))
    assert "rules" not in facts
