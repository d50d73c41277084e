"""Whatever notes hold, every line of theirs is in the record, or listed; and no notes break the reader."""

import re
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from test_educator_notes import MARKDOWN

from matrices import examples
from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import Severity
from trialdeck.drafts.draft import Draft, draft_record
from trialdeck.drafts.prose.formats.markdown_notes import is_text
from trialdeck.drafts.prose.read import is_trial_page, read_pages
from trialdeck.records.load import load_record_text

NAMES = st.sampled_from([
    "Background", "Results", "Methods", "Population", "Limitations", "Bottom Line", "Foo Bar", "Questions", "Funding",
    "Primary Outcome", "Inclusion Criteria", "Clinical Question", "Control", "Adverse Events", "PICO", "Answer",
])  # fmt: skip
WORDS = st.sampled_from([
    "alpha", "Beta", "10%", "HR 0.75 (95% CI 0.6-0.9)", "*it*", "**bold**", "x<sup>2</sup>", "`c`", "<ULN and >3",
    "[l](https://e.org)", "~~s~~", "2016.", "CYP2C19*2", "a|b", "$5", "\\(x\\)", "<b>t</b>", "&amp;", "why?",
    "<!--c-->", "![p](q.png)", "<details>", "</details>", "[[wiki]]", ">65",
])  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
LINES = st.one_of(
    st.builds(lambda level, name: f"{'#' * level} {name}", st.integers(1, 4), NAMES),
    NAMES.map(lambda name: f"**{name}**"),
    NAMES.map(lambda name: f"{name}\n-----"),
    st.builds(lambda name, text: f"{name}: {text}", NAMES | st.sampled_from(["Q", "A", "Q1", "P"]), TEXTS),
    st.builds(lambda name, text: f"**{name}:** {text}", NAMES, TEXTS),
    TEXTS,
    st.builds(
        lambda depth, mark, text: f"{'  ' * depth}{mark} {text}",
        st.integers(0, 3), st.sampled_from(["-", "*", "1.", "2.", "+", "2016."]), TEXTS,
    ),
    st.sampled_from(["", "---", "```", "| a | b |\n|---|---|\n| c | d |", "[x]: https://e.org 'title'",
                     "<details><summary>Why so?</summary>\nBody.\n</details>", "<div hidden>hid den</div>"]),
    TEXTS.map(lambda text: f"> {text}"),
)  # fmt: skip


@st.composite
def marked_notes(draw: st.DrawFn) -> str:
    """Notes in whose lines stand words that nothing else has: `w0x`, `w1x`, …"""
    number = count()
    lines = "\n".join(draw(st.lists(LINES, min_size=1, max_size=14))).split("\n")
    marked = [
        f"{line} w{next(number)}x" if re.search(r"\w", line) and not line.startswith(("|", "`", "<d", "[x")) else line
        for line in lines
    ]
    return "\n".join(marked)


def drafts(content: bytes) -> list[Draft]:
    try:
        pages = read_pages(content, splits=True)
        return [draft_record(page, str) for page in pages]
    except TrialdeckError as error:
        return [] if error.hint else [Draft("", "", ())]


def said(made: list[Draft]) -> str:
    notices = [f"{notice.text} {notice.message}" for draft in made
               for notice in (*draft.notices, *draft.not_taken, *draft.inferred)]  # fmt: skip
    return re.sub(r"\n\s*#? ?", " ", "\n".join([*(draft.text for draft in made), *notices]))


@settings(max_examples=examples(150), deadline=None)
@given(marked_notes())
def test_every_line_of_markdown_is_placed_or_listed(text: str) -> None:
    made = drafts(text.encode())
    if not made or is_trial_page(text.encode()):
        return
    whole = said(made)
    assert [word for word in re.findall(r"w\d+x", text) if word not in whole] == []
    counted = sum(draft.placed + len(draft.not_taken) for draft in made)
    assert counted == sum(map(is_text, text.split("\n")))
    for draft in made:
        problems = load_record_text(draft.text.encode(), "draft").problems
        assert [problem for problem in problems if problem.severity is Severity.ERROR] == []


PARTS = st.one_of(
    st.builds(lambda tag, name: f"<{tag}>{name}</{tag}>", st.sampled_from(["h1", "h2", "h3", "p", "b"]), NAMES),
    NAMES.map(lambda name: f"<p><b>{name}</b></p>"),
    st.builds(lambda name: f"<p><b>{name}:</b> WORD</p>", NAMES),
    st.sampled_from([
        "<p>WORD</p>", "<div>WORD<br>WORD</div>", "<ul><li>WORD<li>WORD</ul>", "<ol><li>WORD<ul><li>WORD</ul></ol>",
        "<table><tr><td>WORD<td>WORD</table>", "<pre>WORD</pre>", "<nav>WORD</nav>", "<p hidden>WORD</p>", "WORD",
        "<details><summary>WORD?</summary>WORD</details>", "<dl><dt>WORD<dd>WORD</dl>", "<!-- WORD -->", "<span>WORD ",
        "<blockquote>WORD</blockquote>", "<p>Q: WORD?<p>A: WORD", "<footer>WORD</footer>",
        "<select><option>WORD</select>",
    ]),
)  # fmt: skip


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=12))
def test_every_word_of_html_is_placed_or_listed(parts: list[str]) -> None:
    number = count()
    text = re.sub(
        "WORD", lambda _: f" w{next(number)}x ", f"<html><body><h2>Results</h2>{''.join(parts)}</body></html>"
    )
    made = drafts(text.encode())
    whole = said(made)
    if made:
        assert [word for word in re.findall(r"w\d+x", text) if word not in whole] == []


@settings(max_examples=examples(100), deadline=None)
@given(st.data())
def test_no_mutation_of_notes_breaks_the_reader(data: st.DataObject) -> None:
    text = MARKDOWN
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 60)))
        text = (
            text[:start]
            + data.draw(st.text(max_size=8) | st.sampled_from(["\n\n", "<p", "\x00", "```", "---"]))
            + text[end:]
        )
    for draft in drafts(text.encode("utf-8", errors="surrogatepass")):
        assert load_record_text(draft.text.encode(), "draft").trial is not None


@given(st.binary(max_size=300))
def test_any_bytes_are_notes_or_refused(content: bytes) -> None:
    drafts(content)
