"""Policies from their files: every condition and action held against what triggers, views and templates say.

Rules kept here: a condition is on a field that every trigger type of the policy has, with one and the same domain, and
tests values of that domain only; an action names a template of its operation, a recipient that is a reference, and
fills every slot with a field whose every value the slot can show.

Source: issue 7 (parts), rules 2 and 5; policies.md §0.3.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from cutter.custody.accepted import nearest
from cutter.custody.configuration import Configuration
from cutter.custody.policy_conditions import read_test
from cutter.custody.policy_files import ActionKeys, PolicyFile, RuleKeys
from cutter.custody.policy_parts import NAME, SPELLINGS, check_distinct, check_names, check_texts, digested
from cutter.policies.domain import Domain, IssuedReference, TriggerTypes, Whole, Words
from cutter.policies.grammar import is_moment, said_by
from cutter.policies.policy import (
    WRITES,
    Action,
    Condition,
    Pace,
    Policy,
    PolicyLimits,
    Rule,
    Slot,
    Template,
    Verdict,
    View,
)

_DURATION = re.compile(r"P(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?)?", re.ASCII)
_FIELD = re.compile(rf"{NAME.pattern}(\.{NAME.pattern})?")
_SECONDS = {"D": 86400, "H": 3600, "M": 60}


class Surroundings(NamedTuple):
    """What a policy is held against: the trigger types, the views (of one that is selected that version only), and
    every version of the templates.
    """

    triggers: TriggerTypes
    views: tuple[View, ...]
    templates: Mapping[tuple[str, str], Template]


def policy(file: Configuration[PolicyFile], known: Surroundings) -> Policy:
    """A policy.

    Raises:
        Stop: STOP_CONFIG_INVALID with the place. Details: `unknown_trigger_type`, `repeated`, `not_a_time`,
            `empty_range`, `duplicate_rule`, `unknown_field`, `unknown_column`, `domains_differ`, `not_finite`,
            `wrong_type`, `outside_domain`, `wrong_value`, `missing_key` and `unknown_key` (`do`), `unknown_operation`,
            `unknown_template`, `other_operation`, `not_a_reference`, `undeclared_slot`, `missing_slot`, `slot_domain`,
            `phi_suspected`.
    """
    keys = file.value
    _check_head(file, known)
    reader = _Reader(file, known)
    rules = tuple(reader.rule(rule, f"$.rules[{place}]") for place, rule in enumerate(keys.rules))
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        if rule.id in seen:
            raise file.refuse("duplicate_rule", f"$.rules[{place}].id", rule.id)
        seen.add(rule.id)
    pace = keys.limits.pace
    return digested(
        Policy(
            id=keys.id,
            version=keys.version,
            title_en=keys.title.en,
            title_vi=keys.title.vi,
            effective_from=keys.effective.from_,
            effective_until=keys.effective.until or "",
            withdrawn=keys.status == "withdrawn",
            triggers=tuple(sorted(keys.triggers)),
            otherwise_deny=keys.otherwise is not None,
            rules=tuple(sorted(rules, key=lambda rule: rule.id)),
            limits=PolicyLimits(Pace(pace.at_most, _seconds(file, pace.within)) if pace else None),
            sha256="",
        )
    )


def _check_head(file: Configuration[PolicyFile], known: Surroundings) -> None:
    keys = file.value
    names = {kind.name for kind in known.triggers.types}
    check_distinct(file, keys.triggers, "$.triggers")
    for place, name in enumerate(keys.triggers):
        if name not in names:
            raise file.refuse("unknown_trigger_type", f"$.triggers[{place}]", name, nearest(name, names))
    check_texts(file, [("$.title.en", keys.title.en), ("$.title.vi", keys.title.vi)])
    for key, moment in (("from", keys.effective.from_), ("until", keys.effective.until)):
        if moment is not None and not is_moment(moment):
            raise file.refuse("not_a_time", f"$.effective.{key}")
    if keys.effective.until is not None and keys.effective.until <= keys.effective.from_:
        raise file.refuse("empty_range", "$.effective.until")


def _seconds(file: Configuration[PolicyFile], duration: str) -> int:
    match = _DURATION.fullmatch(duration)
    counted = {} if match is None else match.groupdict(default="0")
    seconds = sum(int(counted[unit]) * _SECONDS[unit] for unit in counted)
    if not seconds:
        raise file.refuse("wrong_value", "$.limits.pace.within")
    return seconds


class _Reader:
    """Reads the rules of one policy.

    Args:
        file: the policy's file.
        known: what it is held against.
    """

    def __init__(self, file: Configuration[PolicyFile], known: Surroundings) -> None:
        self._file = file
        self._kinds = [kind for kind in known.triggers.types if kind.name in file.value.triggers]
        self._views = known.views
        self._templates = known.templates

    def rule(self, keys: RuleKeys, path: str) -> Rule:
        check_names(self._file, keys.when, f"{path}.when", _FIELD)
        when = tuple(
            Condition(name, read_test(self._file, test, self._domain(name, where), where))
            for name, test in sorted(keys.when.items())
            for where in (f"{path}.when.{name}",)
        )
        verdict = Verdict(keys.decision)
        if keys.do is None and verdict is Verdict.ALLOW:
            raise self._file.refuse("missing_key", f"{path}.decision", "do")
        if keys.do is not None and verdict is Verdict.DENY:
            raise self._file.refuse("unknown_key", f"{path}.do", "do")
        action = None if keys.do is None else self._action(keys.do, f"{path}.do")
        return Rule(keys.id, when, verdict, keys.reason, action)

    def _domain(self, name: str, path: str) -> Domain:
        """The one domain that a field has in every trigger type of the policy."""
        domains: list[Domain] = []
        for kind in self._kinds:
            own = [field.domain for field in kind.fields if field.name == name]
            views = [view for view in self._views if view.id in kind.views]
            here = own + [column.domain for view in views for column in view.columns if column.name == name]
            if not here:
                known = [field.name for field in kind.fields] + [c.name for view in views for c in view.columns]
                unknown = "unknown_column" if "." in name else "unknown_field"
                raise self._file.refuse(unknown, path, name, nearest(name, known))
            domains += here
        if any(domain != domains[0] for domain in domains):
            raise self._file.refuse("domains_differ", path, name)
        return domains[0]

    def _action(self, do: Mapping[str, ActionKeys], path: str) -> Action:
        ((name, keys),) = do.items()
        operation = SPELLINGS.get(name)
        where = f"{path}.{name}"
        if operation is None:
            raise self._file.refuse("unknown_operation", where, needed="|".join(WRITES))
        template_id, _, version = keys.template.partition("@")
        template = self._templates.get((template_id, version))
        if template is None:
            known = [named.id + "@" + named.version for named in self._templates.values()]
            raise self._file.refuse(
                "unknown_template", f"{where}.template", keys.template, nearest(keys.template, known)
            )
        if template.operation != operation:
            raise self._file.refuse("other_operation", f"{where}.template", template.operation, operation)
        if not isinstance(self._domain(keys.to, f"{where}.to"), IssuedReference):
            raise self._file.refuse("not_a_reference", f"{where}.to", keys.to)
        self._check_slots(template, keys, where)
        slots = tuple(Slot(slot, field) for slot, field in sorted(keys.slots.items()))
        return Action(operation, template_id, version, keys.to, slots)

    def _check_slots(self, template: Template, keys: ActionKeys, where: str) -> None:
        check_names(self._file, keys.slots, f"{where}.slots")
        shown = {form.field.name: form.field.domain for form in template.slots}
        for slot, field in keys.slots.items():
            if slot not in shown:
                raise self._file.refuse("undeclared_slot", f"{where}.slots.{slot}", slot, nearest(slot, shown))
            said = self._domain(field, f"{where}.slots.{slot}")
            if not _holds(shown[slot], said):
                found = _not_shown(shown[slot], said)
                raise self._file.refuse(
                    "slot_domain", f"{where}.slots.{slot}", f"{field}: {found}", said_by(shown[slot])
                )
        if missing := shown.keys() - keys.slots.keys():
            raise self._file.refuse("missing_slot", f"{where}.slots", min(missing))


def _holds(shown: Domain, said: Domain) -> bool:
    """Whether a slot can show every value of a field."""
    match shown, said:
        case Words(labelled), Words(words):
            return set(words) <= set(labelled)
        case Whole(low, high), Whole(minimum, maximum):
            return low <= minimum and maximum <= high
        case _:
            return shown == said


def _not_shown(shown: Domain, said: Domain) -> str:
    """What a field says that a slot cannot show: the words, else all that it says."""
    if isinstance(shown, Words) and isinstance(said, Words):
        return "|".join(word for word in said.words if word not in shown.words)
    return said_by(said)
