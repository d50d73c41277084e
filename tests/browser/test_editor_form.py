"""What trialdeck writes into a field is what a browser's editor leaves there: to look at a note is no edit of it.

Anki's editor puts the HTML of a field into a page, and saves what the page says its HTML is: that way in Chromium, for
all shipped notes, and Anki's own editor.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anki_releases import desktop_python
from builds import build
from folders import ANKI_PROGRAMS, ROOT, SUPPORT
from matrices import IS_FULL
from trialdeck.notes.builder import notes_of
from trialdeck.notes.links import Addresses
from trialdeck.notes.note_types import note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.load import load_record
from trialdeck.records.settings import Split

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytest_plugins = ["chromium"]
SEEDS = sorted((ROOT / "seeds").glob("*.yaml"))
RECORDS = [*SEEDS, SUPPORT / "invented_trials" / "kinds-1.yaml"]
# An editor may write the HTML of a part again when that part is touched, so the second time must change nothing too.
_PASSED = """fields => fields.map(field => {
  const editor = document.createElement("div");
  editor.contentEditable = "true";
  document.body.append(editor);
  editor.innerHTML = field;
  const left = editor.innerHTML;
  editor.remove();
  return left;
})"""


def fields_of(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the fields of all notes of a record, each with the key of its note and its name."""
    trial = load_record(path, path.name).trial
    assert trial
    addresses = Addresses("https://example.org/decks/", "a&b@example.org")
    for note in notes_of(trial, trial_notes([trial], addresses), addresses):
        for name, value in zip(note_type(note.kind).field_names, note.fields, strict=True):
            yield f"{note.key}: {name}", value


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_field_passes_through_an_editor_as_it_is(path: Path, chromium: "Browser") -> None:
    names, values = zip(*fields_of(path), strict=True)
    page = chromium.new_page()
    left = page.evaluate(_PASSED, list(values))
    page.close()
    assert len(values) > 100
    assert dict(zip(names, left, strict=True)) == dict(zip(names, values, strict=True))


def test_a_field_passes_through_ankis_own_editor_as_it_is(tmp_path: Path) -> None:
    records = [SUPPORT / "invented_trials" / "kinds-1.yaml", *(SEEDS if IS_FULL else ())]
    packages = [package.path for package in build(records, Split.TRIAL, tmp_path / "out", 1_790_000_000)]
    folder = tmp_path / "anki"
    folder.mkdir()
    program: list[str | Path] = [desktop_python(), "-I", ANKI_PROGRAMS / "anki_editor.py", folder, *packages]
    done = subprocess.run(program, capture_output=True, encoding="utf-8", timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["notes"] > 10
    assert answer["changed"] == []
