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
        "files), each under an approval and an idempotency key. Anything else in a policy-triggered pipeline is a\n"
        "lint error, refused again at run time, and refused a third time by the database: these runs use a role that\n"
        "can insert only control-plane rows and notifications.",
    ),
    6: (
        "No PHI/PII",
        "In storage, logs, audit, keys, correlation ids, signals or records: closed schemas of enums, bounded\n"
        "numbers, times and issued references (issuer prefix, check characters, must exist in the directory); text\n"
        "only from versioned templates with typed slots; recipients resolved at sending and never kept; digests keyed\n"
        "and only over references and enums. A tripwire runs where the grammar admits text. Refused:\n"
        "`STOP_PHI_SUSPECTED`, nothing echoed.",
    ),
    7: (
        "No hidden retries",
        "The sender is a state machine of its own (commit attempted is recorded before the final dot); outcomes\n"
        "accepted, unreachable, refused, timeout, rejected, unknown; unknown → `STOP_EFFECT_UNKNOWN`, a person\n"
        "decides; a replay with the same key returns the first result; the same key with another payload →\n"
        "`STOP_KEY_CONFLICT`.",
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
        "No caching of execution, mutation, decision or audit; no background infrastructure (an architecture test\n"
        "looks for threads, timers, queues, daemons).",
    ),
}


def row(rule: int, kept: str, test: str | tuple[str, ...], file: str, text: str, replacement: str = "") -> Row:
    """A row: its rule, what is kept, its tests, and its mutant."""
    return Row(rule, kept, (test,) if isinstance(test, str) else test, Change(file, text, replacement))


def never(rule: int, kept: str, test: str | tuple[str, ...], file: str, condition: str) -> Row:
    """A row whose mutant never meets a condition for refusing."""
    return row(rule, kept, test, file, f"if {condition}:", "if False:")


def case(file: str, function: str, name: str = "") -> str:
    """The id of a test, or of one of its cases."""
    return f"{file}::{function}[{name}]" if name else f"{file}::{function}"
