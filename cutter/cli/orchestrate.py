"""`cutter orchestrate PIPELINE …`: a command for every pipeline, its options made from the pipeline's inputs; and
`cutter orchestrate resume`, which goes on with the run of a request that was signed.

Rules kept here: what an input may be is judged where runs are made, not by the parser; there is no option that skips a
check; the database's driver is loaded when a run is made, not for help.

Source: DESIGN §7.
"""

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

import click

from cutter.app.pipelines import list_pipelines, load_pipeline
from cutter.cli.display import with_display
from cutter.cli.exits import ORCHESTRATE, epilog
from cutter.cli.progress import make_progress
from cutter.cli.refusals import result_view
from cutter.cli.report_options import report_options
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.messages import Message, _, language
from cutter.model import Input, Mode, Pipeline, Starter
from cutter.report.result import Result
from cutter.stops import Stop, StopCode

RESUME = "resume"
_RESUME_HELP = Message("Go on with a run whose request was signed.")

# A label that can stand in an event: no sentence, and nothing that a shell or a screen could take for more.
_ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,126}")


def make_group() -> click.Group:
    """The group of pipelines."""
    return Pipelines(
        name="orchestrate",
        context_settings=dict(SETTINGS),
        help="Run a pipeline. Without `--mode live` it is rehearsed: the database itself refuses to commit.",
        epilog=epilog(*ORCHESTRATE),
        subcommand_metavar="PIPELINE [ARGS]...",
    )


class Pipelines(click.Group):
    """Every pipeline that can be named is a command; a file of one is, too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The pipelines that can be named, and what goes on with a run of one."""
        return [*(listed.id for listed in list_pipelines(open_settings()) if listed.valid), RESUME]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of a pipeline; stops when there is none, or it does not lint."""
        if cmd_name == RESUME:
            return make_resume()
        return make_command(load_pipeline(open_settings(), cmd_name), cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The pipelines with their titles."""
        with formatter.section(_("Pipelines")):
            formatter.write_dl(
                [(p.id, title_of(p.title_en, p.title_vi)) for p in list_pipelines(open_settings()) if p.valid]
            )
        with formatter.section(_("Other commands")):
            formatter.write_dl([(RESUME, _(_RESUME_HELP))])


def title_of(english: str, vietnamese: str) -> str:
    """The title of a pipeline in the language of the process."""
    return vietnamese if language() == "vi" else english


def make_command(pipeline: Pipeline, name: str) -> click.Command:
    """The command of a pipeline; `name` is the id or file by which it was asked for."""
    if pipeline.started_by is Starter.POLICY:
        return _refuse_by_hand(pipeline, name)
    positional = [item for item in pipeline.inputs if item.positional]
    arguments: list[click.Parameter] = [
        click.Argument([f"positional_{item.name}"], required=False, metavar=f"[{item.name.upper()}]")
        for item in positional
    ]
    command = click.Command(
        name=name,
        params=[*arguments, *(_option(item) for item in pipeline.inputs), *_options()],
        callback=_runner(pipeline, name),
        help=title_of(pipeline.title_en, pipeline.title_vi),
        epilog=epilog(*ORCHESTRATE),
    )
    return with_display(command)


def _refuse_by_hand(pipeline: Pipeline, name: str) -> click.Command:
    """What a policy starts is started by a trigger: whatever stands behind its name, nobody runs it by hand."""

    def refuse() -> None:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail="no_trigger", needed="cutter trigger FILE")

    lenient = {"ignore_unknown_options": True, "allow_extra_args": True}
    return with_display(
        click.Command(
            name=name,
            callback=refuse,
            context_settings=lenient,
            help=title_of(pipeline.title_en, pipeline.title_vi),
            epilog=epilog(*ORCHESTRATE),
        )
    )


def make_resume() -> click.Command:
    """The command that goes on with a run whose request was signed."""
    named = click.Option(
        ["--approval-kb-id"], metavar="ID", help="The request that was signed, as the waiting run shows it. [required]"
    )
    command = click.Command(
        name=RESUME,
        params=[named, actor_option(), *report_options()],
        callback=_resume,
        help=_RESUME_HELP,
        epilog=epilog(*ORCHESTRATE),
    )
    return with_display(command)


def _resume(approval_kb_id: str | None, actor: str | None) -> View:
    if approval_kb_id is None:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="missing", needed="--approval-kb-id")
    settings = open_settings()
    label = check_actor(actor if actor is not None else settings.actor)
    resume: Any = import_module("cutter.app.orchestration").resume
    with make_progress() as notify:
        result: Result = resume(settings, approval_kb_id, label, notify)
    return result_view(result)


def _option(item: Input) -> click.Option:
    words = [_(item.help)] if item.help else []
    if item.default is not None:
        words.append(_("[default: {value}]", value=item.default))
    elif item.required:
        words.append(_("[required]"))
    metavar = "|".join(item.enum) if item.enum else "URI" if item.format == "uri" else "TEXT"
    return click.Option([_flag(item), f"given_{item.name}"], metavar=metavar, help=" ".join(words))


def _options() -> tuple[click.Option, ...]:
    mode = "Rehearse, or write for good."
    live = "The request that was signed, as the waiting run shows it. With --mode live."
    modes = click.Choice([choice.value for choice in Mode])
    return (
        click.Option(["--mode"], type=modes, default=Mode.DRYRUN.value, show_default=True, help=mode),
        actor_option(),
        click.Option(["--approval-kb-id"], metavar="ID", help=live),
        *report_options(),
    )


def actor_option() -> click.Option:
    """The option that says who acts."""
    return click.Option(["--actor"], metavar="LABEL", help="Who acts: a label, no proof. [default: $LARK_AGENT]")


def _flag(item: Input) -> str:
    return f"--{item.name.replace('_', '-')}"


def _runner(pipeline: Pipeline, name: str) -> Callable[..., View]:
    def run_pipeline(mode: str, actor: str | None, approval_kb_id: str | None, **values: str | None) -> View:
        if approval_kb_id is not None and mode != Mode.LIVE.value:
            raise Stop(StopCode.STOP_INVALID_INPUT, detail="dryrun", where="--approval-kb-id", needed="--mode live")
        settings = open_settings()
        given = {item.name: _given(item, values) for item in pipeline.inputs}
        label = check_actor(actor if actor is not None else settings.actor)
        orchestrate: Any = import_module("cutter.app.orchestration").orchestrate
        named = approval_kb_id or ""
        with make_progress() as notify:
            result: Result = orchestrate(settings, pipeline, name, given, Mode(mode), label, notify, named)
        return result_view(result)

    return run_pipeline


def _given(item: Input, values: dict[str, str | None]) -> str | None:
    option, argument = values[f"given_{item.name}"], values.get(f"positional_{item.name}")
    if option is not None and argument is not None and option != argument:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="given_twice", where=_flag(item))
    return argument if option is None else option


def check_actor(label: str) -> str:
    """The label, if it may stand in records; else STOP_INVALID_INPUT."""
    if not _ACTOR.fullmatch(label):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="actor", needed="letters, digits and ._:/@+- (at most 127)")
    return label
