"""From a unit to the words that people cite it by.

Rules kept here:

- What is written leads back to the unit (`AddressBook.resolve`): containers are named only as far as that needs it.
- A container whose numbers begin again is named with the one around it, as people do: Mục 1 Chương II.
- A unit that repeats a number, and one that no words can tell from another, is written as in its address.
- A unit without words in the style (TAIL, QS where the style has none) is written as its segment, with its parent.

Source: issue 5, part 4; cutting.md §1.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutter.cutting.citations.citation import Citation, Part
from cutter.cutting.citations.places import ANY, AddressBook, number_in_address, printed_number
from cutter.cutting.citations.vocabulary import folded, types_of_word, words_around
from cutter.cutting.profile import CitationStyle, Profile, Rank, Run
from cutter.cutting.unit import Unit
from cutter.stops import Stop, StopCode

_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_LARGEST_ROMAN = 3999
_PATH = "{path}"


@dataclass(frozen=True, slots=True)
class _Words:
    """A part of a citation as written, what it is read as, and whether it stands directly behind the one around it."""

    text: str
    part: Part
    stuck: bool


def cite(book: AddressBook, unit: Unit, style: str, title: str = "") -> str:
    """The citation of a unit.

    Args:
        book: of the cut that the unit is of.
        unit: which unit.
        style: a key of the profile's citations, such as `vi.short`.
        title: of the document, to be named too; empty for not.

    Raises:
        Stop: STOP_INVALID_INPUT (`style_unknown`) with the styles that there are; STOP_UNIT_UNKNOWN for a unit of
            another cut.
    """
    chosen = book.profile.citations.get(style)
    if chosen is None:
        known = tuple(sorted(book.profile.citations))
        raise Stop(StopCode.STOP_INVALID_INPUT, "style_unknown", needed="|".join(known), suggestions=known)
    citation = _citation(book, book.index_of(unit), chosen)
    if not title:
        return citation
    return chosen.titled.replace("{citation}", citation).replace("{title}", title)


def _citation(book: AddressBook, index: int, style: CitationStyle) -> str:
    for chain in _chains(book, index, style):
        for outermost_word in (False, True):
            groups = _grouped(_words(book, chain, style, outermost_word))
            if book.look_up(_as_read(groups, style)) == (index,):
                return _written(groups, style)
    return book.cut.units[index].address.partition("/")[2]


def _chains(book: AddressBook, index: int, style: CitationStyle) -> Iterator[list[int]]:
    """The units to name, outermost first: those that must be, then with one more container after the other."""
    chain = book.chain(index)
    units = [book.cut.units[each] for each in chain]
    again = _begin_again(book.profile)
    named: list[bool] = []
    for place, each in enumerate(chain):
        needed = place == 0 or not book.may_be_left_out(each) or _continues(units, place - 1, style)
        around = place > 0 and named[-1] and units[place - 1].type in again and units[place].type in style.parts
        named.append(needed or around)
    yield _named(chain, named)
    for place in range(len(chain)):
        if not named[place] and units[place].type in style.parts:
            named[place] = True
            yield _named(chain, named)


def _begin_again(profile: Profile) -> frozenset[str]:
    """The TYPEs of containers whose numbers begin again in every parent."""
    return frozenset(level.type for level in profile.levels if level.rank is Rank.CONTAINER and level.run is Run.WITHIN)


def _named(chain: Sequence[int], named: Sequence[bool]) -> list[int]:
    return [each for each, is_named in zip(chain, named, strict=True) if is_named][::-1]


def _continues(units: Sequence[Unit], place: int, style: CitationStyle) -> bool:
    """Whether a unit and the one around it are written as one number with dots.

    Without words the templates of two TYPEs look alike: there (1)(a) and (a.1) are told apart by what is printed.
    """
    inner, outer = (style.parts.get(units[each].type, "") for each in (place, place + 1))
    if not any(words_around(inner)) and "." not in printed_number(units[place]):
        return False
    return _PATH in inner and _PATH in outer and (inner == outer or units[place].type in style.stuck)


def _words(book: AddressBook, chain: Sequence[int], style: CitationStyle, outermost_word: bool) -> Iterator[_Words]:
    units = [book.cut.units[index] for index in chain]
    begin = 0
    for place, unit in enumerate(units):
        follows = place + 1 < len(units) and units[place + 1].parent_address == unit.address
        if follows and _continues((units[place + 1], unit), 0, style):
            continue
        run, begin = units[begin : place + 1], place + 1
        worded = run[0] if outermost_word or run[0].type in book.closed_types else unit
        template = style.parts.get(worded.type)
        if template is None:
            yield _as_segment(unit)
            continue
        number = _number_for(template, run)
        types = types_of_word(template, book.words)
        yield _Words(_filled(template, run), Part(types, folded(number)), run[0].type in style.stuck)


def _as_segment(unit: Unit) -> _Words:
    number, occurrence = number_in_address(unit)
    return _Words(unit.address.rpartition("/")[2], Part(frozenset((unit.type,)), number, occurrence), False)


def _filled(template: str, run: Sequence[Unit]) -> str:
    """A template with the number of a unit, the last one of a run that is written as one number."""
    before, found, rest = template.partition("{")
    return f"{before}{_number_for(template, run)}{rest.partition('}')[2]}" if found else template


def _number_for(template: str, run: Sequence[Unit]) -> str:
    match template.partition("{")[2].partition("}")[0]:
        case "n":
            return _printed(run[-1])
        case "value":
            return number_in_address(run[-1])[0]
        case "roman":
            return _roman(number_in_address(run[-1])[0])
        case "path":
            return ".".join(map(_printed, run))
        case _:
            return ""


def _printed(unit: Unit) -> str:
    """The last component of a number as printed; that of the address where the printed one says nothing."""
    printed = unit.number_raw.strip(" .:()[]§").rpartition(".")[2].strip()
    in_address = number_in_address(unit)[0]
    plain = printed_number(unit).rpartition(".")[2]
    return in_address if not plain or (plain.isdecimal() and plain != in_address) else printed


def _roman(number: str) -> str:
    """A decimal number in roman capitals; any other as it is."""
    if not number.isdecimal() or not 0 < (rest := int(number)) <= _LARGEST_ROMAN:
        return number
    out = ""
    for value, letters in _ROMAN:
        out += letters * (rest // value)
        rest %= value
    return out


def _grouped(words: Iterator[_Words]) -> list[list[_Words]]:
    groups: list[list[_Words]] = []
    for word in words:
        if word.stuck and groups:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _as_read(groups: Sequence[Sequence[_Words]], style: CitationStyle) -> Citation:
    """What `parse_citation` reads in the words."""
    ordered = groups[::-1] if style.order == "inner_first" else groups
    connected = len(groups) > 1 and bool(style.join.strip(" ,;"))
    return Citation(
        tuple(tuple(Part(ANY if word.stuck and place else word.part.types, word.part.number, word.part.occurrence)
                    for place, word in enumerate(group)) for group in ordered),
        "inner_first" if connected else "either",
    )  # fmt: skip


def _written(groups: Sequence[Sequence[_Words]], style: CitationStyle) -> str:
    ordered = groups[::-1] if style.order == "inner_first" else groups
    return style.join.join("".join(word.text for word in group) for group in ordered)
