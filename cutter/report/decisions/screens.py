"""The screens of `cutter decisions list` and `show` and of `cutter decide`.

Rules kept here: a state stands first, `Next` last; options are told with what they mean; a lapsed question is told as
lapsed, never with the words of an answer.

Source: command-line.md §1 row 1, §2; policies.md §3.12.
"""

from collections.abc import Iterator

from cutter.messages import _
from cutter.policies.rendering import Rendered
from cutter.report.asked import letter_rows
from cutter.report.decisions.results import (
    OPEN,
    DecisionAnswered,
    DecisionList,
    DecisionShown,
    GivenAnswer,
    Question,
    QuestionState,
    ReplayTold,
)
from cutter.report.decisions.words import (
    asked_phrase,
    decided_rows,
    option_words,
    state_phrase,
    state_word,
    verdict_word,
)
from cutter.report.effects import look_for
from cutter.report.lines import block, digest_phrase, head, moment, named_lines, next_lines, quorum_phrase, run_part
from cutter.report.next_steps import SHORT_ID
from cutter.report.paragraphs import Line
from cutter.report.policies.words import named, rule_name
from cutter.report.visible import visible

_INDENT = 2


def listed_rows(found: DecisionList) -> list[tuple[str, ...]]:
    """One question a line: run, state, trigger type, reason, uncertain fields, rule, options, until when."""
    return [
        (
            question.run_id[:SHORT_ID],
            question.state.value,
            question.trigger_type,
            question.reason,
            ",".join(question.uncertain) or "-",
            _rule(question) or "-",
            "|".join(question.options) or "-",
            question.decide_by or "-",
        )
        for question in found.decisions
    ]


def list_columns() -> tuple[str, ...]:
    """The names of the columns of `listed_rows`."""
    return (
        _("RUN"),
        _("STATE"),
        _("TRIGGER"),
        _("REASON"),
        _("UNCERTAIN"),
        _("RULE"),
        _("OPTIONS"),
        _("DECIDE BY"),
    )


def shown_lines(shown: DecisionShown) -> Iterator[str]:
    """One decision: how it stands, what it rests on, who answered, and whether it can be reached again."""
    last = shown.questions[-1] if shown.questions else None
    state = state_word(last.state) if last is not None else verdict_word(shown.decision.verdict).upper()
    yield head(state, (shown.decision.reason, run_part(shown.run_id)))
    for name, told in decided_rows(shown.decision):
        yield block(name, visible(told), _INDENT)
    for question in shown.questions:
        yield from _question_lines(question)
    for place, answer in enumerate(shown.answers):
        yield block("" if place else _("Answers"), _answer(answer), _INDENT)
    for place, read in enumerate(shown.decision.reads):
        told = f"{read.kind} {named(read.id, read.version)}" if read.version else read.kind
        yield block("" if place else _("Read"), f"{visible(told)} · {digest_phrase(read.sha256)}", _INDENT)
    yield block(_("Replay"), replay_phrase(shown.replay), _INDENT)
    yield str(block(_("Digest"), f"sha256:{shown.sha256}", _INDENT))
    yield from next_lines(shown.next)


def answered_lines(done: DecisionAnswered, letter: Rendered | None, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    """That an option was signed; before it what was decided, since in a demo nobody is asked on the way.

    Args:
        done: the answer.
        letter: the text that a yes leads to.
        rows: what was decided.
    """
    person, option = visible(done.person_id), done.option
    told = _("answered {option} at {gate} as {person}", option=option, gate=done.question.gate, person=person)
    yield head(_("DONE"), (told, run_part(done.question.run_id)))
    for name, text in rows:
        yield block(name, visible(text), _INDENT)
    for name, text in letter_rows(letter):
        yield block(name, text, _INDENT)
    yield Line(f"  {option_words(option)}", _INDENT)
    yes = done.answer == "yes"
    reason = visible(done.reason_path)
    yield from named_lines(
        (
            (_("missing"), (quorum_phrase(done.missing) or _("nothing: the run can go on")) if yes else ""),
            (_("reason"), _("{path} (only its digest was signed)", path=reason) if reason else ""),
        )
    )
    yield from next_lines(done.next)


def _question_lines(question: Question) -> Iterator[Line]:
    yield block(_("Asked"), f"{question.gate}: {asked_phrase(question.asked)}", _INDENT)
    yield block("", state_phrase(question.state), _INDENT)
    if question.state is not QuestionState.LAPSED and question.stop_code:
        yield block("", visible(question.stop_code), _INDENT)
    if question.message_id:
        yield block(_("Look for"), visible(look_for(question.message_id)), _INDENT)
    if question.decide_by:
        yield block(_("Until"), _("{moment}; silence means no", moment=moment(question.decide_by)), _INDENT)
    if question.state in OPEN:
        for place, option in enumerate(question.options):
            told = f"{option}: {option_words(option)}"
            yield block("" if place else _("Options"), told, _INDENT)


def _answer(answer: GivenAnswer) -> str:
    said = _("yes") if answer.answer == "yes" else _("no")
    return _("{person}: {answer}, {moment}", person=visible(answer.person_id), answer=said, moment=moment(answer.at))


def replay_phrase(told: ReplayTold) -> str:
    """Whether deciding once more gives the same bytes."""
    words = {
        "match": _("match: deciding once more gives the same bytes"),
        "differs": _("differs: deciding once more gives another decision"),
        "not_replayable": "; ".join(_not_replayable(told)),
    }
    return visible(words.get(told.outcome, told.outcome))


def _not_replayable(told: ReplayTold) -> Iterator[str]:
    yield _("not replayable")
    if told.changed:
        yield _("changed since: {names}", names=", ".join(told.changed))
    if told.missing:
        yield _("missing: {names}", names=", ".join(told.missing))


def _rule(question: Question) -> str:
    return rule_name(named(question.policy, question.policy_version) if question.policy else "", question.rule)
