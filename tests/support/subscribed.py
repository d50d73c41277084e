"""Measure what a learner keeps over ten editions, by the add-on and by plain import, and write it into the docs."""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from addon_editions import DAY, SiteEdition, publish_editions
from anki_releases import Release, python_of
from folders import ANKI_PROGRAMS, ROOT

PAGE = ROOT / "docs" / "subscribe.md"
RELEASES = (Release("24.11"), Release("26.9.3"))
START, END = "<!-- measured: kept over ten editions -->\n", "<!-- end -->\n"
WORDS, TAG, OWN_FIELD, RHYME = "my own words", "mine::again", "Mnemonic", "a rhyme"
SUSPENDED = -1
DOUBT, FROST = "ember-3/question/doubt", "frost-1/question/whom"
State = Mapping[str, Any]
PLAIN, PLAIN_CARDS, ADDON = "plain import", "plain import, note types as they were", "the add-on"
WAYS = (PLAIN, PLAIN_CARDS, ADDON)


@dataclass(frozen=True)
class Kept:
    """A learner before and after ten editions, and the last edition as a new learner has it."""

    before: State
    after: State
    last: State
    said: Sequence[str]


def run_steps(release: Release, steps: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Do the steps of `subscriber.py` in a release, from a new collection on."""
    plan = {"addon": str(ROOT / "addon"), "steps": steps}
    program = [str(python_of(release)), "-I", str(ANKI_PROGRAMS / "subscriber.py")]
    done = subprocess.run(
        program, input=json.dumps(plan), capture_output=True, encoding="utf-8", timeout=900, check=False
    )
    assert done.returncode == 0, done.stderr
    results: list[Any] = json.loads(done.stdout)
    return results


def measure(release: Release, way: str, editions: Sequence[SiteEdition]) -> Kept:
    """Let a learner live with the first edition, and bring in the others."""
    first, *later = editions
    life = "cards" if way == PLAIN_CARDS else "note types"
    steps: list[dict[str, Any]] = [_brought(way, first), {"live": life}, {"turn_back": first.built_at + DAY}]
    steps.append({"state": True})
    for edition in later:
        steps += [_brought(way, edition), {"turn_back": edition.built_at + DAY}]
    results = run_steps(release, [*steps, {"state": True}])
    (last,) = run_steps(release, [_brought(ADDON, later[-1]), {"state": True}])[1:]
    said = [result["words"] for result in results if isinstance(result, dict) and "words" in result]
    return Kept(results[3], results[-1], last, said)


def _brought(way: str, edition: SiteEdition) -> dict[str, Any]:
    if way == ADDON:
        return {"update": str(edition.site), "answer": "mine"}
    return {"import": [str(package) for package in edition.packages]}


def rows(kept: Kept) -> dict[str, str]:
    """Return what was kept, as "so many of so many"."""
    return {**_of_notes(kept), **_of_cards(kept.before, kept.after), **_of_note_types(kept)}


def _of_notes(kept: Kept) -> dict[str, str]:
    old, new = kept.before["notes"], kept.after["notes"]
    last, tagged = kept.last["notes"], [guid for guid, note in old.items() if TAG in note["tags"]]
    edited = [guid for guid, note in old.items() if note["fields"]["Key"] in {DOUBT, FROST}]
    return {
        "what was written into `Extra`": _of(old, lambda guid: _field(new, guid, "Extra") == WORDS),
        "own tags": _of(tagged, lambda guid: TAG in new[guid]["tags"]),
        "own text of two edited notes": _of(edited, lambda guid: _response(old, guid) == _response(new, guid)),
        "corrections that arrived": _of(_corrected(kept, edited), lambda guid: _text(new, guid) == _text(last, guid)),
        "new notes that arrived": _of([guid for guid in last if guid not in old], lambda guid: guid in new),
    }


def _of_cards(before: State, after: State) -> dict[str, str]:
    cards = before["cards"]
    flagged = [card for card in cards if cards[card]["flag"]]
    suspended = [card for card in cards if cards[card]["schedule"][1] == SUSPENDED]
    studied = [card for card in cards if cards[card]["schedule"][5]]
    came_back = any(name.endswith("FROST-1") for name in after["decks"].values())
    return {
        "schedules of studied cards": _of(studied, lambda card: _same(before, after, card, "schedule")),
        "flags": _of(flagged, lambda card: _same(before, after, card, "flag")),
        "suspended cards": _of(suspended, lambda card: after["cards"][card]["schedule"][1] == SUSPENDED),
        "cards that lie where the learner put them": _of(cards, lambda card: _same(before, after, card, "deck")),
        "a renamed deck does not come back": _yes(not came_back),
    }


def _of_note_types(kept: Kept) -> dict[str, str]:
    before, after, new = kept.before["types"], kept.after["types"], kept.after["notes"]
    filled = [guid for guid, note in kept.before["notes"].items() if note["fields"].get(OWN_FIELD)]
    question, cloze = "Trialdeck Question", "Trialdeck Cloze"
    edits = {
        "what was written into an added field": _of(filled, lambda guid: _field(new, guid, OWN_FIELD) == RHYME),
        "an edited template": _yes(before[question]["sides"][0][1] == after[question]["sides"][0][1]),
        "an edited style": _yes(before[cloze]["style"] == after[cloze]["style"]),
    }
    return {
        **(edits if filled else dict.fromkeys(edits, "–")),
        "the author's new style where none was edited": _yes(
            _style(kept.last, question) == _style(kept.after, question)
        ),
        "no second note type": _yes(len(after) == 3),
        "no full sync": _yes(kept.before["schema"] == kept.after["schema"]),
    }


def _style(state: State, name: str) -> str:
    return str(state["types"][name]["style"])


def _of(items: Iterable[str], is_kept: Any) -> str:
    listed = list(items)
    return f"{sum(map(bool, map(is_kept, listed)))} of {len(listed)}"


def _yes(is_true: bool) -> str:
    return "yes" if is_true else "no"


def _field(notes: Mapping[str, Any], guid: str, name: str) -> str:
    return str(notes[guid]["fields"].get(name, ""))


def _same(before: State, after: State, card: str, what: str) -> bool:
    return bool(before["cards"][card][what] == after["cards"].get(card, {}).get(what))


def _response(notes: Mapping[str, Any], guid: str) -> str:
    return _field(notes, guid, "Response")


_TECHNICAL = {"Extra", OWN_FIELD, "Key", "Report", "Link", "Source", "Review", "About", "Trial", "Citation"}


def _text(notes: Mapping[str, Any], guid: str) -> list[str]:
    return [html for name, html in sorted(notes[guid]["fields"].items()) if name not in _TECHNICAL]


def _corrected(kept: Kept, edited: Sequence[str]) -> list[str]:
    """The notes, not edited by the learner, whose own text the last edition has otherwise than the first."""
    last, old = kept.last["notes"], kept.before["notes"]
    return [guid for guid in old if guid in last and guid not in edited and _text(old, guid) != _text(last, guid)]


def page_table(measured: Mapping[tuple[str, str], Mapping[str, str]], releases: Sequence[Release] = RELEASES) -> str:
    """Return the table as Markdown."""
    columns = [(way, str(release)) for way in WAYS for release in releases]
    lines = [
        f"| of the learner's, after ten editions | {' | '.join(f'{way}, {release}' for way, release in columns)} |"
    ]
    lines.append("| --- |" + " --- |" * len(columns))
    names = next(iter(measured.values()))
    lines += [f"| {name} | {' | '.join(measured[column][name] for column in columns)} |" for name in names]
    return "\n".join(lines) + "\n"


def measured_columns(folder: Path, releases: Sequence[Release]) -> dict[tuple[str, str], dict[str, str]]:
    """Measure everything."""
    editions = publish_editions(folder)
    return {(way, str(release)): rows(measure(release, way, editions)) for way in WAYS for release in releases}


@cache
def published_column(way: str, release: str) -> dict[str, str]:
    """Return a column of the table in the docs."""
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index(START) + len(START) : text.index(END)].strip().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (table[0], *table[2:])]
    column = cells[0].index(f"{way}, {release}")
    return {row[0]: row[column] for row in cells[1:]}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        table = page_table(measured_columns(Path(scratch), RELEASES))
    page = PAGE.read_text(encoding="utf-8")
    whole = re.sub(f"(?s){re.escape(START)}.*?{re.escape(END)}", f"{START}\n{table}\n{END}", page)
    PAGE.write_text(whole, encoding="utf-8")
    print(table)  # noqa: T201 - a script
