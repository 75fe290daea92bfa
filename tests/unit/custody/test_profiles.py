"""Profiles: those that cutter ships all load; one of a user is checked before anything is cut with it."""

from pathlib import Path

import pytest

from cutter.custody.profiles import Profiles, parse_profile, shipped_ids, shipped_profile
from cutter.cutting import cut
from cutter.cutting.expressions import fault_of
from cutter.cutting.profile import Rank
from cutter.cutting.soundness import MOST_LEVELS, faults_of
from cutter.stops import Stop, StopCode

BYLAWS = """\
format: cutter.profile/1
id: bylaws
title: {en: By-laws of an association}
language: en
levels:
  - {id: rule, type: SEC, rank: basic, within: [document], words: [Rule], numbers: [decimal], title: line}
  - {id: point, type: PT, rank: sub, within: [rule], numbers: [{letters: abcdef}], closes: )}
"""


def refused(text: str, profile_id: str = "bylaws") -> tuple[str, str]:
    """The detail and the line of the stop that a profile is refused with."""
    with pytest.raises(Stop) as caught:
        parse_profile(text.encode(), "bylaws.yaml", profile_id)
    assert caught.value.code is StopCode.STOP_CONFIG_INVALID
    return caught.value.detail, caught.value.where.split(":")[1]


def test_every_shipped_profile_loads_under_the_name_of_its_file() -> None:
    """Without it a document could name a profile that is not there, or whose mistakes show only when it is cut."""
    assert {"vi.law", "vi.amending", "en.rules", "eu.regulation", "uk.act", "za.bluebell"} <= set(shipped_ids())
    for profile_id in shipped_ids():
        profile = shipped_profile(profile_id)
        assert profile.id == profile_id
        assert {"vi", "en"} <= profile.title.keys()
        assert list(faults_of(profile)) == []


def test_a_workspace_adds_a_profile_of_ten_lines(tmp_path: Path) -> None:
    """Without it a user could not cut a kind of document that cutter does not ship, without Python."""
    (tmp_path / "bylaws.yaml").write_text(BYLAWS, encoding="utf-8")
    profiles = Profiles(tmp_path)
    made = cut(b"Rule 1. Name\na) one\nb) two\nRule 2. Seat\n", "BYLAWS", profiles.named("bylaws"))

    assert "bylaws" in profiles.ids()
    assert "bylaws" in {profile.id for profile in profiles.all()}
    assert [unit.address for unit in made.units] == [
        "BYLAWS/SEC-1",
        "BYLAWS/SEC-1/PT-a",
        "BYLAWS/SEC-1/PT-b",
        "BYLAWS/SEC-2",
    ]


def test_a_profile_that_extends_another_states_what_is_different(tmp_path: Path) -> None:
    """Without it a small difference would need a copy of a whole profile, which then grows old."""
    text = "format: cutter.profile/1\nid: my.law\nextends: vi.law\nstops: [gap]\n"
    (tmp_path / "my.law.yaml").write_text(text, encoding="utf-8")
    profile = Profiles(tmp_path).named("my.law")

    assert profile.stops == ("gap",)
    assert profile.levels == shipped_profile("vi.law").levels


def test_no_profile_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    """Without it the same id would stand for other rules in another workspace, and its digests for another cut."""
    (tmp_path / "vi.law.yaml").write_text(BYLAWS.replace("id: bylaws", "id: vi.law"), encoding="utf-8")

    assert Profiles(tmp_path).named("vi.law") is shipped_profile("vi.law")


def test_an_unknown_profile_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    """Without it a slip in a name would end in a traceback, or in a cut with another profile."""
    with pytest.raises(Stop) as caught:
        Profiles(tmp_path / "missing").named("vi.lwa")

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PROFILE_UNKNOWN, "no_such_profile")
    assert "vi.law" in caught.value.suggestions


@pytest.mark.parametrize(
    ("old", "new", "detail", "line"),
    [
        pytest.param("id: bylaws", "id: other", "other_name", "2", id="other-name"),
        pytest.param("format: cutter.profile/1", "format: cutter.profile/2", "newer_format", "1", id="newer-format"),
        pytest.param("language: en", "langauge: en", "unknown_key", "4", id="unknown-key"),
        pytest.param("rank: sub", "rank: inner", "wrong_value", "7", id="unknown-rank"),
        pytest.param("type: SEC", "type: ../SEC", "wrong_value", "6", id="type-with-other-signs"),
        pytest.param("within: [rule]", "within: [rules]", "unknown_level", "7", id="unknown-level"),
        pytest.param("within: [rule]", "within: [point]", "unreachable_level", "7", id="level-that-holds-itself"),
        pytest.param("id: point", "id: rule", "duplicate_level", "7", id="duplicate-level"),
        pytest.param("id: point", "id: document", "duplicate_level", "7", id="level-called-document"),
        pytest.param("rank: basic", "rank: container", "no_basic_level", "5", id="no-basic-level"),
        pytest.param("words: [Rule], numbers: [decimal], ", "", "no_heading", "6", id="no-heading"),
        pytest.param("numbers: [decimal], ", "", "no_heading", "6", id="no-number"),
        pytest.param("type: PT", "type: TAIL", "reserved_type", "7", id="reserved-type"),
        pytest.param("closes: )", "closes: ), columns: [4, 2]", "bad_columns", "7", id="columns-backwards"),
        pytest.param("words: [Rule]", "words: ['']", "empty", "6", id="empty-word"),
        pytest.param("words: [Rule]", "words: ['Rule ']", "empty", "6", id="word-with-a-blank"),
        pytest.param("words: [Rule]", "words: [Rule, Rule]", "repeated", "6", id="the-same-word"),
        pytest.param("letters: abcdef", "letters: ''", "empty", "7", id="no-letters"),
        pytest.param("letters: abcdef", "letters: 'a]^'", "not_letters", "7", id="signs-for-letters"),
        pytest.param("letters: abcdef", "letters: abca", "repeated", "7", id="the-same-letter"),
        pytest.param("letters: abcdef", "ordinals: [one, '']", "empty", "7", id="empty-ordinal"),
        pytest.param("letters: abcdef", "letters: abgđ", "no_alias", "1", id="letter-without-alias"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused_with_the_place(
    old: str, new: str, detail: str, line: str
) -> None:
    """Without it a mistake in a profile would show as wrong addresses, as no units, or as a traceback."""
    assert old in BYLAWS
    assert refused(BYLAWS.replace(old, new)) == (detail, line)


@pytest.mark.parametrize(
    ("added", "detail"),
    [
        pytest.param("stops: [gaps]", "unknown_doubt", id="unknown-doubt"),
        pytest.param("suffixes: 'a-'", "not_letters", id="suffix-sign"),
        pytest.param("ascii: [[đ, d], [ă, d]]", "bad_alias", id="alias-of-two-letters"),
        pytest.param("ascii: [[đ, d]]", "bad_alias", id="alias-that-is-a-letter"),
        pytest.param("ascii: [['', d]]", "bad_alias", id="alias-of-nothing"),
        pytest.param("ascii: [[đ, đđ]]", "bad_alias", id="alias-that-is-not-ascii"),
        pytest.param("quotes: {opening: '', closing: x, plain: y}", "empty", id="empty-mark"),
        pytest.param("quotes: {opening: x, closing: x, plain: y}", "repeated", id="the-same-mark"),
        pytest.param("contents: ['']", "empty", id="empty-contents"),
        pytest.param("evidence: [{lines: '('}]", "bad_expression", id="bad-expression"),
        pytest.param("evidence: [{lines: 'x*'}]", "empty_match", id="matches-every-line"),
        pytest.param("evidence: [{lines: '(\\w+ ?)+:'}]", "nested_repeat", id="endless-expression"),
        pytest.param("closing: {type: SIG, lines: ['(a|aa)+b']}", "nested_repeat", id="endless-closing"),
        pytest.param("closing: {type: sig/, lines: [a]}", "wrong_value", id="closing-type"),
        pytest.param("closing: {type: SIG, lines: []}", "wrong_value", id="closing-without-lines"),
    ],
)
def test_what_cannot_be_told_apart_or_takes_no_end_is_refused(added: str, detail: str) -> None:
    """Without it a profile could give two units one ASCII address, or hold the machine with one line of a text."""
    assert refused(BYLAWS + added + "\n")[0] == detail


def test_a_profile_of_a_thousand_levels_is_refused() -> None:
    """Without it each line of a text would be held against a thousand expressions."""
    level = "  - {{id: l{0}, type: SEC, rank: basic, within: [document], words: [W{0}], numbers: [decimal]}}\n"
    text = BYLAWS + "".join(level.format(number) for number in range(1000))

    assert MOST_LEVELS < 1000
    assert refused(text)[0] == "too_many"


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        pytest.param(r"(\.[0-9]+)*x", None, id="turns-begin-with-a-sign-of-their-own"),
        pytest.param(r"(?:, *[0-9]+)*x", None, id="blanks-behind-the-sign"),
        pytest.param(r"(?:ab)+c", None, id="turns-of-one-length"),
        pytest.param(r"\w[\w ]* này (?:đã )?được", None, id="one-repetition"),
        pytest.param(r"(?:[A-Z]\w*\s){0,8}Act", None, id="bounded-turns"),
        pytest.param(r"[(]a+[)]+x", None, id="brackets-in-a-class"),
        pytest.param(r"(a+)+b", "nested_repeat", id="repeated-repetition"),
        pytest.param(r"((a)+)+b", "nested_repeat", id="through-a-group"),
        pytest.param(r"(?:a|aa)+b", "nested_repeat", id="alternatives"),
        pytest.param(r"(?:a?b?)+c", "nested_repeat", id="turns-that-may-be-empty"),
        pytest.param(r"(?:a{1,2})+c", "nested_repeat", id="turns-of-two-lengths"),
        pytest.param(r"(?:,[^x]+)*x", "nested_repeat", id="sign-that-may-come-inside"),
        pytest.param(r"(?:[^]a]b?)+x", "nested_repeat", id="class-with-a-bracket"),
        pytest.param(r"a{2", None, id="braces-that-repeat-nothing"),
        pytest.param(r"(?P<n>a", "bad_expression", id="open-group"),
        pytest.param(r"a|", "empty_match", id="alternative-of-nothing"),
    ],
)
def test_expressions_that_could_take_exponential_time_are_told_from_others(expression: str, fault: str | None) -> None:
    """Without it either one line could take hours, or usual expressions would be refused."""
    assert fault_of(expression) == fault


def test_an_expression_sees_a_bounded_part_of_a_line() -> None:
    """Without it two repetitions in an expression would take the square of a line of any length."""
    closing = BYLAWS + "closing: {type: SIG, lines: ['.*Done']}\n"
    profile = parse_profile(closing.encode(), "bylaws.yaml", "bylaws")
    near = cut(b"Rule 1. Name\n" + b"a " * 400 + b"Done\n", "D", profile)
    far = cut(b"Rule 1. Name\n" + b"a " * 600 + b"Done\n", "D", profile)

    assert [unit.type for unit in near.units] == ["SEC", "SIG"]
    assert [unit.type for unit in far.units] == ["SEC"]


def test_every_shipped_profile_has_units_that_people_cite() -> None:
    """Without it short addresses of its documents would say nothing that stands in the document."""
    for profile_id in shipped_ids():
        assert any(level.rank is Rank.BASIC for level in shipped_profile(profile_id).levels), profile_id


def test_a_profile_extends_only_what_cutter_ships() -> None:
    """Without it a mistyped name would be a fault of cutter, and own profiles could extend each other in a circle."""
    text = "format: cutter.profile/1\nid: bylaws\nextends: vi.laws\n"

    assert refused(text) == ("unknown_profile", "3")
