"""Adding to the index of texts without touching what stands in it: comments, order, quotes and indents stay."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString as _Quoted
from ruamel.yaml.util import load_yaml_guess_indent


def add_version(data: bytes, document: Mapping[str, Any], version: Mapping[str, Any]) -> bytes:
    """The bytes of the index with one version more.

    Args:
        data: the index.
        document: the entry that is made where no entry has its `id`, without `versions`.
        version: what is added to its `versions`; texts are quoted, because digits alone would be read as a number.
    """
    _, step, offset = load_yaml_guess_indent(data.decode("utf-8-sig"))
    editor = YAML(typ="rt")
    editor.preserve_quotes = True
    editor.width = 100_000  # never wrap a line that the user wrote
    editor.indent(mapping=2, sequence=(offset or 0) + 2 if step else 4, offset=offset if step else 2)
    tree = editor.load(data)
    entry = next((item for item in tree["documents"] if item["id"] == document["id"]), None)
    if entry is None:
        entry = CommentedMap({**document, "versions": []})
        # A list written as `[]` takes its first item as a block.
        tree["documents"].fa.set_block_style()
        tree["documents"].append(entry)
    entry["versions"].append(quoted(version))
    target = BytesIO()
    editor.dump(tree, target)
    return target.getvalue()


def quoted(value: Any) -> Any:
    """A value of plain mappings, texts and numbers with every text in quotes."""
    if isinstance(value, Mapping):
        return CommentedMap({key: quoted(inner) for key, inner in value.items()})
    return _Quoted(value) if isinstance(value, str) else value
