"""The screen of a profile: by what it is recognised, and its levels as a table.

Source: issue 5, part 1.
"""

from collections.abc import Iterator

from cutter.cutting.profile import Level, Numbers, Profile, Series, Title
from cutter.messages import _, number
from cutter.report.documents.document import title_of
from cutter.report.documents.results import ProfileReport
from cutter.report.lines import block, blocks, next_lines, table_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible

_MOST_WORDS = 2


def profile_screen(report: ProfileReport) -> Iterator[str]:
    """One profile."""
    profile = report.profile
    origin = _("of this workspace") if report.own else _("shipped with cutter")
    yield f"{_('PROFILE')}  {profile.id} · {visible(title_of(profile.title))} · {profile.language} · {origin}"
    yield from blocks(_("Shown by"), _evidence(profile))
    if profile.instead_of:
        yield block(_("Before"), ", ".join(profile.instead_of))
    yield block(_("Cites"), ", ".join(profile.citations) or _("not stated: as in addresses"))
    yield block(_("Stops"), ", ".join(profile.stops) or _("no doubt stops a cut"))
    yield ""
    heads = (_("TYPE"), _("LEVEL"), _("RANK"), _("STANDS IN"), _("HEADING"), _("NUMBERS"), _("RUN"), _("TITLE"))
    rows = [_row(level, profile) for level in profile.levels]
    yield from (f"  {line}" for line in table_lines((heads, *rows), aligned=True))
    yield ""
    yield from next_lines((NextStep(_("all"), command("documents", "profiles")),))


def _evidence(profile: Profile) -> Iterator[str]:
    if not profile.evidence:
        yield _("nothing: it is taken only where it is named")
    for each in profile.evidence:
        yield f"{visible(each.lines)}  {_('(needed: {count})', count=number(each.at_least))}"


def _row(level: Level, profile: Profile) -> tuple[str, ...]:
    numbers = ", ".join(_numbers(each) for each in level.numbers)
    title = "" if level.title is Title.NONE else level.title.value
    return (
        level.type,
        level.id,
        level.rank.value,
        ", ".join(level.within),
        _heading(level),
        numbers,
        level.run.value if numbers else "",
        title,
    )


def _heading(level: Level) -> str:
    """What a heading of this level looks like, `N` standing for its number."""
    hashes = "/".join("#" * count for count in level.hashes)
    word = "|".join(level.words[:_MOST_WORDS]) + ("|…" if len(level.words) > _MOST_WORDS else "")
    after = "|".join(level.words_after[:_MOST_WORDS])
    opens, closes = (_signs(signs) for signs in (level.opens, level.closes))
    path = "…." if level.path else ""
    printed = f"{opens}{path}N{closes}" if level.numbers else ""
    underline = _("underlined {signs}", signs=level.underline) if level.underline else ""
    return " ".join(part for part in (hashes, word, printed, after, underline) if part)


def _signs(signs: str) -> str:
    """The one sign that must stand there, or all of which one must."""
    plain = signs.replace(" ", "")
    if not plain:
        return ""
    return plain if len(plain) == 1 else f"[{plain}]"


def _numbers(numbers: Numbers) -> str:
    if not isinstance(numbers, Series):
        return numbers
    if numbers.letters:
        return f"{numbers.letters[:_MOST_WORDS]}…"
    return f"{numbers.before} {numbers.ordinals[0]}…".strip()
