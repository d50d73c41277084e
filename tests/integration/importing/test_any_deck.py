"""Whatever a deck holds, its records are sound, every note is counted, and a second import changes nothing."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trialdeck.anki.importing.deck_map import deck_map_of
from trialdeck.anki.importing.import_deck import ImportedDeck, import_deck, write
from trialdeck.anki.importing.propose import proposal
from trialdeck.anki.importing.source.source_deck import SourceDeck
from trialdeck.apkg.reader import PackedCard, PackedNote, PackedTemplate, PackedType
from trialdeck.core.problem import Severity
from trialdeck.lint.record import check_record
from trialdeck.records.load import load_record_text

PIECES = (
    *("Why ", "dawnol", "?", "<b>", "</b>", "<br>", "<ul><li>", "</li></ul>", "<div>", "</div>", "&lt;", "&nbsp;"),
    *(" p<0.05", "{{c1::", "{{c2::", "::", "}}", "\\(x\\)", "*", "_", "#", "- ", "1. ", "\n", "\x0b", "é", "2014"),
    *("10<sup>9</sup>", "<img src=a.png>", "[sound:a.mp3]", "https://example.org/a", "DAWN-1", "|", "`", ": "),
    *("\ufeff", "💊", "<svg>", "~"),
)
FIELD = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
FIELDS = ("Front", "Back", "Trial", "URL", "Limitations", "Tested")
TURNED = (PackedTemplate("a", "{{Front}}", "{{Back}}"), PackedTemplate("b", "{{Back}}", "{{Front}}"))
GAPS = (PackedTemplate("a", "{{cloze:Front}}", "{{cloze:Front}} {{Back}}"),)
TYPES = (
    PackedType(1, "Basic", FIELDS[:2], TURNED, "", 0),
    PackedType(2, "Cloze", FIELDS[:2], GAPS, "", 0),
    PackedType(3, "Trial", FIELDS, (PackedTemplate("a", "{{Trial}} {{Front}}", "{{Back}}"),), "", 0),
)
DECKS = st.sampled_from(("A::Basics", "B::Basics", "DAWN-1", "研究", "::", "A part 2", "", "***"))
NOTES = st.lists(
    st.tuples(st.sampled_from(TYPES), st.lists(FIELD, min_size=6, max_size=6), DECKS, st.integers(0, 3)), max_size=6
)


def deck_of(rows: list[tuple[PackedType, list[str], str, int]]) -> SourceDeck:
    notes = tuple(
        PackedNote(f"g{guid}", kind.name, dict(zip(kind.fields, fields, strict=False)), ("x::y",), 0, number,
                   (PackedCard(0, deck), PackedCard(1, deck)))
        for number, (kind, fields, deck, guid) in enumerate(rows)
    )  # fmt: skip
    return SourceDeck(Path("any.apkg"), TYPES, notes)


def imported(deck: SourceDeck, folder: Path) -> ImportedDeck:
    result = import_deck(deck, deck_map_of(proposal(deck)), folder)
    write(deck, result, folder)
    return result


@given(rows=NOTES, later=NOTES)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=60)
def test_records_are_sound_and_notes_are_counted(
    rows: list[tuple[PackedType, list[str], str, int]],
    later: list[tuple[PackedType, list[str], str, int]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("seeds")
    for deck in (deck_of(rows), deck_of(rows), deck_of(later)):
        result = imported(deck, folder)
        assert result.taken + result.known + result.whole_notes.total() == len(deck.notes)
        for path in folder.glob("*.yaml"):
            record = load_record_text(path.read_bytes(), path.name)
            assert record.trial is not None
            assert record.document is not None
            problems = [*record.problems, *check_record(record.trial, record.document)]
            assert [problem for problem in problems if problem.severity is Severity.ERROR] == []
    if not rows:
        return
    again = import_deck(deck_of(later), deck_map_of(proposal(deck_of(later))), folder)
    assert (again.taken, again.files) == (0, [])
