"""The language of a record: stated on its own texts, and on nothing else."""

import pytest

from trialdeck.core.problem import Severity
from trialdeck.markdown.from_html import is_alike, markdown_of, points_of
from trialdeck.markdown.language import in_language
from trialdeck.notes.builder import notes_of
from trialdeck.notes.note import Note
from trialdeck.notes.note_types import note_type
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.project.record_loader import problems_of
from trialdeck.records.load import load_record_text
from trialdeck.site.trial_page import Neighbours, trial_page


def notes_by_key(text: str) -> dict[str, Note]:
    trial = load_record_text(text.encode(), "x.yaml").trial
    assert trial
    return {note.key: note for note in notes_of(trial, trial_notes([trial]))}


def field(note: Note, name: str) -> str:
    return note.fields[note_type(note.kind).field_names.index(name)]


def test_texts_of_a_record_state_its_language(record_text: str) -> None:
    notes = notes_by_key(record_text.replace("title:", "language: ar\ntitle:", 1))
    question = notes["dawn-1/question/why"]
    assert field(question, "Question") == '<div lang="ar"><p>Why does dawnol work?</p></div>'
    assert field(question, "Response") == '<div lang="ar"><p>It binds <strong>dawnin</strong>.</p></div>'
    assert '<span lang="ar">Dawnol for Example Disease</span>' in field(question, "About")
    assert '<span lang="ar">Placebo</span></dd>' in field(question, "About")
    assert '</p><div lang="ar"><ol><li>' in field(notes["dawn-1/key-findings/points"], "Text")
    assert field(notes["dawn-1/summary"], "Response") == '<div lang="ar"><p>Dawnol delayed relapse.</p></div>'
    assert field(notes["dawn-1/takeaway/start"], "Response") == '<div lang="ar"><p>Start early.</p></div>'
    trial = notes["dawn-1/trial"]
    assert field(trial, "Tested") == '<span lang="ar">Dawnol</span>'
    assert field(trial, "Summary").startswith('<div lang="ar">')
    cloze = notes["dawn-1/key-findings/relapse/cloze/delay"]
    assert field(cloze, "Text").startswith('<div lang="ar"><p>DAWN-1: dawnol')
    assert cloze.cards == (0, 1)


def test_what_trialdeck_writes_itself_has_no_language(record_text: str) -> None:
    notes = notes_by_key(record_text.replace("title:", "language: ar\ntitle:", 1))
    for key, name in (("summary", "Question"), ("key-findings", "Question"), ("result/rfs", "Question")):
        assert "lang=" not in field(notes[f"dawn-1/{key}"], name)


def test_a_record_without_a_language_has_the_same_notes(record_text: str) -> None:
    notes = notes_by_key(record_text)
    assert not [note.key for note in notes.values() if "lang=" in "".join(note.fields)]
    in_arabic = notes_by_key(record_text.replace("title:", "language: ar\ntitle:", 1))
    assert [(note.guid, note.label, note.cards, note.tags) for note in in_arabic.values()] == [
        (note.guid, note.label, note.cards, note.tags) for note in notes.values()
    ]


def test_a_related_trial_is_described_in_the_language_of_the_record_that_names_it(record_text: str) -> None:
    notes = notes_by_key(record_text.replace("title:", "language: pt-BR\ntitle:", 1))
    assert field(notes["dusk-2/trial"], "Tested") == '<span lang="pt-BR">Duskol</span>'


@pytest.mark.parametrize("tag", ["de", "no", "zh-Hans-CN", "ast"])
def test_language_tags(record_text: str, tag: str) -> None:
    record = load_record_text(record_text.replace("title:", f"language: {tag}\ntitle:", 1).encode(), "x.yaml")
    assert record.trial
    assert record.trial.language == tag
    assert [problem for problem in problems_of(record) if problem.severity is Severity.ERROR] == []


def test_a_language_that_is_no_tag_is_a_fault_and_no_attribute(record_text: str) -> None:
    text = record_text.replace("title:", "language: 'de\"><b>'\ntitle:", 1)
    record = load_record_text(text.encode(), "x.yaml")
    assert [problem.code for problem in record.problems] == ["TD108"]
    assert "for example de, ar or pt-BR" in record.problems[0].hint
    assert record.trial
    assert record.trial.language == ""


def test_what_comes_back_from_anki_is_read_without_the_language() -> None:
    html = in_language("<p>Es bindet <strong>Dawnin</strong>.</p>", "de")
    assert markdown_of(html) == "Es bindet **Dawnin**."
    assert is_alike(html, "<p>Es bindet <b>Dawnin</b>.</p>".replace("b>", "strong>"))
    assert points_of(in_language("<ol><li>Eins</li><li>Zwei</li></ol>", "de")) == ["Eins", "Zwei"]


def test_the_page_of_a_trial_states_its_language(record_text: str) -> None:
    trial = load_record_text(record_text.replace("title:", "language: ar\ntitle:", 1).encode(), "x.yaml").trial
    assert trial
    assert trial_page(trial, (), Neighbours(frozenset(), {})).language == "ar"
