"""Notes of every kind: in the order of the deck, with their gaps, both sides, pictures, sources and sections."""

import zipfile
from base64 import b64decode
from pathlib import Path

import genanki
import yaml

from foreign_decks import records, run_import, write_deck
from trialdeck.project.check import check

PNG = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")


def summary(*fields: str) -> genanki.Model:
    front, back = (f"{{{{{name}}}}}" for name in fields[:2])
    templates = [{"name": "Card", "qfmt": front, "afmt": back}]
    return genanki.Model(4712, "Summary", fields=[{"name": name} for name in fields], templates=templates)


def test_a_cloze_note_becomes_a_point_with_a_statement(tmp_path: Path) -> None:
    rows = [("DAWN cut events by {{c1::26%::how much}}", "It <b>blocks</b> it"), ("HR was {{c1::0.74}}", "")]
    result = run_import(write_deck(tmp_path / "d.apkg", rows, model=genanki.CLOZE_MODEL), tmp_path / "seeds")
    assert result.stdout.splitlines()[-1] == "taken 2 of 2 notes"
    first, second = records(tmp_path / "seeds")["dawn-1"]["key_findings"]
    assert first["text"] == "DAWN cut events by 26%\n\nIt **blocks** it"
    assert list(first["cloze"].values()) == ["DAWN cut events by {{c1::26%::how much}}"]
    assert second["text"] == "HR was 0.74"
    assert check([tmp_path / "seeds"]).errors == ()


def test_a_gap_that_cannot_be_shown_is_told(tmp_path: Path) -> None:
    rows = [("No gap", ""), ("{{c1::a {{c2::b}} c}}", ""), ("Good {{c1::gap}}", "")]
    result = run_import(write_deck(tmp_path / "d.apkg", rows, model=genanki.CLOZE_MODEL), tmp_path / "seeds")
    last = result.stdout.splitlines()[-1]
    assert "1 with no deletion in Text, 1 because it has a deletion inside another one in Text" in last


def test_a_reversed_note_gives_both_questions(tmp_path: Path) -> None:
    model = genanki.BASIC_OPTIONAL_REVERSED_CARD_MODEL
    rows = [("DAWN", "Dawnol v placebo", "y"), ("DUSK", "Duskol", "")]
    run_import(write_deck(tmp_path / "d.apkg", rows, model=model), tmp_path / "seeds")
    asked = [each["question"] for each in records(tmp_path / "seeds")["dawn-1"]["questions"]]
    assert asked == ["DAWN", "Dawnol v placebo", "DUSK"]


def test_fields_that_no_entry_takes_are_counted(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "d.apkg", [("Q?", "A", "mine"), ("R?", "B", "")], model=summary("Ask", "Tell", "Own"))
    result = run_import(deck, tmp_path / "seeds")
    assert result.stderr.splitlines() == ["not taken: field Own of Summary, not in the map: text in 1 note"]


def test_entries_of_one_record_keep_the_sources_of_their_notes(tmp_path: Path) -> None:
    rows = [
        ("Q?", "A", "https://example.org/1"),
        ("R?", "B", "<a href='https://example.org/2'>here</a>"),
        ("S?", "C", "?"),
    ]
    deck = write_deck(tmp_path / "d.apkg", rows, model=summary("Ask", "Tell", "URL"))
    result = run_import(deck, tmp_path / "seeds")
    record = records(tmp_path / "seeds")["dawn-1"]
    assert record["source"] == {"url": "https://example.org/1"}
    assert [each.get("source") for each in record["questions"]] == [None, {"url": "https://example.org/2"}, None]
    assert 'note 3 "S?", field URL: no web address' in result.stderr


def test_points_of_a_list_become_points_of_a_section(tmp_path: Path) -> None:
    model = summary("Trial", "Bottom line", "Criticisms", "Patients", "Year", "Reference")
    fields = ("DAWN-1", "It works", "<ul><li>Open label</li><li>Short</li></ul>", "Adults", "2014", "Doe, NEJM")
    run_import(write_deck(tmp_path / "d.apkg", [fields], model=model), tmp_path / "seeds")
    record = records(tmp_path / "seeds")["dawn-1"]
    assert [point["text"] for point in record["limitations"]] == ["Open label", "Short"]
    assert (record["acronym"], record["population"]) == ("DAWN-1", "Adults")
    assert record["source"] == {"citation": "Doe, NEJM, 2014"}


def test_several_fields_stand_below_their_headings(tmp_path: Path) -> None:
    form = {"format": 1, "note_types": {"Summary": {
        "question": "Ask", "response": ["Tell", {"field": "More", "heading": "Details"}]}}}  # fmt: skip
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(form), encoding="utf-8")
    deck = write_deck(tmp_path / "d.apkg", [("Q?", "A", "B")], model=summary("Ask", "Tell", "More"))
    run_import(deck, tmp_path / "seeds", "--map", str(tmp_path / "map.yaml"))
    [question] = records(tmp_path / "seeds")["dawn-1"]["questions"]
    assert question["response"] == "A\n\n**Details**\n\nB"


def test_tags_become_topics(tmp_path: Path) -> None:
    deck = genanki.Deck(1, "DAWN-1")
    deck.add_note(genanki.Note(genanki.BASIC_MODEL, ["Q?", "A"], tags=["topic::Heart_failure", "leech"]))
    genanki.Package(deck).write_to_file(tmp_path / "d.apkg")
    form = {"format": 1, "topic_tags": "topic::", "note_types": {"Basic": {"question": "Front", "response": "Back"}}}
    (tmp_path / "map.yaml").write_text(yaml.safe_dump(form).replace("Basic", "Basic (genanki)"), encoding="utf-8")
    result = run_import(tmp_path / "d.apkg", tmp_path / "seeds", "--map", str(tmp_path / "map.yaml"))
    assert result.exit_code == 0, result.output
    assert records(tmp_path / "seeds")["dawn-1"]["topics"] == ["heart-failure"]


def test_pictures_come_along_and_ask_for_their_licence(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(PNG)
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    deck = genanki.Deck(1, "DAWN-1")
    for question, response in [
        ("Q?", 'A<img src="a%20b.png">'),
        ("R?", '<img src="a b.png">'),
        ("S?", '<img src="a.gif">'),
    ]:
        deck.add_note(genanki.Note(genanki.BASIC_MODEL, [question, response]))
    package = genanki.Package(deck)
    package.media_files = [str(tmp_path / "a b.png"), str(tmp_path / "a.gif")]
    package.write_to_file(tmp_path / "d.apkg")
    result = run_import(tmp_path / "d.apkg", tmp_path / "seeds")
    questions = records(tmp_path / "seeds")["dawn-1"]["questions"]
    assert [each["response"] for each in questions] == ["A", "See the picture.", "See the picture."]
    pending = {"alt": "Yet to be written.", "license": "Yet to be written."}
    assert questions[0]["figures"] == questions[1]["figures"] == [{"file": "media/a-b.png", **pending}]
    assert (tmp_path / "seeds" / "media" / "a-b.png").read_bytes() == PNG
    assert "'a.gif' is not of a type that a card can show" in result.stderr
    assert "1 picture or sound copied" in result.stdout
    checked = check([tmp_path / "seeds"])
    assert checked.errors == ()
    assert [each.code for each in checked.warnings].count("TD430") == 2


def test_pictures_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    other = PNG + b"\0"
    (tmp_path / "a b.png").write_bytes(PNG)
    (tmp_path / "a-b.png").write_bytes(other)
    deck = genanki.Deck(1, "DAWN-1")
    deck.add_note(genanki.Note(genanki.BASIC_MODEL, ["Q?", 'A<img src="a b.png"><img src="a-b.png">']))
    package = genanki.Package(deck)
    package.media_files = [str(tmp_path / "a b.png"), str(tmp_path / "a-b.png")]
    package.write_to_file(tmp_path / "d.apkg")
    for _ in range(2):
        run_import(tmp_path / "d.apkg", tmp_path / "seeds")
    [question] = records(tmp_path / "seeds")["dawn-1"]["questions"]
    files = [(tmp_path / "seeds" / figure["file"]).read_bytes() for figure in question["figures"]]
    assert files == [PNG, other]
    assert len(list((tmp_path / "seeds" / "media").iterdir())) == 2


def test_the_order_is_that_of_new_cards(tmp_path: Path) -> None:
    deck = genanki.Deck(1, "DAWN-1")
    for place, name in ((3, "third"), (1, "first"), (2, "second")):
        deck.add_note(genanki.Note(genanki.BASIC_MODEL, [f"{name}?", "A"], due=place))
    genanki.Package(deck).write_to_file(tmp_path / "d.apkg")
    run_import(tmp_path / "d.apkg", tmp_path / "seeds")
    asked = [each["question"] for each in records(tmp_path / "seeds")["dawn-1"]["questions"]]
    assert asked == ["first?", "second?", "third?"]


def test_a_text_export_gives_the_same_record(tmp_path: Path) -> None:
    write_deck(tmp_path / "d.apkg", [("Why?", "It <b>binds</b>")])
    head = "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n"
    text = f"{head}guid-00000\tBasic\tHeart::DAWN-1\tWhy?\tIt <b>binds</b>\n"
    (tmp_path / "d.txt").write_text(text, encoding="utf-8")
    for name in ("apkg", "txt"):
        run_import(tmp_path / f"d.{name}", tmp_path / name)
    assert records(tmp_path / "apkg") == records(tmp_path / "txt")


def test_nothing_taken_is_exit_1(tmp_path: Path) -> None:
    result = run_import(write_deck(tmp_path / "d.apkg", [("Q?", "")]), tmp_path / "seeds")
    assert result.exit_code == 1
    assert result.stdout.startswith("taken 0 of 1 note; not taken: 1 with no text in Back")
    assert not list((tmp_path / "seeds").glob("*.yaml"))


def test_a_damaged_medium_is_one_error(tmp_path: Path) -> None:
    deck = write_deck(tmp_path / "d.apkg", [("Q?", 'A<img src="a.png">')])
    with zipfile.ZipFile(deck) as old, zipfile.ZipFile(tmp_path / "bad.apkg", "w") as new:
        for member in old.infolist():
            new.writestr(member.filename, b"[" if member.filename == "media" else old.read(member))
    result = run_import(tmp_path / "bad.apkg", tmp_path / "seeds")
    assert result.exit_code == 1
    assert "its list of media cannot be read" in result.output
