"""Deletions in the real Anki: it finds those that are there, and a hint is words alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings

from matrices import examples
from statements import ANKI_CLOZE, READ_BY_ANKI, STATEMENT, folded, seen
from trialdeck.markdown.cloze import parse_cloze
from trialdeck.markdown.render import render_cloze


@pytest.fixture(scope="module")
def cloze_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A function that gives the real Anki's numbers, fronts and backs of a cloze field's HTML."""
    import anki.lang
    from anki.collection import Collection

    anki.lang.set_lang("en_US")
    folder: Path = tmp_path_factory.mktemp("anki")
    collection = Collection(str(folder / "collection.anki2"))
    note = collection.new_note(collection.models.by_name("Cloze"))

    def card(html: str) -> tuple[list[int], list[tuple[str, str]]]:
        note["Text"] = html
        numbers = sorted(note.cloze_numbers_in_fields())
        shown = [note.ephemeral_card(number - 1).render_output() for number in numbers]
        return numbers, [(each.question_text, each.answer_text) for each in shown]

    yield card
    collection.close()


def test_anki_shows_a_hint_and_does_nothing_else_with_it(cloze_card: Any) -> None:
    hints = ["sound:x.mp3", " SOUND:x.mp3", "latex", "/latex", "$", "/$", "$$", "anki:tts lang=en_US", "[type:Text]"]
    text = "\n\n".join(f"{{{{c1::x::{hint}}}}}" for hint in hints)
    _, ((front, _),) = cloze_card(render_cloze(text))
    assert seen(front) == folded(" ".join(f"[{hint}]" for hint in hints))
    assert not READ_BY_ANKI.search(front)


@given(statement=STATEMENT)
@settings(max_examples=examples(150))
def test_the_real_anki_makes_a_card_for_every_deletion(cloze_card: Any, statement: str) -> None:
    parsed = parse_cloze(statement)
    assume(parsed.deletions and not parsed.faults)
    html = render_cloze(statement)
    numbers, sides = cloze_card(html)
    assert tuple(numbers) == parsed.numbers
    for number, (front, back) in zip(numbers, sides, strict=True):
        own = [(answer, hint) for each, answer, hint in ANKI_CLOZE.findall(html) if int(each) == number]
        assert front.count('<span class="cloze"') == len(own)
        assert "[anki:" not in front + back
        assert "{{" not in front + back
        for answer, hint in own:
            assert f'data-ordinal="{number}">{answer}</span>' in back
            assert f"[{hint or '...'}]</span>" in front
        assert seen(back) == seen(ANKI_CLOZE.sub(r"\2", html))
