"""What the pictures in docs/pictures show: cards as Anki renders them, pages of the site, what commands print.

`make pictures` draws it, and a test compares it with what was drawn last.
"""

import fnmatch
import json
import shutil
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from click.testing import CliRunner

from anki_releases import NEWEST, REPORT, Card, Report, run
from folders import ROOT, SUPPORT
from trialdeck.cli import main
from trialdeck.cli.terminal.printing import wrapped_lines
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.project.build import build
from trialdeck.site.publish import publish

OUT = ROOT / "docs" / "pictures"
SHOWN = OUT / "shown.json"
"""For each picture, the digest of what it shows."""
BUILT_AT = 1_790_000_000
DAY = 86_400
COLLECTION = "landmark-trials"

CARDS = {
    "question": "aspire/question/what-carfilzomib-adds",
    "cloze": "aspire/question/what-carfilzomib-adds/cloze/binding",
    "trial": "aspire/trial",
    "result": "aspire/result/pfs",
    "result-events": "fidelio-dkd/result/kidney-40",
    "result-means": "fidelio-dkd/result/uacr",
    "forest": "across:relapsed-myeloma/pfs",
}
"""The keys of the notes; `*` stands for anything, and the first note by its key is taken."""
LANGUAGES = ("de", "es")
"""The languages of the labels, other than English; `invented_trials/dawn-1-de.yaml` is a record in one."""
WIDTHS = {"phone": 390, "desktop": 640}
MODES = {"light": "", "dark": "nightMode night_mode"}
PAGES = {"site-front": "index.html", "site-trial": "trials/aspire.html"}
PAGE_WIDTHS = {"phone": 390, "desktop": 1000}
COLUMNS = 80

STRIP = "desk-first-deck"
"""The picture of a clinician's first deck, scene by scene."""

_FRAMES = """
* { box-sizing: content-box }
html { background: #fff }
body { margin: 0; display: flex; gap: 28px; padding: 24px; align-items: stretch; width: max-content }
.phone, .window { overflow: hidden; box-shadow: 0 10px 30px rgba(20, 30, 45, .22); line-height: 0 }
.phone { border: 10px solid #23272e; border-radius: 44px; padding: 22px 0 16px }
.window { border: 1px solid #c9ced6; border-radius: 10px }
.light { background: #fdfdfc } .dark { background: #16191e } .window.dark { border-color: #3a404a }
iframe { border: 0; display: block }
"""
_SCENES = """
body { margin: 0; padding: 24px; width: 1312px; display: grid; grid-template-columns: 1fr 1fr; gap: 26px 24px;
  background: #eef2f6; font: 20px/1.4 sans-serif }
figure { margin: 0 } figcaption { margin: 0 0 8px; color: #1c2430 } b { color: #1b5ea6 }
img { display: block; width: 644px; border: 1px solid #c9ced6; border-radius: 8px }
"""
_HERO = """
body { padding: 44px 56px 0; gap: 36px; align-items: flex-end; height: 600px; overflow: hidden;
  background: linear-gradient(155deg, #eaf0f7, #d6e2ee 55%, #c4d5e6) }
.phone { height: 556px; border-bottom: 0; border-radius: 44px 44px 0 0; padding-bottom: 0 }
.window { height: 520px; border-bottom: 0; border-radius: 10px 10px 0 0 }
"""


@dataclass(frozen=True)
class Frame:
    """One side of a card on a device, by day or by night."""

    html: str
    mode: str
    device: str

    @property
    def tag(self) -> str:
        """The frame around a document of its own, as wide as the device: so media queries see that width."""
        style = note_type(Kind.QUESTION).style
        page = f'<!DOCTYPE html><style>{style}</style><body class="card {MODES[self.mode]}">{self.html}</body>'
        kind = "phone" if self.device == "phone" else "window"
        source = page.replace("&", "&amp;").replace('"', "&quot;")
        return (
            f'<div class="{kind} {self.mode}"><iframe width="{WIDTHS[self.device]}" srcdoc="{source}"></iframe></div>'
        )


def sheet(frames: Sequence[Frame], style: str = "") -> str:
    """Return a page with frames side by side."""
    return f"<!DOCTYPE html><style>{_FRAMES}{style}</style><body>{''.join(frame.tag for frame in frames)}"


def strip(scenes: Mapping[str, bytes], captions: Mapping[str, str]) -> str:
    """Return a page with pictures (PNG) in their order, each below its number and its caption."""
    figures = [
        f"<figure><figcaption><b>{number}</b> {caption}</figcaption>"
        f'<img src="data:image/png;base64,{b64encode(scenes[name]).decode()}"></figure>'
        for number, (name, caption) in enumerate(captions.items(), start=1)
    ]
    return f"<!DOCTYPE html><style>{_SCENES}</style><body>{''.join(figures)}"


@dataclass(frozen=True)
class Pictured:
    """Everything that is pictured; `folder` is for what is built on the way."""

    folder: Path

    @cached_property
    def package(self) -> Path:
        """The whole collection, built anew."""
        build([ROOT / "seeds"], DeckRequest(ids=(COLLECTION,)), self._decks, BUILT_AT)
        return self._decks / f"{COLLECTION}.apkg"

    @cached_property
    def site(self) -> Path:
        """The site of the shipped records."""
        publish([ROOT / "seeds"], DeckRequest(), ROOT / "decks", self.folder / "site", BUILT_AT)
        return self.folder / "site"

    @cached_property
    def cards(self) -> Mapping[str, Card]:
        """The first card of each kind, as real Anki renders it."""
        report: Report = run(NEWEST, self.package, REPORT)[-1]
        keys = sorted(note.key for note in report.notes)
        return {name: report.cards_of(fnmatch.filter(keys, key)[0])[0] for name, key in CARDS.items()}

    @cached_property
    def retired(self) -> Card:
        """A card whose question was retired after a learner had imported it."""
        folder, decks = self.folder / "edited" / "seeds", self.folder / "edited" / "decks"
        shutil.copytree(ROOT / "seeds", folder)
        packages = []
        for edition, line in enumerate(
            ("", "    retired: {on: 2026-10-01, reason: Guidelines ask it otherwise now.}\n")
        ):
            replace(folder / "aspire.yaml", "  - id: what-carfilzomib-adds\n", f"  - id: what-carfilzomib-adds\n{line}")
            (built,) = build([folder / "aspire.yaml"], DeckRequest(), decks, BUILT_AT + edition * DAY).built
            packages.append(Path(shutil.copy(built.path, self.folder / f"edition-{edition}.apkg")))
        report: Report = run(NEWEST, *packages, REPORT)[-1]
        return report.cards_of(CARDS["question"])[0]

    def in_language(self, language: str) -> Iterator[Frame]:
        """Yield cards of a record in a language: which trial it was, a question, and a result, some of their sides."""
        record = ROOT / "tests" / "support" / "invented_trials" / f"dawn-1-{language}.yaml"
        (built,) = build([record], DeckRequest(), self.folder / language, BUILT_AT).built
        report: Report = run(NEWEST, built.path, REPORT)[-1]
        result, trial = report.cards_of("dawn-1/result/rfs")[0], report.cards_of("dawn-1/trial")[1]
        (question,) = (note.key for note in report.notes if "/question/" in note.key)
        yield Frame(trial.question, "light", "phone")
        yield Frame(result.question, "light", "phone")
        yield Frame(result.answer, "light", "desktop")
        yield Frame(report.cards_of(question)[0].answer, "dark", "phone")

    @property
    def _decks(self) -> Path:
        return self.folder / "decks"

    def sheets(self) -> Iterator[tuple[str, str]]:
        """Yield the pictures that are drawn from a page of frames: each card by mode and device, and some alone."""
        for name, card in self.cards.items():
            for mode in MODES:
                for device in WIDTHS:
                    sides = (card.question, card.answer)
                    yield f"{name}-{mode}-{device}", sheet([Frame(side, mode, device) for side in sides])
        hero = [
            Frame(self.cards["forest"].question, "light", "phone"),
            Frame(self.cards["result"].answer, "light", "desktop"),
            Frame(self.cards["trial"].answer, "dark", "phone"),
        ]
        yield "hero", sheet(hero, _HERO)
        for language in LANGUAGES:
            yield f"language-{language}", sheet(list(self.in_language(language)))
        yield "retired-light", sheet([Frame(self.retired.question, "light", "desktop")])

    def pages(self) -> Iterator[tuple[str, Path, int]]:
        """Yield the pictures of pages: name, file and width."""
        for name, place in PAGES.items():
            for device, width in PAGE_WIDTHS.items():
                yield f"{name}-{device}", self.site / place, width

    def screens(self) -> Iterator[tuple[str, str, str]]:
        """Yield the pictures of a terminal: name, command, and what it prints, with the codes of its styles."""
        folder = self.folder / "project"
        for part in ("seeds", "schemas"):
            shutil.copytree(ROOT / part, folder / part)
        (folder / "decks").mkdir()
        # Without a ledger it is the first build, whatever has been built here before.
        for settings in (ROOT / "decks").glob("*.yaml"):
            shutil.copy(settings, folder / "decks")
        yield "terminal-help", "trialdeck --help", printed(folder, "--help")
        yield "terminal-build", "trialdeck build", printed(folder, "build")
        record = "seeds/aspire.yaml"
        review = ("review", record, "--by", "A. Reviewer", "--on", "2026-11-20")
        yield "terminal-review", 'trialdeck review --by "A. Reviewer"', printed(folder, *review, typed="y\nq\n")
        replace(folder / record, "perspective: mechanism", "perspectve: mechanism")
        yield "terminal-check", f"trialdeck check {record}", printed(folder, "check", record)

    def digests(self) -> dict[str, str]:
        """Return the digest of what each picture shows, by its name."""
        shown = dict(self.sheets())
        styles = "".join(path.read_text(encoding="utf-8") for path in sorted(self.site.rglob("*.css")))
        shown |= {name: f"{width} {path.read_text(encoding='utf-8')}{styles}" for name, path, width in self.pages()}
        shown |= {name: f"{command}\n{text}" for name, command, text in self.screens()}
        # To see the desk takes a browser: only whether the same story is told is compared.
        shown[STRIP] = (SUPPORT / "in_browser" / "first_deck.py").read_text(encoding="utf-8")
        return {name: sha256(text.encode()).hexdigest() for name, text in sorted(shown.items())}


def replace(path: Path, old: str, new: str) -> None:
    """Replace a text in a file where it stands first."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def printed(folder: Path, *arguments: str, typed: str = "") -> str:
    """Return what a command prints in a terminal of 80 columns, in colour, and what is typed there."""
    settings = {"COLUMNS": str(COLUMNS), "NO_COLOR": None, "TERM": "xterm", "SOURCE_DATE_EPOCH": str(BUILT_AT)}
    with chdir(folder):
        done = CliRunner(echo_stdin=True).invoke(main, list(arguments), input=typed, color=True, env=settings)
    return wrapped_lines(done.output.strip("\n"), COLUMNS)


def drawn_last() -> dict[str, str]:
    """Return the digests of what was drawn last."""
    digests: dict[str, str] = json.loads(SHOWN.read_text(encoding="utf-8"))
    return digests
