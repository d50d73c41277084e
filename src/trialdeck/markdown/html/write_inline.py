"""Write one line of text as Markdown: its emphasis, links and code, with no more backslashes than it needs."""

import re
from collections.abc import Iterator, Sequence
from html import unescape

import msgspec

from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.html.seen import MARK, Line, Paragraph, Run, with_free_spaces
from trialdeck.markdown.prose import prose
from trialdeck.markdown.render import render

MARKS = (("*", "**"), ("_", "__"), ("*", "__"), ("_", "**"))
"""What emphasis and strong emphasis are written with: one of these pairs, of which the first reads best."""

_KEYS = ("strong", "em", "s")
_TO_ESCAPE = re.compile(r"[\\`*_\]<>&~$]")
_BRACKET = re.compile(r"\[")
_DOUBLE = re.compile(r"(?<=\{)\{|(?<=\})\}|(?<=:):")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])|&#[0-9]+;")
_AS_NUMBER = re.compile(r"&#[0-9]+;")
_WORD = re.compile(r"\w")
_UNSAFE_IN_ADDRESS = re.compile(r"[()<>\\*_`\[\]&]")
_BACKTICKS = re.compile("`+")
_AUTOLINK = re.compile(r"https?://[^\s<>\"\\^`{|}]+")
_TRIED = 4_000
"""How many characters are rendered to find out which backslashes a line can do without."""


class Part(msgspec.Struct):
    """A part of a line of Markdown: text, or a delimiter that opens or closes the emphasis or link `key`.

    `address` is that of a link which is opened.
    """

    text: str
    key: str = ""
    opens: bool = False
    address: str = ""
    is_fixed: bool = False


def likeliest(line: Line) -> str:
    """Return the Markdown that most lines need, as `plainest` does, but without a look at what it shows."""
    text = next(_ways(line))
    return plainest(line) if _ESCAPE.search(text) else text


def plainest(line: Line) -> str:
    """Return Markdown of a line that stands alone, as an author would write it; it may need more in other places."""
    wanted = (Paragraph((line,)),)
    for text in _ways(line):
        if (len(line) == 1 and prose(text, inline=True)) or seen(render(text)).blocks == wanted:
            return _with_fewer_escapes(text, wanted)
    return written(line, MARKS[0], is_escaped=True)


def safest(line: Line) -> str:
    """Return Markdown of a line in which nothing of its text means anything, wherever it stands."""
    wanted = (Paragraph((line,)),)
    texts = [written(each, marks, is_escaped=True) for each in (with_free_spaces(line), line) for marks in MARKS]
    ways = (text for text in (*texts, _run_by_run(line)) if seen(render(text)).blocks == wanted)
    return next(ways, texts[0])


def _ways(line: Line) -> Iterator[str]:
    """Yield a line in several ways, the most readable first: those without characters that are written as numbers."""
    if not any(run.marks - {"code"} for run in line):
        yield written(line, MARKS[0], is_escaped=False)
        yield written(line, MARKS[0], is_escaped=True)
        return
    forms = [(each, marks) for each in (line, with_free_spaces(line)) for marks in MARKS]
    for each, marks in forms:
        text = written(each, marks, is_escaped=False)
        if not _AS_NUMBER.search(text):
            yield text
    for each, marks in forms:
        yield written(each, marks, is_escaped=False)
        yield written(each, marks, is_escaped=True)
    yield _run_by_run(line)


def _run_by_run(line: Line) -> str:
    """Return a line in which each run has its own marks, other ones than the run before it."""
    return _edge("".join(_alone(run, MARKS[index % 2]) for index, run in enumerate(line)))


def _alone(run: Run, marks: tuple[str, str]) -> str:
    part = _text_part(run, is_escaped=True)
    signs = {"em": marks[0], "strong": marks[1], "s": "~~"}
    text = part.text
    if not part.is_fixed:
        # Beside a number, which ends with a mark, any other mark can open and close.
        last = f"&#{ord(run.text[-1])};" if len(run.text) > 1 else ""
        text = f"&#{ord(run.text[0])};{escaped(run.text[1:-1])}{last}"
    for key in sorted(run.marks & signs.keys()):
        text = f"{signs[key]}{text}{signs[key]}"
    return f"[{text}{_closer(f']{run.link}', signs).text}" if run.link else text


def _with_fewer_escapes(text: str, wanted: tuple[Paragraph]) -> str:
    """Take out what is there to be safe, and is not needed."""
    tries = _TRIED // max(len(text), 1)
    for found in reversed(list(_ESCAPE.finditer(text))[:tries]):
        mark = "" if found[0] == "\\" else unescape(found[0])
        shorter = text[: found.start()] + mark + text[found.end() :]
        if seen(render(shorter)).blocks == wanted:
            text = shorter
    return text


def written(line: Line, marks: tuple[str, str], *, is_escaped: bool) -> str:
    """Return a line as Markdown; with `is_escaped` nothing in its text can mean anything."""
    parts = list(parts_of(line, marks, is_escaped=is_escaped))
    # What stands beside strokes may be a number only after the others have made room.
    for keys in ({"em", "strong"}, {"s"}):
        for index, part in enumerate(parts):
            if part.key in keys:
                _make_room(parts, index)
    text = "".join(part.text for part in parts)
    return _edge(text)


def _edge(text: str) -> str:
    """Write a space at the start as a number: Markdown takes away spaces of every kind."""
    return f"&#{ord(text[0])};{text[1:]}" if text[:1].isspace() else text


def parts_of(line: Line, marks: tuple[str, str], *, is_escaped: bool) -> Iterator[Part]:
    """Yield text and delimiters; what goes on longest is opened first, and nothing reaches over a cloze mark."""
    if len(line) == 1 and not _keys_of(line[0]):
        yield _text_part(line[0], is_escaped=is_escaped)
        return
    signs = {"em": marks[0], "strong": marks[1], "s": "~~"}
    reach = _reaches(line)
    opened: list[str] = []
    for index, run in enumerate(line):
        wanted = _keys_of(run)
        while any(key not in wanted for key in opened):
            yield _closer(opened.pop(), signs)
        if _is_autolink(run) and not opened:
            yield Part(f"<{run.text}>", is_fixed=True)
            continue
        for key in sorted(wanted - set(opened), key=lambda key: (-reach[index][key], key)):
            opened.append(key)
            yield Part(signs[key], key, opens=True) if key in signs else Part("[", "link", opens=True, address=key[1:])
        yield _text_part(run, is_escaped=is_escaped)
    while opened:
        yield _closer(opened.pop(), signs)


def _keys_of(run: Run) -> set[str]:
    return {key for key in _KEYS if key in run.marks} | ({f"]{run.link}"} if run.link else set())


def _is_autolink(run: Run) -> bool:
    return run.link == run.text and not run.marks and bool(_AUTOLINK.fullmatch(run.text))


def _reaches(line: Line) -> list[dict[str, int]]:
    """Return for each run how many runs on end have each of its keys."""
    reaches: list[dict[str, int]] = []
    behind: dict[str, int] = {}
    for run in reversed(line):
        behind = {key: behind.get(key, 0) + 1 for key in _keys_of(run)}
        reaches.append(behind)
    return reaches[::-1]


def _closer(key: str, signs: dict[str, str]) -> Part:
    if key in signs:
        return Part(signs[key], key)
    address = key[1:].replace("$", "%24")
    is_safe = not _UNSAFE_IN_ADDRESS.search(address)
    return Part(f"]({address})" if is_safe else f"](<{address}>)", "link")


def _text_part(run: Run, *, is_escaped: bool) -> Part:
    if run.is_formula or MARK.fullmatch(run.text):
        return Part(run.text, is_fixed=True)
    if "code" in run.marks:
        longest = max((len(found) for found in _BACKTICKS.findall(run.text)), default=0)
        fence = "`" * (longest + 1)
        pad = " " if run.text[0] == "`" or run.text[-1] == "`" else ""
        return Part(f"{fence}{pad}{run.text}{pad}{fence}", is_fixed=True)
    return Part(escaped(run.text) if is_escaped else run.text)


def escaped(text: str) -> str:
    """Return a text in which nothing means anything to Markdown, MathJax or Anki."""
    safe = _TO_ESCAPE.sub(r"\\\g<0>", text)
    # A backslash before a bracket would start a formula.
    return _DOUBLE.sub(lambda found: f"&#{ord(found[0])};", _BRACKET.sub("&#91;", safe))


def _make_room(parts: Sequence[Part], index: int) -> None:
    """Write the characters around a delimiter as numbers where it would be no delimiter beside them."""
    part = parts[index]
    outside, inside = (-1, 1) if part.opens else (1, -1)
    inner = _character(parts, index, inside)
    if inner.isspace():
        _number(parts, index, inside)
    outer = _character(parts, index, outside)
    is_word = bool(_WORD.match(outer))
    if part.key == "s":
        is_hindered = is_word and not inner.isalnum()
    else:
        is_bold_in_word = part.key == "strong" and not part.opens and outer.isalpha() and inner.isalpha()
        is_hindered = is_word and not (is_bold_in_word and part.text == "**")
    if is_hindered:
        _number(parts, index, outside)


def _neighbour(parts: Sequence[Part], index: int, step: int) -> int:
    """Return where the next text is, past delimiters that are one with this; -1 where something else comes first."""
    sign = parts[index].text[0]
    index += step
    while 0 <= index < len(parts) and parts[index].key and parts[index].text[0] == sign:
        index += step
    return index if 0 <= index < len(parts) and not parts[index].key else -1


def _character(parts: Sequence[Part], index: int, step: int) -> str:
    place = _neighbour(parts, index, step)
    text = parts[place].text if place >= 0 and not parts[place].is_fixed else ""
    return (text[-1:] if step < 0 else text[:1]) if text else ""


def _number(parts: Sequence[Part], index: int, step: int) -> None:
    part = parts[_neighbour(parts, index, step)]
    if step < 0:
        part.text = f"{part.text[:-1]}&#{ord(part.text[-1])};"
    else:
        part.text = f"&#{ord(part.text[0])};{part.text[1:]}"
