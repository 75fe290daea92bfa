"""The tree of commands as a table for completion (`cutter/cli/commands.tsv`), made from click's own tree.

A row is a command: its words, its options, its arguments, parted by tabs. `--name` is a flag, `--name=KIND` takes a
value; `KIND...` repeats. A kind is words parted by bars, or `@documents`, `@runs` and the like, which are looked up in
the workspace. The row of `orchestrate *` is what every pipeline's command has.
"""

import re
from collections.abc import Iterator

import click

from cutter.cli.root import make_root
from cutter.fingerprints import SCHEMAS
from cutter.operations import OPERATIONS
from cutter.stops import Category

HEAD = "# Made by `make docs` from the tree of commands; read by cutter/cli/candidates.py.\n"

# What stands for a value in the help, and what it is.
_KINDS = {
    "RUN": "@runs",
    "DOCUMENT_ID": "@documents",
    "DOCUMENT": "@documents",
    "BACKUP": "@backups",
    "PIPELINE": "@pipelines",
    "PROFILE": "@profiles",
    "FILE": "@files",
    "FILE|NAME": "@pipelines|@files",
    "NAME|FILE": "@pipelines|@files",
    "DIR": "@folders",
    "FOLDER": "@folders",
}
_OPTIONS = {
    "--document-id": "@documents",
    "--backup-id": "@backups",
    "--approval-kb-id": "@requests",
    "--profile": "@profiles",
}
_WORDS = re.compile(r"[a-z0-9_-]+(\|[a-z0-9_-]+)+")
_ORCHESTRATE = "orchestrate"


def command_table() -> str:
    """The table as it is written."""
    rows = dict(_walk(make_root(), ()))
    rows[_ORCHESTRATE, "*"] = _common(rows)
    return HEAD + "".join(f"{' '.join(path)}\t{options}\t{arguments}\n" for path, (options, arguments) in rows.items())


def _walk(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[str, str]]]:
    context = click.Context(command, info_name=path[-1] if path else "cutter")
    parameters = command.get_params(context)
    options = [name for item in parameters if isinstance(item, click.Option) for name in _option(item, path, context)]
    arguments = [_argument(item, path, context) for item in parameters if isinstance(item, click.Argument)]
    yield path, (" ".join(sorted(options)), " ".join(arguments))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None:
                yield from _walk(child, (*path, name))


def _common(rows: dict[tuple[str, ...], tuple[str, str]]) -> tuple[str, str]:
    """The options that the commands of all pipelines have."""
    named = [set(options.split()) for path, (options, _) in rows.items() if path[:1] == (_ORCHESTRATE,) and path[1:]]
    return " ".join(sorted(set.intersection(*named) | {"--mode=dryrun|live", "--approval-kb-id=@requests"})), ""


def _option(item: click.Option, path: tuple[str, ...], context: click.Context) -> Iterator[str]:
    for name in (*item.opts, *item.secondary_opts):
        if item.is_flag or item.count:
            yield name
        else:
            yield f"{name}={_OPTIONS.get(name) or _kind(item, path, context)}"


def _argument(item: click.Argument, path: tuple[str, ...], context: click.Context) -> str:
    return f"{_kind(item, path, context) or '-'}{'...' if item.nargs == -1 else ''}"


def _kind(item: click.Parameter, path: tuple[str, ...], context: click.Context) -> str:
    if twin := next((p for p in context.command.params if _twin(p, item)), None):
        return _kind(twin, path, context)
    if isinstance(item.type, click.Choice):
        return "|".join(str(choice) for choice in item.type.choices)
    shown = item.make_metavar(context).replace("[", "").replace("]", "").replace("...", "").strip()
    match path[0] if path else "", shown:
        case "documents", "ID":
            return "@documents"
        case "fingerprints", "NAME":
            return "|".join(SCHEMAS)
        case "operations", "NAME" | "OPERATION":
            return _operations()
        case "pipelines", "NAME":
            return "@pipelines"
        case "explain", "CODE":
            return f"@codes|{_operations()}|{'|'.join(category.value for category in Category)}"
        case "help", "TOPIC":
            return f"@topics|{'|'.join(make_root().list_commands(context))}"
    return _KINDS.get(shown) or (shown if _WORDS.fullmatch(shown) else "")


def _twin(option: click.Parameter, item: click.Parameter) -> bool:
    """Whether an option is the same input of a pipeline as this argument."""
    name = (item.name or "").removeprefix("positional_")
    return name != item.name and name != "document_id" and option.name == f"given_{name}"


def _operations() -> str:
    return "|".join(sorted({operation.name for operation in OPERATIONS}))
