"""Write values as JSON text, as a file has it: its step of indentation, its numbers with their digits."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from trialdeck.core.text import unshowable
from trialdeck.yamlfile.builder import Plain

_NUMBER = re.compile(r"([-+]?)([0-9]*)(?:\.([0-9]*))?((?:[eE][-+]?[0-9]+)?)")
_LITERALS = frozenset({"true", "false", "null"})
_SNIPPET = re.compile(r"`([A-Za-z_$]{1,40}):(?: ([^`\n]*))?`")


def as_json(value: Any) -> Any:
    """Return a value as JSON can say it: a `Plain` scalar is a number of JSON, a truth value, or else text."""
    if isinstance(value, dict):
        return {key: as_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(part) for part in value]
    return _number(value) if isinstance(value, Plain) and value not in _LITERALS else value


def _number(text: Plain) -> str:
    """Return a number in the spelling of JSON: `.50` is `0.50`, `+3` is `3`; another scalar becomes a text."""
    match = _NUMBER.fullmatch(text)
    if not match or not (match[2] or match[3]):
        return str(text)
    sign, whole, rest, power = match.groups()
    return Plain(f"{sign.replace('+', '')}{whole.lstrip('0') or '0'}{f'.{rest}' if rest else ''}{power}")


def json_text(value: Any, step: str | None, indent: str = "", *, in_ascii: bool = False) -> str:
    """Return the JSON text of a value that `as_json` has returned.

    Args:
        value: Texts, `Plain` scalars, numbers, None, and mappings and lists of them.
        step: What each level is indented by; None keeps everything in one line.
        indent: The indentation of the line that the value begins in.
        in_ascii: Whether other characters are escaped.

    Returns:
        The text, without a line break at its end.

    """
    inner = None if step is None else indent + step

    def written(part: Any) -> str:
        return json_text(part, step, inner or "", in_ascii=in_ascii)

    if isinstance(value, dict):
        members = [json_member(str(key), written(part), in_ascii=in_ascii) for key, part in value.items()]
        return _enclosed("{", members, "}", inner, indent)
    if isinstance(value, list):
        has_inner = any(isinstance(part, dict | list) for part in value)
        return _enclosed("[", [written(part) for part in value], "]", inner if has_inner else None, indent)
    if isinstance(value, str) and not isinstance(value, Plain):
        return _quoted(value, in_ascii=in_ascii)
    return str(value) if isinstance(value, Plain) else json.dumps(value)


def json_member(name: str, written: str, *, in_ascii: bool = False) -> str:
    """Return the text of a property whose value is written already."""
    return f"{_quoted(name, in_ascii=in_ascii)}: {written}"


def _enclosed(opener: str, parts: list[str], closer: str, inner: str | None, indent: str) -> str:
    if inner is None or not parts:
        return f"{opener}{', '.join(parts)}{closer}"
    lines = f",\n{inner}".join(parts)
    return f"{opener}\n{inner}{lines}\n{indent}{closer}"


def _quoted(text: str, *, in_ascii: bool) -> str:
    quoted = json.dumps(text, ensure_ascii=in_ascii)
    # A file may not hold what cannot be shown; its escape may be read.
    for hidden in {match[0] for match in unshowable(quoted)}:
        quoted = quoted.replace(hidden, json.dumps(hidden)[1:-1])
    return quoted


def record_json(record: Mapping[str, Any]) -> str:
    """Return the text of a whole record, as a file of its own."""
    return json_text(as_json(record), "  ") + "\n"


def hint_in_json(hint: str) -> str:
    """Return a hint with what it says to write (`name: value`) as JSON has it."""
    return _SNIPPET.sub(_member, hint)


def _member(match: re.Match[str]) -> str:
    name, value = match[1], match[2] or ""
    if not value or "\u2026" in value:
        return f'`"{name}": \u2026`'
    return f'`"{name}": {json_text(as_json(_data_of(value)), None)}`'


def _data_of(snippet: str) -> Any:
    """Return the data of an example; a text that is no YAML is itself."""
    try:
        return _with_plain(yaml.compose(snippet, yaml.SafeLoader), snippet)
    except yaml.YAMLError:
        return snippet


def _with_plain(node: yaml.Node | None, snippet: str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _with_plain(value, snippet) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_with_plain(part, snippet) for part in _parts_of(node)]
    if not isinstance(node, yaml.ScalarNode):
        return snippet
    return str(node.value) if node.style else Plain(node.value)


def _parts_of(node: yaml.SequenceNode) -> Iterable[yaml.Node]:
    parts: list[yaml.Node] = node.value
    return parts
