"""Pipelines: reading a file strictly, checking what it means, and the inputs of a run.

`load` gives a tree with places, `build` a checked `Pipeline`; either gives `Refused` with every mistake at its place.
"""

from cutter.pipeline.build import build, rebuild
from cutter.pipeline.diagnostics import Code, Diagnostic, Refused, render
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
    "render",
]
