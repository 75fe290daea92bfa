"""Lint: exact gaps, conflicts, dead, redundant and unsatisfiable rules, each with a concrete trigger as witness.

Rules kept here: what is found is about triggers that say everything (a rule that only decides when a field is missing
is not called dead); a rule that allows and always contradicts another is in conflict, not dead; times at which no
policy is effective are not gaps; nothing depends on the order of files or rules.
Types all of whose triggers are denied (withdrawn, nothing selected for them) have no findings but unsatisfiable rules.

Source: issue 7, "lint"; policies.md §3.2.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

from cutter.policies.analysis.coverage import GapSearch, instead_of
from cutter.policies.analysis.findings import Finding, FindingKind, Severity
from cutter.policies.analysis.judging import strongest
from cutter.policies.analysis.regions import AS_OF, Periods, Region, Witness
from cutter.policies.analysis.searching import Cube, Judge, Path, Search, cube_of
from cutter.policies.analysis.selections import Surveyed, entries_of, fields_of_type, ground_of, surveyed
from cutter.policies.analysis.space import Axis, Entry, Space
from cutter.policies.analysis.unsatisfiable import unsatisfiable
from cutter.policies.analysis.witnesses import region_of, witness_of
from cutter.policies.domain import Field
from cutter.policies.policy import Policy, Selection

MOST_VISITS = 20_000_000
"""Visits of one trigger type: about half a minute; 1,000 rules on one type take half of them."""

_ORDER = tuple(FindingKind)


def lint(selection: Selection) -> tuple[Finding, ...]:
    """All findings: errors first, then by trigger type, kind and rules.

    Raises:
        TooLarge: a trigger type is too large to decide exactly.
    """
    survey = surveyed(selection)
    found = [finding for kind in selection.triggers.types for finding in _of_type(survey, kind.name)]
    return tuple(sorted(found, key=_rank))


def _rank(finding: Finding) -> tuple[object, ...]:
    """Gaps of a type stay in the order of their witnesses."""
    error = finding.severity is Severity.ERROR
    return not error, finding.trigger_type, _ORDER.index(finding.kind), finding.rules, finding.field


def _of_type(survey: Surveyed, name: str) -> Iterator[Finding]:
    policies = [policy for policy in survey.selection.policies if name in policy.triggers]
    fields = fields_of_type(survey.selection, name)
    yield from unsatisfiable(name, policies, fields)
    if entries_of(survey, name):
        yield from _Type(survey, name, policies, fields).findings()


class _Type:
    """One trigger type, whose triggers say everything, at times when a policy is effective."""

    def __init__(self, survey: Surveyed, name: str, policies: Sequence[Policy], fields: Sequence[Field]) -> None:
        ground = ground_of([survey], name)
        self._whole = ground.space
        self._space = _at_times(ground.space.complete(), policies)
        self._search = Search(self._space, MOST_VISITS)
        self._policies = policies
        self._fields = fields
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
        for path, cube in GapSearch(space).gaps():
            yield self._finding(FindingKind.GAP, Severity.ERROR, space, (), path, cube)

    def _overlaps(self) -> Iterator[Finding]:
        for stronger, weaker in combinations(self._bits, 2):
            both = tuple(a & b for a, b in zip(self._cubes[stronger], self._cubes[weaker], strict=True))
            if all(both):
                yield from self._overlap(stronger, weaker, both)

    def _overlap(self, stronger: int, weaker: int, both: Cube) -> Iterator[Finding]:
        space = self._space
        verdicts = [space.entries[bit.bit_length() - 1].rule.verdict for bit in (stronger, weaker)]
        if stronger & space.allow:
            severity, above = Severity.ERROR, space.deny | space.escalate
            if weaker & space.alike[stronger]:
                return
        elif verdicts[0] is verdicts[1]:
            return
        else:
            severity, above = Severity.WARNING, 0 if stronger & space.deny else space.deny
        path = self._search.find(_without(above), above | stronger | weaker, stronger | weaker, both)
        if path is not None:
            yield self._finding(FindingKind.CONFLICT, severity, space, (stronger, weaker), path, both)

    def _useless(self, bit: int) -> Iterator[Finding]:
        space, cube = self._space, self._cubes[bit]
        above = (bit - 1) & ~(space.allow & ~space.alike[bit] if bit & space.allow else 0)
        if self._search.find(_without(above), above | bit, bit, cube) is None and not self._decides_when_unsure(bit):
            kind, severity = FindingKind.DEAD, Severity.ERROR
        elif self._search.find(_differs_without(space, bit, above), space.rules, bit, cube) is None:
            kind, severity = FindingKind.REDUNDANT, Severity.WARNING
        else:
            return
        instead, path = instead_of(self._search, bit, cube)
        yield self._finding(kind, severity, space, (bit, *instead), path, cube)

    def _decides_when_unsure(self, bit: int) -> bool:
        """Whether a deny rule decides where the fields that others before it need, and it does not, are missing."""
        space = self._whole
        if not bit & space.deny:
            return False
        before = (bit - 1) & space.deny

        def judge(possible: int, doubt: int, waiting: int) -> bool | None:
            unsure = doubt | doubt >> space.width
            if unsure & bit or possible & before & ~waiting & ~unsure:
                return False
            return None if waiting & bit else True

        return Search(space).find(judge, before | bit, bit) is not None

    def _finding(
        self, kind: FindingKind, severity: Severity, space: Space, bits: Sequence[int], path: Path, cube: Cube
    ) -> Finding:
        rules = tuple(_named(space.entries[bit.bit_length() - 1]) for bit in bits)
        witness: Witness = witness_of(space, path, self._fields)
        region: Region = region_of(space, cube, self._space)
        return Finding(kind, severity, space.name, rules, witness, region)


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
                since <= moment and (not until or moment < until)
                for extent in cell.extents
                if isinstance(extent, Periods)
                for moment, _ in extent.bounds
                for since, until in windows
            )
        )
        return Axis(axis.name, cells)

    return space.with_axes([axis_of(axis) if axis.name == AS_OF else axis for axis in space.axes])


def _without(unwanted: int) -> Judge:
    """Where none of these rules matches."""

    def judge(possible: int, doubt: int, waiting: int) -> bool | None:
        left = possible & unwanted
        if not left:
            return True
        return False if left & ~waiting else None

    return judge


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
