"""Generates the JSON Schemas in schemas/ from the types that the program reads; `--check` only compares.

`schemas/pipeline/1.json` is what editors check pipeline files with; the others tell other programs what cutter writes.
"""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from cutter.approval.request import ApprovalRequest, Rejection
from cutter.approval.trust import TrustBundle
from cutter.checkpoints import Checkpoint
from cutter.custody.manifest import Manifest
from cutter.custody.policy_files import PolicyFile, SelectionFile, TemplateFile, TriggerFile, TriggersFile, ViewFile
from cutter.evidence import PhaseDocument, Sidecar, SidecarIndex, Start
from cutter.operations.report.publish import Report
from cutter.pipeline.format import json_schema
from cutter.plan import Plan
from cutter.policies.decision import Decision
from cutter.report.asked import ApprovalChecked, AskedApproval, SignedAnswer
from cutter.report.result import Refusal, Result

SCHEMAS = Path(__file__).parent.parent / "schemas"


WRITTEN: tuple[type[msgspec.Struct], ...] = (
    ApprovalChecked,
    ApprovalRequest,
    AskedApproval,
    Checkpoint,
    Decision,
    Manifest,
    PhaseDocument,
    Plan,
    PolicyFile,
    Refusal,
    Rejection,
    Report,
    Result,
    SelectionFile,
    Sidecar,
    SidecarIndex,
    SignedAnswer,
    Start,
    TemplateFile,
    TriggerFile,
    TriggersFile,
    TrustBundle,
    ViewFile,
)


def schemas() -> dict[str, str]:
    """Every schema by its path below `schemas/`: that of a format `cutter.NAME/N` is `NAME/N.json`."""
    made = {"pipeline/1.json": json_schema()}
    for written in WRITTEN:
        form = next(field.default for field in msgspec.structs.fields(written) if field.name == "format")
        made[f"{form.removeprefix('cutter.')}.json"] = _schema(written, form)
    return {name: _text(made[name]) for name in sorted(made)}


def _text(schema: dict[str, Any]) -> str:
    """The file; the end of a text has another sign in Python than in the dialect of JSON Schema, where it is `$`."""
    text = json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return text.replace("\\\\Z", "$")


def _schema(written: type[msgspec.Struct], form: str) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form,
        **msgspec.json.schema(written),
    }


def main(arguments: list[str]) -> int:
    """Write the schemas, or with `--check` say which one is not up to date."""
    stale = []
    for name, text in schemas().items():
        page = SCHEMAS / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"not up to date: {', '.join(stale)}; run: python tools/schemas.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
