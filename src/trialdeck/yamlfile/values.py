"""Write values as YAML text."""

import io
from collections.abc import Iterator
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
    PlainScalarString,
    SingleQuotedScalarString,
)

from trialdeck.yamlfile.document import Plain
from trialdeck.yamlfile.writer import FOLD_AT, UNBROKEN, scalar

QUOTED = '"'
"""The way of writing a text that can say every text."""
_AS_NEW = "new"
_UNBROKEN = " unbroken"
"""Behind a style: long lines are not broken. A text with two spaces in a row cannot be broken there."""
_STYLED = {
    "": PlainScalarString,
    ">": FoldedScalarString,
    "|": LiteralScalarString,
    "'": SingleQuotedScalarString,
    QUOTED: DoubleQuotedScalarString,
}
_BLOCKS = ">|"
_STEP = 2


def styles(value: Any, former: yaml.Node | None) -> Iterator[str]:
    """Yield the ways in which a value may be written: as the former was, as in a new record, and in quotes."""
    is_broken = isinstance(value, str) and "\n" in value
    if isinstance(former, yaml.ScalarNode) and former.value and (former.style or not is_broken):
        yield former.style or ""
        yield f"{former.style or ''}{_UNBROKEN}"
    yield _AS_NEW
    yield QUOTED


def block_value(value: Any, column: int, style: str) -> str:
    """Return the YAML of a value behind the colon of a key, or behind a dash, to the end of its last line."""
    if isinstance(value, Plain):
        return f" {value}"
    width = UNBROKEN if style.endswith(_UNBROKEN) else FOLD_AT - column
    lines = _dumped({"k": _styled(value, style)}, width).removeprefix("k:").splitlines()
    return "\n".join([lines[0].rstrip(), *(_indented(line, column) for line in lines[1:])])


def block_entry(value: Any, column: int, style: str) -> str:
    """Return a whole entry of a list, with its dash at a column."""
    if not isinstance(value, dict):
        return f"{' ' * column}-{block_value(value, column, style)}"
    lines = _dumped(_styled(value, style), FOLD_AT - column).splitlines()
    dashes = [f"{' ' * column}- {lines[0]}", *(_indented(line, column + _STEP) for line in lines[1:])]
    return "\n".join(dashes)


def flow_value(value: Any, style: str) -> str:
    """Return the YAML of a value within brackets or braces, in one line."""
    if value is None or isinstance(value, Plain):
        return str(value or "null")
    whole = CommentedMap(k=_styled(value, _AS_NEW if style[:1] in {*_BLOCKS} else style, in_flow=True))
    whole.fa.set_flow_style()
    return _dumped(whole, UNBROKEN).strip().removeprefix("{k:").removesuffix("}").strip()


def _indented(line: str, column: int) -> str:
    return f"{' ' * column}{line}" if line.strip() else ""


def _styled(value: Any, style: str, *, in_flow: bool = False) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((key, _styled(part, style, in_flow=in_flow)) for key, part in value.items())
        if in_flow:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        entries = (Plain("null") if part is None else part for part in value)
        sequence = CommentedSeq(_styled(part, style, in_flow=in_flow) for part in entries)
        if in_flow or not any(isinstance(part, dict) for part in value):
            sequence.fa.set_flow_style()
        return sequence
    if isinstance(value, Plain):
        return _Number(value)
    written = scalar(value, quoted=False) if style == _AS_NEW else _STYLED[style.removesuffix(_UNBROKEN)](value)
    if style == _AS_NEW and isinstance(written, DoubleQuotedScalarString) and "\n" in value:
        # Lists and tables read best as they are.
        written = LiteralScalarString(value)
    if in_flow and isinstance(written, FoldedScalarString | LiteralScalarString):
        return DoubleQuotedScalarString(value)
    return written


class _Number:
    """A scalar that is always written without quotes."""

    def __init__(self, text: str) -> None:
        self.text = text


def _represented(representer: Any, number: _Number) -> Any:
    # Under any other tag than the one that it is read with, it would be written beside the number.
    tag = representer.dumper.resolver.resolve(ScalarNode, number.text, (True, False))
    return representer.represent_scalar(tag, number.text)


def _dumped(data: Any, width: int) -> str:
    writer = YAML()
    writer.width = width
    writer.indent(mapping=_STEP, sequence=2 * _STEP, offset=_STEP)
    writer.representer.add_representer(_Number, _represented)
    stream = io.StringIO()
    writer.dump(data, stream)
    return stream.getvalue()
