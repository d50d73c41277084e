"""Cards in the language of their record: every word of every language, and nothing else in it."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from folders import ROOT
from trialdeck.core.words import catalogue, language_of, languages, translate, words_in
from trialdeck.notes.builder import notes_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.notes.plots.effects import LOWER
from trialdeck.notes.prompts import fronts
from trialdeck.notes.retirement import ONE_BY_ONE, READING
from trialdeck.notes.templates.labels import LABELS
from trialdeck.notes.trial_notes import trial_notes
from trialdeck.records.load import load_record_text
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.results.effect import DIFFERENCES, HYPOTHESES, RATIOS
from trialdeck.records.schema import load_schema

SOURCE = ROOT / "src" / "trialdeck"
MEASURES = [*sorted(RATIOS | DIFFERENCES), "estimate"]
RESULT = load_schema("trial")["$defs"]["result"]["properties"]
ANALYSES = [analysis for analysis in RESULT["analysis"]["enum"] if analysis]
PLURALS = [f"{head}s{of}{rest}" for head, of, rest in (measure.partition(" of ") for measure in MEASURES)]
# What is put together from values that a schema lists.
MADE = {
    *MEASURES,
    *PLURALS,
    *(f"what was the {measure}" for measure in MEASURES),
    *(f"{analysis} analysis" for analysis in ANALYSES),
    *(f"{analysis} analyses" for analysis in ANALYSES),
    *(f"for {tested}" for tested in HYPOTHESES.values()),
    *(f"Margin of {tested}: {{margin}}" for name, tested in HYPOTHESES.items() if name != "superiority"),
    *(
        f"{end} bound {{bound}} is {negated}{side} the margin {{margin}}: {verdict}"
        for end, side in (("Upper", "below"), ("Lower", "above"))
        for negated, verdict in (("", "non-inferior"), ("not ", "non-inferiority is not shown"))
    ),
    "Interval {interval} lies within the margins {margins}: equivalent",
    "Interval {interval} does not lie within the margins {margins}: equivalence is not shown",
    *(f"{side} {thing}".rstrip() for side in ("lower", "higher") for thing in ("", *LOWER.values())),
    *fronts._TEXT_FRONTS.values(),
    *fronts._ROLES.values(),
    *map(str, Audience),
    *map(str, Perspective),
    *LABELS,
    "{level}% confidence interval",
    READING,
    ONE_BY_ONE,
    "Reviewed",
    "Disputed",
}


def test_a_language_is_known_by_the_first_part_of_its_tag() -> None:
    assert [language_of(tag) for tag in ("de", "de-AT", "ES-mx", "en-GB", "ar", "")] == ["de", "de", "es", "", "", ""]


def test_words_are_those_of_the_record_within_its_block_alone() -> None:
    with words_in("de-CH"):
        assert translate("not reached") == "nicht erreicht"
        with words_in("en"):
            assert translate("not reached") == "not reached"
    assert translate("{low} to {high}", low="{x}", high=2) == "{x} to 2"


@pytest.mark.parametrize("language", languages())
def test_a_language_has_all_words_and_no_others(language: str) -> None:
    words = catalogue(language)
    assert sorted(english_words() - words.keys()) == []
    assert sorted(words.keys() - english_words()) == []


@pytest.mark.parametrize("language", languages())
def test_the_parts_of_words_are_the_same_in_every_language(language: str) -> None:
    parts = re.compile(r"\{\w*\}")
    different = {
        english: other
        for english, other in catalogue(language).items()
        if sorted(parts.findall(english)) != sorted(parts.findall(other)) or not other.strip()
    }
    assert different == {}


@pytest.mark.parametrize("kind", Kind)
def test_every_label_of_a_template_is_listed(kind: Kind) -> None:
    sides = "".join(template.front + template.back for template in note_type(kind).templates)
    assert "[[" not in sides
    labels = re.findall(r'<span class="td-say-[a-z-]+"><span>([^<]+)</span></span>', sides)
    assert set(labels) <= set(LABELS)
    assert labels


def english_words() -> set[str]:
    """All words that the code asks `translate` for."""
    return MADE | {words for path in SOURCE.rglob("*.py") for words in literals(path)}


def literals(path: Path) -> Iterator[str]:
    """The words that a module hands to `translate`: as they stand, or as a constant of the module."""
    text = path.read_text(encoding="utf-8")
    if "translate(" not in text or path.parent.name == "words":
        return
    module = import_module(".".join(path.relative_to(SOURCE.parent).with_suffix("").parts))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "translate":
            yield from values(node.args[0], module)


def values(node: ast.expr, module: object) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(words)):
            yield words
        case ast.IfExp():
            yield from values(node.body, module)
            yield from values(node.orelse, module)
        case ast.Name() if isinstance(getattr(module, node.id, None), str):
            yield getattr(module, node.id)
        case ast.Subscript(value=ast.Subscript(value=ast.Name(id=name))) | ast.Subscript(value=ast.Name(id=name)):
            table = getattr(module, name)
            for words in table.values():
                yield from [words] if isinstance(words, str) else words


def test_labels_of_a_record_in_german_are_german(record_text: str) -> None:
    notes = notes_by_key(record_text.replace("title:", "language: de\ntitle:", 1))
    result = notes["dawn-1/result/rfs"]
    assert "wie hoch war die Hazard Ratio für <strong>" in result["Question"]
    assert result["Question"].startswith('<div lang="de">')
    assert "95-%-KI" in result["Response"]
    assert "<dt>Primärer Endpunkt</dt>" in result["About"]
    assert {"trialdeck::language::de"} <= set(result["Tags"].split())
    assert notes["dawn-1/question/why"]["Audience"] == "Student"
    assert notes["dawn-1/question/why"]["Review"].endswith("Noch nicht geprüft</span></span>")


def test_a_record_in_english_has_no_tag_of_its_language(record_text: str) -> None:
    notes = notes_by_key(record_text.replace("title:", "language: en\ntitle:", 1))
    tags = " ".join(note["Tags"] for note in notes.values())
    assert "trialdeck::language" not in tags


def notes_by_key(text: str) -> dict[str, dict[str, str]]:
    """The fields of the notes of a record, by name, and their tags."""
    trial = load_record_text(text.encode(), "x.yaml").trial
    assert trial
    return {
        note.key: dict(zip(note_type(note.kind).field_names, note.fields, strict=True)) | {"Tags": " ".join(note.tags)}
        for note in notes_of(trial, trial_notes([trial]))
    }
