"""Write a record as YAML that reads well: folded texts, quotes where needed, comments where a human must look."""

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, FoldedScalarString

from trialdeck.records.document import parse_document

WIDTH = 96
_LONG = 70
_HEAD = """\
Drafted from a trial page. Read every statement against the publication before you share it.
Ids stand for ever: choose better ones now if you like, not after learners have the deck."""
_FLOW = frozenset({"audience", "review"})


def write_record(data: dict[str, Any], *, schema: str | None, unplaced: Sequence[str]) -> str:
    """Return the YAML text of a record; `unplaced` lines of the page stay in it as comments."""
    text = _dumped(data, quote_all=False)
    document, _ = parse_document(text.encode(), "")
    if document is None or document.data != _as_read(data):
        # Folding has changed a text that YAML takes another way; quotes keep any text.
        text = _dumped(data, quote_all=True)
    head = [f"# yaml-language-server: $schema={schema}"] if schema else []
    head += [f"# {line}" for line in _HEAD.splitlines()]
    tail = ["", "# These lines of the page found no place above:", *(f"#   {line}" for line in unplaced)]
    return "\n".join([*head, text.rstrip("\n"), *(tail if unplaced else []), ""])


def _as_read(value: Any) -> Any:
    """Return data as the reader gives it: every scalar a text."""
    if isinstance(value, dict):
        return {key: _as_read(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_read(part) for part in value]
    return None if value == "" else str(value)


def _dumped(data: dict[str, Any], *, quote_all: bool) -> str:
    yaml = YAML()
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = lambda _: True
    stream = io.StringIO()
    yaml.dump(_record(data, quote_all=quote_all), stream)
    return stream.getvalue()


def _record(data: dict[str, Any], *, quote_all: bool) -> CommentedMap:
    record = CommentedMap()
    for name, value in data.items():
        record[name] = _styled(value, name, quote_all=quote_all)
        if value in ([], ""):
            record.yaml_add_eol_comment("the page says nothing here", name, column=0)
        if isinstance(value, list) and value and name not in _FLOW:
            record.yaml_set_comment_before_after_key(name, before="\n")
    return record


def _styled(value: Any, name: str = "", *, quote_all: bool) -> Any:
    styled: CommentedMap | CommentedSeq
    if isinstance(value, dict):
        styled = CommentedMap((key, _styled(part, key, quote_all=quote_all)) for key, part in value.items())
    elif isinstance(value, list):
        styled = CommentedSeq(_styled(part, quote_all=quote_all) for part in value)
    elif isinstance(value, str):
        return _scalar(value, quote_all=quote_all)
    else:
        return value
    if name in _FLOW:
        styled.fa.set_flow_style()
    return styled


def _scalar(text: str, *, quote_all: bool) -> Any:
    if text == "":
        return None
    if quote_all or not _is_plain(text):
        return DoubleQuotedScalarString(text)
    return FoldedScalarString(text) if len(text) > _LONG or "\n" in text else text


def _is_plain(text: str) -> bool:
    """Tell whether a text can be folded: paragraphs of printable words with single spaces between them."""
    paragraphs = text.split("\n\n")
    return text.replace("\n\n", "").isprintable() and all(
        paragraph and paragraph == " ".join(paragraph.split()) for paragraph in paragraphs
    )
