"""From the tree of a pipeline file to a checked `Pipeline`, or to every mistake in it.

Rules kept here: what stands in a built pipeline can be run: operations exist, references are declared, come from
earlier phases and have the right types; only reading phases stand before the first gate; a governed write stands after
a gate, with idempotency and an undo. The digest is over canonical JSON, so comments and layout do not change it.

Source: DESIGN §5.
"""

import re

import msgspec

from cutter import canon
from cutter.model import Binding, Input, InputReference, Limits, Pipeline, Starter
from cutter.operation import Catalogue
from cutter.pipeline.diagnostics import Code, Diagnostic, Refused
from cutter.pipeline.document import Document, Entry, Mapping, Node, Place, Scalar, placed, plain
from cutter.pipeline.format import (
    FORMAT,
    INPUT_FORMATS,
    INPUT_TYPES,
    PHASE_ID,
    PIPELINE_ID,
    STARTERS,
    InputKeys,
    LimitsKeys,
    PipelineKeys,
    Title,
)
from cutter.pipeline.names import OWN_OPTIONS, is_refused_name
from cutter.pipeline.phases import read_phases
from cutter.pipeline.references import braced, is_unbalanced
from cutter.pipeline.scope import Scope, read_binding, refuse_absent
from cutter.pipeline.walk import Walk, is_pattern, join

STORED = "pipeline of the run"


def build(document: Document, catalogue: Catalogue) -> Pipeline | Refused:
    """Check a document and build the pipeline.

    Args:
        document: what `load` gave.
        catalogue: the operations that phases may use.

    Returns:
        the pipeline, or all its mistakes in the order of their places.
    """
    walk = Walk(document.name)
    pipeline = _read(walk, document.root, catalogue)
    if walk.mistakes or pipeline is None:
        return Refused(tuple(sorted(walk.mistakes, key=lambda m: (m.line, m.column))))
    return pipeline


def rebuild(source: bytes, catalogue: Catalogue) -> Pipeline | Refused:
    """The pipeline that a run was started with, from its canonical JSON.

    Equal to what was built from the file: nothing in a pipeline depends on the order of keys, which canonical JSON
    does not keep.
    """
    try:
        tree = msgspec.json.decode(source)
        canonical = canon.encode(tree) == source
    except (msgspec.MsgspecError, ValueError, RecursionError):
        tree, canonical = None, False
    if not canonical:
        message = "the stored pipeline is not canonical JSON"
        return Refused((Diagnostic(file=STORED, line=1, column=1, code=Code.NOT_YAML, path="", message=message),))
    return build(Document(STORED, placed(tree)), catalogue)


def _read(walk: Walk, root: Node, catalogue: Catalogue) -> Pipeline | None:
    entries = walk.keyed(root, "", PipelineKeys)
    if not entries:
        return None
    _check_format(walk, entries)
    title = walk.keyed(entries["title"].node, "title", Title) if "title" in entries else {}
    inputs = _read_inputs(walk, entries)
    starter = walk.word(entries["started_by"].node, "started_by", STARTERS) if "started_by" in entries else None
    started_by = Starter(starter) if starter is not None else Starter.PERSON
    scope = Scope(walk=walk, inputs={item.name: item for item in inputs}, catalogue=catalogue, started_by=started_by)
    phrases = _read_phrases(walk, entries, scope)
    lock = _read_lock(walk, entries, scope)
    limits = _read_limits(walk, entries)
    phases = read_phases(scope, entries["phases"].node) if "phases" in entries else ()
    name = walk.text(entries["id"].node, "id", PIPELINE_ID) if "id" in entries else None
    titles = {key: walk.text(entry.node, f"title.{key}") for key, entry in title.items()}
    if walk.mistakes or name is None or limits is None:
        return None
    source = canon.encode(plain(root))
    return Pipeline(
        id=name,
        title_en=titles["en"] or "",
        title_vi=titles["vi"] or "",
        phrases=phrases,
        inputs=inputs,
        lock=lock,
        limits=limits,
        phases=phases,
        source=source,
        sha256=canon.sha256(source),
        started_by=started_by,
    )


def _check_format(walk: Walk, entries: dict[str, Entry]) -> None:
    if "format" not in entries:
        return
    node = entries["format"].node
    stated = walk.text(node, "format")
    if stated is not None and stated != FORMAT:
        walk.note(Code.WRONG_VALUE, node.place, "format", "another format than this cutter reads", needed=FORMAT)


def _read_inputs(walk: Walk, entries: dict[str, Entry]) -> tuple[Input, ...]:
    if "inputs" not in entries:
        return ()
    inputs = []
    for name, entry in walk.mapping(entries["inputs"].node, "inputs").items():
        path = join("inputs", name)
        if walk.text(Scalar(entry.place, name), path, PHASE_ID) is not None:
            _check_input_name(walk, name, entry.place, path)
        inputs.append(_read_input(walk, name, entry.node, path))
    return tuple(sorted(inputs, key=lambda item: (not item.positional, item.name)))


def _check_input_name(walk: Walk, name: str, place: Place, path: str) -> None:
    """An input is an option of the command line, so it may have no name that is refused or taken there."""
    if name in OWN_OPTIONS:
        walk.note(Code.REFUSED_NAME, place, path, f"every command has an option `--{name}` of its own")
    elif is_refused_name(name):
        message = "no input may have this name: the command line refuses what cutter discovers or what skips a check"
        walk.note(Code.REFUSED_NAME, place, path, message)


def _read_input(walk: Walk, name: str, node: Node, path: str) -> Input:
    keys = walk.keyed(node, path, InputKeys)
    texts = {key: walk.text(keys[key].node, join(path, key)) for key in ("pattern", "default", "help") if key in keys}
    enum: tuple[str, ...] = ()
    if "enum" in keys:
        found = [walk.text(item, join(path, "enum")) for item in walk.some(keys["enum"].node, join(path, "enum"))]
        enum = tuple(item for item in found if item is not None)
    flags = {
        key: walk.boolean(keys[key].node, join(path, key)) if key in keys else default
        for key, default in (("required", texts.get("default") is None), ("positional", False))
    }
    if "type" in keys:
        walk.word(keys["type"].node, join(path, "type"), INPUT_TYPES)
    form = walk.word(keys["format"].node, join(path, "format"), INPUT_FORMATS) if "format" in keys else None
    _check_default(walk, keys, texts.get("default"), enum, path)
    return Input(
        name=name,
        type=INPUT_TYPES[0],
        required=bool(flags["required"]),
        default=texts.get("default"),
        pattern=_checked_pattern(walk, keys, texts.get("pattern"), path),
        enum=enum,
        format=form,
        positional=bool(flags["positional"]),
        help=texts.get("help") or "",
    )


def _check_default(walk: Walk, keys: dict[str, Entry], default: str | None, enum: tuple[str, ...], path: str) -> None:
    if default is not None and enum and default not in enum:
        place = keys["default"].node.place
        walk.unknown(Code.WRONG_VALUE, place, join(path, "default"), "value", default, enum)
    form = plain(keys["pattern"].node) if "pattern" in keys else None
    if default is not None and isinstance(form, str) and is_pattern(form) and not re.fullmatch(form, default):
        place, message = keys["default"].node.place, "the default does not have the input's form"
        walk.note(Code.WRONG_VALUE, place, join(path, "default"), message, needed=form)


def _checked_pattern(walk: Walk, keys: dict[str, Entry], pattern: str | None, path: str) -> str | None:
    if pattern is not None and not is_pattern(pattern):
        place = keys["pattern"].node.place
        walk.note(Code.WRONG_VALUE, place, join(path, "pattern"), "this is not a regular expression")
    return pattern


def _read_phrases(walk: Walk, entries: dict[str, Entry], scope: Scope) -> tuple[str, ...]:
    if "phrases" not in entries:
        return ()
    phrases = []
    for number, item in enumerate(walk.items(entries["phrases"].node, "phrases")):
        path = f"phrases[{number}]"
        phrase = walk.text(item, path)
        if is_unbalanced(phrase or ""):
            walk.note(Code.WRONG_VALUE, item.place, path, "a brace stands alone", needed="{INPUT}")
        for name in braced(phrase or ""):
            if name not in scope.inputs:
                walk.unknown(Code.UNKNOWN_INPUT, item.place, path, "input", name, tuple(scope.inputs))
        phrases.append(phrase or "")
    return tuple(phrases)


def _read_lock(walk: Walk, entries: dict[str, Entry], scope: Scope) -> tuple[Binding, ...]:
    if "lock" not in entries:
        return ()
    node = entries["lock"].node
    parts = walk.items(node, "lock")
    if not parts and not isinstance(node, (Scalar, Mapping)):
        walk.note(Code.WRONG_VALUE, node.place, "lock", "a lock names at least one input")
    bindings = []
    for number, part in enumerate(parts):
        path = f"lock[{number}]"
        binding = read_binding(scope, part, path)
        if binding is not None and not isinstance(binding, InputReference):
            walk.note(Code.WRONG_VALUE, part.place, path, "a lock is made of inputs", needed="${{ inputs.NAME }}")
        elif binding is not None:
            refuse_absent(scope, binding, part, path)
            bindings.append(binding)
    return tuple(bindings)


def _read_limits(walk: Walk, entries: dict[str, Entry]) -> Limits | None:
    if "limits" not in entries:
        return None
    keys = walk.keyed(entries["limits"].node, "limits", LimitsKeys)
    found = {key: walk.seconds(entry.node, join("limits", key)) for key, entry in keys.items()}
    phase, run = found.get("phase"), found.get("run")
    if phase and run and phase > run:
        place = keys["phase"].node.place
        walk.note(Code.WRONG_VALUE, place, "limits.phase", "a phase may take longer than the whole run")
    return Limits(phase, run) if phase and run else None
