"""The rules of issue 7 as rows: what is kept, the tests that find out, and the mutant that they kill.

Rules kept here: a row is one statement of a rule; its mutant takes out just that, and can be planted at one place only;
its tests are the fewest that see it.
"""

from dataclasses import dataclass

from tools.mutation import Change


@dataclass(frozen=True, slots=True)
class Row:
    """One statement of a rule; where it is kept is where its mutant is planted."""

    rule: int
    kept: str
    tests: tuple[str, ...]
    mutant: Change


RULES = {
    1: (
        "No execution without an explicit policy",
        "Every attempt starts from a recognised trigger and is evaluated before anything else, and again in the\n"
        "transaction that consumes the approval (the decision's digest must be the same). Unknown trigger, no match,\n"
        "unknown field, any evaluation error → denied (`STOP_POLICY_DENIED`, 20), and recorded.",
    ),
    2: (
        "Deterministic and order-free",
        "Strongest wins (deny > escalate > allow); the same trigger, `as_of`, selected policy and view versions → the\n"
        "same bytes. No «latest»: a version not selected, unknown or withdrawn → denied. Views return closed columns\n"
        "only, and the decision records all that it read, else it is «not replayable», never «match».",
    ),
    3: (
        "Lifecycle",
        "Spawn → run → pause → terminate; each transition an event; impossible ones refused by `RunState`.",
    ),
    4: (
        "Escalation is a signal, not an execution",
        "Policy says so, or the boundary is uncertain (a field missing that a rule needs, a conflict, a value outside\n"
        "its domain). A `cutter.decision/1` document, a paused run, exit 10; a person answers with `cutter decide ID\n"
        "--option …`; silence and expiry mean no, with a state of its own.",
    ),
    5: (
        "Only two writes",
        "`comm.send_message@1` and `comm.create_notification@1` (`@v1` is accepted as a spelling of `@1` in policy\n"
        "files), each under an approval and an idempotency key. Anything else in a policy-triggered pipeline is a lint\n"
        "error, refused again at run time, and refused a third time by the database: these runs use a role that can\n"
        "insert only control-plane rows and notifications.",
    ),
    6: (
        "No PHI/PII",
        "In storage, logs, audit, keys, correlation ids, signals or records: closed schemas of enums, bounded numbers,\n"
        "times and issued references (issuer prefix, check characters, must exist in the directory); text only from\n"
        "versioned templates with typed slots; recipients resolved at sending and never kept; digests keyed and only\n"
        "over references and enums. A tripwire runs where the grammar admits text. Refused: `STOP_PHI_SUSPECTED`,\n"
        "nothing echoed.",
    ),
    7: (
        "No hidden retries",
        "The sender is a state machine of its own (commit attempted is recorded before the final dot); outcomes\n"
        "accepted, unreachable, refused, timeout, rejected, unknown; unknown → `STOP_EFFECT_UNKNOWN`, a person decides;\n"
        "a replay with the same key returns the first result; the same key with another payload → `STOP_KEY_CONFLICT`.",
    ),
    8: (
        "No self-modification",
        "Policies, views, templates, pipelines are pinned at spawn and compared at the end; the run cannot write them.",
    ),
    9: (
        "Metadata-only audit exposure",
        "Name the audit surfaces (`cutter audit export`, its SQL view) and their closed columns: no payloads,\n"
        "parameters, rows, tenant, actor or request identifiers, cursors; operators' own commands are not audit\n"
        "exposure, and the page says which is which.",
    ),
    10: (
        "No caching, no background infrastructure",
        "No caching of execution, mutation, decision or audit; no background infrastructure (an architecture test looks\n"
        "for threads, timers, queues, daemons).",
    ),
}

EVALUATION, ENVELOPE = "tests/unit/policies/test_evaluation.py", "tests/unit/policies/test_envelope.py"
DETERMINISM, REPLAY = "tests/unit/policies/test_determinism.py", "tests/unit/policies/test_replay.py"
REFERENCES, RENDERING = "tests/unit/policies/test_references.py", "tests/unit/policies/test_rendering.py"
FILES, RUN = "tests/unit/custody/test_policies.py", "tests/unit/test_run.py"
LETTERS, POSTBOX = "tests/unit/custody/test_letters.py", "tests/unit/custody/test_postbox.py"
DIALOGUE, COMMITMENTS = "tests/unit/custody/test_smtp_dialogue.py", "tests/unit/custody/test_commitments.py"
DECIDE, SEND = "tests/operations/test_policy_decide.py", "tests/operations/test_comm_send_message.py"
CREATE, WALLS = "tests/operations/test_comm_create_notification.py", "tests/security/test_notify_walls.py"
TRIGGER, DECISIONS = "tests/e2e/test_conformance_trigger.py", "tests/e2e/test_decisions.py"
LINT, AUDIT = "tests/unit/pipeline/test_conformance_pipelines.py", "tests/security/test_audit_walls.py"
AUDIT_PAGE, AUDIT_FORMS = "tests/e2e/test_audit_page.py", "tests/unit/report/test_audit.py"
ENGINE, BACKGROUND = "tests/operations/test_conformance_runs.py", "tests/architecture/test_no_background.py"

_0012 = "cutter/postgres/sql/migrations/0012_policies_and_messages.sql"
_0013 = "cutter/postgres/sql/migrations/0013_audit.sql"
INDEX, PREPARATION = "cutter/policies/index.py", "cutter/policies/preparation.py"
READER, GRAMMAR = "cutter/policies/envelope.py", "cutter/policies/grammar.py"
DECIDING, OPERATION = "cutter/deciding/__init__.py", "cutter/operations/policy/decide.py"
SENDING, CREATING = "cutter/operations/comm/send_message.py", "cutter/operations/comm/create_notification.py"
CONFIRMED, KEEPING = "cutter/operations/comm/confirmed.py", "cutter/gatekeeping.py"
STAGES, STATE = "cutter/stages.py", "cutter/run.py"
LOADER, PARTS = "cutter/custody/policies.py", "cutter/custody/policy_parts.py"
SMTP, BOX = "cutter/custody/smtp_dialogue.py", "cutter/custody/postbox.py"
TAKING, RESUMPTION = "cutter/app/triggers.py", "cutter/app/resumption.py"
PIPELINE = "pipelines/notify.yaml"


def _row(rule: int, kept: str, test: str | tuple[str, ...], file: str, text: str, replacement: str = "") -> Row:
    return Row(rule, kept, (test,) if isinstance(test, str) else test, Change(file, text, replacement))


def _never(rule: int, kept: str, test: str | tuple[str, ...], file: str, condition: str) -> Row:
    """A row whose mutant never meets a condition for refusing."""
    return _row(rule, kept, test, file, f"if {condition}:", "if False:")


def _case(file: str, function: str, name: str = "") -> str:
    return f"{file}::{function}[{name}]" if name else f"{file}::{function}"


_REFUSED_CODE = "test_it_is_refused_with_its_code_only"
_DENIED = "test_a_trigger_is_denied_with_its_reason"
_STRONGEST = "test_the_strongest_wins"
_IN_FORCE = "test_only_what_is_selected_and_in_force_decides"
_POSSIBLE, _IMPOSSIBLE = "test_possible_histories_fold", "test_impossible_histories_are_refused"
_MISTAKE = "test_a_mistake_is_refused_at_its_place"
_ASKED = "test_people_are_asked_where_it_is_uncertain"
_INTERRUPTED, _TRUE = "test_an_interrupted_run_goes_on_honestly", "test_what_is_said_of_a_server_is_true"
_REFUSED_WRITE, _ONCE = "test_a_writer_is_refused", "test_it_is_written_once"
_AT_USE = "test_the_decision_is_reached_again_where_the_approval_is_used"

_POLICY = (
    _row(1, "A trigger of an unknown type is denied, and not taken for another one.",
         _case(ENVELOPE, _REFUSED_CODE, "an unknown type"), READER,
         "return Refused(Reason.UNKNOWN_TRIGGER)", "kind = types.types[0]"),
    _row(1, "A CloudEvent of an unknown source is denied.",
         _case(ENVELOPE, _REFUSED_CODE, "an unknown source"), READER,
         'if plain["source"] not in types.sources:', "if False:"),
    _never(1, "Only `cutter trigger` starts a pipeline that a policy starts.",
           _case(TRIGGER, "test_nothing_but_a_trigger_starts_what_a_policy_starts"), "cutter/cli/orchestrate.py",
           "pipeline.started_by is Starter.POLICY"),
    _row(1, "A pipeline that a policy starts decides before its first gate; lint refuses another.",
         _case(LINT, "test_what_a_policy_starts_decides_first"), "cutter/pipeline/conditions.py",
         "if scope.started_by is Starter.POLICY and DECIDE not in used:", "if False:"),
    _row(1, "What is denied ends the run before anything else: `STOP_POLICY_DENIED`, 20.",
         _case(DECIDE, _DENIED, "a rule says so-live"), OPERATION,
         "if decision.verdict is Decided.DENY:", "if False:"),
    _row(1, "No match is a denial.", _case(EVALUATION, _STRONGEST, "no rule matches"), INDEX,
         "_NO_MATCH = Outcome(Verdict.DENY,", "_NO_MATCH = Outcome(Verdict.ESCALATE,"),
    _row(1, "An unknown field is a denial, not something to be left out.",
         _case(ENVELOPE, _REFUSED_CODE, "an unknown field"), GRAMMAR,
         "if len(others) + len(kept) != len(fields):", "if False:"),
    _row(1, "An exception while a decision is reached is a denial.",
         _case(EVALUATION, "test_an_exception_in_any_matcher_denies"), INDEX,
         "its message may hold values\n            return denied(Reason.EVALUATION_FAILED)",
         "its message may hold values\n            return _CONFLICT"),
    _row(1, "Rules and fields that do not fit together deny every trigger of their type.",
         _case(EVALUATION, "test_a_selection_that_does_not_fit_together_allows_nothing"), PREPARATION,
         "return _refusing(denied(Reason.EVALUATION_FAILED), reads)", "return _refusing(None, reads)"),
    _row(1, "A view that fails, or answers something else than its columns, is a denial.",
         _case(DECIDE, _DENIED, "a view that fails-live"), DECIDING,
         "        return refused(Reason.VIEW_FAILED, selection)", "        answers, used_up = (), frozenset()"),
    _row(1, "A value has exactly the type of its field: `true` is not 1.",
         _case(ENVELOPE, _REFUSED_CODE, "a truth for a number"), GRAMMAR,
         "    if type(value) is not kind:\n        return Reason.WRONG_TYPE\n", ""),
    _row(1, "A trigger whose time is yet to come is denied.",
         _case(DECIDE, _DENIED, "a time that is yet to come-live"), OPERATION,
         "context.now + _CLOCKS_DIFFER", "context.now + timedelta(days=36500)"),
    _row(1, "A refused trigger is a recorded run, with the reason.",
         _case(TRIGGER, "test_what_is_refused_is_recorded_with_its_reason_alone"), TAKING,
         '        trigger_id = f"REFUSED-{RandomIds().nonce()[:16]}"',
         "        raise Stop(StopCode.STOP_POLICY_DENIED, detail=trigger.reason.value)"),
    _row(1, "A message is decided again in the transaction that consumes the approval.",
         _case(SEND, _AT_USE), DECIDING,
         "    if again.verdict is Verdict.DENY:\n"
         "        raise Stop(StopCode.STOP_POLICY_DENIED, detail=again.reason, where=again.rule)\n", ""),
    _row(1, "There the decision's digest must be the same.", _case(SEND, _AT_USE), DECIDING,
         "if again.sha256 != decision_sha256:", "if False:"),
    _row(1, "So is a notification.", _case(CREATE, _AT_USE), DECIDING,
         "if again.sha256 != decision_sha256:", "if False:"),
    _row(2, "Deny beats escalate, escalate beats allow.", _case(EVALUATION, _STRONGEST), PREPARATION,
         "{Verdict.DENY: 0, Verdict.ESCALATE: 1, Verdict.ALLOW: 2}",
         "{Verdict.DENY: 2, Verdict.ESCALATE: 1, Verdict.ALLOW: 0}"),
    _row(2, "A deny that is certain stands, whatever else is uncertain.", _case(EVALUATION, _STRONGEST), INDEX,
         "    if certain & prepared.deny:\n        return prepared.outcomes[certain & -certain]\n", ""),
    _row(2, "The order of files and rules changes no byte.",
         _case(DETERMINISM, "test_the_same_bytes_in_every_process_and_order"), PREPARATION,
         "key=lambda item: item[:3]", "key=lambda item: item[:1]"),
    _row(2, "The same bytes under any hash seed: no set is iterated over.",
         _case(DETERMINISM, "test_no_set_is_iterated_over", "cutter/policies/replay.py"), "cutter/policies/replay.py",
         'for name in sorted(missing))', "for name in missing)"),
    _row(2, "A decision asks neither a clock nor chance nor the machine.",
         _case(DETERMINISM, "test_nothing_but_arguments_is_read", "cutter/policies/index.py"), INDEX,
         "from bisect import bisect_right\n", "import time\nfrom bisect import bisect_right\n"),
    _row(2, "`as_of` decides which policies are effective, up to their last second.",
         _case(EVALUATION, _IN_FORCE), PREPARATION, "moment < policy.effective_until", "True"),
    _row(2, "A selection names versions; there is no latest one.",
         _case(FILES, "test_what_the_selection_names_is_loaded"), LOADER,
         "if versions.get(part.id) == part.version)", "if part.id in versions)"),
    _row(2, "A version that is unknown stops the loading.", _case(FILES, _MISTAKE, "selection: an unknown version"),
         LOADER, "        if (name, version) not in known:\n", "        if False:\n"),
    _row(2, "A withdrawn policy denies.", _case(EVALUATION, _IN_FORCE), PREPARATION,
         "if any(policy.withdrawn for policy in policies):", "if False:"),
    _row(2, "A withdrawn view denies.", _case(EVALUATION, _IN_FORCE), PREPARATION,
         "return denied(Reason.WITHDRAWN) if any(view.withdrawn for view in views) else None", "return None"),
    _row(2, "A view that is not selected denies.", _case(EVALUATION, _IN_FORCE), PREPARATION,
         "if len(views) != len(kind.views):", "if False:"),
    _row(2, "A template that is not selected denies.", _case(EVALUATION, _IN_FORCE), PREPARATION,
         "            blocked[action] = Reason.NOT_SELECTED", "            pass"),
    _row(2, "A withdrawn template denies.", _case(EVALUATION, _IN_FORCE), PREPARATION,
         "            blocked[action] = Reason.WITHDRAWN", "            pass"),
    _row(2, "A view answers with values of its columns' domains only.",
         _case(DECIDE, _DENIED, "a view of another type-live"), DECIDING,
         " or not all(_is_of(found[name], expected[name].domain) for name in found)", ""),
    _row(2, "No column of a view is a reference or a text.", _case(FILES, _MISTAKE, "view: a column that is a reference"),
         PARTS, "if isinstance(column.domain, IssuedReference):", "if False:"),
    _row(2, "The question of a view asks no clock.", _case(FILES, _MISTAKE, "view: a clock"), PARTS,
         "if moving := _MOVING.search(sql):", "if moving := None:"),
    _row(2, "A decision records every policy, view and template that it read.",
         _case(EVALUATION, "test_a_decision_records_everything_that_it_rests_on"), PREPARATION,
         '    reads += [Read("view", view.id, view.version, view.sha256) for view in views]\n', ""),
    _never(2, "Where something that was read is missing, a decision is not replayable.",
           _case(REPLAY, "test_without_what_was_read_it_cannot_be_told"), "cutter/policies/replay.py", "missing"),
    _row(2, "Where a field is missing that the rule hangs on, it is not replayable.",
         _case(REPLAY, "test_without_a_field_that_it_rests_on_it_cannot_be_told"), "cutter/policies/replay.py",
         "if needed := _missing_fields(decision, again, selection):", "if needed := ():"),
    _row(3, "A run is spawned once, first.", _case(RUN, _IMPOSSIBLE, "spawned twice"), STATE,
         '_require(isinstance(event, Spawned) == (self.lifecycle is Lifecycle.NEW), "a run is spawned once, first")',
         "pass"),
    _row(3, "A stop pauses a live run, unless its code is final.",
         _case(RUN, _POSSIBLE, "a final stop ends a live run"), STATE,
         "paused = self.mode is Mode.LIVE and not is_final(event)", "paused = self.mode is Mode.LIVE"),
    _row(3, "A paused run goes on by being resumed only.", _case(RUN, _IMPOSSIBLE, "going on while paused"), STATE,
         '_require(again or isinstance(event, (Resumed, Aborted)), "a paused run goes on by being resumed")', "pass"),
    _row(3, "Nothing follows the end of a run.", _case(RUN, _IMPOSSIBLE, "something after the end"), STATE,
         '_require(self.lifecycle is not Lifecycle.TERMINATED, "nothing follows the end of a run")', "pass"),
    _row(3, "Phases run in their order, one at a time; none is left out but by an event.",
         _case(RUN, _IMPOSSIBLE, "a phase skipped"), STATE,
         '_require(finished and event.index == len(before) + 1, "phases run in order, one at a time")', "pass"),
    _row(3, "A phase that is not due is told as skipped.",
         _case(DECIDE, "test_a_rehearsal_plans_what_a_live_run_does", "a message"), "cutter/engine.py",
         '        self._journal.note(phase.id, Skipped(when=f"{phase.when.phase}.{phase.when.field}"))\n', ""),
    _row(3, "Going on is an event.", _case(DECIDE, "test_people_who_say_no_end_the_run"), "cutter/engine.py",
         'journal.note("", Resumed(environment=order.environment))', "pass"),
    _row(4, "What a rule escalates waits for people.", _case(DECIDE, _ASKED, "a rule says so"), OPERATION,
         "escalated=decision.verdict is Decided.ESCALATE,", "escalated=False,"),
    _row(4, "A field that is missing and that a rule needs makes the rule uncertain.",
         _case(EVALUATION, _STRONGEST), INDEX,
         "unknown = mask & combined(matcher.needed for matcher in unsure)", "unknown = 0"),
    _row(4, "Rules that allow different things are a conflict, which people see.",
         _case(EVALUATION, _STRONGEST), INDEX, "if mask & ~prepared.alike[lowest]:", "if False:"),
    _row(4, "A value outside its domain is uncertain, whatever rules say of its neighbours.",
         _case(EVALUATION, "test_bounds_are_included"), PREPARATION,
         "masks = [None, *masks[:-1], None]", "masks = [masks[0], *masks[:-1], masks[-2]]"),
    _row(4, "A pace that is used up asks people.", _case(EVALUATION, "test_a_pace_that_is_used_up_escalates"), INDEX,
         "return _paced(prepared, mask, used_up) if used_up and outcome.verdict is Verdict.ALLOW else outcome",
         "return outcome"),
    _row(4, "Where no one action is meant, people can only refuse.", _case(EVALUATION, _STRONGEST),
         "cutter/policies/outcome.py", "(REFUSE,) if outcome.action is None else (PROCEED, REFUSE)",
         "(PROCEED, REFUSE)"),
    _row(4, "The run waits at a gate of its own for the decision: exit 10.", _case(DECIDE, _ASKED, "a rule says so"),
         PIPELINE, 'when: "${{ phases.decide.escalated }}"', 'when: "${{ phases.decide.creates_notification }}"'),
    _row(4, "People answer with an option that the decision has.",
         _case(DECISIONS, "test_only_the_options_of_the_record"), "cutter/app/decisions.py",
         "    if option not in question.options:\n", "    if False:\n"),
    _row(4, "Silence is a no, with a state of its own.", _case(ENGINE, "test_silence_is_a_no_with_a_state_of_its_own"),
         KEEPING, "    StopCode.STOP_APPROVAL_EXPIRED: StopCode.STOP_DECISION_LAPSED,\n", ""),
    _row(4, "A no is final, with a state of its own.", _case(DECIDE, "test_people_who_say_no_end_the_run"), KEEPING,
         "    StopCode.STOP_APPROVAL_REJECTED: StopCode.STOP_DECISION_REFUSED,\n", ""),
)  # fmt: skip

_WRITES = (
    _row(5, "Anything else in such a pipeline is a lint error, P306.",
         _case(LINT, "test_a_policy_starts_two_writes_and_no_others"), "cutter/pipeline/conditions.py",
         "if isinstance(operation, ReadOperation) or by_policy == (uses in WRITES):", "if True:"),
    _row(5, "It is refused again at run time, before the phase does anything.",
         _case(ENGINE, "test_the_engine_refuses_what_lint_would"), STAGES,
         "if (started_by is Starter.POLICY) != (phase.uses in WRITES):", "if False:"),
    _row(5, "It is refused a third time by the database: a run that a policy started calls no other writer.",
         _case(WALLS, "test_a_policys_run_writes_nothing_else_by_any_function"), _0012,
         "(p_operation IN ('comm.send_message', 'comm.create_notification')) THEN",
         "(p_operation IN ('comm.send_message', 'comm.create_notification')) AND false THEN"),
    _row(5, "Nor does a run that a person started write a message or a notification.",
         _case(WALLS, _REFUSED_WRITE, "fn_message_intend-in a run that a person started"), _0012,
         "(p_operation IN ('comm.send_message', 'comm.create_notification')) THEN",
         "(p_operation IN ('comm.send_message', 'comm.create_notification')) AND v_run.started_by = 'policy' THEN"),
    _row(5, "The writer of such runs is a role of its own.", _case(SEND, "test_one_message_is_sent"),
         "cutter/postgres/statements.py", 'return self.notifier if started_by == "policy" else self.writer',
         "return self.writer"),
    _row(5, "This role changes no table itself.",
         _case(WALLS, "test_no_role_of_a_policys_run_changes_a_table_itself"), _0012,
         "GRANT USAGE ON TYPE cutter_governance.run TO cutter_notifier;",
         "GRANT USAGE ON TYPE cutter_governance.run TO cutter_notifier; GRANT INSERT ON comm.message TO cutter_notifier;"),
    _row(5, "It executes the functions of `comm` and no other writer.",
         _case(WALLS, "test_the_notifier_may_execute_its_functions_only"), _0012,
         "    comm.fn_notification_acknowledge(uuid) TO cutter_notifier;",
         "    comm.fn_notification_acknowledge(uuid), cutter_governance.fn_ledger_head() TO cutter_notifier;"),
    _row(5, "A row is of its run's own trigger.", _case(WALLS, "test_a_row_is_of_its_runs_own_trigger"), _0012,
         "(v_run.run_id IS NOT NULL AND v_run.lock_key = p_doc_prefix) IS NOT TRUE", "(v_run.run_id IS NULL)"),
    _row(5, "Each write stands under an approval that covers it.",
         _case(WALLS, _REFUSED_WRITE, "fn_message_intend-without an approval"), _0012,
         "RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no rehearsal and no approval covers this operation';",
         "NULL;"),
    _row(5, "A yes to what was uncertain, or to an unknown outcome, is no approval of a write.",
         _case(WALLS, _REFUSED_WRITE, "fn_message_intend-under the escalation alone"), _0012,
         "AND u.gate_id <> 'GATE_FAILURE_ESCALATION'", ""),
    _row(5, "An attempt of a trigger is one message, whatever host or run.",
         _case(WALLS, _ONCE, "another run, the same attempt"), _0012,
         "    UNIQUE (tenant_id, trigger_id, attempt),\n"),
    _row(5, "A trigger is one notification.",
         _case(WALLS, _ONCE, "a notification by another run"), _0012,
         "    UNIQUE (tenant_id, trigger_id),\n"),
    _row(5, "`@v1` is a spelling of `@1` in the files of policies.",
         _case(FILES, "test_what_the_selection_names_is_loaded"), PARTS,
         '"comm.create_notification@v1": CREATE_NOTIFICATION} | {', '"comm.create_notification@v2": CREATE_NOTIFICATION} | {'),
    _row(5, "A policy names no other operation.", _case(FILES, _MISTAKE, "policy: another operation"),
         "cutter/custody/policy_rules.py", "operation = SPELLINGS.get(name)", "operation = SPELLINGS.get(name, name)"),
)  # fmt: skip

_PERSONS = (
    _row(6, "A word that is not of its domain is dropped, and only its field named.",
         _case(ENVELOPE, "test_what_is_outside_its_domain_is_named_and_dropped"), GRAMMAR,
         "fits = type(value) is kind and admits(value)", "fits = type(value) is kind"),
    _row(6, "A reference has the prefix of its issuer.",
         _case(ENVELOPE, _REFUSED_CODE, "a reference of another issuer"), "cutter/policies/references.py",
         ' and match["prefix"] == issuer and', " and"),
    _row(6, "A reference has its check digits.", _case(REFERENCES, "test_one_wrong_sign_and_two_swapped_ones_are_found"),
         "cutter/policies/references.py", ' and match["check"] == _check(issuer + match["payload"])', ""),
    _row(6, "A reference is in the directory when it is decided.",
         _case(DECIDE, _DENIED, "not in the directory-live"), DECIDING,
         "unknown = tuple(reference for reference in references if reference not in known)", "unknown = ()"),
    _row(6, "A slot shows values of its domain only.", _case(RENDERING, "test_a_value_outside_its_slot_is_refused"),
         "cutter/policies/rendering.py",
         '    if text is None:\n        raise Unrenderable("a value is not of its slot\'s domain")\n',
         "    if text is None:\n        return str(filled[form.field.name])\n"),
    _row(6, "A slot of a template has a domain; none is of text.", _case(FILES, _MISTAKE, "policy: a slot of another domain"),
         "cutter/custody/policy_rules.py",
         'if not _holds(shown[slot], self._domain(field, f"{where}.slots.{slot}")):', "if False:"),
    _row(6, "The text that is sent is of the template and version that were decided.",
         _case(RENDERING, "test_only_the_template_that_was_decided_is_rendered"), "cutter/policies/rendering.py",
         "if named != (template.id, template.version, template.operation) or template.withdrawn:", "if False:"),
    _row(6, "No text of a template looks as if it held a person's data.", _case(FILES, _MISTAKE), PARTS,
         "        if suspicious(text):\n", "        if False:\n"),
    _row(6, "The address is looked up at sending, and is gone before anything is recorded.",
         _case(POSTBOX, "test_the_address_is_gone_when_the_commit_is_recorded"), BOX,
         "        dialogue = open_dialogue(self._endpoint(context), login)\n"
         "        if isinstance(dialogue, Ended):\n            return dialogue\n        with",
         "        dialogue = open_dialogue(self._endpoint(context), login)\n"
         "        if isinstance(dialogue, Ended):\n            return dialogue\n"
         "        self.__dict__['recipient'] = address\n        with"),
    _row(6, "The address stands in no header but `To`.", _case(POSTBOX, "test_the_address_stands_in_one_header_only"),
         "cutter/custody/letters.py", 'message["X-Correlation-ID"] = letter.correlation_id',
         'message["X-Correlation-ID"] = letter.correlation_id\n    message["X-Recipient"] = address'),
    _row(6, "No exception of a dialogue comes out of the sender.",
         _case(POSTBOX, "test_no_exception_of_the_dialogue_comes_out"), BOX,
         "        told = Stop(stop.code, stop.detail, found=stop.found, needed=stop.needed, where=stop.where)",
         "        raise"),
    _row(6, "Of a server's reply its codes are kept, never its text.",
         _case(DIALOGUE, "test_a_reply_is_read_by_the_letter"), "cutter/custody/smtp_line.py",
         r'_ENHANCED = re.compile(rb"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: .*)?")', '_ENHANCED = re.compile(rb"(.*)")'),
    _row(6, "Commitments are keyed.", _case(COMMITMENTS, "test_a_dictionary_without_the_key_finds_nothing"),
         "cutter/custody/commitments.py", "hmac.digest(self._key(), ", 'hmac.digest(b"", '),
    _row(6, "The Message-ID is a commitment, never the trigger's id.",
         _case(SEND, "test_one_message_is_sent"), SENDING,
         '"message_id": context.policies.commitment("message_id", params.trigger_id, params.attempt),',
         '"message_id": params.trigger_id,'),
    _row(6, "So is the correlation id.", _case(ENGINE, "test_what_leaves_the_house_names_no_trigger_and_no_reference"),
         SENDING, 'context.policies.commitment("correlation", params.trigger_id)', "params.trigger_id"),
    _row(6, "The tripwire looks at a trigger's own id.",
         _case(ENVELOPE, _REFUSED_CODE, "a mail address for an id"), READER,
         "if suspicious(payload_of(claim.id)):", "if False:"),
    _row(6, "It looks at what stands where a word or a reference is due.",
         _case(ENVELOPE, _REFUSED_CODE, "a mail address for a word"), GRAMMAR,
         "if looked_at and suspicious(payload_of(str(value))) else failure", "if False else failure"),
    _row(6, "It looks at the payload of a reference that is well formed.",
         _case(ENVELOPE, _REFUSED_CODE, "a birth in a payload"), GRAMMAR,
         "return is_issued(text, issuer) and not suspicious(payload_of(text))", "return is_issued(text, issuer)"),
    _row(6, "It sees through encodings, wide letters and signs without width.",
         _case("tests/unit/policies/test_tripwire.py", "test_it_finds"), "cutter/policies/tripwire.py",
         "    plain = _plain(text)\n", "    plain = text\n"),
    _row(6, "What it finds ends as `STOP_PHI_SUSPECTED`.",
         _case(DECIDE, "test_what_looks_like_a_person_is_refused_and_not_kept"), OPERATION,
         "if decision.reason == Reason.PHI_SUSPECTED.value:", "if False:"),
    _row(6, "Of a refused trigger the run holds the reason, not its text.",
         _case(TRIGGER, "test_what_is_refused_is_recorded_with_its_reason_alone"), TAKING,
         '"trigger": canonical(trigger),', '"trigger": data.decode("utf-8", "replace"),'),
    _row(6, "The name of a trigger's file is not shown.",
         _case(TRIGGER, "test_what_looks_like_a_person_is_refused_and_not_shown"), "cutter/cli/trigger.py",
         "        raise Stop(stop.code, stop.detail, needed=stop.needed) from None", "        raise"),
    _row(6, "A decision holds no value that is outside its domain.",
         _case(EVALUATION, "test_a_value_outside_its_domain_is_not_recorded"), INDEX,
         "if m is not None and (m.match is None or m.match(item.value) is not None)]", "]"),
    _row(6, "The database takes references and words only.",
         _case(WALLS, "test_slots_are_closed"), _0012,
         "OR s.value #>> '{}' !~ '^[A-Za-z0-9_.:-]{1,64}$'", ""),
)  # fmt: skip

_SENDING = (
    _row(7, "That the commit is attempted is recorded before the final dot goes out.",
         _case(POSTBOX, "test_no_dot_goes_out_where_the_commit_is_not_recorded"), BOX,
         "            before_commit()\n            reply = _sealed(partial(_commit, dialogue))",
         "            reply = _sealed(partial(_commit, dialogue))\n            before_commit()"),
    _row(7, "The record is durable: it is committed with the attempt.", _case(SEND, _INTERRUPTED, "once it is sent"),
         "cutter/execution.py",
         "        self.journal.note(phase, attempted)\n        with self.transaction(phase, since):\n            pass",
         "        self.journal.note(phase, attempted)"),
    _row(7, "A deadline before the dot is `timeout`, told apart from `unreachable`.", _case(POSTBOX, _TRUE), SMTP,
         "Trouble.LATE: SendOutcome.TIMEOUT,", "Trouble.LATE: SendOutcome.UNREACHABLE,"),
    _row(7, "A lost connection before the dot is `unreachable`.", _case(POSTBOX, _TRUE, "cut before 354"), SMTP,
         "Trouble.CUT: SendOutcome.UNREACHABLE,", "Trouble.CUT: SendOutcome.UNKNOWN,"),
    _row(7, "A negative reply before the dot is `refused`.", _case(POSTBOX, _TRUE, "recipient refused"), SMTP,
         "return Ended(Reply(SendOutcome.REFUSED, cause.code, cause.enhanced), phase)",
         "return Ended(Reply(SendOutcome.REJECTED, cause.code, cause.enhanced), phase)"),
    _row(7, "A negative reply after the dot is `rejected`.", _case(POSTBOX, _TRUE, "4xx after the dot"), SMTP,
         "4: SendOutcome.REJECTED,", "4: SendOutcome.REFUSED,"),
    _row(7, "Everything else after the dot is `unknown`.", _case(POSTBOX, _TRUE), SMTP,
         "            return Reply(SendOutcome.UNKNOWN)\n", "            return Reply(SendOutcome.UNREACHABLE)\n"),
    _row(7, "Two replies after the dot are `unknown`: nobody can tell which is the dot's.",
         _case(POSTBOX, _TRUE, "yes and no after the dot"), SMTP,
         "if isinstance(answer, Trouble) or self._line.unasked() is Trouble.UNASKED:", "if isinstance(answer, Trouble):"),
    _row(7, "A reply that comes drop by drop does not move the deadline.",
         _case(DIALOGUE, "test_no_drip_extends_the_deadline"), "cutter/custody/smtp_line.py",
         "        left = self._ends - time.monotonic()\n", "        left = 5.0\n"),
    _row(7, "STARTTLS is required; a server that did not prove itself learns no address.",
         _case(POSTBOX, "test_a_server_that_did_not_prove_itself_learns_nothing"), SMTP,
         "        if not self._offer.starttls:\n            return Ended(Reply(SendOutcome.REFUSED), Phase.STARTTLS)\n",
         "        if not self._offer.starttls:\n            return None\n"),
    _row(7, "`unknown` stops the run with `STOP_EFFECT_UNKNOWN`.",
         _case(SEND, "test_people_decide_what_nobody_knows", "stored-yes"), SENDING,
         'raise Stop(StopCode.STOP_EFFECT_UNKNOWN, detail="after_the_dot", where=context.phase)',
         'raise Stop(StopCode.STOP_SEND_FAILED, detail="unreachable", where=context.phase)'),
    _row(7, "What was interrupted after the record is not sent again.",
         _case(SEND, _INTERRUPTED, "once it is sent"), SENDING,
         "        return NotHappened.NOT_HAPPENED\n    return NotHappened.UNKNOWN",
         "        return NotHappened.NOT_HAPPENED\n    return NotHappened.NOT_HAPPENED"),
    _row(7, "Only people let an unknown message count as sent.",
         _case(SEND, _INTERRUPTED, "once it is sent"), STAGES,
         "return any(isinstance(event, GateOpened) and event.gate == ESCALATION for event in since)", "return True"),
    _row(7, "The same trigger again tells the first result.",
         _case(TRIGGER, "test_the_same_trigger_again_is_the_first_result"), RESUMPTION,
         '            if row.last_event not in ("completed", "declined"):\n'
         "                _check_pipeline(start, pipeline)\n            return row.run_id\n",
         "            return ''\n"),
    _row(7, "The same id with another content is `STOP_KEY_CONFLICT`.",
         _case(TRIGGER, "test_the_same_id_with_something_else_is_a_conflict"), RESUMPTION,
         "            raise Stop(StopCode.STOP_KEY_CONFLICT, where=row.run_id)\n", "            continue\n"),
    _row(7, "Another run of the trigger is a replay, before it has ended.",
         _case(SEND, "test_another_run_is_seen_before_it_has_ended"), CONFIRMED, "    if run is not None:\n", "    if False:\n"),
    _row(7, "To send again is another attempt, which people asked for: a key of its own.",
         _case(SEND, "test_a_second_attempt_has_a_key_and_an_approval_of_its_own"), SENDING,
         'commitment("message_id", params.trigger_id, params.attempt)', 'commitment("message_id", params.trigger_id)'),
    _row(7, "What was approved is not sent after the approval's time, by a resume either.",
         _case(ENGINE, "test_what_was_interrupted_is_not_sent_too_late"), KEEPING,
         "        if timestamp(self._ports.clock.now()) > execute_by:\n", "        if False:\n"),
)  # fmt: skip

_KEPT_AS_IT_IS = (
    _row(8, "The selection is pinned: a write under another one is refused.",
         _case(SEND, _AT_USE, "a policy of something else"), CONFIRMED,
         "    if selection.sha256 != params.pins_sha256:\n", "    if False:\n"),
    _row(8, "It is compared at the end of a send.",
         _case(SEND, "test_what_moves_while_a_message_is_sent_is_told_at_the_end"), SENDING,
         "    if not is_pinned(context.policies, params):\n", "    if False:\n"),
    _row(8, "It is compared at the end of a notification.",
         _case(CREATE, "test_a_notification_that_moves_is_told"), CREATING,
         "    if not is_pinned(context.policies, params):\n", "    if False:\n"),
    _row(8, "A run goes on with the pipeline that it was spawned with, or says in what the workspace's differs.",
         _case(TRIGGER, "test_a_run_does_not_go_on_with_another_pipeline"), RESUMPTION,
         "    if canon.sha256(start.pipeline.encode()) == pipeline.sha256:\n", "    if True:\n"),
    _row(8, "A run writes nothing below `policies/` and `pipelines/`.",
         _case(TRIGGER, "test_a_run_writes_nothing_that_it_is_pinned_to"), TAKING,
         "path = settings.workspace / trigger_file(trigger.id)",
         'path = settings.workspace / "policies" / trigger_file(trigger.id)'),
)  # fmt: skip

_AUDIT = (
    _row(9, "No column of the export is for an identifier, a payload or a place in the order.",
         _case(AUDIT_FORMS, "test_no_column_is_for_what_may_not_be_told"), "cutter/report/audit.py",
         "    outcome: str | None\n", "    outcome: str | None\n    run_id: str | None = None\n"),
)  # fmt: skip

_NOTHING_KEPT = (
    _row(10, "No thread, timer, queue or daemon.",
         _case(BACKGROUND, "test_nothing_runs_in_the_background", "cutter/engine.py"), "cutter/engine.py",
         "from contextlib import suppress\n", "import threading\nfrom contextlib import suppress\n"),
    _row(10, "No process is left behind.",
         _case(BACKGROUND, "test_nothing_runs_in_the_background", "cutter/app/triggers.py"), TAKING,
         "    attempt = _next_attempt(settings, pipeline, trigger_id) if resend else 1\n",
         "    attempt = _next_attempt(settings, pipeline, trigger_id) if resend else 1\n    os.fork()\n"),
    _row(10, "No policy is cached: what moves within a phase is seen.",
         _case(DECIDE, "test_a_decision_that_moves_within_its_phase_is_not_proved"), LOADER,
         "        return load_selection(self._folder)",
         "        return globals().setdefault(str(self._folder), load_selection(self._folder))"),
    _row(10, "No decision is cached.", _case(BACKGROUND, "test_nothing_of_a_decision_is_cached", DECIDING), DECIDING,
         "def reach(session", "from functools import cache\n\n\n@cache\ndef reach(session"),
    _row(10, "The directory is read anew each time.",
         _case("tests/unit/custody/test_directory.py", "test_it_is_read_anew_each_time"),
         "cutter/custody/directory.py", "    def _read(self)", '    @__import__("functools").cache\n    def _read(self)'),
    _row(10, "No audit export is cached.", _case(BACKGROUND, "test_nothing_of_a_decision_is_cached", "cutter/app/audit.py"),
         "cutter/app/audit.py", "def open_audit(", "from functools import cache\n\n\n@cache\ndef open_audit("),
)  # fmt: skip

ROWS = _POLICY + _WRITES + _PERSONS + _SENDING + _KEPT_AS_IT_IS + _AUDIT + _NOTHING_KEPT
