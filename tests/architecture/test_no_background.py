"""Nothing runs behind anybody's back: no threads, timers, queues or daemons, and nothing of a decision is cached."""

import ast
from collections.abc import Iterator

import pytest

from tests.architecture.source import Module, called, modules

PROGRAM = modules("cutter")

# What runs beside, later or elsewhere than where it was asked for.
BACKGROUND = frozenset(
    {
        "threading",
        "multiprocessing",
        "concurrent",
        "asyncio",
        "sched",
        "queue",
        "_thread",
        "daemon",
        "celery",
        "apscheduler",
    }
    | {"socketserver", "xmlrpc", "selectors"}
)
FORKING = frozenset(
    {
        "os.fork",
        "os.forkpty",
        "os.setsid",
        "os.daemon",
        "signal.setitimer",
        "signal.alarm",
        "os.posix_spawn",
        "os.spawnv",
    }
)
# The clock of a progress line on a terminal; who waits for a child of its own; the doctor's patience with a check.
ALLOWED = {
    "cutter/app/doctor/findings.py": frozenset({"threading"}),
    "cutter/cli/progress.py": frozenset({"threading"}),
    "cutter/custody/openpgp/process.py": frozenset({"threading", "selectors"}),
}
CACHING = frozenset({"cache", "lru_cache", "cached_property"})
# Decisions, effects, their records and what is told of them: looked at anew each time.
NEVER_CACHED = (
    "cutter/policies/",
    "cutter/deciding/",
    "cutter/operations/policy/",
    "cutter/operations/comm/",
    "cutter/app/triggers.py",
    "cutter/app/audit.py",
    "cutter/custody/policies.py",
    "cutter/custody/policy_",
    "cutter/custody/directory.py",
    "cutter/custody/commitments.py",
    "cutter/custody/postbox.py",
    "cutter/custody/smtp_",
    "cutter/postgres/audit.py",
)
# What the same bytes say is the same each time; the bytes themselves are read anew.
PARSING = {"cutter/custody/policies.py": "_parse"}


def imported(module: Module) -> Iterator[str]:
    """The first part of every module that is imported."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("module", PROGRAM, ids=lambda module: module.path)
def test_nothing_runs_in_the_background(module: Module) -> None:
    """Without it a retry, a sweep or a timer could act when nobody asked for it."""
    allowed = ALLOWED.get(module.path, frozenset())
    assert set(imported(module)) & BACKGROUND <= allowed
    calls = {called(node) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}
    assert calls & FORKING == set()


@pytest.mark.parametrize(
    "module", [m for m in PROGRAM if m.path.startswith(NEVER_CACHED)], ids=lambda module: module.path
)
def test_nothing_of_a_decision_is_cached(module: Module) -> None:
    """Without it a decision could stand on a policy, view or directory of a moment ago."""
    parsing = [
        decorator
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef) and function.name == PARSING.get(module.path)
        for decorator in function.decorator_list
    ]
    inside = {id(node) for decorator in parsing for node in ast.walk(decorator)}
    nodes = [node for node in ast.walk(module.tree) if id(node) not in inside]
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    assert names & CACHING == set()
