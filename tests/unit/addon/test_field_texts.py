"""The text of a field: what a learner sees, word by word, and how an edit of it finds its way back into the HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck_addon.texts.differences import differences, field_differences, marked
from trialdeck_addon.texts.pieces import pieces_of, text_of, words_of
from trialdeck_addon.texts.rewrite import rewritten

FIELDS = {
    "<p>It binds <strong>dawnin</strong> in ≥&nbsp;9 of 10.</p>": "It binds dawnin in ≥ 9 of 10.",
    "<p>one</p><p>two</p>": "one\ntwo",
    "one<br>two<br><br>three": "one\ntwo\n\nthree",
    "<div>one</div><div><br></div><div>two</div>": "one\n\ntwo",
    "<p>First:</p><ul><li>B<sub>12</sub></li><li>iron</li></ul>": "First:\n• B12\n• iron",
    "<ul><li>a</li><ul><li>b</li></ul></ul>": "• a\n• b",
    "<table><tr><th>Arm</th><td>12</td></tr><tr><th>Other</th><td>9</td></tr></table>": "Arm | 12\nOther | 9",
    'before <svg><g><svg></svg></g></svg> after <img src="a.png">': "before [picture] after [picture]",
    "<style>p {}</style><!-- no -->seen": "seen",
    "a &lt; b &amp; c": "a < b & c",
    "{{c1::9 of 10}} had it": "{{c1::9 of 10}} had it",
    "a < b": "a < b",
    "": "",
    " <p> </p> ": "",
}


@pytest.mark.parametrize(("html", "text"), FIELDS.items())
def test_a_field_reads_as_it_is_seen(html: str, text: str) -> None:
    assert text_of(html) == text
    assert "".join(piece.source for piece in pieces_of(html)) == html
    assert "".join(words_of(text)) == text
    assert rewritten(html, text) == html


@pytest.mark.parametrize(
    ("html", "text", "after"),
    [
        ("<p>In <b>dawnin</b> ≥&nbsp;9 of 10.</p>", "In dawnin ≥ 8 of 10.", "<p>In <b>dawnin</b> ≥&nbsp;8 of 10.</p>"),
        ("<p>In <b>dawnin</b>.</p>", "In noonin.", "<p>In <b>noonin</b>.</p>"),
        ("<p>In <b>dawnin</b></p>", "In dawnin\nalone", "<p>In <b>dawnin</b><br>alone</p>"),
        ("<p>one</p><p>two</p>", "one two", "<p>one two</p>"),
        ("<p>one</p><p>two</p>", "two", "<p>two</p>"),
        ("<ul><li>B<sub>12</sub></li><li>iron</li></ul>", "• B12", "<ul><li>B<sub>12</sub></li></ul>"),
        ("<ul><li>one</li></ul>", "• one\n• two <3", "<ul><li>one</li><li>two &lt;3</li></ul>"),
        ("<p>one</p>", "one\n• two", "<p>one<br>• two</p>"),
        ("a<br>b", "ab", "ab"),
        ("<div>x <svg><g></g></svg> y</div>", "x [picture] z", "<div>x <svg><g></g></svg> z</div>"),
        ("<table><tr><th>A</th><td>12</td></tr></table>", "A | 13", "<table><tr><th>A</th><td>13</td></tr></table>"),
        ("{{c1::9 of 10}} had it", "{{c1::8 of 10}} had it", "{{c1::8 of 10}} had it"),
        ("", "new & good", "new &amp; good"),
        ("<p>all of it</p>", "", ""),
    ],
)
def test_an_edit_changes_the_words_that_were_edited(html: str, text: str, after: str) -> None:
    assert rewritten(html, text) == after


WORD = st.sampled_from(["dawnol", "9", "≥", "B", "12", "&amp;", "&lt;", "{{c1::x}}", "&nbsp;", " ", "\n"])
INLINE = st.lists(WORD, max_size=6).map("".join)
MARKED = st.tuples(st.sampled_from(["b", "sub", "em"]), INLINE).map(lambda each: f"<{each[0]}>{each[1]}</{each[0]}>")
RUN = st.lists(st.one_of(INLINE, MARKED, st.just("<br>"), st.just("<svg><g></g></svg>")), max_size=5).map("".join)
POINTS = st.lists(RUN.map("<li>{}</li>".format), min_size=1, max_size=3).map(lambda each: f"<ul>{''.join(each)}</ul>")
FIELD = st.lists(st.one_of(RUN, RUN.map("<p>{}</p>".format), POINTS), max_size=4).map("".join)


@given(FIELD)
def test_no_edit_changes_no_byte(html: str) -> None:
    assert "".join(piece.source for piece in pieces_of(html)) == html
    assert rewritten(html, text_of(html)) == html


@given(FIELD, st.data())
def test_new_words_are_seen_where_they_were_written(html: str, data: st.DataObject) -> None:
    words = words_of(text_of(html))
    places = [number for number, word in enumerate(words) if word.isalnum()]
    if places:
        place = data.draw(st.sampled_from(places))
        text = "".join([*words[:place], "noonol", *words[place + 1 :]])
        assert text_of(rewritten(html, text)) == text


@given(FIELD, FIELD)
def test_runs_are_the_whole_of_both_texts(mine: str, theirs: str) -> None:
    left, right = differences(text_of(mine), text_of(theirs))
    assert "".join(run.text for run in left) == text_of(mine)
    assert "".join(run.text for run in right) == text_of(theirs)
    shared = ["".join(run.text for run in runs if not run.is_own).replace(" ", "") for runs in (left, right)]
    assert shared[0] == shared[1]


def test_only_what_differs_is_marked() -> None:
    mine, theirs = field_differences("<p>9 of 10, I think.</p>", "<p>8 of 10.</p>")
    assert [run.text for run in mine if run.is_own] == ["9", ", I think"]
    assert marked(theirs, "#eee") == '<b style="background-color: #eee"><u>8</u></b> of 10.'


def test_markup_shows_where_nothing_else_differs() -> None:
    mine, _ = field_differences("<b>a</b> x", "a x")
    assert "".join(run.text for run in mine) == "<b>a</b> x"


def test_a_marked_text_is_escaped() -> None:
    left, _ = differences("<script>\nx", "")
    assert "<script>" not in marked(left, "#eee")
    assert "<br>" in marked(left, "#eee")


def test_large_fields_take_a_time_that_a_learner_can_wait() -> None:
    """Each of these would take minutes to days if it took twice as long squared for twice the text."""
    one, other = "first " + "the a " * 10_000 + "last", "first " + "a the " * 10_000 + "last"
    mine, theirs = field_differences(one, other)
    assert [run.text for run in mine if not run.is_own][-1].endswith(" last")
    assert "".join(run.text for run in theirs) == other
    assert text_of(rewritten(one, other)) == other
    assert text_of("<a " * 10_000).startswith("<a <a")
    deep = "<b>" * 1_500 + "word" + "</b>" * 1_500
    assert text_of(rewritten(deep, "")) == ""
