"""Prints what the policies of a folder decide on many triggers: every canonical byte, for comparing processes.

`python -m tests.support.decide_everything FOLDER`
"""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from cutter import canon
from cutter.custody.policies import load_selection
from cutter.policies.domain import Domain, Field, FieldValue, Trigger, TriggerType, Truth, Value, Whole, Words
from cutter.policies.envelope import canonical, read_canonical
from cutter.policies.index import Index
from cutter.policies.policy import Selection
from cutter.policies.references import issue
from cutter.policies.rendering import render
from cutter.policies.replay import replay

AS_OF = "2026-06-01T08:00:00Z"


def lines(selection: Selection) -> Iterator[str]:
    """The digest of the selection, and of every trigger its canonical text, decision, text and replay."""
    yield selection.sha256
    yield canon.encode(selection).decode()
    index = Index(selection)
    for kind in selection.triggers.types:
        for number, trigger in enumerate(_triggers(kind)):
            yield canonical(trigger)
            yield str(read_canonical(canonical(trigger), selection.triggers) == trigger)
            answers = (FieldValue("recent.under_limit", number % 7 != 0),) if kind.views else ()
            decision = index.decide(trigger, answers, frozenset())
            yield decision.body.decode()
            yield replay(decision, selection).outcome.value
            if decision.action is not None:
                named = next(t for t in selection.templates if t.id == decision.action.template)
                yield canon.encode(render(named, decision.action, trigger)).decode()


def _triggers(kind: TriggerType) -> Iterator[Trigger]:
    """Every combination of a few values of each field, missing ones and ones outside their domain too."""
    choices = [_choices(field) for field in kind.fields]
    for values in itertools.islice(itertools.product(*choices), 0, None, 3):
        given = [(f.name, v) for f, v in zip(kind.fields, values, strict=True) if v is not None]
        fields = tuple(FieldValue(name, value) for name, value in given if value != "OUTSIDE")
        outside = tuple(name for name, value in given if value == "OUTSIDE")
        yield Trigger(issue("TRG", "A5K8R2ME"), kind.name, AS_OF, fields, outside)


def _choices(field: Field) -> list[Value | None]:
    domain: Domain = field.domain
    match domain:
        case Truth():
            return [True, False, None]
        case Whole(minimum, maximum):
            return [minimum, (minimum + maximum) // 2, maximum, None, "OUTSIDE"]
        case Words(words):
            return [words[0], words[-1], "OUTSIDE"]
        case _ if field.name == "starts_at":
            return ["2026-06-02T08:00:00Z"]
        case _:
            return [issue("TEAM" if field.name == "team" else "PAT", "7KQ2M4XA"), None]


if __name__ == "__main__":
    for line in lines(load_selection(Path(sys.argv[1]))):
        sys.stdout.buffer.write(line.encode() + b"\n")
