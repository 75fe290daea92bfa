"""A run as JUnit XML: a test case a phase, so that Jenkins, GitLab and others show it beside a build's tests.

Rules kept here: well-formed whatever the run was about; a phase that was not done for good (would wait, would stop, not
reached) is skipped, never passed; a run that did not end well has at least one failure; words of states and codes are
never translated. No two runs of the same thing differ but in times and ids.

Source: issue 6, part 7; XML 1.0 §2.2 (characters), §2.4 (character data); Jenkins, `junit-10.xsd`.
"""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from cutter.report.human import result_lines
from cutter.report.lines import why_lines
from cutter.report.phase_lines import NOT_REACHED
from cutter.report.phase_table import would_stop_words
from cutter.report.result import PhaseLine, Result
from cutter.report.visible import visible
from cutter.stops import Exit

_SKIPPED = frozenset({"would_wait", "would_stop", "waiting", NOT_REACHED})
_FAILED = frozenset({"stopped", "unfinished"})
_NO_FAILURE = frozenset({Exit.DONE, Exit.WAITING})
_FORBIDDEN = re.compile("[\ufffe\uffff\ud800-\udfff]")  # by XML; controls are visible escapes before
_RUN = "run"  # the test case of a run that ended badly in none of its phases


def junit_xml(result: Result) -> str:
    """The file."""
    cases = [_case(result, phase) for phase in result.phases]
    failed = any(phase.status in _FAILED for phase in result.phases)
    if result.exit_code not in _NO_FAILURE and not failed:
        cases.append(_element("testcase", _named(result, _RUN), _failure(result)))
    failures = sum("<failure " in case for case in cases)
    errors = sum("<error " in case for case in cases)
    skipped = sum("<skipped " in case for case in cases)
    totals = {"tests": str(len(cases)), "failures": str(failures), "errors": str(errors)}
    time = {"time": f"{result.duration_ms / 1000:.3f}"}
    subject = " ".join(part for part in (result.pipeline, result.subject or result.document_id) if part)
    suite = {"name": subject or "cutter", **totals, "skipped": str(skipped), **time}
    screen = _element("system-out", {}, _text("\n".join(str(line) for line in result_lines(result))))
    inside = _element("testsuite", suite, "\n".join(("", _properties(result), *cases, screen, "")))
    whole = _element("testsuites", {"name": "cutter", **totals, **time}, f"\n{inside}\n")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{whole}\n'


def _properties(result: Result) -> str:
    facts = {
        "run_id": result.run_id,
        "mode": result.mode.value,
        "status": result.status.value,
        "stop_code": result.stop_code or "",
        "exit_code": str(result.exit_code),
        "plan_digest": result.plan_digest or "",
        "effect": result.effect.value,
    }
    told = (_element("property", {"name": name, "value": value}) for name, value in facts.items())
    return _element("properties", {}, "\n".join(("", *told, "")))


def _case(result: Result, phase: PhaseLine) -> str:
    named = _named(result, f"{phase.index:02} {phase.phase}")
    if phase.status in _FAILED:
        return _element("testcase", named, _failure(result))
    if phase.status in _SKIPPED:
        return _element("testcase", named, _element("skipped", {"message": " ".join(_reasons(result, phase))}))
    return _element("testcase", named)


def _reasons(result: Result, phase: PhaseLine) -> Iterator[str]:
    yield phase.status
    yield from (would_stop_words(note) for note in result.would_stop if note.phase == phase.phase)
    if phase.gate:
        yield phase.gate


def _named(result: Result, name: str) -> Mapping[str, str]:
    return {"classname": f"cutter.{result.pipeline}" if result.pipeline else "cutter", "name": name}


def _failure(result: Result) -> str:
    """A fault of ours is an error, all else a failure."""
    kind = "error" if result.exit_code == Exit.INTERNAL else "failure"
    code = result.stop_code or result.status.value
    message = f"{code}: {result.detail}" if result.detail else code
    why = _text("\n".join(str(line).strip() for line in why_lines(result))) if result.stop_code else ""
    return _element(kind, {"type": code, "message": message}, why)


def _element(name: str, attributes: Mapping[str, str], inside: str = "") -> str:
    """An element; `inside` is XML already."""
    told = "".join(f" {key}={quoteattr(_characters(value))}" for key, value in attributes.items())
    return f"<{name}{told}>{inside}</{name}>" if inside else f"<{name}{told}/>"


def _text(text: str) -> str:
    return escape("\n".join(_characters(line) for line in text.splitlines()))


def _characters(text: str) -> str:
    """Only characters that XML can hold."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(text, compose=False))
