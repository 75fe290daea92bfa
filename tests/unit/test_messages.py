"""What people read: every message is translated, whole, one word for each concept; and how a language is chosen."""

import ast
import re
from collections.abc import Callable, Iterator

import pytest
from babel.messages.catalog import Message

from cutter.messages import LANGUAGES, chosen_language, counted, label, number, plural_forms, seconds, use_language
from tests.architecture.source import Module, modules
from tools.messages import check, make_template, read

VIETNAMESE = read("vi")
TEMPLATE = make_template()

# One word a concept: how English has it, the Vietnamese word, and words that mean the same and are not used.
GLOSSARY = {
    "rehearsal": (r"\brehears", "diễn tập", ("tập dượt", "chạy thử", "diễn thử")),
    "run": (
        r"\b(a|the|this|live|other|one|No) runs?\b(?! (is|are|it)\b)",
        "lượt",
        ("lần chạy", "đợt chạy", "phiên chạy"),
    ),
    "phase": (r"\bphases?\b", "giai đoạn", ("công đoạn", "pha ", "bước chạy")),
    "gate": (r"\bgates?\b", "cổng", ("chốt chặn", "cửa kiểm", "trạm")),
    "request": (r"\brequests?\b", "bản trình", ("đơn xin", "tờ trình", "yêu cầu phê duyệt", "bản xin")),
    "requester": (r"\brequester\b", "người trình", ("người yêu cầu", "người xin", "người đề nghị")),
    "approval": (r"\bapprovals?\b", "phê duyệt", ("chấp thuận", "phê chuẩn", "thông qua")),
    "sovereign": (r"\bsovereign\b", "người có thẩm quyền", ("chủ quyền", "người chủ")),
    "refused": (r"\brefused\b", "từ chối", ("khước từ", "bác bỏ", "không chấp nhận")),
    "stop code": (r"\bstop codes?\b", "mã dừng", ("mã lỗi", "mã chặn")),
    "unit": (r"\bunits?\b", "đơn vị", ("mục tin", "đơn nguyên")),
    "digest": (r"\bdigests?\b", "mã băm", ("giá trị băm", "chuỗi băm", "tóm lược")),
    "ledger": (r"\bledger\b", "sổ cái", ("sổ nhật ký", "sổ kế toán", "nhật ký cái")),
    "doubt": (r"\bdoubts?\b", "chỗ ngờ", ("nghi vấn", "nghi ngờ", "điểm ngờ")),
    "drill": (r"\bdrill(s|ed)?\b", "diễn tập khôi phục", ("tập khôi phục thử", "khôi phục thử")),
    "void": (r"\bvoid(s|ed)?\b", "thu hồi", ("vô hiệu hoá lượt", "huỷ bỏ", "hủy")),
}
# Messages where the English word means something else, or names a command.
ELSEWISE = {
    "run": re.compile(r"orchestrate|runs and does not|The same line|continues a run|in a run$|its run"),
    "drill": re.compile(r"too old, of another host|backups drill"),
    "void": re.compile(r"resume or void$|resume or void\.$"),
    "request": re.compile(r"asked to end"),
}
# What is no word of the language: placeholders, commands, options, names.
NAMES = re.compile(r"\{[^}]*\}|`[^`]*`|cutter [a-z-]+( [a-z-]+)?|orchestrate [a-z-]+|[a-z_]*_[a-z_]+|--[a-z-]+")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins and leaves in English."""
    use_language("en")
    yield
    use_language("en")


def forms(message: Message) -> str:
    """What a translation says, in all its forms."""
    return message.string if isinstance(message.string, str) else " ".join(message.string or ())


def english_of(message: Message) -> str:
    """What the message says in English."""
    return message.id if isinstance(message.id, str) else message.id[0]


def test_every_message_is_translated() -> None:
    """A screen would be half in English; a wrong placeholder would end the program while it says something."""
    assert list(check(TEMPLATE, VIETNAMESE)) == []


def test_the_messages_were_found() -> None:
    """A search that finds little would call every catalogue complete."""
    found = {english_of(message) for message in TEMPLATE}

    for known in ("WAITING", "{count} unit", "Mend the file at that place.", "Show the version and exit.", "ok"):
        assert known in found
    assert len(found) > 1000


@pytest.mark.parametrize("concept", GLOSSARY)
def test_one_word_for_each_concept(concept: str) -> None:
    """Two words for one thing are two things to a reader of law."""
    pattern, word, _others = GLOSSARY[concept]
    elsewise = ELSEWISE.get(concept)
    wrong = [
        english_of(message)
        for message in VIETNAMESE
        if re.search(pattern, NAMES.sub("", english_of(message)))
        and word not in forms(message).lower()
        and not (elsewise and elsewise.search(english_of(message)))
    ]

    assert wrong == []


@pytest.mark.parametrize("concept", GLOSSARY)
def test_no_other_word_for_it(concept: str) -> None:
    """The word that is used must be the only one for it."""
    others = GLOSSARY[concept][2]
    wrong = [forms(message) for message in VIETNAMESE if any(other in forms(message).lower() for other in others)]

    assert wrong == []


TRANSLATING = frozenset({"_", "counted", "label", "N_", "Message", "Countable"})


def translating_calls(module: Module) -> Iterator[ast.Call]:
    """Every call that translates, or marks a text for it."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING:
            yield node


@pytest.mark.parametrize(
    "module",
    [m for m in modules("cutter") if "/review/" not in m.path and m.path != "cutter/messages/__init__.py"],
    ids=lambda module: module.path,
)
def test_no_message_is_made_of_parts(module: Module) -> None:
    """A sentence that is put together from pieces has the order of English words in every language."""
    broken = []
    for call in translating_calls(module):
        if any(isinstance(text, ast.JoinedStr | ast.BinOp) for text in call.args):
            broken.append(module.at(call))
    joined = [
        module.at(node)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_text(node.left) and _is_text(node.right)
    ]

    assert broken + joined == []


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TRANSLATING


CHOSEN = {
    "nothing": ("", {}, "en"),
    "asked for by name": ("vi", {"CUTTER_LANG": "en", "LANG": "en_US.UTF-8"}, "vi"),
    "cutter's own variable": ("", {"CUTTER_LANG": "vi", "LANGUAGE": "en", "LC_ALL": "C"}, "vi"),
    "LANGUAGE comes before LC_ALL": ("", {"LANGUAGE": "vi", "LC_ALL": "en_US.UTF-8"}, "vi"),
    "the first of LANGUAGE that there is": ("", {"LANGUAGE": "fr_CA:vi_VN:en"}, "vi"),
    "LC_ALL comes before LC_MESSAGES": ("", {"LC_ALL": "C.UTF-8", "LC_MESSAGES": "vi_VN.UTF-8"}, "en"),
    "LC_MESSAGES comes before LANG": ("", {"LC_MESSAGES": "vi_VN.UTF-8", "LANG": "en_US.UTF-8"}, "vi"),
    "an empty one is none": ("", {"CUTTER_LANG": "", "LANGUAGE": "", "LANG": "vi_VN.UTF-8"}, "vi"),
    "LANG": ("", {"LANG": "vi_VN.UTF-8"}, "vi"),
    "LANG without encoding": ("", {"LANG": "vi"}, "vi"),
    "a modifier": ("", {"LANG": "vi_VN@tcvn"}, "vi"),
    "a language that there is not": ("", {"LANG": "de_DE.UTF-8"}, "en"),
    "C": ("", {"LANG": "C"}, "en"),
}


@pytest.mark.parametrize("name", CHOSEN)
def test_chosen_language(name: str) -> None:
    """Whoever sets a language, by whatever of the usual ways, must get it; everybody else English."""
    asked, environ, chosen = CHOSEN[name]

    assert chosen_language(asked, environ) == chosen


SAID: dict[str, tuple[Callable[[], str], str, str]] = {
    "a number": (lambda: number(48112), "48,112", "48.112"),
    "one of a kind": (lambda: counted(1, "unit"), "1 unit", "1 đơn vị"),
    "many of a kind": (lambda: counted(2000, "unit"), "2,000 units", "2.000 đơn vị"),
    "many, made otherwise": (
        lambda: counted(3, "{count} person to sign within {span}|{count} people to sign within {span}", span="2 h"),
        "3 people to sign within 2 h",
        "3 người ký, hạn 2 h",
    ),
    "seconds": (lambda: seconds(1912), "1.9 s", "1,9 giây"),
    "milliseconds": (lambda: seconds(4), "4 ms", "4 ms"),
    "a label": (lambda: label("run"), "run", "lượt chạy"),
    "a label that nobody translated": (lambda: label("xyz"), "xyz", "xyz"),
    "no label": (lambda: label(""), "", ""),
}


@pytest.mark.parametrize("name", SAID)
def test_said_in_each_language(name: str) -> None:
    """Numbers and counted things are written as each language does it."""
    say, english, vietnamese = SAID[name]
    said: list[str] = []
    for language in LANGUAGES:
        use_language(language)
        said.append(say())

    assert said == [english, vietnamese]


@pytest.mark.parametrize(
    ("what", "forms"),
    [
        ("unit", ("{count} unit", "{count} units")),
        ("unit as a draft|units as drafts", ("{count} unit as a draft", "{count} units as drafts")),
        ("up to {count} row", ("up to {count} row", "up to {count} rows")),
        ("{a} of {count} child|{a} of {count} children", ("{a} of {count} child", "{a} of {count} children")),
    ],
)
def test_plural_forms(what: str, forms: tuple[str, str]) -> None:
    """What the program asks for must be what was put into the catalogue."""
    assert plural_forms(what) == forms
