"""Every example of CommonMark goes through record, card, Anki's editor and pull, and no text of the record changes.

The examples are under CC-BY-SA, so that they are not kept here: name a copy of `commonmark.json`, which the source of
markdown-it-py has in `tests/test_cmark_spec`, with TRIALDECK_COMMONMARK.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from anki_exports import in_anki
from projects import Project
from trialdeck.cli import main
from trialdeck.markdown.from_html import converted, is_alike
from trialdeck.markdown.html.normalise import seen
from trialdeck.markdown.render import render

SPEC = os.environ.get("TRIALDECK_COMMONMARK", "")
pytestmark = pytest.mark.skipif(not SPEC, reason="TRIALDECK_COMMONMARK does not name the file commonmark.json")


def examples() -> Iterator[str]:
    """The texts of CommonMark of which anything is seen on a card."""
    for example in json.loads(Path(SPEC).read_text(encoding="utf-8")):
        if seen(render(example["markdown"])).blocks:
            yield example["markdown"]


def as_edited(html: str) -> str:
    """The HTML of a card as Anki's editor writes it after a key was pressed in it, and pressed again."""
    for ours, theirs in (("strong", "b"), ("em", "i"), ("p", "div")):
        html = html.replace(f"<{ours}>", f"<{theirs}>").replace(f"</{ours}>", f"</{theirs}>")
    # Between two paragraphs there is a gap, which the editor writes as an empty line.
    return html.replace("</div>\n<div>", "</div><div><br></div><div>").replace("\n</li>", "</li>")


def test_each_text_comes_back() -> None:
    texts = list(examples())
    assert len(texts) > 600
    changed = [text for text in texts if not is_alike(render(converted(render(text)).text), render(text))]
    assert changed == []
    assert [text for text in texts if converted(render(text)).losses] == []


def test_each_text_that_was_not_changed_stays_as_it_was_written() -> None:
    assert [text for text in examples() if converted(render(text), text).text != text] == []


def test_no_text_of_a_record_changes(tmp_path: Path) -> None:
    project = Project(tmp_path)
    questions = [
        {"id": f"q{number}", "perspective": "clinical", "question": f"What is {number}?", "response": text}
        for number, text in enumerate(examples())
    ]
    record = {"format": 1, "id": "dawn-1", "acronym": "DAWN-1", "title": "A", "source": {"citation": "A"}}
    path = project.text("dawn-1", yaml.safe_dump({**record, "questions": questions}, allow_unicode=True))
    project.build()
    before = path.read_bytes()
    opened = project.packages["dawn-1"]
    edits = [
        {"set_field": {"guid": opened.guids[key], "name": "Response", "value": as_edited(fields["Response"])}}
        for key, fields in opened.notes.items()
        if key.startswith("dawn-1/question/")
    ]
    assert len(edits) == len(questions)
    package = tmp_path / "from-anki.apkg"
    export = {"export": {"path": str(package), "legacy": False, "scheduling": False}}
    in_anki([{"import": str(project.decks / "dawn-1.apkg")}, *edits, export])
    call = ["pull", str(package), str(project.seeds), "--out", str(project.decks), "--apply"]
    shown = CliRunner().invoke(main, call, catch_exceptions=False)
    assert shown.output == "0 edited, 0 added, 0 conflicts, 0 left alone, 0 deleted; 0 records written\n"
    assert path.read_bytes() == before
