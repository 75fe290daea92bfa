"""Imaginary answers of the commands about policies, for their screens."""

from collections.abc import Callable, Iterable

import msgspec

from cutter.cli.view import Table
from cutter.messages import _
from cutter.policies.analysis.difference import Outcome, Replaced
from cutter.policies.analysis.explanation import Nearest, Obstacle, RuleLine, RuleState
from cutter.policies.analysis.mutation import MutationKind
from cutter.policies.analysis.regions import Given, Part, Periods, Ranges, Region, These
from cutter.policies.analysis.tables import Fault
from cutter.policies.policy import Action, Between, Condition, Equal, OneOf, Pace, Rule, Slot, Verdict
from cutter.report.paragraphs import screen_width
from cutter.report.policies.difference import (
    Consent,
    Newly,
    PolicyDifference,
    ShownChange,
    ShownSide,
    difference_lines,
)
from cutter.report.policies.explained import PolicyExplanation, explained_lines
from cutter.report.policies.lint import PolicyFinding, PolicyLint, lint_lines
from cutter.report.policies.listing import listed_rows, page_lines, part_lines
from cutter.report.policies.proofs import PolicyProofs, ShownProof, proof_lines
from cutter.report.policies.results import (
    ListedPolicy,
    ListedTemplate,
    ListedTriggerType,
    ListedView,
    PolicyList,
    ShownPart,
    ShownPolicy,
    ShownWitness,
    WitnessTrigger,
)
from cutter.report.policies.tables import (
    GeneratedRows,
    PolicyTests,
    ShownScore,
    SurvivedMutant,
    TableFailure,
    generated_lines,
    tested_lines,
)
from cutter.report.problems import Severity
from cutter.report.result import NextStep

DIGEST, OTHER = "0" * 64, "1" * 64
RESULT = "lab.result_ready"
ACTION = Action("comm.send_message@1", "result-ready", "1.0", "patient", (Slot("ward", "ward"),))
WITNESS = ShownWitness(
    trigger=WitnessTrigger(
        id="TRG-EXAMPLE-44",
        type=RESULT,
        as_of="2026-01-01T00:00:00Z",
        fields={"consent": True, "severity": 7, "ward": "north"},
    ),
    answers={"recent.under_limit": False},
    missing=("language",),
    outside=(),
)
KEPT = ShownWitness(
    trigger=WITNESS.trigger, answers=WITNESS.answers, missing=(), outside=(), path="witnesses/01-gap-lab.json"
)
REGION = Region(
    (
        Part("consent", (These((True,)),)),
        Part("language", (These(("en", "vi")),), missing=True),
        Part("severity", (Ranges(((0, 0), (4, 10))),), outside=True),
    )
)
ODD = Region(
    (
        Part("as_of", (Periods((("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),)),)),
        Part("starts_at", (Given("time"),)),
        Part("ward", (), missing=True),
    )
)
LIST = PolicyList(
    folder="policies",
    policies=(
        ListedPolicy(
            id="result-ready",
            version="1.0",
            selected=False,
            withdrawn=True,
            effective_from="2026-01-01T00:00:00Z",
            effective_until="",
            triggers=(RESULT,),
            rules=1,
            title={"en": "A result is ready", "vi": "Đã có kết quả"},
            sha256=DIGEST,
        ),
        ListedPolicy(
            id="result-ready",
            version="1.1",
            selected=True,
            withdrawn=False,
            effective_from="2026-01-01T08:00:00Z",
            effective_until="2027-01-01T00:00:00Z",
            triggers=(RESULT, "lab.result_critical"),
            rules=12,
            title={"en": "A result is ready", "vi": "Đã có kết quả"},
            sha256=DIGEST,
        ),
    ),
    views=(
        ListedView(
            id="recent",
            version="1.0",
            selected=True,
            withdrawn=False,
            columns=("recent.count", "recent.under_limit"),
            sha256=DIGEST,
        ),
    ),
    templates=(
        ListedTemplate(
            id="result-ready",
            version="1.0",
            selected=True,
            withdrawn=False,
            operation="comm.send_message@1",
            language="vi",
            slots=("ward",),
            sha256=DIGEST,
        ),
    ),
    triggers=(ListedTriggerType(name=RESULT, fields=("consent", "severity"), views=("recent",)),),
)
EMPTY = PolicyList(folder="policies", policies=(), views=(), templates=(), triggers=())
RULES = (
    Rule("always", (), Verdict.ESCALATE, "ASK_FIRST"),
    Rule("no-consent", (Condition("consent", Equal(False)),), Verdict.DENY, "NO_CONSENT"),
    Rule(
        "routine",
        (
            Condition("consent", Equal(True)),
            Condition("severity", Between(0, 3)),
            Condition("ward", OneOf(("north", "south"))),
        ),
        Verdict.ALLOW,
        "ROUTINE_RESULT",
        ACTION,
    ),
)
POLICY = ShownPolicy(
    id="result-ready",
    version="1.1",
    title={"en": "A patient is told that a result is ready", "vi": "Báo cho người bệnh biết đã có kết quả"},
    path="policies/rules/result-ready.yaml",
    selected=True,
    state="effective",
    effective_from="2026-01-01T08:00:00Z",
    effective_until="2027-01-01T00:00:00Z",
    triggers=(RESULT,),
    otherwise_deny=True,
    pace_at_most=20,
    pace_within=86400,
    rules=RULES,
    sha256=DIGEST,
    other_versions=("1.0", "1.2"),
    next=(NextStep("check", "cutter policies lint"), NextStep("all", "cutter policies list")),
)
PLAIN = ShownPolicy(
    id="critical-result",
    version="1.0",
    title={"en": "A team is notified", "vi": "Báo cho nhóm điều trị"},
    path="policies/rules/critical-result.yaml",
    selected=False,
    state="withdrawn",
    effective_from="2026-01-01T00:00:00Z",
    effective_until="",
    triggers=("lab.result_critical",),
    otherwise_deny=False,
    pace_at_most=0,
    pace_within=0,
    rules=RULES[1:2],
    sha256=DIGEST,
    other_versions=(),
    next=(NextStep("check", "cutter policies lint"),),
)
PART = ShownPart(
    kind="template",
    id="result-ready",
    version="1.0",
    selected=True,
    withdrawn=False,
    path="policies/templates/result-ready.yaml",
    says={"severity": "0…10", "ward": "north|south"},
    from_trigger=(),
    used_by=("result-ready@1.1",),
    text="{ward}: a result is ready\n\nHello,\n\na result is ready.\n",
    sha256=DIGEST,
    next=(NextStep("check", "cutter policies lint"), NextStep("all", "cutter policies list")),
)
SHOWN_VIEW = msgspec.structs.replace(
    PART, kind="view", id="recent", withdrawn=True, selected=False, from_trigger=("as_of", "patient"), text="SELECT 1"
)
SHOWN_TYPE = msgspec.structs.replace(PART, kind="trigger", id=RESULT, version="", used_by=(), text="", sha256="")
FOUND = (
    PolicyFinding(
        code="gap",
        severity=Severity.ERROR,
        file="policies/triggers.yaml",
        line=9,
        column=3,
        trigger=RESULT,
        region=REGION,
        witness=KEPT,
    ),
    PolicyFinding(
        code="conflict",
        severity=Severity.WARNING,
        file="policies/rules/result-ready.yaml",
        line=18,
        column=5,
        trigger=RESULT,
        rules=("result-ready/no-consent", "result-ready/routine"),
        region=Region(()),
        witness=WITNESS,
    ),
    PolicyFinding(
        code="unsatisfiable",
        severity=Severity.ERROR,
        file="policies/rules/result-ready.yaml",
        line=30,
        column=5,
        trigger=RESULT,
        rules=("result-ready/routine",),
        field="severity",
        region=ODD,
    ),
    PolicyFinding(
        code="too_large",
        severity=Severity.ERROR,
        file="policies/triggers.yaml",
        line=9,
        column=3,
        trigger=RESULT,
        needed="<= 1000000",
    ),
    PolicyFinding(
        code="not_selected",
        severity=Severity.ERROR,
        file="policies/rules/result-ready.yaml",
        line=44,
        column=5,
        trigger=RESULT,
        rules=("result-ready/routine",),
        found="result-ready@0.9",
        needed="template result-ready@1.0",
    ),
    PolicyFinding(
        code="withdrawn",
        severity=Severity.WARNING,
        file="policies/selection.yaml",
        line=5,
        column=3,
        trigger=RESULT,
        found="policy result-ready@1.0",
    ),
    PolicyFinding(
        code="STOP_CONFIG_INVALID",
        severity=Severity.ERROR,
        file="policies/selection.yaml",
        line=4,
        column=1,
        detail="unknown_version",
        found="result-ready@9.9",
    ),
)
NEWS = (
    ShownChange(
        newly=Newly.ALLOWED,
        trigger=RESULT,
        regions=(REGION, Region(())),
        before=Outcome(Verdict.ESCALATE, ACTION),
        after=Outcome(Verdict.ALLOW, ACTION, Pace(20, 86400)),
        witness=WITNESS,
    ),
    ShownChange(
        newly=Newly.ESCALATED,
        trigger=RESULT,
        regions=(REGION,) * 6,
        before=Outcome(Verdict.DENY),
        after=Outcome(Verdict.ESCALATE),
        witness=WITNESS,
    ),
    ShownChange(
        newly=Newly.DENIED,
        trigger="lab.result_critical",
        regions=(Region(()),),
        before=Outcome(Verdict.ALLOW, ACTION),
        after=None,
        witness=WITNESS,
    ),
)
EQUAL = PolicyDifference(
    before=ShownSide(path="old", sha256=DIGEST),
    after=ShownSide(path="policies", sha256=DIGEST),
    changes=(),
    replaced=(),
    difference_sha256=DIGEST,
    consent=Consent.NOT_NEEDED,
    exit_code=0,
    next=(NextStep("check", "cutter policies lint policies"),),
)
HOLDS = RuleLine("result-ready", "routine", Verdict.ALLOW, RuleState.YES)
FAILS = RuleLine(
    "result-ready",
    "no-consent",
    Verdict.DENY,
    RuleState.NO,
    Obstacle.NOT_MET,
    "consent",
    Part("consent", (These((False,)),)),
)
MISSES = RuleLine("result-ready", "too-many", Verdict.DENY, RuleState.UNKNOWN, Obstacle.MISSING, "recent.under_limit")
BEYOND = RuleLine("result-ready", "severe", Verdict.ESCALATE, RuleState.UNKNOWN, Obstacle.OUTSIDE, "severity")


def linted(*found: PolicyFinding, exit_code: int) -> PolicyLint:
    """A lint with these findings."""
    errors = sum(1 for item in found if item.severity is Severity.ERROR)
    return PolicyLint(
        folder="policies",
        files=("policies/triggers.yaml",),
        policies=3,
        rules=13,
        triggers=1,
        findings=found,
        errors=errors,
        warnings=len(found) - errors,
        exit_code=exit_code,
        next=(NextStep("examples", "cutter policies lint --witnesses witnesses"),),
    )


def changed(base: PolicyDifference, consent: Consent, exit_code: int, **values: str) -> PolicyDifference:
    """A difference with changes."""
    return PolicyDifference(
        before=base.before,
        after=base.after,
        changes=NEWS,
        replaced=(
            Replaced("view", "recent", DIGEST, OTHER, "1.0", "1.1"),
            Replaced("template", "x", DIGEST, "", "1", ""),
        ),
        difference_sha256=OTHER,
        consent=consent,
        exit_code=exit_code,
        next=(NextStep("to be signed", "cutter policies diff old policies --export policies.pae"),),
        **values,
    )


def table_tests(*failures: TableFailure, score: ShownScore | None = None) -> PolicyTests:
    """A test of tables."""
    bad = bool(failures) or bool(score and score.survived)
    return PolicyTests(
        folder="policies",
        tables=("policies/tests/a.yaml", "policies/tests/b.yaml"),
        rows=2041,
        passed=2041 - len(failures),
        rules=13,
        witnessed=12 if failures else 13,
        failures=failures,
        score=score,
        stop_code="STOP_POLICY_TESTS_FAILED" if bad else None,
        exit_code=20 if bad else 0,
        next=(NextStep("mutants", "cutter policies test --mutate"),),
    )


def failed(row: int, fault: Fault, name: str = "", expected: str = "", found: str = "") -> TableFailure:
    """A failure at a row."""
    place = f"policies/tests/a.yaml:{row + 9}:5" if row else ""
    return TableFailure(
        table="policies/tests/a.yaml", row=row, place=place, fault=fault, name=name, expected=expected, found=found
    )


def survivor(kind: MutationKind, field: str, detail: str) -> SurvivedMutant:
    """A mutant that no row notices."""
    return SurvivedMutant(rule="result-ready/routine", kind=kind, field=field, detail=detail, row=WITNESS)


def explained(verdict: Verdict, reason: str, *rules: RuleLine, **values: object) -> PolicyExplanation:
    """An explanation."""
    usual: dict[str, object] = {
        "trigger": RESULT,
        "rule": "",
        "uncertain": (),
        "left_out": 0,
        "nearest": None,
        "searched": True,
        "next": (NextStep("policies", "cutter policies list"),),
    }
    return PolicyExplanation(decision=verdict, reason=reason, rules=rules, **{**usual, **values})  # type: ignore[arg-type]


def proofs(*found: ShownProof) -> PolicyProofs:
    """Proofs of a file."""
    bad = sum(1 for proof in found if not proof.holds)
    return PolicyProofs(
        folder="policies",
        path="policies/invariants.yaml",
        proofs=found,
        failed=bad,
        stop_code="STOP_POLICY_TESTS_FAILED" if bad else None,
        exit_code=20 if bad else 0,
        next=(NextStep("tables", "cutter policies test"),),
    )


def proof(name: str, trigger: str, **values: object) -> ShownProof:
    """One proof; it holds where nothing else is said."""
    usual: dict[str, object] = {
        "holds": True,
        "witness": None,
        "region": None,
        "decision": None,
        "rule": "",
        "reason": "",
        "pace": "",
    }
    return ShownProof(invariant=name, trigger=trigger, **{**usual, **values})  # type: ignore[arg-type]


def _listed(found: PolicyList) -> Table:
    columns = (_("KIND"), _("ID"), _("VERSION"), _("SELECTED"), _("STATE"), _("OF"))
    return Table(columns, listed_rows(found), _("No policies."))


Lines = Callable[[], Iterable[str] | Table]
NEAREST = Nearest((Part("consent", (These((False,)),)),), Verdict.DENY, "result-ready", "no-consent", "NO_CONSENT")
COUNTER = {
    "holds": False,
    "witness": WITNESS,
    "region": REGION,
    "decision": Verdict.ALLOW,
    "rule": "result-ready/routine",
    "reason": "ROUTINE_RESULT",
    "pace": "result-ready",
}
SCORE = ShownScore(
    mutants=23455,
    killed=23450,
    equivalent=3,
    survived=(
        survivor(MutationKind.BOUND, "severity", "0…3 → 0…4"),
        survivor(MutationKind.CONDITION_DROPPED, "consent", ""),
    ),
)
KILLED = ShownScore(mutants=9, killed=9, equivalent=0, survived=())

SCREENS: dict[str, Lines] = {
    "list": lambda: _listed(LIST),
    "list_empty": lambda: _listed(EMPTY),
    "policy": lambda: page_lines(POLICY, screen_width()),
    "policy_withdrawn": lambda: page_lines(PLAIN, screen_width()),
    "part_template": lambda: part_lines(PART),
    "part_view": lambda: part_lines(SHOWN_VIEW),
    "part_trigger": lambda: part_lines(SHOWN_TYPE),
    "lint_good": lambda: lint_lines(linted(exit_code=0)),
    "lint_warned": lambda: lint_lines(linted(FOUND[1], exit_code=0)),
    "lint_refused": lambda: lint_lines(linted(*FOUND, exit_code=78)),
    "tested": lambda: tested_lines(table_tests()),
    "tested_refused": lambda: tested_lines(
        table_tests(
            *(failed(0, fault) for fault in (Fault.NO_ROWS, Fault.NO_TABLES)),
            failed(0, Fault.NEVER_WITNESSED, "result-ready/routine"),
            failed(3, Fault.OTHER_DECISION, expected="deny", found="allow"),
            failed(4, Fault.UNKNOWN_COLUMN, "severty"),
        )
    ),
    "mutants_killed": lambda: tested_lines(table_tests(score=KILLED)),
    "mutants_survived": lambda: tested_lines(table_tests(score=SCORE)),
    "generated": lambda: generated_lines(
        GeneratedRows(
            folder="policies",
            path="missing.yaml",
            rows=2,
            text="",
            next=(NextStep("then", "cutter policies test missing.yaml"),),
        )
    ),
    "proved": lambda: proof_lines(proofs(proof("consent-first", RESULT), proof("consent-first", "lab.x"))),
    "refuted": lambda: proof_lines(
        proofs(
            proof("consent-first", RESULT, **COUNTER),
            proof("nowhere", "", holds=False),
            proof("other", RESULT),
        )
    ),
    "difference_equal": lambda: difference_lines(EQUAL),
    "difference_waiting": lambda: difference_lines(changed(EQUAL, Consent.WANTED, 10)),
    "difference_exported": lambda: difference_lines(changed(EQUAL, Consent.WANTED, 10, exported="of policies.pae")),
    "difference_approved": lambda: difference_lines(changed(EQUAL, Consent.GIVEN, 0, signer="binh.le", fpr="A" * 40)),
    "explained_allowed": lambda: explained_lines(
        explained(
            Verdict.ALLOW,
            "ROUTINE_RESULT",
            HOLDS,
            FAILS,
            rule="result-ready/routine",
            nearest=NEAREST,
            assumed=("fields.patient",),
        )
    ),
    "explained_uncertain": lambda: explained_lines(
        explained(
            Verdict.ESCALATE,
            "MISSING_FIELD",
            MISSES,
            BEYOND,
            FAILS,
            uncertain=("recent.under_limit", "severity"),
            unasked=("recent.under_limit=true|false",),
        )
    ),
    "explained_refused": lambda: explained_lines(
        explained(Verdict.DENY, "UNKNOWN_FIELD", trigger="", where="fields", needed="consent|patient|severity|ward")
    ),
    "explained_malformed": lambda: explained_lines(
        explained(Verdict.DENY, "MALFORMED_TRIGGER", trigger="", where="trigger.json:2:1", case="duplicate_key")
    ),
    "explained_many": lambda: explained_lines(
        explained(Verdict.DENY, "NO_MATCH", *(FAILS,) * 14, left_out=1200, searched=False)
    ),
}
