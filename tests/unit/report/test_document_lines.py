"""Screens of documents as pure functions: what is shown, what is counted instead, and that nothing foreign moves."""

import shlex
from collections.abc import Sequence

import msgspec
import pytest

from cutter.custody.profiles import shipped_profile
from cutter.cutting import Cut, Doubt, DoubtCode, Profile
from cutter.cutting.compare import diff
from cutter.cutting.explanation import Verdict
from cutter.cutting.quotes import Variation
from cutter.cutting.record import DocumentFacts
from cutter.messages import use_language
from cutter.readers import RemarkCode
from cutter.report.documents import words
from cutter.report.documents.changes import diff_lines
from cutter.report.documents.document import cut_lines
from cutter.report.documents.doubts import FORMS, MOST_SHOWN, doubt_lines, rendered, summary
from cutter.report.documents.results import ChosenProfile, DocumentCut, diff_report
from cutter.report.documents.tree import MOST_LINES, tree_lines
from tests.support.cuts import LAW, Piece, made_of
from tests.unit.cli.test_command_tree import TREE

RULES = shipped_profile("en.rules")
HOSTILE = "\x1b[2Jx\u202ey"


def document_of(made: Cut, profile: Profile = RULES, name: str = "law.txt") -> DocumentCut:
    """A cut as the screens take it."""
    source = made.units[0].source
    chosen = ChosenProfile(profile.id, profile.title, profile.language, "named")
    return DocumentCut(name, source, "0" * 64, made, profile, chosen, (), DocumentFacts(), None)


def articles(count: int, per_chapter: int = 10) -> Cut:
    """A document of chapters of so many articles, each with one clause."""
    pieces = []
    for number in range(1, count + 1):
        chapter = (number - 1) // per_chapter + 1
        if number % per_chapter == 1:
            pieces.append(Piece(f"CH-{chapter:02d}", f"CHAPTER {chapter}\n", str(chapter), f"Title {chapter}"))
        path = f"CH-{chapter:02d}/ART-{number:02d}"
        pieces += [Piece(path, f"Article {number}\n", str(number)), Piece(f"{path}/CL-1", "1. x\n", "1")]
    return made_of(*pieces)


def test_a_short_tree_shows_basic_units() -> None:
    """Without it the articles of a short text would be hidden in a count."""
    lines = list(tree_lines(articles(12), RULES, everything=False))

    assert lines[:2] == ["CH-01  Title 1", "  ART-01  (1 paragraph)"]
    assert len(lines) == 2 + 12


def test_a_long_tree_shows_containers_with_what_they_hold() -> None:
    """Without it a code of 700 articles would scroll away before anybody saw its parts."""
    lines = list(tree_lines(articles(MOST_LINES + 10), RULES, everything=False))

    assert lines[0] == "CH-01  Title 1  (10 Articles · 10 paragraphs: ART-01 … ART-10)"
    assert len(lines) == 11


def test_a_long_row_at_the_top_is_one_line() -> None:
    """Without it 173 recitals would stand before the first chapter."""
    pieces = [Piece(f"REC-{n}", f"({n}) x\n", str(n)) for n in range(1, MOST_LINES + 50)]
    lines = list(tree_lines(made_of(*pieces, Piece("CH-01", "CHAPTER I\n", "I")), RULES, everything=False))

    assert lines == [f"REC-1 … REC-{MOST_LINES + 49}  ({MOST_LINES + 49} × REC)", "CH-01"]


def test_all_units_are_shown_when_asked() -> None:
    """Without it a unit could be looked for in vain."""
    made = articles(MOST_LINES + 10)

    assert len(list(tree_lines(made, RULES, everything=True))) == len(made.units)


def test_what_is_inside_a_clause_hangs_on_its_article() -> None:
    """Without it quotations and tails would stand in the tree without the clause that holds them."""
    lines = list(tree_lines(LAW, shipped_profile("vi.law"), everything=False))

    assert [line.split()[0] for line in lines] == ["FRONT-1", "PRE-1", "CH-01", "ART-01", "ART-02", "SIG-1", "ANX-01"]


def test_a_tower_of_levels_stays_readable() -> None:
    """Without it the indent of a hostile text would fill the screen, or its time grow with the square of its levels."""
    path, pieces = "", []
    for _level in range(300):
        path = f"{path}/CH-1".lstrip("/")
        pieces.append(Piece(path, "Chapter 1\n", "1"))
    lines = list(tree_lines(made_of(*pieces), RULES, everything=True))

    assert len(lines) == 300
    assert max(map(len, lines)) < 60


def doubts(count: int) -> Sequence[Doubt]:
    """So many doubts of one code, and one of another."""
    gaps = [Doubt(DoubtCode.GAP, 1, place + 1, f"ART-{place}") for place in range(count)]
    return [*gaps, Doubt(DoubtCode.REPEATED, 1, 1, HOSTILE)]


def test_of_many_doubts_the_first_are_shown_with_their_number() -> None:
    """Without it thousands of doubts would bury the screen, or be left out without a word."""
    some = doubts(MOST_SHOWN + 5)
    lines = list(doubt_lines(some, b"Article 1\n", everything=False))

    assert summary(some) == f"Doubts   {MOST_SHOWN + 6}: {MOST_SHOWN + 5} gap · 1 repeated"
    assert sum("ART-" in line for line in lines) == MOST_SHOWN
    assert "    and 5 more" in lines
    assert sum("ART-" in line for line in doubt_lines(some, b"Article 1\n", everything=True)) == MOST_SHOWN + 5


def is_safe(text: str) -> bool:
    """Whether nothing in a text can move a cursor or turn what people read."""
    return "\x1b" not in text and "\u202e" not in text


@pytest.mark.parametrize("form", [form for form in FORMS if form != "full"])
def test_no_form_of_doubts_is_moved_by_foreign_text(form: str) -> None:
    """Without it a file's name or a number in it could draw over the terminal, or begin another workflow command."""
    name = f"{HOSTILE}\n::error::"
    lines = rendered(form, name, name, doubts(1))

    assert is_safe("".join(lines)) or form in ("json", "sarif")  # what programs read is not changed
    assert "\x1b" not in "".join(lines)
    assert not any(line.startswith("::error::") for line in "\n".join(lines).split("\n"))


def test_foreign_text_is_visible_on_every_screen() -> None:
    """Without it a heading could hide the line under it, or look like another one."""
    made = made_of(
        Piece("ART-01", f"Article 1. {HOSTILE}\n", "1", HOSTILE),
        doubts=(Doubt(DoubtCode.GAP, 1, 1, "x"),),
    )
    after = made_of(Piece("ART-01", f"Article 1. {HOSTILE} other\n", "1", HOSTILE))
    documents = (document_of(made, name=HOSTILE), document_of(after, name=HOSTILE))
    changes = diff(made, after)
    screens = [
        *cut_lines(documents[0], everything=True),
        *diff_lines(diff_report(documents, changes), documents, changes, everything=False),
    ]

    assert changes
    assert all(is_safe(line) for line in screens)


def test_the_commands_that_screens_suggest_can_be_run() -> None:
    """Without it a file name with a space, or a dash, would make a command that does something else."""
    lines = list(cut_lines(document_of(LAW, name="my law.txt"), everything=False))
    program, *given = shlex.split(lines[-1].removeprefix("Next     register  "))

    assert (program, given[:2]) == ("cutter", ["documents", "add"])
    TREE[("cutter", "documents", "add")].make_context("add", given[2:])


def test_counts_are_in_the_documents_own_words() -> None:
    """Without it a Vietnamese law would be counted in English words, or an article as ART."""
    law, rules = shipped_profile("vi.law"), RULES

    assert words.type_counts(law, {"ART": 61, "CH": 9}) == "9 Chương · 61 Điều"
    assert words.count_words(rules, {"ART": 2, "SCH": 1}) == "1 Schedule · 2 Articles = 3 units"
    assert words.type_counts(rules, {"PT": 2, "SPT": 3}) == "5 points"
    wordless = msgspec.structs.replace(rules, citations={})
    assert words.type_counts(wordless, {"ART": 2, "QS": 1, "XYZ": 2}) == "2 Articles · 1 × quotation · 2 × XYZ"


def test_every_word_of_a_closed_set_has_a_meaning() -> None:
    """Without it a new code would be shown without saying what it is."""
    assert all(words.doubt_meaning(code) for code in DoubtCode)
    assert all(words.verdict_meaning(verdict) for verdict in Verdict)
    assert all(words.variation_word(variation) for variation in Variation)
    assert all(words.remark_words(code.value, 1) != f"1 × {code.value}" for code in RemarkCode)


def test_numbers_are_grouped_as_the_language_does() -> None:
    """Without it 1,418 would be read as one and a half by Vietnamese readers."""
    use_language("vi")
    try:
        assert words.type_counts(shipped_profile("vi.law"), {"ART": 1418}) == "1.418 Điều"
    finally:
        use_language("en")
