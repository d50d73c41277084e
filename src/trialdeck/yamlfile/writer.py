"""Write a record as readable YAML, and check that it reads back the same."""

import io
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString, SingleQuotedScalarString

from trialdeck.core.text import printable
from trialdeck.yamlfile.document import parse_document, refuse_too_large

WIDTH = 100
"""How long a line may be; a longer word has its way."""

# ruamel.yaml ends a line at the first space behind the width that it is given.
FOLD_AT = WIDTH - 10
"""The width that ruamel.yaml is given so that lines are about as long as WIDTH."""
UNBROKEN = 1 << 30
"""A width at which no line is ended."""
_LONGEST_ON_A_LINE = 80
# YAML 1.1 and 1.2 and every editor read these as text.
_PLAIN = re.compile(r"(?:[^\W\d_]|[(“‘≥≤<\\]|[0-9](?!.*[: ])(?=[^a-zA-Z]*[a-df-zA-DF-Z])(?!\.?[xob])).*")
_BREAKS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_NOT_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})


class Number(str):
    """A number with the digits that were published: `0.860` is written as it is, without quotes."""

    __slots__ = ()


class Property(msgspec.Struct, frozen=True):
    """One property of a record: its value (texts, mappings and lists of them), and the comments around it.

    `above` are paragraphs that stand over it; `within` are paragraphs that stand over an entry of a list, by its index.
    """

    name: str
    value: Any
    above: tuple[str, ...] = ()
    beside: str = ""
    within: tuple[tuple[int, str], ...] = ()
    apart: bool = False


def write_record(properties: Sequence[Property], head: Iterable[str]) -> str:
    """Return the YAML text of a record; `head` are the comment lines that it starts with.

    Raises TrialdeckError where it would be too large to be read.
    """
    wanted = {part.name: as_read(part.value) for part in properties}
    text = ""
    # No comment of YAML may hold control characters.
    comments = "".join(f"# {printable(line)}\n" for line in head)
    for quoted in (False, True):
        text = comments + _dumped(properties, quoted=quoted)
        document, problems = parse_document(text.encode(), "draft")
        if document is not None and document.data == wanted:
            return text
        refuse_too_large(problems, "the record")
    raise AssertionError(f"the record does not read back: {text}")


def as_read(value: Any) -> Any:
    """Return data as the reader gives it: every scalar is a text."""
    if isinstance(value, dict):
        return {key: as_read(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_read(part) for part in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _dumped(properties: Sequence[Property], *, quoted: bool) -> str:
    record = CommentedMap()
    for part in properties:
        record[part.name] = _styled(part.value, quoted=quoted)
        above = [*([""] if part.apart else []), *(line for text in part.above for line in _wrapped(text))]
        if above:
            record.yaml_set_comment_before_after_key(part.name, before="\n".join(above) if any(above) else "\n")
        if part.beside:
            record.yaml_add_eol_comment(part.beside, part.name, column=0)
        for index, comment in part.within:
            lines = [line for text in comment.split("\n") for line in _wrapped(text)]
            record[part.name].yaml_set_comment_before_after_key(index, before="\n".join(lines), indent=2)
    yaml = YAML()
    yaml.representer.add_representer(Number, _represent_number)
    # ruamel.yaml breaks some quoted lines where there is no space; on one line they are safe.
    yaml.width = UNBROKEN if quoted else FOLD_AT
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(record, stream)
    return stream.getvalue()


def _wrapped(text: str) -> list[str]:
    """Return the lines of a comment; a first line that starts with spaces indents the others as well."""
    indent = text[: len(text) - len(text.lstrip())]
    return textwrap.wrap(text, WIDTH - 2, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]


def _styled(value: Any, *, quoted: bool) -> Any:
    if isinstance(value, dict):
        mapping = CommentedMap((key, _styled(part, quoted=quoted)) for key, part in value.items())
        if "status" in mapping:
            mapping.fa.set_flow_style()
        return mapping
    if isinstance(value, list):
        sequence = CommentedSeq(_styled(part, quoted=quoted) for part in value)
        if not any(isinstance(part, dict) for part in value):
            sequence.fa.set_flow_style()
        return sequence
    return scalar(value, quoted=quoted) if isinstance(value, str) and not isinstance(value, Number) else value


def _represent_number(representer: RoundTripRepresenter, digits: Number) -> ScalarNode:
    kind = "float" if "." in digits else "int"
    return representer.represent_scalar(f"tag:yaml.org,2002:{kind}", str(digits))


def scalar(text: str, *, quoted: bool) -> Any:
    """Return a text in the style in which it reads best, or in quotes, as ruamel.yaml has it."""
    if quoted or not is_tidy(text):
        return DoubleQuotedScalarString(text)
    if len(text) > _LONGEST_ON_A_LINE or "\n" in text:
        return FoldedScalarString(text)
    if is_plain(text):
        return text
    return SingleQuotedScalarString(text) if "\\" in text or '"' in text else DoubleQuotedScalarString(text)


def is_tidy(text: str) -> bool:
    """Whether a text is paragraphs of words with single spaces between them, which folding leaves alone."""
    paragraphs = text.split("\n\n")
    return not _BREAKS.search(text) and all(part and part == " ".join(part.split()) for part in paragraphs)


def is_plain(text: str) -> bool:
    """Tell whether a text of one line needs no quotes."""
    marks = ": " in text or " #" in text or text.endswith(":")
    return not marks and text.casefold() not in _NOT_TEXT and bool(_PLAIN.fullmatch(text))
