"""`cutter help [TOPIC]`: what every command shares, to read offline; and the help of a command, as `--help` shows it.

Source: issue 6, part 6; command-line.md §1 row 12.
"""

import difflib
from collections.abc import Iterator

import click
import msgspec

from cutter.app.topics import Topic, find_topic, list_topics, topic_names
from cutter.cli.exits import epilog
from cutter.cli.root import COMMAND_NAMES, SETTINGS, load_group, make_root
from cutter.cli.view import View
from cutter.messages import _, language
from cutter.report.lines import next_lines, pad
from cutter.report.next_steps import command
from cutter.report.paragraphs import screen_width, set_text
from cutter.report.result import NextStep
from cutter.stops import Stop, StopCode

_HELP = """Show a help topic; list them all when none is named.

The name of a command shows that command's own help.
"""


class TopicLine(msgspec.Struct, frozen=True):
    """A topic in the list."""

    name: str
    title: str


class TopicList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter help` (`cutter.topics/1`)."""

    format: str = "cutter.topics/1"
    topics: tuple[TopicLine, ...]


class TopicText(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter help TOPIC` (`cutter.topic/1`); of a command, `language` is that of its help and `title` its line."""

    format: str = "cutter.topic/1"
    name: str
    language: str
    title: str
    text: str


def make_group() -> click.Command:
    """The command."""
    return click.Command(
        name="help",
        params=[click.Argument(["topic"], metavar="[TOPIC]", required=False)],
        callback=show_help,
        help=_HELP,
        epilog=epilog(),
        context_settings=dict(SETTINGS),
    )


def show_help(topic: str | None) -> View:
    """The view of a topic, or of the list. Raises STOP_INVALID_INPUT, detail `unknown`, with the nearest topics."""
    if topic is None:
        return _list()
    found = find_topic(topic, language())
    if found is not None:
        text = TopicText(name=found.name, language=found.language, title=found.title, text=found.text)
        return View(text, (found.title, "", *set_text(found.text, screen_width())))
    if topic in COMMAND_NAMES:
        return _command_help(topic)
    known = [*topic_names(), *COMMAND_NAMES]
    near = difflib.get_close_matches(topic, known, n=3, cutoff=0.5) or topic_names()
    raise Stop(StopCode.STOP_INVALID_INPUT, "unknown", where="TOPIC", suggestions=tuple(near))


def _list() -> View:
    topics = list_topics(language())
    document = TopicList(topics=tuple(TopicLine(topic.name, topic.title) for topic in topics))
    return View(document, tuple(_lines(topics)))


def _lines(topics: tuple[Topic, ...]) -> Iterator[str]:
    yield _("Topics")
    wide = max(len(topic.name) for topic in topics)
    yield from (f"  {pad(topic.name, wide)}  {topic.title}" for topic in topics)
    yield ""
    yield from next_lines(
        (
            NextStep("topic", command("help", topics[0].name)),
            NextStep("commands", command("--help")),
            NextStep("a code", command("explain", StopCode.STOP_DRIFT.name)),
            NextStep("this host", command("doctor")),
        )
    )


def _command_help(name: str) -> View:
    group = load_group(name)
    with make_root().make_context("cutter", [name]) as root:
        text = group.get_help(click.Context(group, root, info_name=name))
    return View(TopicText(name=name, language="en", title=group.get_short_help_str(), text=text), (text,))
