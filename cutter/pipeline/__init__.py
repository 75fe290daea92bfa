"""Pipelines: reading a file strictly, checking what it means, and the inputs of a run.

`load` gives a tree with places, `build` a checked `Pipeline`; either gives `Refused` with every mistake at its place.
What reads YAML is loaded when one of these is first asked for: the command line needs only `names` for its filter.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cutter.pipeline.builder import build, rebuild
    from cutter.pipeline.diagnostics import Code, Diagnostic, Refused
    from cutter.pipeline.document import Document, load
    from cutter.pipeline.inputs import parse_inputs

__all__ = [
    "Code",
    "Diagnostic",
    "Document",
    "Refused",
    "build",
    "load",
    "parse_inputs",
    "rebuild",
]

_HOMES = {
    "build": "builder",
    "rebuild": "builder",
    "Code": "diagnostics",
    "Diagnostic": "diagnostics",
    "Refused": "diagnostics",
    "Document": "document",
    "load": "document",
    "parse_inputs": "inputs",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for on first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(import_module(f"cutter.pipeline.{_HOMES[name]}"), name)
