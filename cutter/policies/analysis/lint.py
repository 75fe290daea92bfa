"""Lint: exact gaps, conflicts, dead, redundant and unsatisfiable rules, each with a concrete trigger as witness.

Rules kept here: what is found is about triggers that say everything (a rule that only decides when a field is missing
is not called dead); a rule that allows and always contradicts another is in conflict, not dead; times at which no
policy is effective are not gaps; nothing depends on the order of files or rules.
Types all of whose triggers are denied (withdrawn, nothing selected for them) have no findings but unsatisfiable rules.

Source: issue 7, "lint"; policies.md §3.2.
"""

from collections.abc import Iterable, Iterator, Sequence

from cutter.policies.analysis.bounds import MOST_FINDINGS, Budget, first_of, numbers_of, refuse_beyond
from cutter.policies.analysis.coverage import GapSearch, instead_of
from cutter.policies.analysis.findings import Finding, FindingKind, Severity
from cutter.policies.analysis.judging import strongest
from cutter.policies.analysis.regions import AS_OF, Periods
from cutter.policies.analysis.searching import Cube, Judge, Path, Search, cube_of, without
from cutter.policies.analysis.selections import Surveyed, entries_of, fields_of_type, ground_of, surveyed
from cutter.policies.analysis.space import Axis, Entry, Space, effective
from cutter.policies.analysis.unsatisfiable import unsatisfiable
from cutter.policies.analysis.witnesses import Wording
from cutter.policies.domain import Field
from cutter.policies.policy import Policy, Selection

_ORDER = tuple(FindingKind)


def lint(selection: Selection) -> tuple[Finding, ...]:
    """All findings: errors first, then by trigger type, kind and rules.

    Raises:
        TooLarge: a trigger type is too large to decide exactly.
    """
    budget = Budget()
    survey = surveyed(selection, budget)
    found: list[Finding] = []
    for kind in selection.triggers.types:
        for finding in _of_type(survey, kind.name, budget):
            found.append(finding)
            refuse_beyond(MOST_FINDINGS, len(found), kind.name)
    return tuple(sorted(found, key=_rank))


def _rank(finding: Finding) -> tuple[object, ...]:
    """Gaps of a type stay in the order of their witnesses."""
    error = finding.severity is Severity.ERROR
    return not error, finding.trigger_type, _ORDER.index(finding.kind), finding.rules, finding.field


def _of_type(survey: Surveyed, name: str, budget: Budget) -> Iterator[Finding]:
    policies = [policy for policy in survey.selection.policies if name in policy.triggers]
    fields = fields_of_type(survey.selection, name)
    yield from unsatisfiable(name, policies, fields)
    if entries_of(survey, name):
        yield from _Type(policies, fields, ground_of([survey], name, budget).space, budget).findings()


class _Type:
    """One trigger type, whose triggers say everything, at times when a policy is effective."""

    def __init__(self, policies: Sequence[Policy], fields: Sequence[Field], whole: Space, budget: Budget) -> None:
        self._space = _at_times(whole.complete(), policies)
        self._search = Search(self._space, budget)
        self._with_absent = Search(whole, budget)
        self._wording = Wording(self._space, fields)
        self._policies = policies
        self._fields = fields
        self._budget = budget
        cells = sum(len(axis.cells) for axis in whole.axes)
        budget.spend_comparisons(whole.name, whole.width * cells)
        self._bits = [1 << number for number in range(self._space.width)]
        self._cubes = {bit: cube_of(self._space, bit) for bit in self._bits}

    def findings(self) -> Iterator[Finding]:
        """All findings but unsatisfiable rules."""
        yield from self._gaps()
        yield from self._overlaps()
        for bit in self._bits:
            if all(self._cubes[bit]):  # else it never matches
                yield from self._useless(bit)

    def _gaps(self) -> Iterator[Finding]:
        unmeant = [policy for policy in self._policies if not policy.otherwise_deny]
        space = _at_times(self._space, unmeant)
        wording = Wording(space, self._fields, self._space)
        for path, cube in GapSearch(space, self._budget).gaps():
            yield self._finding(FindingKind.GAP, Severity.ERROR, wording, (), path, cube)

    def _overlaps(self) -> Iterator[Finding]:
        for stronger in self._bits:
            severity, against, above = self._contradiction(stronger)
            after = self._search.meeting(self._cubes[stronger]) & against & -stronger
            for weaker in (1 << number for number in numbers_of(after)):
                pair = stronger | weaker
                both = tuple([a & b for a, b in zip(self._cubes[stronger], self._cubes[weaker], strict=True)])
                path = self._search.find(without(above), above | pair, pair, both)
                if path is not None:
                    yield self._finding(FindingKind.CONFLICT, severity, self._wording, (stronger, weaker), path, both)

    def _contradiction(self, bit: int) -> tuple[Severity, int, int]:
        """What it is to contradict a rule, which rules do, and which above both settle it."""
        space = self._space
        if bit & space.deny:
            return Severity.WARNING, space.escalate | space.allow, 0
        if bit & space.escalate:
            return Severity.WARNING, space.allow, space.deny
        return Severity.ERROR, space.allow & ~space.alike[first_of(bit)], space.deny | space.escalate

    def _useless(self, bit: int) -> Iterator[Finding]:
        space, cube = self._space, self._cubes[bit]
        above = (bit - 1) & ~(space.allow & ~space.alike[first_of(bit)] if bit & space.allow else 0)
        if self._search.find(without(above), above | bit, bit, cube) is None and not self._decides_when_unsure(bit):
            kind, severity = FindingKind.DEAD, Severity.ERROR
        elif self._search.find(_differs_without(space, bit, above), space.rules, bit, cube) is None:
            kind, severity = FindingKind.REDUNDANT, Severity.WARNING
        else:
            return
        instead, path = instead_of(self._search, bit, cube)
        yield self._finding(kind, severity, self._wording, (bit, *instead), path, cube)

    def _decides_when_unsure(self, bit: int) -> bool:
        """Whether a deny rule decides where the fields that others before it need, and it does not, are missing."""
        space = self._with_absent.space
        if not bit & space.deny:
            return False
        before = (bit - 1) & space.deny

        def judge(possible: int, doubt: int, waiting: int) -> bool | None:
            unsure = doubt | doubt >> space.width
            if unsure & bit or possible & before & ~waiting & ~unsure:
                return False
            return None if waiting & bit else True

        return self._with_absent.find(judge, before | bit, bit) is not None

    def _finding(
        self, kind: FindingKind, severity: Severity, wording: Wording, bits: Sequence[int], path: Path, cube: Cube
    ) -> Finding:
        rules = tuple([_named(self._space.entries[first_of(bit)]) for bit in bits])
        return Finding(kind, severity, self._space.name, rules, wording.witness(path), wording.region(cube))


def _named(entry: Entry) -> tuple[str, str]:
    return entry.policy, entry.rule.id


def _at_times(space: Space, policies: Iterable[Policy]) -> Space:
    """Only the times at which one of these policies is effective."""
    windows = [(policy.effective_from, policy.effective_until) for policy in policies]

    def axis_of(axis: Axis) -> Axis:
        cells = tuple(
            cell
            for cell in axis.cells
            if any(
                effective(window, moment)
                for extent in cell.extents
                if isinstance(extent, Periods)
                for moment, _ in extent.bounds
                for window in windows
            )
        )
        return Axis(axis.name, cells)

    return space.with_axes([axis_of(axis) if axis.name == AS_OF else axis for axis in space.axes])


def _differs_without(space: Space, bit: int, above: int) -> Judge:
    """Where verdict, action or reason would be another without a rule that matches."""

    def judge(possible: int, doubt: int, waiting: int) -> bool | None:
        if possible & above & ~waiting:
            return False
        if waiting:
            return None
        with_it, without_it = strongest(space, possible), strongest(space, possible & ~bit)
        return (with_it.verdict, with_it.action, with_it.reason) != (
            without_it.verdict,
            without_it.action,
            without_it.reason,
        )

    return judge
