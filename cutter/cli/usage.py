"""What the parser found wrong, as a stop: which option or argument, never the value that was given for it.

Source: command-line.md §3 (a usage error of the parser would print a value as it is).
"""

import difflib
from collections.abc import Sequence

import click

from cutter.stops import Stop, StopCode


def usage_stop(error: click.UsageError, arguments: Sequence[str]) -> Stop:
    """STOP_INVALID_INPUT for a usage error; the parser's own message, which quotes values, is dropped."""
    match error:
        case click.NoSuchOption():
            return _stop("unknown_option", where=_place(error.option_name, arguments), suggestions=_options_near(error))
        case click.BadOptionUsage():
            return _stop("wrong_use", where=error.option_name)
        case click.MissingParameter():
            return _stop("missing", needed=_name(error))
        case click.BadParameter():
            return _stop("wrong_value", where=_name(error), needed=_choices(error))
        case _ if isinstance(_command(error), click.Group):
            return _stop("command", suggestions=_commands_near(error, arguments))
        case _:
            return _stop("unexpected_argument")


def command_path(error: click.UsageError) -> tuple[str, ...]:
    """The commands that were understood before the error, below the program: `("orchestrate", "cut")`."""
    names: list[str] = []
    context = error.ctx
    while context is not None and context.parent is not None:
        names.insert(0, context.command.name or "")
        context = context.parent
    return tuple(names)


def _stop(detail: str, *, where: str = "", needed: str = "", suggestions: tuple[str, ...] = ()) -> Stop:
    return Stop(StopCode.STOP_INVALID_INPUT, detail, where=where, needed=needed, suggestions=suggestions)


def _command(error: click.UsageError) -> click.Command | None:
    return error.ctx.command if error.ctx else None


def _name(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return (parameter.metavar or parameter.name or "").upper() if parameter else ""


def _choices(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    return "|".join(str(choice) for choice in kind.choices) if isinstance(kind, click.Choice) else ""


def _place(option: str, arguments: Sequence[str]) -> str:
    """The number of the argument that has the option: its own name could be a secret that lost its option."""
    found = (n for n, word in enumerate(arguments, start=1) if word.startswith(option))
    return f"argument {next(found, len(arguments))}"


def _options_near(error: click.NoSuchOption) -> tuple[str, ...]:
    command = _command(error)
    known = [name for p in (command.params if command else ()) if isinstance(p, click.Option) for name in p.opts]
    return tuple(difflib.get_close_matches(error.option_name, known, n=3, cutoff=0.5))


def _commands_near(error: click.UsageError, arguments: Sequence[str]) -> tuple[str, ...]:
    command = _command(error)
    if not isinstance(command, click.Group) or error.ctx is None:
        return ()
    known = command.list_commands(error.ctx)
    near = [name for word in arguments for name in difflib.get_close_matches(word, known, n=3, cutoff=0.6)]
    return tuple(dict.fromkeys(near)) or tuple(known)
