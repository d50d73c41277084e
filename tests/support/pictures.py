"""Make the pictures in docs/pictures: cards as Anki renders them, by day and by night, on a phone and on a screen.

`make pictures` calls it. Cards are rendered by the real Anki (the environment of the tests has it) and drawn by
Chromium; each picture has front and back side by side. With `--desktop PYTHON`, the interpreter of an environment that
has `aqt[qt6]`, the same cards are also taken from the Anki desktop program on a virtual screen, beside the preview of
the site: Debian's xvfb, xdotool and imagemagick are needed for that. Debian's pngquant makes the files small.
"""

import argparse
import base64
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from anki_releases import NEWEST, REPORT, Card, Report, run
from builds import build
from folders import ANKI_PROGRAMS, ROOT
from trialdeck.decks.deck_request import DeckRequest
from trialdeck.notes.note import guid_of
from trialdeck.notes.note_types import Kind, note_type
from trialdeck.records.settings import Split
from trialdeck.site.publish import publish

OUT = ROOT / "docs" / "pictures"
SEEDS = ROOT / "seeds"
BUILT_AT = 1_790_000_000

CARDS = {
    "question": "aspire/question/what-carfilzomib-adds",
    "cloze": "aspire/question/what-carfilzomib-adds/cloze/binding",
    "trial": "aspire/trial",
    "result": "aspire/result/pfs",
    "landscape": "aspire/landscape/os",
    "result-events": "fidelio-dkd/result/kidney-40",
    "result-means": "fidelio-dkd/result/uacr",
}
WIDTHS = {"phone": 390, "desktop": 640}
MODES = {"light": "", "dark": "nightMode night_mode"}
PAGES = {"site-front": "index.html", "site-trial": "trials/aspire.html"}
PAGE_WIDTHS = {"phone": 390, "desktop": 1000}
PAGE_HEIGHT = 900
PAPERS = {"light": "#fdfdfc", "dark": "#16191e"}


@dataclass(frozen=True)
class Picture:
    """What one picture shows: a card, in a mode, at a width in CSS pixels."""

    name: str
    card: Card
    mode: str
    width: int


def main() -> None:
    """Make every picture anew."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--desktop", metavar="PYTHON", type=Path)
    desktop: Path | None = options.parse_args().desktop
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        packages = built(Path(folder))
        report: Report = run(NEWEST, *packages.values(), REPORT)[-1]
        for picture in pictures(report):
            take(browser, picture, OUT / f"{picture.name}.png")
        if desktop:
            pages = site(Path(folder)) / "trials"
            for name, key in CARDS.items():
                trial, _, _ = key.partition("/")
                preview = pages / f"{trial}.html"
                beside_desktop(browser, desktop, packages[trial], preview, key, OUT / f"{name}-in-anki.png")
        for name, place in PAGES.items():
            for device, width in PAGE_WIDTHS.items():
                take_page(browser, site(Path(folder)) / place, width, OUT / f"{name}-{device}.png")
    # 64 colours are enough for text and lines, at a third of the size.
    subprocess.run(
        ["pngquant", "--force", "--ext", ".png", "--strip", "64", *sorted(OUT.glob("*-*-*.png"))], check=True
    )


def built(folder: Path) -> Mapping[str, Path]:
    """Build the package of each trial that has a picture, by its id; the other records lend them their results."""
    trials = sorted({key.partition("/")[0] for key in CARDS.values()})
    packages = build([SEEDS / f"{trial}.yaml" for trial in trials], Split.TRIAL, folder, BUILT_AT)
    return {package.path.stem: package.path for package in packages}


def site(folder: Path) -> Path:
    """Make the site of the shipped records."""
    out = folder / "site"
    publish([SEEDS], DeckRequest(), ROOT / "decks", out, BUILT_AT)
    return out


def take_page(browser: Browser, file: Path, width: int, path: Path) -> None:
    """Draw the top of a page of the site."""
    page = browser.new_page(viewport={"width": width, "height": PAGE_HEIGHT})
    page.goto(file.as_uri())
    page.screenshot(path=path)
    page.close()


def pictures(report: Report) -> Iterator[Picture]:
    """Yield what is to be drawn."""
    for name, key in CARDS.items():
        for mode in MODES:
            for device, width in WIDTHS.items():
                yield Picture(f"{name}-{mode}-{device}", report.cards_of(key)[0], mode, width)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        try:
            yield browser
        finally:
            browser.close()


def take(browser: Browser, picture: Picture, path: Path) -> None:
    """Draw front and back of a card side by side."""
    page = browser.new_page(viewport={"width": 2 * picture.width, "height": 300})
    page.set_content(sheet([picture.card.question, picture.card.answer], picture.mode, picture.width))
    shoot(page, path)


def sheet(sides: list[str], mode: str, width: int) -> str:
    """Return a page with a frame of its own for each side, as wide as a device: so media queries see that width."""
    style = note_type(Kind.QUESTION).style
    frames = "".join(
        f'<iframe width="{width}" srcdoc="{quoted(framed(side, style, mode))}"></iframe>' for side in sides
    )
    return (
        f"<!DOCTYPE html><style>body {{ margin: 0; display: flex; background: {PAPERS[mode]} }}"
        f" iframe {{ border: 0; }}</style>{frames}"
    )


def framed(side: str, style: str, mode: str) -> str:
    return f'<!DOCTYPE html><style>{style}</style><body class="card {MODES[mode]}">{side}</body>'


def quoted(html: str) -> str:
    return html.replace("&", "&amp;").replace('"', "&quot;")


def shoot(page: Page, path: Path) -> None:
    """Make every frame as high as what is in it, and take the picture."""
    for frame in page.query_selector_all("iframe"):
        frame.evaluate("each => { each.style.height = each.contentDocument.documentElement.scrollHeight + 'px' }")
    page.screenshot(path=path, full_page=True)
    page.close()


def beside_desktop(browser: Browser, python: Path, package: Path, preview: Path, key: str, path: Path) -> None:
    """Draw the back of a card as the desktop program shows it, and beside it as the page of the site does."""
    with tempfile.TemporaryDirectory() as folder:
        shown, ours = Path(folder) / "desktop.png", Path(folder) / "site.png"
        worker = ANKI_PROGRAMS / "anki_desktop.py"
        subprocess.run([python, worker, package, guid_of(key), shown], check=True, timeout=180)
        page = browser.new_page(viewport={"width": 780, "height": 900})
        page.goto(preview.as_uri())
        anchor = ".".join(["card", *key.split("/")[1:], "1"])
        slot = page.locator(f"[id='{anchor}']")
        slot.locator(".turn").click()
        slot.locator(".card.back").screenshot(path=ours)
        page.close()
        together(browser, {"Anki": shown, "The site": ours}, path)


def together(browser: Browser, shown: Mapping[str, Path], path: Path) -> None:
    """Put pictures side by side, each under its name."""
    figures = "".join(f"<figure><figcaption>{name}</figcaption>{image(each)}</figure>" for name, each in shown.items())
    page = browser.new_page(viewport={"width": 1440, "height": 300})
    page.set_content(
        "<!DOCTYPE html><style>body { margin: 0; display: flex; gap: 20px; font: 15px sans-serif }"
        f" figure {{ margin: 0 }} figcaption {{ padding: 8px 16px; color: #555 }}</style>{figures}"
    )
    page.screenshot(path=path, full_page=True)
    page.close()


def image(path: Path) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">'


if __name__ == "__main__":
    main()
