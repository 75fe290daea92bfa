"""What a sentence asks for: the phrases of the shipped pipelines and of a workspace's own, and everything else."""

import shutil
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cutter.app.say import Known, Unclear, Understood, answer, know, understand
from cutter.pipeline.phrases import MOST_WORDS, Sense, find_readings, fold, words_in
from cutter.settings import Settings, load_settings
from cutter.stops import Stop, StopCode

ROOT = Path(__file__).parents[3]

_INDEX = """\
format: cutter.documents/1
documents:
  - {id: ICX-CONST, title: {vi: Hiến chương, en: Constitution}, language: vi, versions: [%s]}
  - {id: ICX-RULES, title: {vi: Quy chế}, language: vi, versions: [%s]}
  - {id: PLEASE, title: {vi: Làm ơn}, language: vi, versions: [%s]}
  - {id: VN.1, title: {vi: Một}, language: vi, versions: [%s]}
  - {id: VN.1., title: {vi: Một chấm}, language: vi, versions: [%s]}
"""
_OWN = """\
format: cutter.pipeline/1
id: note
title: {en: Note, vi: Ghi}
phrases: ["Ghi {words} cho {document_id}", "Xoá nháp {document_id} lúc {scope}", "x{words}", "{words}"]
inputs:
  document_id: {type: string, pattern: "^[A-Z0-9][A-Z0-9._-]{1,62}$", positional: true}
  scope: {type: string, enum: ["mới", "cũ"], default: "mới"}
  words: {type: string, required: false}
lock: ["${{ inputs.document_id }}"]
limits: {phase: PT15M, run: PT60M}
phases:
  - id: discover
    uses: documents.discover@1
    with: {document_id: "${{ inputs.document_id }}", scope: all}
"""


@cache
def office() -> Known:
    """What can be said where a workspace has pipelines of its own: one with a phrase of another, one with a mistake."""
    with TemporaryDirectory() as folder:
        return know(_workspace(Path(folder)))


def _workspace(folder: Path) -> Settings:
    shutil.copy(ROOT / "cutter.yaml", folder)
    (folder / "documents").mkdir()
    versions = tuple(f"{{version: '1', file: {n}.txt, sha256: {str(n) * 64}, status: enacted}}" for n in range(1, 6))
    (folder / "documents" / "index.yaml").write_text(_INDEX % versions, encoding="utf-8")
    (folder / "pipelines").mkdir()
    (folder / "pipelines" / "note.yaml").write_text(_OWN, encoding="utf-8")
    (folder / "pipelines" / "wrong.yaml").write_text("phrases: [Hello]", encoding="utf-8")
    void = (ROOT / "pipelines" / "void.yaml").read_text(encoding="utf-8").replace("id: void\n", "id: withdraw\n")
    void = void.replace("Thu hồi văn bản {document_id}", "Rút văn bản {document_id}")
    (folder / "pipelines" / "withdraw.yaml").write_text(void, encoding="utf-8")
    return load_settings(folder, {})


BACKUP = "0f0f0f0f-0000-4000-8000-000000000000/backup.1"
CUT = "cutter orchestrate cut ICX-CONST"

# sentence → the command that it stands for
UNDERSTOOD: Mapping[str, str] = {
    "Cắt văn bản ICX-CONST": CUT,
    "cắt văn bản ICX-CONST": CUT,
    "CẮT VĂN BẢN ICX-CONST": CUT,
    "Cắt Văn Bản ICX-CONST.": CUT,
    "  cắt   văn\u00a0bản\u202fICX-CONST  ": CUT,
    "cắt văn bản\tICX-CONST\n": CUT,
    "cắt văn bản «ICX-CONST»": CUT,
    "“Cắt văn bản ICX-CONST”": CUT,
    'cắt văn bản "ICX-CONST"!': CUT,
    "cắt văn bản (ICX-CONST)": CUT,
    "cắt văn bản: ICX-CONST": CUT,
    "cắt văn bản – ICX-CONST": CUT,
    "cắt văn bản - ICX-CONST": CUT,
    "Nhờ anh cắt văn bản ICX-CONST giúp": CUT,
    "Nhờ chị cắt giúp em văn bản ICX-CONST với ạ": CUT,
    "Nhờ các bạn cắt văn bản ICX-CONST giùm nhé!": CUT,
    "Làm ơn cắt văn bản ICX-CONST": CUT,
    "Xin vui lòng cắt văn bản ICX-CONST": CUT,
    "vui lòng cắt giùm tôi văn bản ICX-CONST nhé, cảm ơn": CUT,
    "Anh ơi, cắt hộ em văn bản ICX-CONST với": CUT,
    "Em ơi cắt văn bản ICX-CONST đi": CUT,
    "kính nhờ cắt văn bản ICX-CONST ạ": CUT,
    "thưa anh, xin cắt văn bản ICX-CONST": CUT,
    "cắt văn bản ICX-CONST được không ạ?": CUT,
    "Hãy cắt văn bản ICX-CONST": CUT,
    "anh có thể cắt văn bản ICX-CONST giúp tôi được không?": CUT,
    "Please cut document ICX-CONST": CUT,
    "please cut document ICX-CONST for me": CUT,
    "Could you cut document ICX-CONST, please?": CUT,
    "could you please cut for me document ICX-CONST": CUT,
    "Would you be so kind as to cut document ICX-CONST? Thank you very much!": CUT,
    "I'd like you to cut document ICX-CONST": CUT,
    "I’d like you to cut document ICX-CONST": CUT,
    "Hello! Can you kindly CUT DOCUMENT ICX-CONST thanks in advance": CUT,
    "làm ơn cut document ICX-CONST giúp": CUT,
    "Cut document ICX-RULES": "cutter orchestrate cut ICX-RULES",
    "CUT DOCUMENT PLEASE please": "cutter orchestrate cut PLEASE",
    "please CUT DOCUMENT PLEASE": "cutter orchestrate cut PLEASE",
    "Thu hồi văn bản ICX-CONST giúp tôi": "cutter orchestrate void ICX-CONST",
    "rút văn bản ICX-CONST": "cutter orchestrate withdraw ICX-CONST",
    f"Khôi phục văn bản ICX-CONST từ bản sao lưu {BACKUP}": (
        f"cutter orchestrate restore ICX-CONST --backup-id {BACKUP}"
    ),
    f"could you restore document ICX-CONST from backup {BACKUP}?": (
        f"cutter orchestrate restore ICX-CONST --backup-id {BACKUP}"
    ),
    "Recover the ledger after failover": "cutter orchestrate recover-ledger failover",
    "Công nhận sổ cái đã bị lùi lại vì new_database": "cutter orchestrate recover-ledger new_database",
    "Ghi vội cho ICX-CONST": "cutter orchestrate note ICX-CONST --words 'vội'",
    "ghi $(reboot) cho ICX-CONST": "cutter orchestrate note ICX-CONST --words '$(reboot'",
    "ghi 'a;b' cho ICX-CONST": "cutter orchestrate note ICX-CONST --words 'a;b'",
    "ghi mode=live cho ICX-CONST": "cutter orchestrate note ICX-CONST --words mode=live",
    "xoá nháp ICX-CONST lúc cũ": "cutter orchestrate note ICX-CONST --scope 'cũ'",
    "xóa nháp ICX-CONST lúc cũ": "cutter orchestrate note ICX-CONST --scope 'cũ'",
    "xoá nháp ICX-CONST lúc mới": "cutter orchestrate note ICX-CONST",
}

# With Eth (an Icelandic letter) or the African D in place of Đ: they look the same.
ETH = {
    "công nhận sổ cái Ðã bị lùi lại vì failover": "cutter orchestrate recover-ledger failover",
    "công nhận sổ cái ðã bị lùi lại vì failover": "cutter orchestrate recover-ledger failover",
    "công nhận sổ cái Ɖã bị lùi lại vì failover": "cutter orchestrate recover-ledger failover",
    "cắt văn bản ICX-CONST Ði": CUT,
}

UNKNOWN = ("STOP_PHRASE_UNKNOWN", "words")
# sentence → the stop's code and detail, and what is suggested first
REFUSED: Mapping[str, tuple[str, str, str]] = {
    # a negation, or another effect
    "đừng cắt văn bản ICX-CONST": (*UNKNOWN, "Cắt văn bản {document_id}"),
    "không cắt văn bản ICX-CONST": (*UNKNOWN, "Cắt văn bản {document_id}"),
    "cắt văn bản ICX-CONST không": (*UNKNOWN, "Cắt văn bản {document_id}"),
    "được không cắt văn bản ICX-CONST": (*UNKNOWN, ""),
    "xin đừng cắt văn bản ICX-CONST": (*UNKNOWN, ""),
    "chưa cắt văn bản ICX-CONST": (*UNKNOWN, ""),
    "thôi cắt văn bản ICX-CONST": (*UNKNOWN, ""),
    "do not cut document ICX-CONST": (*UNKNOWN, "Cut document {document_id}"),
    "don't cut document ICX-CONST": (*UNKNOWN, ""),
    "please don’t cut document ICX-CONST": (*UNKNOWN, ""),
    "never cut document ICX-CONST": (*UNKNOWN, ""),
    "could you not cut document ICX-CONST": (*UNKNOWN, ""),
    "cut document ICX-CONST, not": (*UNKNOWN, ""),
    "cut document ICX-CONST live": (*UNKNOWN, ""),
    "cắt văn bản ICX-CONST thật": (*UNKNOWN, ""),
    "cắt và ban hành văn bản ICX-CONST": (*UNKNOWN, ""),
    "cut and enact document ICX-CONST": (*UNKNOWN, ""),
    "xoá văn bản ICX-CONST": (*UNKNOWN, ""),
    "cut document ICX-CONST and ICX-RULES": (*UNKNOWN, ""),
    "cut documents ICX-CONST": (*UNKNOWN, ""),
    "cắt ICX-CONST": ("STOP_PHRASE_UNKNOWN", "order", ""),
    "cat van ban ICX-CONST": (*UNKNOWN, ""),
    "văn bản cắt ICX-CONST": ("STOP_PHRASE_UNKNOWN", "order", ""),
    "ICX-CONST": ("STOP_PHRASE_UNKNOWN", "order", ""),
    "làm ơn": ("STOP_PHRASE_UNKNOWN", "order", ""),
    "…": ("STOP_PHRASE_UNKNOWN", "empty", ""),
    "": ("STOP_PHRASE_UNKNOWN", "empty", ""),
    "xin chào": ("STOP_PHRASE_UNKNOWN", "order", ""),
    "Hello": ("STOP_PHRASE_UNKNOWN", "order", ""),
    "сut document ICX-CONST": (*UNKNOWN, ""),  # the first letter is Cyrillic
    # something is missing, or two things could be meant
    "cắt văn bản": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "Nhờ anh cắt văn bản giúp": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "cut document": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "cut document please": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "CUT DOCUMENT FOR ME": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "Khôi phục văn bản ICX-CONST": ("STOP_PHRASE_UNCLEAR", "missing", ""),
    "Khôi phục văn bản ICX-CONST từ bản sao lưu": ("STOP_PHRASE_UNCLEAR", "missing", ""),
    "Khôi phục văn bản": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    f"Khôi phục văn bản từ bản sao lưu {BACKUP}": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "recover the ledger after": ("STOP_PHRASE_UNCLEAR", "missing", "point_in_time_recovery"),
    "Ghi cho ICX-CONST": ("STOP_PHRASE_UNCLEAR", "missing", ""),
    "Void document ICX-CONST": ("STOP_PHRASE_UNCLEAR", "ambiguous", "void"),
    "void document": ("STOP_PHRASE_UNCLEAR", "ambiguous", "void"),
    "cut document VN.1.": ("STOP_PHRASE_UNCLEAR", "punctuation", "VN.1"),
    # a value that is none: the nearest is told, and not taken
    "cắt văn bản icx-const": ("STOP_INVALID_INPUT", "pattern", "ICX-CONST"),
    "cắt văn bản ICX-CONTS": ("STOP_DOCUMENT_UNKNOWN", "not_listed", "ICX-CONST"),
    "cắt văn bản ICX-RULE": ("STOP_DOCUMENT_UNKNOWN", "not_listed", "ICX-RULES"),
    "cut document ANOTHER": ("STOP_DOCUMENT_UNKNOWN", "not_listed", ""),
    "Recover the ledger after failover-": ("STOP_INVALID_INPUT", "enum", "failover"),
    "khôi phục văn bản ICX-CONST từ bản sao lưu 7": ("STOP_INVALID_INPUT", "pattern", ""),
    # hostile
    "cắt văn bản --mode live": (*UNKNOWN, ""),
    "cắt văn bản ICX-CONST --mode live": (*UNKNOWN, ""),
    "cắt văn bản --mode=live": (*UNKNOWN, ""),
    "cắt văn bản -": ("STOP_PHRASE_UNCLEAR", "missing", "ICX-CONST"),
    "cắt văn bản --": (*UNKNOWN, ""),
    "cắt văn bản —mode": (*UNKNOWN, ""),
    "cắt văn bản “--mode=live”": (*UNKNOWN, ""),
    "ghi --mode=live cho ICX-CONST": (*UNKNOWN, ""),
    "ghi “--mode=live” cho ICX-CONST": (*UNKNOWN, ""),
    "ghi −−mode cho ICX-CONST": (*UNKNOWN, ""),
    "cắt văn bản ICX-CONST; rm -rf /": (*UNKNOWN, ""),
    "cắt văn bản ICX-CONST;reboot": ("STOP_INVALID_INPUT", "pattern", "ICX-CONST"),
    "cắt văn bản $(reboot)": ("STOP_INVALID_INPUT", "pattern", ""),
    "cắt văn bản `reboot`": ("STOP_INVALID_INPUT", "pattern", ""),
    "cắt văn bản ../../etc/passwd": ("STOP_INVALID_INPUT", "pattern", ""),
    "cắt văn bản {document_id}": ("STOP_INVALID_INPUT", "pattern", ""),
    "cắt văn bản \u202eICX-CONST": ("STOP_INVALID_INPUT", "characters", ""),
    "cắt văn\u200b bản ICX-CONST": ("STOP_INVALID_INPUT", "characters", ""),
    "\ufeffcắt văn bản ICX-CONST": ("STOP_INVALID_INPUT", "characters", ""),
    "cắt văn bản \x1b[31mICX-CONST": ("STOP_INVALID_INPUT", "characters", ""),
    "cắt văn bản ICX-CONST\x00": ("STOP_INVALID_INPUT", "characters", ""),
    "cắt văn bản \udcffICX-CONST": ("STOP_INVALID_INPUT", "characters", ""),
    "cắt văn bản ICX-CONST\u2028": ("STOP_INVALID_INPUT", "characters", ""),
    "cắt văn bản " + "X" * 600: ("STOP_INVALID_INPUT", "length", ""),
    "cắt văn bản " + "\u0301" * 100_000: ("STOP_INVALID_INPUT", "length", ""),
    "cắt văn bản ICX-CONST " + "ạ " * MOST_WORDS: ("STOP_INVALID_INPUT", "words", ""),
}

FORMS = ("NFC", "NFD", "NFKC", "NFKD")


def refusal(text: str) -> Stop:
    """The stop of a sentence that is not understood."""
    try:
        found = understand(office(), text)
    except Stop as stop:
        return stop
    assert isinstance(found, Unclear), found
    return found.stop


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", [*UNDERSTOOD, *ETH])
def test_a_phrase_is_understood(text: str, form: str) -> None:
    """A person's own words, from any keyboard, must come to the command that they mean; and to its rehearsal."""
    found = understand(office(), unicodedata.normalize(form, text))  # type: ignore[arg-type]

    assert isinstance(found, Understood), found.stop.detail
    assert found.command == {**UNDERSTOOD, **ETH}[text]
    assert found.live == f"{found.command} --mode live"


@pytest.mark.parametrize("form", FORMS[:2])
@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_phrase_runs_nothing(text: str, form: str) -> None:
    """A word too many can turn the meaning round: such a sentence may come to no command at all."""
    code, detail, nearest = REFUSED[text]

    stop = refusal(unicodedata.normalize(form, text))  # type: ignore[arg-type]

    assert (stop.code.name, stop.detail) == (code, detail)
    assert not nearest or stop.suggestions[0] == nearest


def test_what_is_missing_is_asked_for() -> None:
    """Who does not know the ids needs to see them, with titles, and commands that run as they stand."""
    found = understand(office(), "cắt văn bản")

    assert isinstance(found, Unclear)
    assert found.question is not None
    assert (found.question.input, found.question.choices[0].value) == ("document_id", "ICX-CONST")
    assert found.question.choices[0].title == "Constitution"
    assert [step.command for step in found.next][:2] == [CUT, "cutter orchestrate cut ICX-RULES"]


def test_an_answer_is_judged_as_what_was_said() -> None:
    """An answer is no way around the checks: it is an id of the list, or it is refused."""
    asked = understand(office(), f"khôi phục văn bản từ bản sao lưu {BACKUP}")
    assert isinstance(asked, Unclear)

    good, unknown, dashed = (answer(office(), asked, value) for value in ("ICX-CONST", "ICX-CONTS", "--mode=live"))

    assert isinstance(good, Understood)
    assert good.command == f"cutter orchestrate restore ICX-CONST --backup-id {BACKUP}"
    assert isinstance(unknown, Unclear)
    assert (unknown.stop.code, unknown.stop.suggestions) == (StopCode.STOP_DOCUMENT_UNKNOWN, ("ICX-CONST",))
    assert isinstance(dashed, Unclear)
    assert dashed.stop.detail == "dash"


def test_one_answer_after_the_other() -> None:
    """Of two inputs that are missing each is asked for once; then there is a command."""
    asked = understand(office(), "khôi phục văn bản giúp em")
    assert isinstance(asked, Unclear)

    second = answer(office(), asked, "ICX-CONST")
    assert isinstance(second, Unclear)
    assert second.question is not None
    assert second.question.input == "backup_id"
    whole = answer(office(), second, BACKUP)

    assert isinstance(whole, Understood)
    assert whole.given == {"document_id": "ICX-CONST", "backup_id": BACKUP}


def test_the_choices_are_listed_nearest_first() -> None:
    """Of a thousand documents the one that was meant must stand on the first line."""
    found = understand(office(), "cắt văn bản VN1")

    assert isinstance(found, Unclear)
    assert found.question is not None
    assert [choice.value for choice in found.question.choices][:2] == ["VN.1", "VN.1."]


def test_two_pipelines_with_a_phrase_are_both_listed() -> None:
    """Which of two is meant nobody can know: both commands stand there to choose from."""
    found = understand(office(), "void document ICX-CONST")

    assert isinstance(found, Unclear)
    assert [meant.command for meant in found.could_be] == [
        "cutter orchestrate void ICX-CONST",
        "cutter orchestrate withdraw ICX-CONST",
    ]


def test_each_word_is_told() -> None:
    """`--explain` is where somebody learns why a sentence is refused: word by word."""
    found = understand(office(), "Đừng cắt văn bản ICX-CONST nhé!")

    assert isinstance(found, Unclear)
    assert [(word.text, word.sense) for word in found.words] == [
        ("Đừng", Sense.UNKNOWN),
        ("cắt", Sense.PHRASE),
        ("văn", Sense.PHRASE),
        ("bản", Sense.PHRASE),
        ("ICX-CONST", Sense.VALUE),
        ("nhé", Sense.POLITE),
    ]


def test_a_phrase_that_cannot_be_said_is_not_offered() -> None:
    """A phrase without a word of its own would match any sentence of one word."""
    found = understand(office(), "nothing of the kind")

    assert isinstance(found, Unclear)
    assert {meant.phrase for meant in found.could_be if meant.pipeline == "note"} == {
        "Ghi {words} cho {document_id}",
        "Xoá nháp {document_id} lúc {scope}",
    }


def test_politeness_has_no_word_of_a_phrase_and_no_negation() -> None:
    """A word that may be ignored must have no meaning: not what is done, nor that it is not done."""
    alone = {
        fold(e) for language in office().politeness for e in (*language.anywhere, *language.before, *language.after)
    }
    phrases = {
        fold(word) for pipeline in office().pipelines.values() for phrase in pipeline.phrases for word in phrase.split()
    }
    harmful = ("không", "đừng", "chớ", "chưa", "thôi", "khỏi", "ngừng", "not", "no", "never", "don't", "stop", "live")

    assert alone.isdisjoint(phrases)
    assert alone.isdisjoint(map(fold, harmful))


_WORDS = (
    *("cắt", "văn", "bản", "Cut", "document", "thu", "hồi", "ICX-CONST", "ICX-RULES", "PLEASE", "please", "giúp"),
    *(
        "làm",
        "ơn",
        "nhờ",
        "anh",
        "được",
        "không",
        "đừng",
        "not",
        "--mode",
        "live",
        "from",
        "backup",
        "for",
        "me",
        "ghi",
    ),
    *("cho", "mới", "void", "the", "và", "-", ".", "“ICX-CONST”", BACKUP, "restore", "\u00a0", "could", "you"),
)
_SENTENCES = st.lists(st.sampled_from(_WORDS) | st.text(max_size=6), max_size=9).map(" ".join) | st.text(max_size=40)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_SENTENCES, st.sampled_from(["NFC", "NFD"]))
def test_only_a_declared_phrase_comes_to_a_command(text: str, form: str) -> None:
    """Whatever is said: what is run is a phrase word for word, its values, and politeness between them."""
    try:
        words = words_in(unicodedata.normalize(form, text))  # type: ignore[arg-type]
    except Stop:
        return
    for reading in find_readings(words, tuple(office().pipelines.values()), office().politeness):
        assert [word.text for word in reading.words] == list(words)
        assert reading.phrase in office().pipelines[reading.pipeline].phrases
        if reading.missing:
            continue
        values = {item.name: item.value for item in reading.values}
        said = [
            word.text if word.input else fold(word.text) for word in reading.words if word.sense is not Sense.POLITE
        ]
        declared = [values.get(part[1:-1], fold(part)) for part in reading.phrase.split()]
        assert [fold(word) for word in said] == [fold(word or "") for word in declared]
        assert not any((value or "").startswith("-") for value in values.values())
        assert _is_polite([word.text for word in reading.words if word.sense is Sense.POLITE])


def _is_polite(words: list[str]) -> bool:
    """Whether each word stands in some expression of politeness."""
    listed = {
        fold(word)
        for language in office().politeness
        for expression in (*language.anywhere, *language.before, *language.after)
        for word in expression.split()
    }
    return all(fold(word) in listed for word in words)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(UNDERSTOOD)), st.integers(0, 20), st.text(min_size=1, max_size=12))
def test_a_word_more_is_a_word_too_many(text: str, place: int, more: str) -> None:
    """A single foreign word anywhere in a phrase must keep it from being run."""
    words = text.split()
    words.insert(min(place, len(words)), f"ѫ{more}")
    try:
        found = understand(office(), " ".join(words))
    except Stop:
        return
    assert isinstance(found, Unclear)
