"""What people do in Anki's editor comes back as Markdown of which a card shows the same words, in the same look.

What was done is known before any HTML is written, and what a card shows is read here by a reader that shares no code
with the one that is tested.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.markdown.from_html import converted
from trialdeck.markdown.render import render, render_cloze

PLAIN = frozenset[str]()
BOLD, ITALIC, STRUCK = "bold", "italic", "struck"
Word = tuple[str, frozenset[str]]
"""A word, and how it looks."""
Row = tuple[Word, ...]
"""The words of a line."""

WORDS = [
    "HR", "0.74", "(95%", "CI", "0.61–0.90)", "p<0.001", ">65", "HLA-B*57:01", "n=1,234", "*2", "a_b", "~3", "#1",
    "-3.1", "1.", "2016.", "&", "<b>", "[x]", "|", "`c`", "$5", "\\", "ICI–CT", "Überleben", "生存", "::", "{{c1", "!",
    "+",
]  # fmt: skip
LOOKS: dict[str, tuple[str, str, frozenset[str]]] = {
    "b": ("<b>", "</b>", frozenset({BOLD})),
    "strong": ("<strong>", "</strong>", frozenset({BOLD})),
    "weight": ('<span style="font-weight: bold;">', "</span>", frozenset({BOLD})),
    "i": ("<i>", "</i>", frozenset({ITALIC})),
    "em": ("<em>", "</em>", frozenset({ITALIC})),
    "s": ("<s>", "</s>", frozenset({STRUCK})),
    "u": ("<u>", "</u>", frozenset()),
    "colour": ('<span style="color: rgb(255, 0, 0);">', "</span>", frozenset()),
    "font": ('<font color="#ff0000">', "</font>", frozenset()),
    "mark": ('<span style="background-color: yellow;">', "</span>", frozenset()),
    "pasted": ('<span lang="en-GB" class="s1">', "</span>", frozenset()),
    "comment": ("<!--StartFragment-->", "<!--EndFragment-->", frozenset()),
}
RAISED = {"9": "⁹", "-3": "⁻³", "2+": "²⁺"}
LOWERED = {"2": "₂", "10": "₁₀"}


@dataclass(frozen=True)
class Piece:
    """Words that were typed, and the looks that they were given, the innermost last."""

    words: tuple[str, ...]
    looks: tuple[str, ...] = ()
    script: str = ""

    @property
    def html(self) -> str:
        start = "".join(LOOKS[look][0] for look in self.looks)
        end = "".join(LOOKS[look][1] for look in reversed(self.looks))
        return f"{start}{escape(' '.join(self.words), quote=False)}{self._script_html}{end}"

    @property
    def row(self) -> Row:
        marks = frozenset[str]().union(*(LOOKS[look][2] for look in self.looks))
        *others, last = self.words
        shown = RAISED.get(self.script) or LOWERED.get(self.script) or ""
        return tuple((word, marks) for word in (*others, last + shown))

    @property
    def _script_html(self) -> str:
        if not self.script:
            return ""
        name = "sup" if self.script in RAISED else "sub"
        return f"<{name}>{self.script}</{name}>"


@dataclass(frozen=True)
class Typed:
    """HTML as Anki's editor has it, and the lines that it shows."""

    html: str
    rows: tuple[Row, ...]


def typed_line(pieces: Sequence[Piece], between: str) -> Typed:
    return Typed(between.join(piece.html for piece in pieces), (tuple(word for piece in pieces for word in piece.row),))


pieces = st.builds(
    Piece,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple),
    st.lists(st.sampled_from(sorted(LOOKS)), max_size=2, unique=True).map(tuple),
    st.sampled_from(["", "", *RAISED, *LOWERED]),
)
lines = st.builds(typed_line, st.lists(pieces, min_size=1, max_size=4), st.sampled_from([" ", " ", "\n", "  "]))


def in_divs(parts: Sequence[Typed]) -> Typed:
    """Enter after each line, as Chromium's editor does it."""
    html = parts[0].html + "".join(f"<div>{part.html}</div>" for part in parts[1:])
    return Typed(html, sum((part.rows for part in parts), ()))


def with_breaks(parts: Sequence[Typed]) -> Typed:
    return Typed("<br>".join(part.html for part in parts) + "<br>", sum((part.rows for part in parts), ()))


def with_empty_lines(parts: Sequence[Typed]) -> Typed:
    html = "<div><br></div><div>&nbsp;</div>".join(f"<div>{part.html}</div>" for part in parts)
    return Typed(html, sum((part.rows for part in parts), ()))


def in_paragraphs(parts: Sequence[Typed]) -> Typed:
    html = "".join(f'<p class="MsoNormal" style="margin: 0cm;">{part.html}</p>\n' for part in parts)
    return Typed(html, sum((part.rows for part in parts), ()))


def quoted(parts: Sequence[Typed]) -> Typed:
    inner = with_breaks(parts)
    return Typed(f"<blockquote>{inner.html}</blockquote>", inner.rows)


def listed(parts: Sequence[Typed], name: str, deeper: Sequence[Typed]) -> Typed:
    """A list; what is indented stands in a list directly inside the list, as Anki's editor writes it."""
    first, *others = parts
    items = [f"<li>{first.html}</li>"]
    items += [f"<{name}>{''.join(f'<li>{part.html}<br></li>' for part in deeper)}</{name}>"] if deeper else []
    items += [f"<li><div>{part.html}</div></li>" for part in others]
    outer, inner = _labelled(parts, name), _labelled(deeper, name)
    return Typed(f"<{name}>{''.join(items)}</{name}>", (outer[0], *inner, *outer[1:]))


def _labelled(items: Sequence[Typed], name: str) -> tuple[Row, ...]:
    """The lines of items, each behind its bullet or number."""
    labels = ((f"{number}." if name == "ol" else "•", PLAIN) for number, _ in enumerate(items, 1))
    return tuple((label, *item.rows[0]) for label, item in zip(labels, items, strict=True))


def in_table(parts: Sequence[Typed]) -> Typed:
    """A table of two columns without a head; a cell is a line of what is seen."""
    cells = [*parts, *parts[: len(parts) % 2]]
    rows = [cells[index : index + 2] for index in range(0, len(cells), 2)]
    html = "".join(f"<tr>{''.join(f'<td>{cell.html}</td>' for cell in row)}</tr>" for row in rows)
    # The first row is bold on a card, and the loss of that is named.
    head = tuple(tuple((word, marks | {BOLD}) for word, marks in row) for cell in rows[0] for row in cell.rows)
    rest = sum((cell.rows for row in rows[1:] for cell in row), ())
    return Typed(f"<table><tbody>{html}</tbody></table>", (*head, *rest))


some_lines = st.lists(lines, min_size=1, max_size=3)
blocks = st.one_of(
    st.builds(in_divs, some_lines),
    st.builds(with_breaks, some_lines),
    st.builds(with_empty_lines, some_lines),
    st.builds(in_paragraphs, some_lines),
    st.builds(quoted, some_lines),
    st.builds(listed, some_lines, st.sampled_from(["ul", "ol"]), st.lists(lines, max_size=2)),
    st.builds(in_table, some_lines),
)


def together(parts: Sequence[Typed]) -> Typed:
    return Typed("".join(f"<div>{part.html}</div>" for part in parts), sum((part.rows for part in parts), ()))


fields = st.builds(together, st.lists(blocks, min_size=1, max_size=3))


@dataclass
class _Reader(HTMLParser):
    """Reads a card: the words of each line, with their looks; bullets and numbers of lists are words."""

    rows: list[list[Word]] = field(default_factory=lambda: [[]])
    opened: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    characters: list[Word] = field(default_factory=list)
    _joins: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in {"br", "span"}:
            self.opened.append(tag)
        # The first paragraph of an item stands beside the label.
        if tag != "p" or self.opened[-2:-1] != ["li"] or len(self.rows[-1]) != 1:
            self._line_ends(tag)
        if tag in {"ul", "ol"}:
            self.numbers.append(int(dict(attrs).get("start", 1)) if tag == "ol" else 0)
        elif tag == "li":
            self.rows[-1].append((f"{self.numbers[-1]}." if self.opened[-2] == "ol" else "•", PLAIN))
            self.numbers[-1] += 1

    def handle_endtag(self, tag: str) -> None:
        if tag != "span":
            assert self.opened.pop() == tag
            self.numbers = self.numbers[: sum(name in {"ul", "ol"} for name in self.opened)]
        self._line_ends(tag)

    def handle_data(self, data: str) -> None:
        marks = {
            look
            for look, names in ((BOLD, {"strong", "th"}), (ITALIC, {"em"}), (STRUCK, {"s"}))
            if names & set(self.opened)
        }
        self.characters += [(character, frozenset(marks)) for character in "".join(data.split(" "))]
        for word in _words_with_spaces(data):
            if word.isspace():
                self._joins = False
            elif self._joins and self.rows[-1]:
                before, looks = self.rows[-1].pop()
                self.rows[-1].append((before + word, looks | marks))
            else:
                self.rows[-1].append((word, frozenset(marks)))
                self._joins = True

    def _line_ends(self, tag: str) -> None:
        if tag in {"p", "br", "li", "ul", "ol", "tr", "td", "th", "table", "pre"}:
            self.rows.append([])
            self._joins = False


def _words_with_spaces(text: str) -> Iterator[str]:
    word = ""
    for character in text:
        if character in " \t\n\r\f":
            yield from (word,) * bool(word)
            yield " "
            word = ""
        else:
            word += character
    yield from (word,) * bool(word)


def shown(html: str) -> list[Row]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return [tuple(row) for row in reader.rows if row]


def _bullet(word: str) -> Row:
    return ("•", PLAIN), (word, PLAIN)


@settings(max_examples=examples(400))
@given(fields)
@example(Typed("<ul><li>a</li><ul><li>b</li></ul></ul>", (_bullet("a"), _bullet("b"))))
def test_the_same_is_seen_of_what_was_edited(typed: Typed) -> None:
    made = converted(typed.html)
    rows = shown(render(made.text))
    assert rows == list(typed.rows), made.text


@dataclass(frozen=True)
class Hiding:
    """Words, and a deletion behind them, with a look that is around the deletion, or around its answer."""

    text: Piece
    hidden: Piece
    look: str
    is_outside: bool
    space: str

    def html(self, number: int) -> str:
        start, end, _ = LOOKS[self.look]
        opener = f"{{{{c{number}::"
        if self.is_outside:
            return f"{self.text.html}{self.space}{start}{opener}{self.hidden.html}}}}}{end}"
        return f"{self.text.html}{self.space}{opener}{start}{self.hidden.html}{end}}}}}"

    @property
    def characters(self) -> Iterator[Word]:
        """Its characters, without those of the deletion, each with its look."""
        for piece, marks in ((self.text, PLAIN), (self.hidden, LOOKS[self.look][2])):
            yield from ((character, own | marks) for word, own in piece.row for character in word)


without_marks = pieces.filter(lambda piece: not {"::", "{{c1"} & set(piece.words))
statements = st.lists(
    st.builds(
        Hiding, without_marks, without_marks, st.sampled_from(sorted(LOOKS)), st.booleans(), st.sampled_from(["", " "])
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=examples(300))
@given(statements)
def test_the_same_is_seen_of_a_statement_that_was_edited(parts: Sequence[Hiding]) -> None:
    """Emphasis may reach over the marks of deletions, and touch them."""
    made = converted("".join(part.html(number) for number, part in enumerate(parts, 1)), cloze=True)
    assert not [loss for loss in made.losses if loss.startswith(("its ", "the form ", "the gaps "))], made
    card = render_cloze(made.text)
    reader = _Reader()
    reader.feed(re.sub(r"\{\{c[0-9]+::|\}\}", "", card))
    reader.close()
    assert reader.characters == [character for part in parts for character in part.characters], made.text
    answers = [shown(answer)[0] for answer in re.findall(r"\{\{c[0-9]+::(.*?)\}\}", card)]
    assert [[word for word, _ in row] for row in answers] == [[word for word, _ in part.hidden.row] for part in parts]
