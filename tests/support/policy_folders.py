"""Workspaces with policies: one that has no mistake, and edits that plant one."""

from pathlib import Path

GOOD = {
    "triggers.yaml": """\
format: cutter.triggers/1
issuer: TRG
sources: ["urn:example:laboratory"]
pipeline: notify
types:
  lab.result_ready:
    fields:
      patient: {reference: PAT}
      consent: boolean
      severity: {at_least: 0, at_most: 10}
      ward: {one_of: [north, south]}
    views: [recent]
""",
    "selection.yaml": """\
format: cutter.selection/1
policies: {result-ready: "1.0"}
views: {recent: "1.0"}
templates: {result-ready: "1.0", result-late: "1.0"}
""",
    "views/recent.yaml": """\
format: cutter.view/1
id: recent
version: "1.0"
status: active
sql: SELECT true AS under_limit
columns: {under_limit: boolean}
""",
    "templates/ready.yaml": """\
format: cutter.template/1
id: result-ready
version: "1.0"
status: active
operation: comm.create_notification@1
language: en
body: A result of ward {ward} is ready.
slots: {ward: {labels: {north: North, south: South}}}
""",
    "templates/late.yaml": """\
format: cutter.template/1
id: result-late
version: "1.0"
status: active
operation: comm.create_notification@1
language: en
body: A result of ward {ward} was late.
slots: {ward: {labels: {north: North, south: South}}}
""",
    "rules/ready.yaml": """\
format: cutter.policy/1
id: result-ready
version: "1.0"
title: {en: A result is ready, vi: Đã có kết quả}
status: active
effective: {from: "2026-01-01T00:00:00Z"}
triggers: [lab.result_ready]
rules:
  - id: no-consent
    when: {consent: false}
    decision: deny
    reason: NO_CONSENT
  - id: too-many
    when: {consent: true, severity: {at_most: 6}, recent.under_limit: false}
    decision: deny
    reason: TOO_MANY
  - id: severe
    when: {consent: true, severity: {at_least: 7}}
    decision: escalate
    reason: SEVERE
    do: {comm.create_notification@1: {template: result-ready@1.0, to: patient, slots: {ward: ward}}}
  - id: routine
    when: {consent: true, severity: {at_most: 6}, recent.under_limit: true}
    decision: allow
    reason: ROUTINE
    do: {comm.create_notification@1: {template: result-ready@1.0, to: patient, slots: {ward: ward}}}
""",
    "tests/ready.yaml": """\
format: cutter.policy-tests/1
policies: {result-ready: "1.0"}
trigger: lab.result_ready
as_of: "2026-03-01T00:00:00Z"
given: [patient]
rows:
  - fields: {consent: false, severity: 0, ward: north, recent.under_limit: true}
    expect: {decision: deny, rule: result-ready/no-consent, reason: NO_CONSENT}
  - fields: {consent: true, severity: 6, ward: north, recent.under_limit: false}
    expect: {decision: deny, rule: result-ready/too-many, reason: TOO_MANY}
  - fields: {consent: true, severity: 7, ward: north, recent.under_limit: true}
    expect: {decision: escalate, rule: result-ready/severe, reason: SEVERE}
  - fields: {consent: true, severity: 6, ward: south, recent.under_limit: true}
    expect: {decision: allow, rule: result-ready/routine, reason: ROUTINE}
""",
    "invariants.yaml": """\
format: cutter.invariants/1
invariants:
  - id: never-without-consent
    when: {consent: false}
    never: [allow]
  - id: severe-is-seen-by-a-person
    triggers: [lab.result_ready]
    when: {severity: {at_least: 7}}
    never: [allow]
""",
}
RULES = "rules/ready.yaml"
GAP = ("severity: {at_most: 6}, recent.under_limit: true", "severity: {at_most: 4}, recent.under_limit: true")
CONFLICT = (
    "  - id: no-consent",
    """\
  - id: late
    when: {consent: true, severity: 3, recent.under_limit: true}
    decision: allow
    reason: LATE
    do: {comm.create_notification@1: {template: result-late@1.0, to: patient, slots: {ward: ward}}}
  - id: no-consent""",
)
_SEVERE = "when: {consent: true, severity: {at_least: 7}}\n    decision: "
LAX = (f"{_SEVERE}escalate", f"{_SEVERE}allow")
TRIGGER = (
    '{"format":"cutter.trigger/1","id":"TRG-A5K8R2ME-69","type":"lab.result_ready","as_of":"2026-06-01T08:00:00Z",'
    '"fields":{"patient":"PAT-7KQ2M4XA-55","consent":true,"severity":2,"ward":"north"}}'
)


def write_policies(folder: Path, *edits: tuple[str, str], file: str = RULES) -> Path:
    """A folder of policies; each edit is of one of its files, and has to change it."""
    for name, text in GOOD.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        for old, new in edits if name == file else ():
            assert old in text
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    return folder


def write_workspace(folder: Path, *edits: tuple[str, str], file: str = RULES) -> Path:
    """A workspace with policies, whose database nobody reaches."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "format: cutter.workspace/1\ndatabase: {service: nowhere}\n"
    (folder / "cutter.yaml").write_text(text, encoding="utf-8")
    write_policies(folder / "policies", *edits, file=file)
    return folder
