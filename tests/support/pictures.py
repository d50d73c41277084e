"""Make the pictures in docs/pictures: cards, pages of the site, and what commands print.

`make pictures` calls it. `pictured.py` says what they show. Chromium draws cards and pages, with two pixels for each of
CSS; rich draws terminals, as SVG. Debian's pngquant makes the files small.
"""

import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

sys.path += [str(Path(__file__).with_name(name)) for name in ("in_browser", "anki_programs", "project_makers")]

from chromium_program import program
from clinicians import AtTheMouse
from desks import running_desk
from first_deck import SCENES, FirstDeck, dawn
from pictured import COLUMNS, OUT, SHOWN, STRIP, Pictured, strip

SCALE = 2
"""How many pixels a picture has for each pixel of CSS."""
PAGE_HEIGHT = 900
_FONT_FILE = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


def main() -> None:
    """Make every picture anew."""
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        pictured = Pictured(Path(folder))
        made = [*draw_sheets(browser, pictured), *draw_pages(browser, pictured), draw_desk(browser, Path(folder))]
    with tempfile.TemporaryDirectory() as folder:
        pictured = Pictured(Path(folder))
        for name, command, text in pictured.screens():
            (OUT / f"{name}.svg").write_text(terminal(name, command, text), encoding="utf-8")
    # 128 colours are enough for text and lines, at a third of the size.
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "128", *made], check=True)
    with tempfile.TemporaryDirectory() as folder:
        shown = Pictured(Path(folder)).digests()
        SHOWN.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def page_of(browser: Browser, width: int, height: int) -> Page:
    """Open a page with two pixels for each of CSS."""
    return browser.new_page(viewport=ViewportSize(width=width, height=height), device_scale_factor=SCALE)


def draw_sheets(browser: Browser, pictured: Pictured) -> Iterator[Path]:
    """Draw cards in their frames; each frame is as high as what is in it, unless the sheet gives it a height."""
    for name, html in pictured.sheets():
        page = page_of(browser, 1600, 300)
        page.set_content(html)
        for frame in page.query_selector_all("iframe"):
            frame.evaluate("each => { each.style.height = each.contentDocument.documentElement.scrollHeight + 'px' }")
        path = OUT / f"{name}.png"
        page.locator("body").screenshot(path=path)
        page.close()
        yield path


def draw_pages(browser: Browser, pictured: Pictured) -> Iterator[Path]:
    """Draw the top of pages of the site."""
    for name, file, width in pictured.pages():
        page = page_of(browser, width, PAGE_HEIGHT)
        page.goto(file.as_uri())
        path = OUT / f"{name}.png"
        page.screenshot(path=path)
        page.close()
        yield path


def draw_desk(browser: Browser, folder: Path) -> Path:
    """Draw the scenes of a clinician's first deck."""
    scenes: dict[str, bytes] = {}
    home = folder / "my-trials"
    home.mkdir()
    with running_desk(home, cache=folder / "cache") as desk:
        page = desk.page(browser)
        FirstDeck(AtTheMouse(page), dawn(), lambda name: scenes.update({name: page.screenshot()})).told()
    page = browser.new_page(viewport=ViewportSize(width=1360, height=300))
    page.set_content(strip(scenes, SCENES))
    path = OUT / f"{STRIP}.png"
    page.locator("body").screenshot(path=path)
    page.close()
    return path


def terminal(name: str, command: str, text: str) -> str:
    """Return the picture of a terminal as SVG, which loads no font from anywhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(text))
    form = _FONT_FILE.sub("", CONSOLE_SVG_FORMAT)
    return console.export_svg(title="trialdeck", code_format=form, unique_id=name)


if __name__ == "__main__":
    main()
