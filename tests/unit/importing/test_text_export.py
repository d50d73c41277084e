"""A text export of Anki: its head says what the columns are."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialdeck.anki.importing.propose import proposal
from trialdeck.anki.importing.source.source_deck import SourceDeck, read_source_deck
from trialdeck.core.errors import TrialdeckError


def read(tmp_path: Path, text: str, name: str = "deck.txt") -> SourceDeck:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return read_source_deck(path)


HEAD = "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n"


def test_guid_note_type_deck_and_tags_are_columns(tmp_path: Path) -> None:
    text = f'{HEAD}g1\tBasic\tA::DAWN\tWhy?\t"It ""binds""<br>\nit"\tx y\ng2\tCloze\tB\tIt is {{{{c1::x}}}}\t\t\n'
    deck = read(tmp_path, text)
    first, second = deck.notes
    assert (first.guid, first.note_type, first.tags) == ("g1", "Basic", ("x", "y"))
    assert dict(first.fields) == {"Field 1": "Why?", "Field 2": 'It "binds"<br>\nit'}
    assert first.cards[0].deck == "A::DAWN"
    assert (second.guid, second.note_type, second.cards[0].deck) == ("g2", "Cloze", "B")
    assert dict(deck.counts) == {"Basic": 1, "Cloze": 1}


def test_columns_name_the_fields(tmp_path: Path) -> None:
    text = "#separator:;\n#columns:Front;Back;Tags\n#tags column:3\n#deck:DAWN\n#notetype:Basic\nWhy?;So;t\n"
    [note] = read(tmp_path, text).notes
    assert dict(note.fields) == {"Front": "Why?", "Back": "So"}
    assert (note.tags, note.cards[0].deck, note.note_type) == (("t",), "DAWN", "Basic")


def test_without_html_signs_stay_as_they_are_typed(tmp_path: Path) -> None:
    [note] = read(tmp_path, '#html:false\np < 0.05?\t"a\nb"\n').notes
    assert list(note.fields.values()) == ["p &lt; 0.05?", "a<br>b"]


def test_without_a_guid_a_note_is_known_by_its_first_field(tmp_path: Path) -> None:
    first, again, other = (read(tmp_path, text).notes[0].guid for text in ("a\tb\n", "a\tc\n", "d\tb\n"))
    assert first == again != other


def test_a_file_that_is_not_utf_8_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "deck.txt").write_bytes(b"a\t\xff\n")
    with pytest.raises(TrialdeckError, match="is not UTF-8: byte 2"):
        read_source_deck(tmp_path / "deck.txt")


def test_a_row_that_starts_like_the_head_is_a_row(tmp_path: Path) -> None:
    deck = read(tmp_path, "# of events?\t42\n#separator:tab\n#3: why?\tso\nWhat?\tThat\n")
    assert [note.fields["Field 1"] for note in deck.notes] == ["# of events?", "#3: why?", "What?"]
    assert [note.row_id for note in deck.notes] == [1, 3, 4]


def test_blanks_in_the_head_mean_nothing(tmp_path: Path) -> None:
    [note] = read(tmp_path, "#separator: tab\n#html: false\n#tags column: 3\nIs a<b?\tYes\tx y\n").notes
    assert (list(note.fields.values()), note.tags) == (["Is a&lt;b?", "Yes"], ("x", "y"))


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ("p <median vs >median", "p &lt;median vs &gt;median"),
        ("a<b and c>d", "a&lt;b and c&gt;d"),
        ("AT&T & Q&A", "AT&amp;T &amp; Q&amp;A"),
        ("12\vmonths", "12<br>months"),
        ("a<b>b</b>", "a<b>b</b>"),
        ("a<br/>b", "a<br/>b"),
        ('<img src="a.png">', '<img src="a.png">'),
        ("&lt;5%", "&lt;5%"),
    ],
)
def test_without_a_head_text_is_html_if_it_has_tags_or_references(tmp_path: Path, answer: str, field: str) -> None:
    [note] = read(tmp_path, f"Why?\t{answer}\n").notes
    assert note.fields["Field 2"] == field


@pytest.mark.parametrize("row", ['"Strong" evidence?\tYes', '"Unclosed evidence?\tYes\nNext?\tNo'])
def test_a_quote_that_does_not_end_its_field_is_an_error_with_its_line(tmp_path: Path, row: str) -> None:
    with pytest.raises(TrialdeckError, match="line 2: a quote at the start of a field"):
        read(tmp_path, f"What?\tThat\n{row}\nLast?\tNo\n")


def test_without_note_types_notes_with_gaps_are_of_a_type_of_their_own(tmp_path: Path) -> None:
    deck = read(tmp_path, "Why?\tSo\nIt is {{c1::x}}\tbecause\n")
    assert dict(deck.counts) == {"Notes": 1, "Cloze": 1}
    types = proposal(deck)["note_types"]
    assert types["Notes"] == {"question": "Field 1", "response": "Field 2"}
    assert types["Cloze"] == {"cloze": "Field 1", "response": "Field 2"}


def test_a_note_with_braces_does_not_make_its_type_one_of_gaps(tmp_path: Path) -> None:
    rows = "Why?\tSo\nWhat is {{c1::x}}?\tbecause\nWhen?\tNow\n"
    deck = read(tmp_path, f"#notetype:Basic\n{rows}")
    assert proposal(deck)["note_types"]["Basic"] == {"question": "Field 1", "response": "Field 2"}


def test_a_file_without_tabs_says_how_to_name_its_separator(tmp_path: Path) -> None:
    with pytest.raises(TrialdeckError, match="has no tab") as raised:
        read(tmp_path, "Why?;Because\n")
    assert "#separator:semicolon" in raised.value.hint
    [note] = read(tmp_path, "#separator:semicolon\nWhy?;Because\n").notes
    assert list(note.fields.values()) == ["Why?", "Because"]


def test_a_package_that_is_called_text_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "deck.txt").write_bytes(b"PK\3\4...")
    with pytest.raises(TrialdeckError, match="is a zip file, not text"):
        read_source_deck(tmp_path / "deck.txt")


def test_a_file_in_utf_16_without_its_mark_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "deck.txt").write_bytes("Why?\tSo\n".encode("utf-16-le"))
    with pytest.raises(TrialdeckError, match="byte 1 is zero, as in UTF-16"):
        read_source_deck(tmp_path / "deck.txt")


@given(text=st.text(st.sampled_from('#separator:html guid column 12\t\n"\r,;a{<é'), max_size=60))
def test_any_text_is_read_or_refused(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with suppress(TrialdeckError):
        deck = read(tmp_path_factory.mktemp("any"), text)
        fields = {kind.name: list(kind.fields) for kind in deck.note_types}
        assert [list(note.fields) for note in deck.notes] == [fields[note.note_type] for note in deck.notes]
