"""The commands that write, as a user calls them in a project, and what there is before."""

from collections.abc import Callable
from dataclasses import dataclass

import genanki
from click.testing import CliRunner

from projects import DAY, NOW, Project
from sheets import Book
from trialdeck.cli import main
from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, note_type

QUESTION = note_type(Kind.QUESTION)
MODEL = genanki.Model(
    1607392319,
    "Facts",
    fields=[{"name": name} for name in ("Ask", "Tell", "Study")],
    templates=[{"name": "Card", "qfmt": "{{Ask}}", "afmt": "{{Tell}}"}],
)
Prepare = Callable[[Project], None]


@dataclass(frozen=True)
class Command:
    """A command as it is called in a project, what there is before, and how many calls of the system it makes."""

    words: tuple[str, ...]
    prepare: Prepare
    least: int


def two_records(project: Project) -> None:
    project.record("dawn-1")
    project.record("noon-1", related="{id: noon-9, name: NOON-9, tested: Noonol, endpoint: Survival}")


def built(project: Project) -> None:
    two_records(project)
    project.build(NOW - DAY)


def edited(project: Project) -> None:
    built(project)
    project.edit("dawn-1", response="It blocks")
    project.edit("noon-1", summary="Noonol did.\n")


def defined(project: Project) -> None:
    project.define("whole", "name: All of it")
    project.define("views", "name: Views", "split: perspective")
    edited(project)


def retired(project: Project) -> None:
    two_records(project)
    project.build(NOW - 2 * DAY)
    project.edit("dawn-1", why="")
    project.build(NOW - DAY)


def lost(project: Project) -> None:
    built(project)
    (project.decks / "ledger.jsonl").unlink()


def returned(project: Project) -> None:
    """Records in two folders, and a package as somebody has edited its notes."""
    built(project)
    (project.seeds / "deep").mkdir()
    (project.seeds / "noon-1.yaml").rename(project.seeds / "deep" / "noon-1.yaml")
    model = genanki.Model(
        QUESTION.id,
        QUESTION.name,
        fields=[{"name": each.name} for each in QUESTION.fields],
        templates=[{"name": each.name, "qfmt": each.front, "afmt": each.back} for each in QUESTION.templates],
    )
    deck = genanki.Deck(1, "Landmark Trials")
    for trial in ("dawn-1", "noon-1"):
        packed = project.opened(trial)
        key = f"{trial}/question/why"
        values = {**packed.notes[key], "Response": "<p>It binds tightly.</p>"}
        deck.add_note(
            genanki.Note(
                model, [values[each.name] for each in QUESTION.fields], guid=guid_of(key), tags=packed.tags[key]
            )
        )
    fresh = QUESTION.filled(Question="Is it dawn?", Response="Yes", Trial="DAWN-1")
    deck.add_note(genanki.Note(model, list(fresh), guid="p3Q8Yx"))
    genanki.Package(deck).write_to_file(project.folder / "from-anki.apkg", timestamp=NOW)


def in_sheets(project: Project) -> None:
    """Records in two folders, and a workbook that changes both and has a new one."""
    two_records(project)
    (project.seeds / "deep").mkdir()
    (project.seeds / "noon-1.yaml").rename(project.seeds / "deep" / "noon-1.yaml")
    sheets = project.folder / "trials.xlsx"
    assert CliRunner().invoke(main, ["sheet", "export", str(project.seeds), "-o", str(sheets)]).exit_code == 0
    book = Book(sheets)
    for trial in ("dawn-1", "noon-1"):
        book.put("Trials", (trial,), "tested", "Dawnol daily")
    book.add("Trials", id="new-1", title="A title", summary="Something.")
    book.save()


def foreign(project: Project) -> None:
    """A deck of somebody else, of one trial that has a record and of one that has none."""
    two_records(project)
    deck = genanki.Deck(1, "Facts")
    for study in ("DAWN-1", "DUSK-2"):
        deck.add_note(genanki.Note(MODEL, [f"What of {study}?", "It works.", study]))
    genanki.Package(deck).write_to_file(project.folder / "facts.apkg", timestamp=NOW)
    form = "format: 1\nquestion: Ask\nresponse: Tell\ntrial_field: Study\n"
    (project.folder / "map.yaml").write_text(form, encoding="utf-8")


def saved_page(project: Project) -> None:
    two_records(project)
    page = "EVE-2 Trial\n\nSummary\n\nEvenol worked.\n"
    (project.folder / "page.txt").write_text(page, encoding="utf-8")


def with_site(project: Project) -> None:
    """A site of before, of which pages change and go."""
    built(project)
    result = CliRunner().invoke(main, ["site", str(project.seeds), "--out", str(project.folder / "site")], env=SEALED)
    assert result.exit_code == 0, result.output
    (project.seeds / "noon-1.yaml").unlink()
    project.edit("dawn-1", response="It blocks")


def exported(project: Project) -> None:
    """Sheets of before."""
    two_records(project)
    for out in ("trials.xlsx", "sheets"):
        call = ["sheet", "export", str(project.seeds), "-o", str(project.folder / out)]
        assert CliRunner().invoke(main, call).exit_code == 0
    project.edit("dawn-1", response="It blocks")


SEALED = {"SOURCE_DATE_EPOCH": str(NOW)}
BUILD = ("build", "--workers", "1")
COMMANDS = {
    "first build": Command(BUILD, two_records, 40),
    "build": Command(BUILD, edited, 40),
    "build of definitions": Command(BUILD, defined, 40),
    "retire": Command(("retire", "--before", "2100-01-01"), retired, 10),
    "ledger rebuild": Command(("ledger", "rebuild", "decks/dawn-1.apkg", "decks/noon-1.apkg", "--force"), lost, 10),
    "pull": Command(("pull", "from-anki.apkg", "--apply"), returned, 20),
    "sheet import": Command(("sheet", "import", "trials.xlsx"), in_sheets, 20),
    "sheet export": Command(("sheet", "export", "-o", "trials.xlsx", "--force"), exported, 4),
    "sheet export of CSV": Command(("sheet", "export", "-o", "sheets", "--force"), exported, 10),
    "import": Command(("import", "facts.apkg", "--map", "map.yaml"), foreign, 15),
    "new": Command(("new", "eve-2", "--title", "Evenol", "-o", "seeds/eve-2.yaml", "--force"), two_records, 4),
    "ingest": Command(("ingest", "page.txt", "-o", "seeds/eve-2.yaml", "--force"), saved_page, 4),
    "site": Command(("site",), with_site, 40),
}
