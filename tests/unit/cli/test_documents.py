"""`cutter documents add|cut|show|diff|export|profiles`: what they say, in both forms, and what they refuse."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.workspaces import Bench, bench_in

LAW = """LUẬT
Điều 1. Phạm vi
1. Một;
2. Hai:
a) x;
b) y.
Điều 2. Hiệu lực
Luật này có hiệu lực.
"""
OWN = """format: cutter.profile/1
id: own.minutes
title: {en: Minutes}
language: en
evidence:
  - {lines: 'MINUTES OF '}
levels:
  - {id: item, type: ITEM, rank: basic, within: [document], words: [Item], numbers: [decimal], closes: ., title: line}
"""
MINUTES = "MINUTES OF the board\nItem 1. Opening\nWe began.\nItem 2. Closing\nWe ended.\n"


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A workspace, entered."""
    return bench_in(tmp_path, capfd, monkeypatch)


def test_a_file_is_cut_without_being_kept(bench: Bench) -> None:
    """Without it people would have to register a text to see whether it can be cut at all."""
    before = sorted(bench.folder.rglob("*"))
    said = bench.documents("cut", bench.write("điều lệ.txt", LAW))
    report = bench.documents("cut", "điều lệ.txt", "--output", "json").document

    assert (said.status, said.first) == (0, "CUT")
    assert "nothing was kept" in said.out
    assert "documents add" in said.out.splitlines()[-1]
    assert (report["format"], report["document_id"]) == ("cutter.cut/1", "DIEU-LE")
    assert report["profile"]["by"] == "recognised"
    assert [each["found"] for each in report["profile"]["evidence"]] == [1]
    assert [unit["address"] for unit in report["units"]][1:3] == ["DIEU-LE/ART-01", "DIEU-LE/ART-01/CL-1"]
    assert sorted(bench.folder.rglob("*")) == sorted([*before, bench.folder / "điều lệ.txt"])


@pytest.mark.parametrize(
    ("line", "state", "why"),
    [
        ("2", "TAKEN", "a unit begins here"),
        ("1", "NOT TAKEN", "no level of the profile"),
        ("8", "NOT TAKEN", "no level of the profile"),
    ],
    ids=["heading", "title", "prose"],
)
def test_a_line_is_explained(bench: Bench, line: str, state: str, why: str) -> None:
    """Without it nobody could tell why an article is missing from a cut."""
    said = bench.documents("cut", bench.write("law.txt", LAW), "--explain", line)
    report = bench.documents("cut", "law.txt", "--explain", line, "--output", "json").document

    assert said.status == 0
    assert said.out.startswith(f"{state}  law.txt:{line}\n")
    assert why in said.out
    assert (report["format"], report["line"]) == ("cutter.line-explained/1", int(line))


DOUBTFUL = "Điều 1. Một\nĐiều 2. Hai\nĐiều 5. Năm\nĐiều 2. Lại hai\n"


def test_doubts_alone_for_programs(bench: Bench) -> None:
    """Without it editors and code hosts could not show doubts at their lines."""
    name = bench.write("a,b.txt", DOUBTFUL)
    concise = bench.documents("cut", name, "--format", "concise").out.splitlines()
    github = bench.documents("cut", name, "--format", "github").out.splitlines()
    listed = bench.documents("cut", name, "--format", "json").document
    sarif = bench.documents("cut", name, "--format", "sarif").document
    results = sarif["runs"][0]["results"]

    assert len(concise) == len(github) == len(listed["doubts"]) == len(results) > 0
    assert concise[0].startswith("a,b.txt:3:1: gap ")
    assert github[0].startswith("::warning file=a%2Cb.txt,line=3,col=1,title=gap::")
    assert (sarif["version"], results[0]["locations"][0]["physicalLocation"]["region"]["startLine"]) == ("2.1.0", 3)


def test_doubts_for_programs_are_in_no_language_and_named_from_the_repository(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a workflow would annotate files that no change has, and a program would work in one country only."""
    monkeypatch.setenv("GITHUB_WORKSPACE", str(bench.folder.parent))
    name, place = bench.write("law.txt", DOUBTFUL), f"{bench.folder.name}/law.txt"
    for form, told in (("github", f"::warning file={place},line=3,"), ("sarif", f'"uri":"{place}"'), ("json", '"gap"')):
        vietnamese = bench.documents("cut", name, "--format", form, "--lang", "vi").out
        said = bench.documents("cut", name, "--format", form, "--lang", "en").out
        assert told in said
        assert vietnamese == said


def test_add_keeps_the_profile_and_says_why(bench: Bench) -> None:
    """Without it a later version could be cut by other rules, and its addresses would mean something else."""
    said = bench.documents("add", bench.write("law.txt", LAW), "--document-id", "LAW-1", "--version", "1")
    later = bench.documents("add", bench.write("b.txt", LAW + "x\n"), "--document-id", "LAW-1", "--output", "json")
    index = (bench.folder / "documents" / "index.yaml").read_text(encoding="utf-8")

    assert said.status == 0
    assert "vi.law" in said.out
    assert "1 line begins like" in said.out
    assert index.partition("LAW-1")[2].count("profile: vi.law") == 1
    assert "language: vi" in index.partition("LAW-1")[2]
    assert later.document["profile"]["by"] == "index"


def test_add_takes_a_named_profile_and_language(bench: Bench) -> None:
    """Without it a text that shows no profile, or the wrong one, could not be registered."""
    (bench.folder / "profiles").mkdir()
    bench.write("profiles/own.minutes.yaml", OWN)
    words = ("--document-id", "MIN-1", "--profile", "own.minutes", "--language", "en-GB")
    said = bench.documents("add", bench.write("m.txt", MINUTES), *words, "--output", "json").document

    assert (said["profile"]["id"], said["profile"]["by"]) == ("own.minutes", "named")
    assert said["version"]["language"] == "en-GB"
    assert "2 Items" in bench.documents("show", "MIN-1").out


def test_where_a_text_is_from_is_said_and_is_part_of_no_digest(bench: Bench) -> None:
    """Without it provenance would be kept where nobody sees it, or a page that moved would change what is approved."""
    name, uri = bench.write("law.txt", LAW), "https://example.vn/luat?id=1"
    plain = bench.documents("add", name, "--document-id", "LAW-0", "--version", "1", "--output", "json").document
    said = bench.documents("add", name, "--document-id", "LAW-1", "--version", "1", "--source-uri", uri)
    again = bench.documents("add", name, "--document-id", "LAW-1", "--output", "json").document
    listed = bench.documents("list", "--output", "json").document["documents"]
    shown = bench.documents("show", "LAW-1", "--output", "json").document
    exported = [bench.documents("export", f"LAW-{n}", "--format", "jsonl").out for n in (0, 1)]

    assert f"from     {uri}" in said.out.splitlines()
    assert f"from     {uri}" in bench.documents("show", "LAW-1").out.splitlines()
    assert "from     " not in bench.documents("show", "LAW-0").out
    assert [d["versions"][0]["source_uri"] for d in listed if d["document_id"].startswith("LAW-")] == ["", uri]
    stated = {"document_id": "LAW-1", "title": "LAW-1", "source_uri": uri}
    assert again["version"] == shown["version"] == plain["version"] | stated
    assert exported[0].replace("LAW-0", "LAW-1") == exported[1]


def test_a_version_is_shown_by_its_name(bench: Bench) -> None:
    """Without it an earlier version could not be looked at once a newer one is registered."""
    bench.documents("add", bench.write("a.txt", LAW), "--document-id", "LAW-1", "--version", "1")
    bench.documents("add", bench.write("b.txt", LAW + "Điều 3. Ba\n"), "--document-id", "LAW-1", "--version", "2")
    first = bench.documents("show", "LAW-1", "--version", "1", "--output", "json").document
    newest = bench.documents("show", "LAW-1", "--output", "json").document
    missing = bench.documents("show", "LAW-1", "--version", "3")

    assert (first["counts"]["ART"], newest["counts"]["ART"]) == (2, 3)
    assert missing.status == 2
    assert "2|1" in missing.out
    assert "LAW-1 ART-01 --version 1" in bench.documents("show", "LAW-1", "--version", "1").out


def test_a_version_is_named_as_screens_write_it(bench: Bench) -> None:
    """Without it `LAW-1@1`, copied from the screen of a comparison, would be an unknown document everywhere else."""
    bench.documents("add", bench.write("a.txt", LAW), "--document-id", "LAW-1", "--version", "1")
    bench.documents("add", bench.write("b.txt", LAW + "Điều 3. Ba\n"), "--document-id", "LAW-1", "--version", "2")

    assert bench.documents("show", "LAW-1@1", "--output", "json").document["counts"]["ART"] == 2
    assert "ART-01/CL-1 --version 1" in bench.documents("show", "LAW-1@1", "khoản 1 Điều 1").out
    assert bench.documents("cite", "LAW-1@1", "Điều 3").status == 2
    assert bench.documents("verify-quote", "LAW-1@2", "Ba", "--cite", "Điều 3").status == 0
    assert "Điều 3" not in bench.documents("export", "LAW-1@1", "--format", "jsonl").out
    both = bench.documents("show", "LAW-1@1", "--version", "2")
    assert (both.status, "two_versions" in both.out) == (2, True)


def test_a_mistyped_profile_is_answered_with_the_nearest(bench: Bench) -> None:
    """Without it every profile that there is would be called near, and the one meant be lost among them."""
    bench.write("a.txt", LAW)
    for words in (("cut", "a.txt", "--profile", "en.rule"), ("profiles", "en.rule")):
        assert bench.documents(*words, "--output", "json").document["suggestions"][0] == "en.rules"
        assert "rfc" not in bench.documents(*words, "--output", "json").document["suggestions"]


def test_all_doubts_are_shown_when_asked(bench: Bench) -> None:
    """Without it a long document would hide the doubts behind the first twenty."""
    text = "Điều 1. Một\n" + "Điều 9. Chín\n" * 30
    bench.documents("add", bench.write("a.txt", text), "--document-id", "LAW-1")
    few = bench.documents("show", "LAW-1").out
    all_ = bench.documents("show", "LAW-1", "--doubts").out

    assert "and " in few
    assert "documents show LAW-1 --doubts" in few
    assert "\nART-01" in few
    assert "\nART-01" not in all_
    assert all_.count("ART-09") > few.count("ART-09")


def test_diff_counts_and_shows_changes(bench: Bench) -> None:
    """Without it nobody could see what a new version changes, by the addresses that people cite."""
    bench.documents("add", bench.write("a.txt", LAW), "--document-id", "LAW-1", "--version", "1")
    changed = LAW.replace("Hai:", "Hai điều:").replace("b) y.", "b) y;\nc) z.")
    bench.documents("add", bench.write("b.txt", changed), "--document-id", "LAW-1", "--version", "2")
    said = bench.documents("diff", "LAW-1@1", "LAW-1@2")
    report = bench.documents("diff", "LAW-1@1", "b.txt", "--output", "json")
    same = bench.documents("diff", "LAW-1@2", "b.txt")

    assert (said.status, said.first) == (22, "DIFFERENT")
    assert "1 added · 0 removed · 2 changed · 0 renumbered" in said.out
    assert "- 2. Hai:" in said.out
    assert "+ 2. Hai điều:" in said.out
    assert said.out.index("Units") < said.out.index("changed     ")
    assert (report.status, report.document["exit_code"]) == (22, 22)
    assert [each["kind"] for each in report.document["changes"]] == ["changed", "changed", "added"]
    assert "Hai" not in report.out
    assert (same.status, same.first) == (0, "EQUAL")


def test_a_file_is_compared_by_the_profile_of_the_registered_side(bench: Bench) -> None:
    """Without it a draft of a few lines, which shows no profile, could not be compared with the law it changes."""
    bench.documents("add", bench.write("a.txt", LAW), "--document-id", "LAW-1")
    draft = bench.write("draft.txt", "Điều 2. Hiệu lực\n1. Ngay;\n2. Sau.\n")

    assert bench.documents("diff", "LAW-1", draft).status == 22
    assert bench.documents("diff", draft, "LAW-1").status == 22


def test_an_export_is_a_new_file(bench: Bench) -> None:
    """Without it an export could be written over a file that somebody needs, or be left half written."""
    words = ("export", "ICX-RULES", "--format", "akn", "--to", "rules.xml")
    said = bench.documents(*words)
    before = (bench.folder / "rules.xml").read_bytes()
    again = bench.documents(*words)
    nowhere = bench.documents("export", "ICX-RULES", "--format", "csv", "--to", "no/such.csv")

    assert (said.status, said.first) == (0, "DONE")
    assert ElementTree.fromstring(before).tag.endswith("akomaNtoso")
    assert (again.status, "file_exists" in again.out) == (2, True)
    assert (nowhere.status, "no_such_folder" in nowhere.out) == (20, True)
    assert (bench.folder / "rules.xml").read_bytes() == before
    assert not list(bench.folder.glob(".*.tmp"))


def test_an_export_goes_to_stdout(bench: Bench) -> None:
    """Without it exports could not be piped into other programs."""
    lines = bench.documents("export", "ICX-RULES", "--format", "jsonl").out.splitlines()
    refused = bench.documents("export", "ICX-RULES", "--format", "jsonl", "--to", "-", "--output", "json")
    to_file = bench.documents("export", "ICX-RULES", "--format", "jsonl", "--to", "x.jsonl", "--output", "json")

    assert {json.loads(line)["format"] for line in lines} == {"cutter.unit/1"}
    assert (refused.status, refused.document["detail"]) == (2, "output")
    assert to_file.document["units"] == len(lines)


def test_short_eids(bench: Bench) -> None:
    """Without it users whose article eIds have no chapter would have to rename every unit."""
    plain = bench.documents("export", "ICX-RULES", "--format", "jsonl").out
    short = bench.documents("export", "ICX-RULES", "--format", "jsonl", "--short-eids").out

    assert '"eid":"art_1"' in short
    assert '"eid":"art_1"' not in plain


def test_profiles_are_listed_and_shown(bench: Bench) -> None:
    """Without it nobody could see which kinds of documents there are, or whether an own profile is read."""
    (bench.folder / "profiles").mkdir()
    bench.write("profiles/own.minutes.yaml", OWN)
    listed = bench.documents("profiles", "--output", "json").document["profiles"]
    shown = bench.documents("profiles", "own.minutes")

    assert {each["id"] for each in listed if each["own"]} == {"own.minutes"}
    assert {"vi.law", "eu.regulation", "rfc"} <= {each["id"] for each in listed}
    assert (shown.status, shown.first) == (0, "PROFILE")
    assert "of this workspace" in shown.out
    assert "MINUTES OF " in shown.out
    assert "Item N." in shown.out
    assert "own.minutes" in bench.documents("cut", bench.write("m.txt", MINUTES)).out


REFUSED = {
    "an unknown id": (("show", "ICX-RULE"), 20, "ICX-RULES"),
    "an unknown id to export": (("export", "ICX-RULE", "--format", "md"), 20, "ICX-RULES"),
    "an unknown id to compare": (("diff", "ICX-RULES", "ICX-RULE"), 20, "ICX-RULES"),
    "a missing file": (("cut", "missing.txt"), 20, "STOP_SOURCE_MISSING"),
    "a missing file to compare": (("diff", "ICX-RULES", "missing.txt"), 20, "STOP_SOURCE_MISSING"),
    "a folder": (("cut", "documents"), 78, "STOP_PATH_UNSAFE"),
    "a program": (("cut", "program.txt"), 20, "STOP_FILE_UNSUPPORTED"),
    "nothing": (("cut", "empty.txt"), 20, "STOP_TEXT_EMPTY"),
    "UTF-16": (("cut", "wide.txt"), 20, "STOP_TEXT_NOT_UTF8"),
    "no structure": (("cut", "prose.txt"), 20, "nothing_recognised"),
    "a stamp": (("cut", "secret.txt"), 20, "STOP_DOCUMENT_STAMPED"),
    "an unknown profile": (("cut", "law.txt", "--profile", "vi.lax"), 20, "vi.law"),
    "an id that is none": (("cut", "law.txt", "--document-id", "a b"), 2, "document_id"),
    "a line beyond the end": (("cut", "law.txt", "--explain", "99"), 2, "1..8"),
    "a format that is none": (("cut", "law.txt", "--format", "yaml"), 2, "--format"),
    "an unknown profile to show": (("profiles", "vi.lax"), 20, "no_such_profile"),
    "a source outside": (("add", "law.txt", "--document-id", "A-1", "--source-uri", "file:/law"), 2, "source_uri"),
    "a wrong id to register": (("add", "law.txt", "--document-id", "a b"), 2, "document_id"),
}


@pytest.mark.parametrize("form", ["human", "json"])
@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(bench: Bench, name: str, form: str) -> None:
    """Without it a mistake would end in a traceback, or with a status that says that all is well."""
    files: dict[str, str | bytes] = {
        "law.txt": LAW,
        "program.txt": b"\x7fELF\x02\x01\x00\x00",
        "empty.txt": "",
        "prose.txt": "Xin chào.\n",
    }
    for file, data in {**files, "wide.txt": LAW.encode("utf-16"), "secret.txt": f"MẬT\n{LAW}"}.items():
        bench.write(file, data)
    words, status, says = REFUSED[name]
    said = bench.documents(*words, "--output", form)

    assert said.status == status
    assert says in said.out
    assert form == "human" or said.document["exit_code"] == status
    assert form == "json" or said.first in ("REFUSED", "STOPPED")
