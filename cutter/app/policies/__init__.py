"""The use cases about policies: what there is, what is wrong with it, what it decides and why. No database."""

from cutter.app.policies.checking import lint_policies, prove_invariants
from cutter.app.policies.comparing import Compared, compare_policies
from cutter.app.policies.consent import approve_difference, export_difference
from cutter.app.policies.explaining import explain_trigger
from cutter.app.policies.listing import list_policies, show_policy
from cutter.app.policies.testing import generate_rows, run_policy_tests

__all__ = [
    "Compared",
    "approve_difference",
    "compare_policies",
    "explain_trigger",
    "export_difference",
    "generate_rows",
    "lint_policies",
    "list_policies",
    "prove_invariants",
    "run_policy_tests",
    "show_policy",
]
