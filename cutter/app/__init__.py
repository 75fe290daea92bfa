"""The use cases of cutter, and the place where every port is built once.

Rules kept here: a use case takes settings and values and returns frozen values; it prints nothing. The modules are
loaded when a use case is first asked for, so that help and lint never load the database driver.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "orchestrate": "orchestration",
    "resume": "orchestration",
    "abort_run": "ending",
    "check_approval": "gates",
    "load_pipeline": "pipelines",
    "list_pipelines": "pipelines",
    "lint_pipeline": "pipelines",
    "run_phases": "graphs",
    "list_runs": "runs",
    "show_run": "runs",
    "verify_sidecars": "runs",
    "add_document": "documents",
    "list_documents": "documents",
    "open_cut": "cuts",
    "possible_actors": "policies.consent",
    "approve_difference": "policies.consent",
    "start_database": "database",
    "stop_database": "database",
    "migrate_database": "database",
    "database_url": "database",
    "database_tools": "database",
}


def __getattr__(name: str) -> Any:
    """Load the use case's module on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"cutter.app.{_HOMES[name]}"), name)
