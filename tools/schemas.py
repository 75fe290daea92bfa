"""Generates the JSON Schemas in schemas/ from the types that the program reads; `--check` only compares.

`schemas/pipeline/1.json` is what editors check pipeline files with.
"""

import json
import sys
from pathlib import Path

from cutter.pipeline.format import json_schema

SCHEMAS = Path(__file__).parent.parent / "schemas"


def schemas() -> dict[str, str]:
    """Every schema by its path below `schemas/`."""
    return {"pipeline/1.json": json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"}


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
