"""The searches that the site recommends for filtered decks, in real Anki."""

import re
from html import unescape
from pathlib import Path

import pytest

from anki_releases import NEWEST, RELEASES, Release, run, search
from projects import NOW, Project
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.site.publish import publish


@pytest.mark.parametrize("release", [RELEASES[0], NEWEST], ids=str)
def test_anki_takes_every_recipe(release: Release, tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.record("dawn-1")
    project.build(NOW)
    site = publish([project.seeds], DeckRequest(), project.decks, tmp_path / "site", NOW).out
    table = (site / "import.html").read_text(encoding="utf-8").partition('class="recipes"')[2].partition("</table>")[0]
    recipes = [unescape(found) for found in re.findall(r"<code>(.*?)</code>", table)]
    assert len(recipes) > 6
    _, *found = run(release, *sorted(project.decks.glob("*.apkg")), *map(search, recipes))
    # Nothing has been learned or forgotten yet, and one package was imported.
    empty = {recipe for recipe, keys in zip(recipes, found, strict=True) if not keys}
    assert empty <= {recipe for recipe in recipes if "rated:" in recipe or "prop:" in recipe}
