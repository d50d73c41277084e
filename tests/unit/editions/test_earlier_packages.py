"""The last texts of deleted notes, read from packages that an earlier version of trialdeck has written."""

from pathlib import Path

import genanki

from trialdeck.editions.ledger import Line
from trialdeck.editions.texts.earlier_packages import last_texts
from trialdeck.notes.note import content_hash
from trialdeck.notes.note_types import Kind, note_type

KEY = "dawn-1/question/why"
TODAY = note_type(Kind.QUESTION).field_names
EARLIER = ["Title" if name == "Citation" else name for name in TODAY if name not in {"Link", "Spare"}]


def test_texts_of_a_note_type_with_other_fields_are_read_by_name(tmp_path: Path) -> None:
    model = genanki.Model(
        1763853001001,
        "Trialdeck Question",
        fields=[{"name": name} for name in EARLIER],
        templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{Response}}"}],
    )
    values = {"Question": "Why?", "Response": "So.", "Title": "Dawnol", "Key": KEY}
    fields = [values.get(name, "") for name in EARLIER]
    deck = genanki.Deck(1, "Trials")
    deck.add_note(genanki.Note(model, fields, guid="guid", tags=["tag"]))
    genanki.Package(deck).write_to_file(tmp_path / "dawn-1.apkg")
    line = Line(
        key=KEY,
        guid="guid",
        hash=content_hash(Kind.QUESTION, fields, ["tag"], [0]),
        created=1,
        changed=1,
        kind="question",
    )

    (text,) = last_texts(tmp_path, [line]).values()

    assert dict(zip(TODAY, text, strict=True)) == {name: values.get(name, "") for name in TODAY}
