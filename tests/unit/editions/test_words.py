"""Texts are compared word by word, and fields as a reader sees them."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.editions.compare.word_diff import Difference, Piece, PieceKind, abridged, field_difference, word_pieces
from trialdeck.markdown.plain_text import readable

SAME, REMOVED, ADDED = PieceKind.SAME, PieceKind.REMOVED, PieceKind.ADDED


def shown(pieces: tuple[Piece, ...]) -> str:
    marks = {SAME: "{}", REMOVED: "[-{}-]", ADDED: "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("a b", "a b", "a b"),
        ("", "new words", "{+new words+}"),
        ("old words", "", "[-old words-]"),
        ("It binds dawnin.", "It blocks dawnin.", "It [-binds-]{+blocks+} dawnin."),
        ("HR 0.74 (0.59–0.94)", "HR 0.72 (0.59–0.94)", "HR [-0.74-]{+0.72+} (0.59–0.94)"),
        ("0.59–0.94", "0.59–0.95", "0.59–[-0.94-]{+0.95+}"),
        ("one two three", "four five three", "[-one two-]{+four five+} three"),
        ("one two", "one two three", "one two{+ three+}"),
        ("a {{c1::drug}} b", "a {{c2::drug}} b", "a [-{{c1::-]{+{{c2::+}drug}} b"),
        ("the patient's", "the patients'", "the [-patient's-]{+patients'+}"),
    ],
)
def test_words(before: str, after: str, expected: str) -> None:
    assert shown(word_pieces(before, after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected", "of_markup"),
    [
        ("10<sup>9</sup> cells", "109 cells", "[-10⁹-]{+109+} cells", False),
        ("10<sup>9</sup>", "10<sup>-9</sup>", "[-10⁹-]{+10⁻⁹+}", False),
        ("10<sup>9</sup>", "10⁹", "[-10<sup>9</sup>-]{+10⁹+}", True),
        ("H<sub>2</sub>O", "H2O", "[-H₂O-]{+H2O+}", False),
        ("m<SUP class='a'>2</SUP>", "m2", "[-m²-]{+m2+}", False),
        ("x<sup>st</sup>", "xst", "[-x^(st)-]{+xst+}", False),
        ("x<sup><b>2</b></sup>", "x2", "[-x^(2)-]{+x2+}", False),
        ("a <b>b</b>", "a b", "a [-<b>-]b[-</b>-]", True),
        ("x<sup>2", "x2", "[-x<sup>2-]{+x2+}", True),
    ],
)
def test_raised_and_lowered_text_is_another_text(before: str, after: str, expected: str, *, of_markup: bool) -> None:
    difference = field_difference(before, after)
    assert (shown(difference.pieces), difference.of_markup) == (expected, of_markup)


TEXTS = st.text(st.sampled_from("ab .\n<>{}c1:é🙂")) | st.text()


@given(TEXTS, TEXTS)
def test_pieces_hold_both_texts(before: str, after: str) -> None:
    pieces = word_pieces(before, after)
    assert "".join(piece.text for piece in pieces if piece.kind is not ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.kind is not REMOVED) == after
    assert all(piece.text for piece in pieces)


@given(TEXTS, TEXTS)
def test_a_removal_comes_before_what_replaces_it(before: str, after: str) -> None:
    kinds = [piece.kind for piece in word_pieces(before, after)]
    assert all(pair not in {(ADDED, REMOVED), (SAME, SAME)} for pair in pairwise(kinds))
    assert all(one is not other for one, other in pairwise(kinds))


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {piece.kind for piece in word_pieces(text, text)} <= {SAME}


@given(st.text() | st.text("<>&;p/ a\n\x0c\x0b\x1c\x85").map("<p>{}</p>".format))
def test_plain_text_reads_as_it_does_among_elements(html: str) -> None:
    assert readable(html) == readable(f"<div>{html}</div>")


@given(st.text(st.sampled_from("ab<>/&;!-[] pidv")) | st.text())
def test_any_text_is_readable(html: str) -> None:
    assert readable(html) == " ".join(readable(html).split())


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two<div>three</div>four", "one two three four"),
        ("<ul><li>a</li><li><b>b</b>c</li></ul>", "a bc"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
        ("<details><summary>About</summary>it</details>", "About it"),
        ("a &lt;b&gt; &amp; c&nbsp;d", "a <b> & c d"),
        ("p &lt; 0.05 < 1", "p < 0.05 < 1"),
        ('<svg viewBox="0 0 1 1"><path d="M0 0"/><text>HR</text><text>0.7</text></svg>', "HR 0.7"),
        ("<style>b {}</style><script>x</script><!-- y -->z", "z"),
        ("{{c1::two}} <i>of</i> three", "{{c1::two}} of three"),
    ],
)
def test_readable(html: str, text: str) -> None:
    assert readable(html) == text


def test_a_field_is_compared_as_it_reads() -> None:
    found = field_difference("<p>It <b>binds</b>.</p>", "<div>It <i>blocks</i>.</div>")
    assert (shown(found.pieces), found.of_markup) == ("It [-binds-]{+blocks+}.", False)


def test_where_only_the_markup_differs_the_html_is_compared() -> None:
    found = field_difference("It <b>binds</b>.", "It <i>binds</i>.")
    assert (shown(found.pieces), found.of_markup) == ("It [-<b>-]{+<i>+}binds[-</b>-]{+</i>+}.", True)


def test_a_picture_that_came_differs_in_markup() -> None:
    assert field_difference("", "<img src=x.png>") == Difference((Piece(ADDED, "<img src=x.png>"),), of_markup=True)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("a b c d e old", "a b c d e new", "… d e [-old-]{+new+}"),
        ("old a b c d e", "new a b c d e", "[-old-]{+new+} a b …"),
        ("x a b c d e f y", "z a b c d e f w", "[-x-]{+z+} a b … e f [-y-]{+w+}"),
        ("x a b c d e y", "z a b c d e w", "[-x-]{+z+} a b c d e [-y-]{+w+}"),
        ("a b x", "a b y", "a b [-x-]{+y+}"),
    ],
)
def test_long_unchanged_stretches_are_shortened(before: str, after: str, expected: str) -> None:
    assert shown(abridged(word_pieces(before, after), context=2)) == expected


def test_drawings_that_never_end_are_read_in_time() -> None:
    started = time.perf_counter()
    assert readable("<svg><text>HR" * 20_000).startswith("HR HR")
    assert time.perf_counter() - started < 5


def test_long_texts_are_compared_in_time() -> None:
    before = " ".join(f"word{number % 97}" for number in range(20_000))
    started = time.perf_counter()
    pieces = word_pieces(before, before.replace("word13", "other") + " end")
    assert time.perf_counter() - started < 5
    assert pieces
