"""What a condition of a policy or an invariant tests, read from its file against the domain of its field.

Rules kept here: the domain is finite; a value has exactly the type of the domain and lies in it; a range is not empty.
"""

from typing import Any, assert_never

from cutter.custody.configuration import Configuration
from cutter.custody.policy_files import TestKeys
from cutter.custody.policy_parts import NAME, check_distinct, stated
from cutter.policies.domain import Domain, IssuedReference, Moment, Truth, Value, Whole, Words
from cutter.policies.grammar import said_by
from cutter.policies.policy import Between, Equal, OneOf, Test


def read_test(file: Configuration[Any], keys: Value | TestKeys, domain: Domain, path: str) -> Test:
    """The test at a path of a file.

    Raises:
        Stop: STOP_CONFIG_INVALID, detail `not_finite`, `wrong_type`, `outside_domain`, `empty_range`, `repeated`,
            `wrong_value`.
    """
    if not isinstance(keys, TestKeys):
        _check_value(file, keys, domain, path)
        return Equal(keys)
    match stated(keys):
        case [("one_of", values)]:
            check_distinct(file, values, f"{path}.one_of")
            for place, value in enumerate(values):
                _check_value(file, value, domain, f"{path}.one_of[{place}]")
            return OneOf(tuple(sorted(values)))
        case [("at_least" | "at_most", _)] | [("at_least", _), ("at_most", _)]:
            return _between(file, keys, domain, path)
    raise file.refuse("wrong_value", path)


def _between(file: Configuration[Any], keys: TestKeys, domain: Domain, path: str) -> Between:
    if not isinstance(domain, Whole):
        raise file.refuse("wrong_type", path, needed=said_by(domain))
    for key, bound in stated(keys):
        _check_value(file, bound, domain, f"{path}.{key}")
    low = domain.minimum if keys.at_least is None else keys.at_least
    high = domain.maximum if keys.at_most is None else keys.at_most
    if low > high:
        raise file.refuse("empty_range", path)
    return Between(low, high)


def _check_value(file: Configuration[Any], value: Value, domain: Domain, path: str) -> None:
    match domain:
        case Words(words):
            fits = value in words
            kind: type = str
        case Whole(minimum, maximum):
            fits, kind = type(value) is int and minimum <= value <= maximum, int
        case Truth():
            fits, kind = True, bool
        case Moment() | IssuedReference():
            raise file.refuse("not_finite", path)
        case _ as never:
            assert_never(never)
    if type(value) is not kind:
        raise file.refuse("wrong_type", path, needed=said_by(domain))
    if not fits:
        raise file.refuse("outside_domain", path, _shown(value), said_by(domain))


def _shown(value: Value) -> str:
    """A value, if it is a number or a plain word; a text of another form may be anything."""
    return str(value) if not isinstance(value, str) or NAME.fullmatch(value) else ""
