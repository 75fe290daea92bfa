"""Rules that no value can match.

Source: issue 7, "lint".
"""

from collections.abc import Iterator, Sequence

from cutter.policies.analysis.atoms import State, atoms_of
from cutter.policies.analysis.findings import Finding, FindingKind, Severity
from cutter.policies.analysis.regions import Region, needed
from cutter.policies.domain import Domain, Field
from cutter.policies.policy import Condition, Policy
from cutter.policies.preparation import meets


def unsatisfiable(name: str, policies: Sequence[Policy], fields: Sequence[Field]) -> Iterator[Finding]:
    """The rules of a trigger type one of whose conditions no value of its field's domain meets."""
    domains = {field.name: field.domain for field in fields}
    for policy in policies:
        for rule in policy.rules:
            never = next((c for c in rule.when if not satisfiable(c, domains.get(c.field))), None)
            if never is not None:
                yield Finding(
                    FindingKind.UNSATISFIABLE,
                    Severity.ERROR,
                    name,
                    ((policy.id, rule.id),),
                    None,
                    Region((needed(never),)),
                    never.field,
                )


def satisfiable(condition: Condition, domain: Domain | None) -> bool:
    """Whether some value of the domain meets a condition."""
    atoms = [atom for atom in atoms_of([domain], [condition.test]) if atom.state is State.INSIDE]
    return any(meets(condition.test, atom.sample) for atom in atoms)
