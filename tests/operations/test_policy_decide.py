"""`policy.decide@1`: allowed, escalated or denied, the same in both modes; of a denied trigger the reason is kept."""

from collections.abc import Callable

import pytest

from cutter.app.system import RandomIds
from cutter.events import GateWaiting, Planned, Record, Skipped, Started, Stopped, Verified
from cutter.model import Mode
from cutter.run import Lifecycle, fold
from tests.support.notify import ADDRESS, MESSAGE, NOTIFICATION, PATIENT, Clinic, trigger_of
from tests.support.notify_edits import OF_MESSAGES, Move
from tests.support.runs import completed, outcome_of, stop_of

MODES = [Mode.DRYRUN, Mode.LIVE]
NOTHING = (0, 0, 0)
Edit = Callable[[Clinic], None]


def as_it_is(_clinic: Clinic) -> None:
    """Nothing is edited."""


def edited(file: str, before: str, after: str) -> Edit:
    """One file says something else."""
    return lambda clinic: clinic.edit(file, before, after)


READY, VIEW = "rules/result-ready.yaml", "views/recent.yaml"
DENIED: dict[str, tuple[Edit, bytes, str]] = {
    "a rule says so": (as_it_is, trigger_of(consent=False), "NO_CONSENT"),
    "a view's answer says so": (edited(VIEW, "count(*) < 5", "count(*) < 0"), trigger_of(), "TOO_MANY_MESSAGES"),
    "no rule matches": (edited(READY, "language: en, severity: {at_most: 6}", "language: en, severity: 5"),
                        trigger_of(), "NO_MATCH"),
    "an unknown type": (as_it_is, trigger_of().replace(b"lab.result_ready", b"lab.result_lost"), "UNKNOWN_TRIGGER"),
    "an unknown field": (as_it_is, trigger_of(name="canary"), "UNKNOWN_FIELD"),
    "an unknown key": (as_it_is, trigger_of().replace(b'"format"', b'"canary": 1, "format"'), "UNKNOWN_FIELD"),
    "text where a number is due": (as_it_is, trigger_of(severity="2"), "WRONG_TYPE"),
    "true where a number is due": (as_it_is, trigger_of(severity=True), "WRONG_TYPE"),
    "a number where a boolean is due": (as_it_is, trigger_of(consent=1), "WRONG_TYPE"),
    "wrong check digits": (as_it_is, trigger_of(patient=f"{PATIENT[:-2]}00"), "REFERENCE_INVALID"),
    "another issuer": (as_it_is, trigger_of(patient=trigger_of().decode().split('"id": "')[1][:15]),
                       "REFERENCE_INVALID"),
    "not in the directory": (lambda clinic: clinic.forget(PATIENT), trigger_of(), "REFERENCE_UNKNOWN"),
    "no JSON": (as_it_is, b"{", "MALFORMED_TRIGGER"),
    "a key twice": (as_it_is, trigger_of().replace(b'"consent": true', b'"consent": false, "consent": true'),
                    "MALFORMED_TRIGGER"),
    "a policy before its time": (as_it_is, trigger_of(as_of="2025-12-31T23:59:59Z"), "NOT_EFFECTIVE"),
    "a policy after its time": (edited(READY, "until: \"2030-01-01T00:00:00Z\"", "until: \"2026-06-01T08:00:00Z\""),
                                trigger_of(), "NOT_EFFECTIVE"),
    "a policy withdrawn": (edited(READY, "status: active", "status: withdrawn"), trigger_of(), "WITHDRAWN"),
    "a policy not selected": (edited("selection.yaml", '  result-ready: "1.0"\n', ""), trigger_of(), "NO_POLICY"),
    "a template not selected": (edited("selection.yaml", '  result-ready-en: "1.0"\n', ""), trigger_of(),
                                "NOT_SELECTED"),
    "a template withdrawn": (edited("templates/result-ready-en.yaml", "status: active", "status: withdrawn"),
                             trigger_of(), "WITHDRAWN"),
    "a view not selected": (edited("selection.yaml", 'views:\n  recent: "1.0"', "views: {}"), trigger_of(),
                            "NOT_SELECTED"),
    "a view withdrawn": (edited(VIEW, "status: active", "status: withdrawn"), trigger_of(), "WITHDRAWN"),
    "a view that fails": (edited(VIEW, "count(*) < 5", "count(*) / (count(*) * 0) < 5"), trigger_of(), "VIEW_FAILED"),
    "a view with another column": (edited(VIEW, "AS under_limit", "AS over_limit"), trigger_of(), "VIEW_FAILED"),
    "a view of another type": (edited(VIEW, "count(*) < 5 AS", "count(*) AS"), trigger_of(), "VIEW_FAILED"),
    "a view of two rows": (edited(VIEW, "interval '24 hours'", "interval '24 hours' UNION ALL SELECT true"),
                           trigger_of(), "VIEW_FAILED"),
    "a time that is yet to come": (as_it_is, trigger_of(as_of="2029-06-01T08:00:00Z"), "AS_OF_IN_FUTURE"),
}  # fmt: skip


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", DENIED)
def test_a_trigger_is_denied_with_its_reason(clinic: Clinic, name: str, mode: Mode) -> None:
    """Without it something that no policy allows could be done, or nobody could say why it was not."""
    edit, data, reason = DENIED[name]
    edit(clinic)
    records = clinic.take(mode, data)

    stop = stop_of(records)
    assert (stop.code, stop.exit, stop.detail) == ("STOP_POLICY_DENIED", 20, reason)
    assert fold(records).lifecycle is Lifecycle.TERMINATED
    assert clinic.effects == NOTHING
    assert clinic.server.steps == []
    assert len(clinic.office.rows("SELECT 1 FROM cutter_governance.run")) == (mode is Mode.LIVE)


COLUMN, COUNTED = "recent.under_limit", "count(*) < 5 AS under_limit"
PLACED: dict[str, tuple[Edit, bytes, tuple[str, str]]] = {
    "a view that fails": (edited(VIEW, "count(*) < 5", "count(*) / (count(*) * 0) < 5"), trigger_of(),
                          ("recent", "22012")),
    "a view of a table that is none": (edited(VIEW, "comm.message", "comm.letter"), trigger_of(),
                                       ("recent", "42P01")),
    "a view of no row": (edited(VIEW, COUNTED, "true AS under_limit"), trigger_of(),
                         ("recent", "no_row")),
    "a view of two rows": (DENIED["a view of two rows"][0], trigger_of(), ("recent", "many_rows")),
    "a view that answers nothing": (edited(VIEW, COUNTED, "NULL::boolean AS under_limit, count(*) AS under_limits"),
                                    trigger_of(), (COLUMN, "null")),
    "a view of another type": (edited(VIEW, "count(*) < 5 AS", "count(*) AS"), trigger_of(),
                               (COLUMN, "other_type")),
    "a view with another column": (edited(VIEW, "AS under_limit", "AS over_limit"), trigger_of(),
                                   (COLUMN, "no_column")),
    "a view with a column more": (edited(VIEW, COUNTED, f"1 AS more, {COUNTED}"), trigger_of(),
                                  ("recent", "unknown_column")),
    "not in the directory": (lambda clinic: clinic.forget(PATIENT), trigger_of(), ("fields.patient", "")),
    "wrong check digits": (as_it_is, trigger_of(patient=f"{PATIENT[:-2]}00"), ("fields.patient", "")),
    "an unknown field": (as_it_is, trigger_of(name="canary"), ("fields", "")),
    "a key twice": (as_it_is, DENIED["a key twice"][1], ("", "duplicate_key")),
    "a rule": (as_it_is, trigger_of(consent=False), ("no-consent", "")),
}  # fmt: skip


@pytest.mark.parametrize("name", PLACED)
def test_a_denial_names_what_it_is_about(clinic: Clinic, name: str) -> None:
    """Without it a view that lost its table, and a field that was mistyped, would look like any other denial."""
    edit, data, told = PLACED[name]
    edit(clinic)

    stop = stop_of(clinic.take(Mode.LIVE, data))
    assert (stop.where, stop.found) == told


def test_what_looks_like_a_person_is_refused_and_not_kept(clinic: Clinic) -> None:
    """Without it an address in place of a reference would stand in the ledger for ever."""
    records = clinic.take(Mode.LIVE, trigger_of(id=ADDRESS))

    stop = stop_of(records)
    assert (stop.code, stop.exit, stop.detail) == ("STOP_PHI_SUSPECTED", 20, "")
    kept = clinic.office.rows(
        "SELECT convert_from(body, 'UTF8') FROM kb.document UNION ALL"
        " SELECT convert_from(body, 'UTF8') FROM cutter_governance.ledger_event UNION ALL"
        " SELECT r::text FROM cutter_governance.run AS r"
    )
    assert len(kept) > 3
    assert not [text for (text,) in kept if "canary" in text or "example.org" in text]


ESCALATED: dict[str, tuple[Edit, bytes, str, tuple[str, ...]]] = {
    "a rule says so": (as_it_is, trigger_of(severity=8), "SEVERE_RESULT", ("proceed", "refuse")),
    "a field is missing": (as_it_is, trigger_of(severity=None), "MISSING_FIELD", ("proceed", "refuse")),
    "a field outside its domain": (as_it_is, trigger_of(severity=11), "OUTSIDE_DOMAIN", ("proceed", "refuse")),
    "a slot's field is missing": (as_it_is, trigger_of(ward=None), "MISSING_FIELD", ("refuse",)),
    "which of two is to be sent is not known": (as_it_is, trigger_of(language=None), "MISSING_FIELD", ("refuse",)),
    "two rules allow different things": (
        edited(READY, "when: {consent: true, language: vi, severity: {at_most: 6}",
               "when: {consent: true, severity: {at_most: 6}"),
        trigger_of(), "CONFLICT", ("refuse",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ESCALATED)
def test_people_are_asked_where_it_is_uncertain(clinic: Clinic, name: str) -> None:
    """Without it a boundary that nobody drew would be decided by a machine."""
    edit, data, reason, options = ESCALATED[name]
    edit(clinic)
    rehearsed = clinic.take(Mode.DRYRUN, data)
    records = clinic.take(Mode.LIVE, data)

    assert completed(rehearsed)
    waiting = records[-1].event
    assert isinstance(waiting, GateWaiting)
    assert waiting.gate == "GATE_POLICY_DECISION"
    for outcome in (outcome_of(rehearsed, "decide"), outcome_of(records, "decide")):
        assert (outcome["escalated"], tuple(outcome["options"])) == (True, options)
        assert outcome["record"]["reason"] == reason
        assert outcome["row_count"] == (1 if "proceed" in options else 0)
    assert clinic.effects == NOTHING


def test_a_pace_that_is_used_up_asks_people(clinic: Clinic) -> None:
    """Without it a laboratory gone wild could let a policy send without end."""
    clinic.edit(READY, "at_most: 20", "at_most: 1")
    assert completed(clinic.complete(trigger_of()))

    records = clinic.take(Mode.LIVE, trigger_of(payload="B5K8R2ME"))

    outcome = outcome_of(records, "decide")
    assert (outcome["escalated"], outcome["record"]["reason"]) == (True, "PACE_EXCEEDED")


def test_what_was_escalated_without_an_action_cannot_be_let_through(clinic: Clinic) -> None:
    """Without it a yes to a question that has no action would send something that nobody chose."""
    stop = stop_of(clinic.complete(trigger_of(language=None)))

    assert (stop.code, stop.detail, stop.exit) == ("STOP_DECISION_REFUSED", "no_option", 11)
    assert clinic.effects == NOTHING


SKIPPED = {
    "a message": (trigger_of(), {"ask_people", "create"}),
    "a notification": (trigger_of(NOTIFICATION), {"ask_people", "send"}),
    "an escalated message": (trigger_of(severity=8), {"create"}),
    "an escalated notification": (trigger_of(NOTIFICATION, urgency=1), {"send"}),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_a_rehearsal_plans_what_a_live_run_does(clinic: Clinic, name: str) -> None:
    """Without it people would sign another plan than the one that was rehearsed."""
    data, skipped = SKIPPED[name]
    rehearsed, lived = clinic.take(Mode.DRYRUN, data), clinic.complete(data)

    for records in (rehearsed, lived):
        assert completed(records), records[-1].event
        assert {r.phase for r in records if isinstance(r.event, Skipped)} == skipped
        acted = {r.phase for r in records if isinstance(r.event, Started) and r.event.operation} - skipped
        assert {r.phase for r in records if isinstance(r.event, Verified)} == acted
    plans = [[r.event.plan_sha256 for r in records if isinstance(r.event, Planned)] for records in (rehearsed, lived)]
    assert plans[0] == plans[1]
    assert len(plans[0]) == 1


def test_a_decision_has_the_same_bytes_whoever_asks(clinic: Clinic) -> None:
    """Without it the same trigger could be decided otherwise by another host, mode or hour."""
    found = {
        outcome_of(clinic.take(mode, trigger_of(), RandomIds().run_id()), "decide")["decision_sha256"]
        for mode in (Mode.DRYRUN, Mode.LIVE, Mode.DRYRUN)
    }
    assert len(found) == 1


def test_a_decision_that_moves_within_its_phase_is_not_proved(clinic: Clinic) -> None:
    """Without it a plan could hold a decision that no longer stands when people are asked."""

    def edit(record: Record) -> None:
        if record.phase == "decide" and type(record.event).__name__ == "Published":
            clinic.edit("rules/critical-result.yaml", "en: A team", "en: The team")

    stop = stop_of(clinic.take(Mode.LIVE, trigger_of(), notify=edit))

    assert (stop.code, stop.detail) == ("STOP_VERIFY_FAILED", "decision_moved")
    assert clinic.effects == NOTHING


# What moved while people decided, and what of it is told.
TOLD = {
    "the policy's words": ("policy/result-ready@1.0",),
    "another version is selected": ("policy/result-ready@1.0",),
    "the template's text": ("template/result-ready-en@1.0",),
    "a policy of something else": ("selection",),
    "the types of triggers": ("selection",),
    "the pace": ("pace",),
    "what a view answers": ("answer/recent.under_limit",),
    "how a view asks": ("view/recent@1.0",),
}
MOVES = {
    **OF_MESSAGES,
    "how a view asks": Move(lambda clinic: clinic.edit("views/recent.yaml", "count(*) < 5", "count(*) < 6"), ""),
    "what a view answers": Move(lambda clinic: clinic.plant_messages(5), ""),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_moved_while_people_decided_is_named(clinic: Clinic, name: str) -> None:
    """Without it people would have to compare digests to find out which file stands in the way."""
    data, run_id = trigger_of(severity=2 if name == "the pace" else 8), RandomIds().run_id()
    clinic.edit("rules/result-ready.yaml", "{recent.under_limit: false}", "{recent.under_limit: false, severity: 10}")
    clinic.edit("rules/result-ready.yaml", "{at_least: 7}, recent.under_limit: true", "{at_least: 7}")
    clinic.approved(data, run_id)
    MOVES[name].do(clinic)

    stop = stop_of(clinic.take(Mode.LIVE, data, run_id))

    assert (stop.code, stop.suggestions) == ("STOP_PLAN_CHANGED", TOLD[name])


@pytest.mark.parametrize("kind", [MESSAGE, NOTIFICATION])
def test_people_who_say_no_end_the_run(clinic: Clinic, kind: str) -> None:
    """Without it a no would be asked again until somebody is tired of it."""
    data, run_id = trigger_of(kind), RandomIds().run_id()
    clinic.office.approve(clinic.take(Mode.LIVE, data, run_id), "rejection")

    records = clinic.take(Mode.LIVE, data, run_id)

    assert isinstance(records[-1].event, Stopped)
    assert (stop_of(records).code, stop_of(records).exit) == ("STOP_DECISION_REFUSED", 11)
    assert fold(records).lifecycle is Lifecycle.TERMINATED
    assert clinic.effects == NOTHING
