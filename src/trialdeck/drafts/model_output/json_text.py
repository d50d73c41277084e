"""Find the JSON in what a language model returned, and read it although it is not quite JSON.

A library (json-repair) mends what is broken. What it did is listed, and so is every word that it lost: the words of the
text are held against those of what was read.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import json_repair
import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.lines import Notice

LARGEST_REPAIRED = 200_000
"""How many characters of broken JSON are repaired."""
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})[ \t]*(?P<language>[A-Za-z0-9]{0,10})[ \t]*(?P<rest>.*)")
_START = re.compile(r"[\[{]\s*+(?:[\[{\"'“”]|[A-Za-z_]{1,30}[\"”]?[ ]?:)|\[\s*+\]|\{\s*+\}")
_KEY = re.compile(r"\{\s*+(?:[\"“'][^\"”'{}:]{1,60}+[\"”']\s*+|[A-Za-z_]\w{0,40}+\s?):")
_QUOTED_KEY = re.compile(r"\{\s*+[\"“'][^\"”'{}:]{1,60}+[\"”']\s*+:")
_WORD = re.compile(r"[^\W_]+(?:\.[0-9]+)?")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_COMMA = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|,(?=\s*+[}\]])', re.DOTALL)
_LITERALS = frozenset({"null", "none", "true", "false", "nan", "undefined", "infinity"})
_ENDS = "}]\"'”,"
_KINDS = (
    ("comment", "a comment was left out"),
    ("quote", "a quotation mark was missing, or stood inside a text"),
    ("delimiter", "a quotation mark was missing, or stood inside a text"),
    ("closing", "a bracket was missing"),
    ("escape", "a backslash stood alone"),
    ("literal", "a word stood without quotation marks"),
    ("stray", "dots or commas stood between entries"),
)
_MOST_LISTED = 20
_MOST_UNBALANCED = 200
_NO_JSON = "ask the model for the JSON alone, or export it again"


class ModelText(msgspec.Struct, frozen=True):
    """The values of the JSON in a text; what was repaired to read them, and what is in none of them."""

    values: tuple[Any, ...]
    repaired: tuple[Notice, ...] = ()
    not_taken: tuple[Notice, ...] = ()


class _Block(msgspec.Struct, frozen=True):
    """A part of a text, and the number of its first line."""

    text: str
    line: int


def has_json(text: str) -> bool:
    """Tell whether a text holds JSON with named values: alone, in a fence, or with words around it."""
    is_alone = text.lstrip().startswith(("{", "[", "`", "~"))
    return bool((_KEY if is_alone else _QUOTED_KEY).search(text)) and bool(_blocks(text)[0])


def read_model_text(text: str) -> ModelText:
    """Read all JSON in a text; raises TrialdeckError if there is none, or none that can be read."""
    blocks, prose = _blocks(text)
    values: list[Any] = []
    repaired: list[Notice] = []
    lost: list[Notice] = []
    for block in blocks:
        reading = _read(block)
        values += reading.values
        repaired += reading.repaired
        lost += reading.not_taken
    if not values:
        raise TrialdeckError("there is no JSON in this file", _NO_JSON)
    outside = [Notice(line, "outside the JSON", words) for line, words in prose]
    return ModelText(tuple(values), tuple(repaired), (*outside, *lost))


def _blocks(text: str) -> tuple[list[_Block], list[tuple[int, str]]]:
    """Return the parts of a text that are JSON, and the numbered lines around them."""
    fenced, outside = _fenced(text.split("\n"))
    blocks = [block for block in fenced if block.text.lstrip()[:1] in {"{", "["}]
    if blocks:
        prose = outside + [line for block in fenced if block not in blocks for line in _lines(block)]
        return blocks, sorted(prose)
    found = _START.search(text)
    if found is None:
        return [], []
    end = _end(text, found.start())
    block = _Block(text[found.start() : end], text.count("\n", 0, found.start()) + 1)
    before = _Block(text[: found.start()], 1)
    after = _Block(text[end:], text.count("\n", 0, end) + 1)
    return [block], [*_lines(before), *_lines(after)]


def _end(text: str, start: int) -> int:
    """Return where JSON without a fence ends: behind its value, else behind the last bracket."""
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        end = max(text.rfind("}"), text.rfind("]")) + 1
        is_cut_off = text.count("{", start) > text.count("}", start) and text[end:].lstrip().startswith((",", '"'))
        return len(text) if end <= start or is_cut_off else end
    # Further values may follow, line by line.
    follows = _START.match(text[end:].lstrip(" \t\r\n,")[:200])
    return max(text.rfind("}"), text.rfind("]")) + 1 if follows else end


def _fenced(lines: Sequence[str]) -> tuple[list[_Block], list[tuple[int, str]]]:
    blocks: list[_Block] = []
    outside: list[tuple[int, str]] = []
    inside: list[str] | None = None
    first = 0
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.fullmatch(line)
        ends = line.rstrip().endswith(("```", "~~~"))
        if inside is None and fence:
            inside, first = [], number
            rest = fence["rest"]
            if rest.rstrip().endswith("```"):
                blocks.append(_Block(rest.rstrip().rstrip("`"), number))
                inside = None
            else:
                inside.append(rest)
        elif inside is not None and ends:
            blocks.append(_Block("\n".join([*inside, line.rstrip().rstrip("`~")]), first))
            inside = None
        elif inside is not None:
            inside.append(line)
        elif line.strip():
            outside.append((number, line.strip()))
    if inside is not None:
        blocks.append(_Block("\n".join(inside), first))
    return blocks, outside


def _lines(block: _Block) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(block.text.split("\n"), start=block.line):
        if line.strip():
            yield number, line.strip()


def _read(block: _Block) -> ModelText:
    try:
        try:
            return _strictly(block.text)
        except json.JSONDecodeError as error:
            # The most common fault of all; a repair of more might change digits.
            text = _COMMA.sub(lambda found: found[0] if found[0] != "," else "", block.text)
            return _with_commas(block, error, text) if text != block.text else _repaired(block, error)
    except RecursionError:
        raise TrialdeckError("the JSON is nested too deeply", _NO_JSON) from None


def _with_commas(block: _Block, error: json.JSONDecodeError, text: str) -> ModelText:
    """Read a text without the commas that stood before closing brackets, or repair the whole if that is not enough."""
    try:
        reading = _strictly(text)
    except json.JSONDecodeError:
        return _repaired(block, error)
    message = "a comma before a closing bracket was left out"
    repaired = Notice(block.line + error.lineno - 1, message, "")
    return ModelText(reading.values, (repaired,), reading.not_taken)


def _strictly(text: str) -> ModelText:
    """Return the values of a text that is JSON, one or one after the other; raises json.JSONDecodeError."""
    twice: list[Notice] = []

    def pairs(parts: list[tuple[str, Any]]) -> dict[str, Any]:
        read = dict(parts)
        if len(read) < len(parts):
            twice.extend(_repeated(parts))
        return read

    decoder = json.JSONDecoder(
        parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=pairs, strict=False
    )
    values: list[Any] = []
    position, end = 0, len(text)
    while True:
        while position < end and text[position] in " \t\r\n,;":
            position += 1
        if position == end:
            return ModelText(tuple(values), (), tuple(twice))
        value, position = decoder.raw_decode(text, position)
        values.append(value)


def _repeated(parts: Sequence[tuple[str, Any]]) -> Iterator[Notice]:
    last = dict(parts)
    for key, value in parts:
        if value is not last[key]:
            yield Notice(0, "the same name is there again behind it, and counts", _brief(value), key)


def _repaired(block: _Block, error: json.JSONDecodeError) -> ModelText:
    text = block.text
    where = f"the JSON is broken in line {block.line + error.lineno - 1}"
    if len(text) > LARGEST_REPAIRED or _unbalanced(text) > _MOST_UNBALANCED:
        raise TrialdeckError(f"{where}, and too large, or too broken, to be repaired", _NO_JSON)
    try:
        value, log = json_repair.repair_json(text, return_objects=True, skip_json_loads=True, logging=True)
    except (RecursionError, ValueError) as fault:
        raise TrialdeckError(where, _NO_JSON) from fault
    value = _as_text(value)
    repaired = [Notice(block.line + error.lineno - 1, f"no valid JSON here ({error.msg.casefold()})", "")]
    repaired += _of_log(block, log)
    lost = list(_lost(block, value))
    if text.rstrip()[-1:] not in _ENDS:
        value, last = _without_last(value)
        lost.append(Notice(block.line + text.rstrip().count("\n"), "the output is cut off here", last))
    return ModelText((value,), tuple(repaired[:_MOST_LISTED]), tuple(lost))


def _unbalanced(text: str) -> int:
    """Return how many brackets are never closed, or were never opened: the repair takes long where they are many."""
    return max(abs(text.count(opener) - text.count(closer)) for opener, closer in ("{}", "[]", "()"))


def _of_log(block: _Block, log: Sequence[dict[str, str]]) -> Iterator[Notice]:
    seen: set[tuple[int, str]] = set()
    position = 0
    for entry in log:
        found = block.text.find(entry["context"], max(0, position - len(entry["context"])))
        position = found if found >= 0 else position
        line = block.line + block.text.count("\n", 0, position + len(entry["context"]) // 2)
        message = next((said for word, said in _KINDS if word in entry["text"].casefold()), entry["text"])
        if (line, message) not in seen:
            seen.add((line, message))
            yield Notice(line, message, " ".join(entry["context"].split()))


def _as_text(value: Any) -> Any:
    """Return repaired JSON with its numbers as texts, as those of valid JSON are read."""
    if isinstance(value, dict):
        return {str(key): _as_text(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_as_text(part) for part in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _lost(block: _Block, value: Any) -> Iterator[Notice]:
    """Yield the words of a text that are not in what was read of it, line by line."""
    there = Counter(_words("\n".join(_leaves(value))))
    for number, line in _lines(block):
        missing: list[str] = []
        for word in _words(_unescaped(line)):
            if there[word]:
                there[word] -= 1
            elif word not in _LITERALS:
                missing.append(word)
        if missing:
            yield Notice(number, "lost where the JSON was repaired", " ".join(missing))


def _words(text: str) -> Iterator[str]:
    return (word.casefold() for word in _WORD.findall(text))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else " " if found[2] in "nrtbf" else found[2],
                       text)  # fmt: skip


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from _leaves(part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part)
    elif value is not None:
        yield str(value)


def _without_last(value: Any) -> tuple[Any, str]:
    """Return a value without its last text, which is cut off, and that text."""
    if isinstance(value, dict) and value:
        *others, last = value
        rest, text = _without_last(value[last])
        kept = {name: value[name] for name in others}
        return kept | ({last: rest} if rest is not None else {}), text
    if isinstance(value, list) and value:
        rest, text = _without_last(value[-1])
        return [*value[:-1], *([rest] if rest is not None else [])], text
    return None, _brief(value)


def _brief(value: Any) -> str:
    return " ".join(" ".join(_leaves(value)).split())[:200]
