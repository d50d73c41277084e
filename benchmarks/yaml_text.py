"""Write a record as an author would: folded texts, short lists in one line; a dumper is slow and does otherwise."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

WIDTH = 100
_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 .()/%+-]*[A-Za-z0-9.)%])?")
_WORDS_WITH_A_MEANING = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def yaml_text(record: Mapping[str, Any]) -> str:
    """Return a mapping as a YAML document."""
    return "\n".join(_mapping(record, "")) + "\n"


def _mapping(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, entry in value.items():
        yield from _entry(f"{indent}{key}:", entry, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    inner = indent + "  "
    if isinstance(value, Mapping):
        yield head
        yield from _mapping(value, inner)
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        yield head
        for each in value:
            yield from _item(each, inner)
    elif isinstance(value, str) and "\n" in value:
        yield f"{head} |-"
        yield from textwrap.indent(value, inner).splitlines()
    elif isinstance(value, str) and len(head) + len(value) > WIDTH:
        yield f"{head} >-"
        yield from textwrap.wrap(
            value, WIDTH, initial_indent=inner, subsequent_indent=inner, break_long_words=False, break_on_hyphens=False
        )
    else:
        yield f"{head} {_inline(value)}"


def _item(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    """Yield an item of a list: in one line where it has no text of its own, as the arms of a result."""
    if "name" in value and "id" not in value and "qfmt" not in value:
        yield f"{indent}- {_inline(value)}"
        return
    lines = _mapping(value, indent + "  ")
    yield f"{indent}- {next(lines).lstrip()}"
    yield from lines


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    if isinstance(value, str) and not (_PLAIN.fullmatch(value) and value.lower() not in _WORDS_WITH_A_MEANING):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
