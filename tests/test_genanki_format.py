"""What is kept of genanki's format is what genanki says; of another release, it is asked."""

from typing import Any

import genanki
import msgspec
import pytest

from trialdeck.cards.notetypes import Kind, NoteType, note_type
from trialdeck.decks import genanki_format as module
from trialdeck.decks.genanki_format import KEPT, Format, asked, genanki_format
from trialdeck.decks.package import _deck, _settings

CHANGED = 1_790_000_000


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    genanki_format.cache_clear()


def test_what_is_kept_is_what_genanki_says(request: pytest.FixtureRequest) -> None:
    said = msgspec.json.format(msgspec.json.encode(asked()), indent=2) + b"\n"
    if request.config.getoption("--update-snapshots"):
        KEPT.write_bytes(said)
    assert KEPT.read_bytes() == said, "genanki says something else: look at it, and run with --update-snapshots"


def test_the_release_that_is_kept_is_not_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "asked", lambda: pytest.fail("genanki was asked"))
    assert genanki_format().release == genanki.__version__


def test_another_release_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_installed", lambda: "99.0")
    assert genanki_format() == asked()
    assert genanki_format().release == "99.0"


def test_a_release_that_does_not_say_so_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert genanki_format().schema == asked().schema


@pytest.mark.parametrize("kind", Kind)
def test_a_note_type_is_as_genanki_writes_it(kind: Kind) -> None:
    ours = _settings(note_type(kind), CHANGED)
    theirs = as_genanki(note_type(kind)).to_json(CHANGED, 1)
    assert ours | {"req": theirs["req"]} == theirs
    assert list(ours) == list(theirs)


def test_a_deck_is_as_genanki_writes_it() -> None:
    theirs = genanki.Deck(2_059_400_110, "Landmark Trials::DAWN-1", "<p>“Dawn”</p>").to_json()
    ours = _deck(2_059_400_110, "Landmark Trials::DAWN-1", "<p>“Dawn”</p>")
    assert msgspec.json.decode(b"{%b}" % ours.removeprefix(b",")) == {"2059400110": theirs}


def test_a_format_is_frozen() -> None:
    assert Format.__struct_config__.frozen


def as_genanki(kind: NoteType) -> Any:
    """One of our note types as a model of genanki's."""
    return genanki.Model(
        kind.id,
        kind.name,
        fields=[{"name": each.name, "id": each.id} for each in kind.fields],
        templates=[
            {"name": each.name, "id": each.id, "qfmt": each.front, "afmt": each.back} for each in kind.templates
        ],
        css=kind.style,
        model_type=1 if kind.kind is Kind.CLOZE else 0,
    )
