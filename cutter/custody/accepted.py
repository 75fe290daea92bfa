"""What a type of a configuration accepts at a path of it: for people who have written something else there.

Rules kept here: only what the type declares is told (its words, an example of its form), never what stands in the file.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import inspect

QUOTED = "text in quotes"

_NEAREST, _CUTOFF = 3, 0.5
_STEP = re.compile(r"\.([^.\[\]]+)|\[(?:[0-9]+|\.\.\.)\]")


def accepted(type_: Any, path: str, *, key: bool = False) -> str:
    """What is accepted at a path such as `$.rules[0].decision`: one of some words, or text; empty for anything else.

    Args:
        type_: the type of the whole file.
        path: where; a step into a mapping or a list may be written `[...]`.
        key: a key of the mapping at the path is meant, not its value.
    """
    found = [inspect.type_info(type_)]
    for step in _STEP.finditer(path):
        found = [inner for each in _plain(found) for inner in _inside(each, step[1])]
    if key:
        found = [each.key_type for each in _plain(found) if isinstance(each, inspect.DictType)]
    return _told(found)


def nearest(word: str, known: Iterable[str]) -> str:
    """The declared words that are nearest to one of a file; all of them where none is near."""
    words = sorted(set(known))
    return "|".join(difflib.get_close_matches(word, words, n=_NEAREST, cutoff=_CUTOFF) or words)


def _plain(types: list[inspect.Type]) -> Iterator[inspect.Type]:
    """The types without what is said about them, and each of a choice."""
    for each in types:
        match each:
            case inspect.Metadata(type=inner):
                yield from _plain([inner])
            case inspect.UnionType(types=inner):
                yield from _plain(list(inner))
            case _:
                yield each


def _inside(type_: inspect.Type, name: str | None) -> Iterator[inspect.Type]:
    """What stands below a type: at a key of this name, or, without one, at any place."""
    match type_:
        case inspect.StructType(fields=fields):
            yield from (field.type for field in fields if field.encode_name == name)
        case inspect.DictType(value_type=inner):
            yield inner
        case inspect.VarTupleType(item_type=inner) | inspect.ListType(item_type=inner) if name is None:
            yield inner


def _told(types: list[inspect.Type]) -> str:
    words = [str(word) for each in _plain(types) if isinstance(each, inspect.LiteralType) for word in each.values]
    if words:
        return "|".join(words)
    examples = [example for each in types for example in _examples(each)]
    if examples:
        return f'{QUOTED}, such as "{examples[0]}"'
    return QUOTED if [each for each in _plain(types) if isinstance(each, inspect.StrType)] else ""


def _examples(type_: inspect.Type) -> list[Any]:
    match type_:
        case inspect.Metadata(extra_json_schema=said) if said and "examples" in said:
            return list(said["examples"])
        case inspect.UnionType(types=inner):
            return [example for each in inner for example in _examples(each)]
        case _:
            return []
