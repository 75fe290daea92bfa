"""Keeps the catalogues of messages in cutter/messages: finds what people read, updates each `.po`, compiles the `.mo`.

A message is found in three ways: as a literal in a call (`_`, `counted`, `label`, `N_`) or a mark (`Message`,
`Countable`) of the source; in the program's own tables (stop codes, exit statuses, lint's mistakes, operations); and as
the help of a command or an option.

`--check` writes nothing and fails when a message has no translation, or one that is doubtful (fuzzy), has other
placeholders or a word that the glossary forbids, or when what is compiled is not up to date. `--missing` lists what has
no translation yet.

Source: command-line.md §1 row 13; issue 6, part 2.
"""

import ast
import inspect
import os
import re
import string
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from cutter.app.explained_pipelines import pipeline_texts
from cutter.app.explained_policies import policy_texts
from cutter.app.explanations import translatable_texts
from cutter.app.pipelines import list_pipelines, load_pipeline
from cutter.cli.root import make_root
from cutter.cli.session import open_settings
from cutter.messages import CATALOGUES, DOMAIN, LANGUAGES, plural_forms

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "cutter"
ELSEWHERE = SOURCE / "report" / "review"  # that page is in both languages by itself
LABEL = "label"
_PLAIN = frozenset({"_", "N_", "Message"})
_OF_PIPELINE = ("given_", "positional_")  # how the parameters are called that are a pipeline's inputs
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # a date in the catalogue would change it at every run

Found = tuple[str | tuple[str, str], str, str]  # the message (or its two forms), its context, where it stands


def main(arguments: list[str]) -> int:
    """Write the catalogues, or look at them."""
    os.chdir(ROOT)  # the commands of pipelines are those of the workspace here
    template = make_template()
    mistakes = []
    for language in LANGUAGES[1:]:
        known = read(language)
        if "--missing" in arguments:
            sys.stdout.writelines(f"{_shown(message)}\n" for message in missing(_updated(template, known)))
        elif "--check" in arguments:
            mistakes += [f"{language}: {mistake}" for mistake in check(template, known)]
        else:
            _write(language, _updated(template, known))
    for mistake in mistakes:
        print(mistake, file=sys.stderr)
    if mistakes:
        print("run: python tools/messages.py; then translate what is new", file=sys.stderr)
    return 1 if mistakes else 0


def make_template() -> Catalog:
    """Every message of the program, without translations."""
    catalogue = Catalog(project="cutter", creation_date=_NEVER, revision_date=_NEVER, charset="utf-8")
    for message, context, place in sorted(found_messages(), key=lambda found: (found[2], str(found[0]))):
        flags = ["python-brace-format"] if _fields(message) else []
        catalogue.add(message, locations=[(place, 0)], context=context or None, flags=flags)
    return catalogue


def check(template: Catalog, known: Catalog) -> Iterator[str]:
    """What is wrong with a catalogue."""
    for message in template:
        if not message.id:
            continue
        translated = known.get(message.id, message.context)
        if translated is None or not all(_forms(translated.string)):
            yield f"not translated: {_shown(message)}"
        elif translated.fuzzy:
            yield f"doubtful: {_shown(message)}"
        elif any(_fields(form) != _fields(message.id) for form in _forms(translated.string)):
            yield f"other placeholders: {_shown(message)}"
    for message in known:
        if message.id and template.get(message.id, message.context) is None:
            yield f"of no message any more: {_shown(message)}"
    compiled = _compiled(known.locale_identifier or "")
    if not compiled.exists() or compiled.read_bytes() != _compile(known):
        yield "the compiled catalogue is not up to date"


def missing(catalogue: Catalog) -> Iterator[Message]:
    """The messages without a translation."""
    return (message for message in catalogue if message.id and not all(_forms(message.string)))


def found_messages() -> Iterator[Found]:
    """Every message, from the source, the program's tables, and the help of its commands."""
    for path in sorted(SOURCE.rglob("*.py")):
        if ELSEWHERE not in path.parents:
            yield from _in_source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    for text in (*translatable_texts(), *pipeline_texts(), *policy_texts()):
        yield text, "", "cutter/stops"
    for text in _in_help(make_root()):
        yield text, "", "cutter/cli"
    for text in _in_pipelines():
        yield text, "", "pipelines"


def _in_source(place: str, text: str) -> Iterator[Found]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        name, first, second = node.func.id, _literal(node, 0), _literal(node, 1)
        if name in _PLAIN and first:
            yield first, "", place
            yield from ((plural_forms(what), "", place) for what in _counted_in(first))
        elif name == "counted" and second:
            yield plural_forms(second), "", place
        elif name == "Countable" and first:
            yield plural_forms(first), "", place
        elif name == "_Entry" and second:  # a command in the table of the root
            yield second, "", place
        elif name in ("NextStep", "label") and first:
            yield first, LABEL, place


def _literal(call: ast.Call, place: int) -> str:
    """The text of an argument, when it is written there."""
    if len(call.args) <= place:
        return ""
    argument = call.args[place]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""


def _counted_in(text: str) -> Iterator[str]:
    """What is counted inside a message: `{rows:row}`."""
    return (form for _text, name, form, _conversion in string.Formatter().parse(_safe(text)) if name and form)


def _in_help(command: click.Command) -> Iterator[str]:
    """The texts of a command and of those below it. Pipelines have titles in two languages and texts of their own."""
    own = all(not (parameter.name or "").startswith(_OF_PIPELINE) for parameter in command.params)
    if command.help and own:
        yield inspect.cleandoc(command.help)
    for parameter in command.params:
        told = getattr(parameter, "help", None)
        if isinstance(told, str) and not (parameter.name or "").startswith(_OF_PIPELINE):
            yield inspect.cleandoc(told)
    if isinstance(command, click.Group):
        context = click.Context(command)
        children = (command.get_command(context, name) for name in command.list_commands(context))
        for child in children:
            yield from _in_help(child) if child is not None else ()


def _in_pipelines() -> Iterator[str]:
    """What the inputs of shipped pipelines say."""
    settings = open_settings()
    for listed in list_pipelines(settings):
        pipeline = load_pipeline(settings, listed.id)
        yield from (item.help for item in pipeline.inputs if item.help)


def _forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text or "",) if isinstance(text, str) or text is None else tuple(text)


def _fields(text: str | tuple[str, ...] | list[str]) -> set[str]:
    """The placeholders, with how they are formatted."""
    return {found for form in _forms(text) for found in re.findall(r"\{[a-z_]+(?::[^{}]*)?\}", form)}


def _safe(text: str) -> str:
    """A text whose braces can be read as placeholders; others are dropped."""
    return "".join(re.findall(r"\{[a-z_]+(?::[^{}]*)?\}", text))


def _shown(message: Message) -> str:
    return f"[{message.context}] {message.id}" if message.context else str(message.id)


def _path(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def _compiled(language: str) -> Path:
    return _path(language).with_suffix(".mo")


def read(language: str) -> Catalog:
    """The catalogue of a language; an empty one when there is none yet."""
    if not _path(language).exists():
        return Catalog(language)
    with _path(language).open("rb") as file:
        return read_po(file, locale=language)


def _updated(template: Catalog, known: Catalog) -> Catalog:
    """The template with the translations that are known; those of no message any more are dropped."""
    made = Catalog(known.locale, project="cutter", creation_date=_NEVER, revision_date=_NEVER, charset="utf-8")
    made.header_comment = (
        "# What people read of cutter. Updated by `python tools/messages.py`; the words are a person's."
    )
    made.last_translator, made.language_team = "cutter", "vi"
    for message in template:
        if message.id:
            before = known.get(message.id, message.context)
            translated = before.string if before is not None else ""
            if isinstance(message.id, tuple) and isinstance(translated, str):
                translated = (translated,)
            made.add(message.id, translated, locations=message.locations, flags=message.flags, context=message.context)
    return made


def _write(language: str, catalogue: Catalog) -> None:
    _path(language).parent.mkdir(parents=True, exist_ok=True)
    with _path(language).open("wb") as file:
        write_po(file, catalogue, width=118, include_lineno=False)
    _compiled(language).write_bytes(_compile(read(language)))


def _compile(catalogue: Catalog) -> bytes:
    buffer = BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
