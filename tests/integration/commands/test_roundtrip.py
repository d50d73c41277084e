"""Any record that passes the check comes out of the package with the texts that went in."""

import re
import tempfile
from pathlib import Path
from typing import Any

import yaml
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from builds import build
from matrices import examples
from packages import open_package
from trialdeck.markdown.render import escape_markdown
from trialdeck.project.check import check
from trialdeck.records.settings import Split

# Letters of several scripts, everything that Markdown, HTML, Anki or YAML could take for a mark of its own, and space.
MARKS = r"""abzé漢א0159 .,:;!?#*_-+=~`'"<>&|\/()[]{}$%^@§→≥–“”"""
WORDS = [
    "{{c1::",
    "}}",
    "::",
    "\\(",
    "\\)",
    "[sound:x.mp3]",
    "[latex]",
    "<b>",
    "</div>",
    "p<0.001",
    "A&B",
    "&amp;",
    "1.10",
    "NO",
]
plain = st.lists(st.one_of(st.text(MARKS, min_size=1, max_size=12), st.sampled_from(WORDS)), min_size=1, max_size=6)
texts = plain.map(lambda words: " ".join(" ".join(words).split())).filter(lambda text: bool(re.search(r"\w", text)))
slugs = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,5}){0,2}", fullmatch=True)
choices = {
    "perspective": st.sampled_from(["mechanism", "clinical", "reviewer"]),
    "audience": st.lists(st.sampled_from(["student", "fellow", "peer-reviewer"]), unique=True, max_size=2),
}
questions = st.fixed_dictionaries({"id": slugs, "question": texts, "response": texts, **choices})
items = st.fixed_dictionaries({"id": slugs, "text": texts})
asked_items = st.fixed_dictionaries({"id": slugs, "card": st.just(True), "text": texts})
related = st.fixed_dictionaries({"id": slugs, "name": texts, "tested": texts, "endpoint": texts})


def some(entries: st.SearchStrategy[dict[str, Any]], least: int = 0) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(entries, unique_by=lambda entry: str(entry["id"]), min_size=least, max_size=3)


records = st.fixed_dictionaries(
    {
        "format": st.just(1),
        "id": st.just("x"),
        "title": texts,
        "summary": texts,
        "questions": some(questions, least=1),
        "design": some(items),
        "takeaways": some(asked_items),
        "cards": st.just(["summary", "design"]),
        "related_trials": some(related.filter(lambda entry: entry["id"] != "x")),
    }
)
TEXTS = {"title", "summary", "question", "response", "text", "name", "tested", "endpoint"}


def as_markdown(value: Any, key: str = "") -> Any:
    """The same data with every text escaped, as an author would who wants it to read as it is."""
    if isinstance(value, dict):
        return {name: as_markdown(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [as_markdown(part, key) for part in value]
    return escape_markdown(value) if key in TEXTS else value


def seen(html: str) -> str:
    """What a reader sees of a field: found by a parser of its own, not by the one that wrote it."""
    return " ".join(BeautifulSoup(html, "html.parser").get_text().split())


@settings(max_examples=examples(150))
@given(records, st.sampled_from([None, '"', "'", "|", ">"]))
def test_texts_survive_the_way_into_the_package(record: dict[str, Any], style: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        written = yaml.safe_dump(as_markdown(record), allow_unicode=True, sort_keys=False, default_style=style)
        # A style of texts is none of numbers and of true or false.
        written = re.sub(r"(?m)^.format.: .*\n(?:  1\n)?", "format: 1\n", written)
        written = re.sub(r"(?m)^( *(?:- )?).?card.?: .*\n(?: +true\n)?", r"\1card: true\n", written)
        path.write_text(written, encoding="utf-8")
        assert check([path]).errors == ()
        (built,) = build([path], Split.TRIAL, Path(folder) / "out", 1_790_000_000)
        notes = open_package(built.path).notes
    assert seen(notes["x/summary"]["Response"]) == record["summary"]
    assert seen(notes["x/summary"]["Trial"]) == record["title"]
    for question in record["questions"]:
        note = notes[f"x/question/{question['id']}"]
        assert (seen(note["Question"]), seen(note["Response"])) == (question["question"], question["response"])
        assert (note["Perspective"], note["Audience"]) == (question["perspective"], ", ".join(question["audience"]))
    for takeaway in record["takeaways"]:
        assert seen(notes[f"x/takeaway/{takeaway['id']}"]["Response"]) == takeaway["text"]
    for trial in record["related_trials"]:
        note = notes[f"{trial['id']}/trial"]
        assert (seen(note["Name"]), seen(note["Tested"])) == (trial["name"], trial["tested"])
    for item, shown in zip(record["design"], points(notes.get("x/design/points", {}).get("Text", "")), strict=True):
        assert shown == item["text"]


def points(html: str) -> list[str]:
    """The points of a list that is asked, without the deletion that each of them is."""
    found = [" ".join(point.get_text().split()) for point in BeautifulSoup(html, "html.parser").find_all("li")]
    return [re.sub(r"^\{\{c[0-9]+::(.*)\}\}$", r"\1", point) for point in found]
