"""Decks that tests import, and what comes of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import genanki
import yaml
from click.testing import CliRunner, Result

from trialdeck.cli import main

BASIC = genanki.BASIC_MODEL


def write_deck(path: Path, rows: Sequence[Sequence[str]], *, model: Any = BASIC, name: str = "Heart::DAWN-1") -> Path:
    """Write a package with one deck; the guid of a note is its place in the deck."""
    deck = genanki.Deck(4711, name)
    for number, fields in enumerate(rows):
        deck.add_note(genanki.Note(model, list(fields), guid=f"guid-{number:05}"))
    genanki.Package(deck).write_to_file(path)
    return path


def run_import(deck: Path, seeds: Path, *options: str) -> Result:
    """Import a deck into a folder, with the map that is proposed unless the options name one."""
    proposed = () if "--map" in options else ("--proposed",)
    call = ["import", str(deck), *proposed, "--out", str(seeds), *options]
    return CliRunner().invoke(main, call, catch_exceptions=False)


def records(seeds: Path) -> dict[str, Any]:
    """Return the records in a folder as data, by their ids."""
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(seeds.glob("*.yaml"))}
