"""Make the pictures in docs/pictures: cards, pages of the site, and what commands print.

`make pictures` calls it. `pictured.py` says what they show. Chromium draws cards and pages, with two pixels for each of
CSS; rich draws terminals, as SVG. With `--desktop PYTHON`, the interpreter of an environment that has `aqt[qt6]`, the
same cards are also taken from the Anki desktop program on a virtual screen, beside the preview of the site: Debian's
xvfb, xdotool and imagemagick are needed for that. Debian's pngquant makes the files small.
"""

import argparse
import base64
import io
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from folders import ANKI_PROGRAMS
from pictured import CARDS, COLUMNS, IN_ANKI, OUT, PAGES, SHOWN, Pictured, drawn_last
from trialdeck.notes.note import guid_of

SCALE = 2
"""How many pixels a picture has for each pixel of CSS."""
PAGE_HEIGHT = 900
_FONT_FILE = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)


def main() -> None:
    """Make every picture anew."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--desktop", metavar="PYTHON", type=Path)
    desktop: Path | None = options.parse_args().desktop
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        pictured = Pictured(Path(folder))
        made = [*draw_sheets(browser, pictured), *draw_pages(browser, pictured)]
        if desktop:
            made += draw_desktop(browser, desktop, pictured)
    with tempfile.TemporaryDirectory() as folder:
        pictured = Pictured(Path(folder))
        for name, command, text in pictured.screens():
            (OUT / f"{name}.svg").write_text(terminal(name, command, text), encoding="utf-8")
    # 128 colours are enough for text and lines, at a third of the size.
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "128", *made], check=True)
    with tempfile.TemporaryDirectory() as folder:
        shown = Pictured(Path(folder)).digests()
        if not desktop:
            # Those pictures have not been drawn: they still show what they showed.
            former = drawn_last() if SHOWN.exists() else {}
            shown |= {f"{name}-in-anki": former.get(f"{name}-in-anki", "") for name in IN_ANKI}
        SHOWN.write_text(json.dumps(shown, indent=1) + "\n", encoding="utf-8")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
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


def terminal(name: str, command: str, text: str) -> str:
    """Return the picture of a terminal as SVG, which loads no font from anywhere."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(text))
    form = _FONT_FILE.sub("", CONSOLE_SVG_FORMAT)
    return console.export_svg(title="trialdeck", code_format=form, unique_id=name)


def draw_desktop(browser: Browser, python: Path, pictured: Pictured) -> Iterator[Path]:
    """Draw the back of each card as the desktop program shows it, and beside it as the page of the site does."""
    preview = pictured.site / PAGES["site-trial"]
    for name in IN_ANKI:
        yield beside_desktop(browser, python, pictured.package, preview, CARDS[name], OUT / f"{name}-in-anki.png")


def beside_desktop(browser: Browser, python: Path, package: Path, preview: Path, key: str, path: Path) -> Path:
    """Draw the back of one card in both."""
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
    return path


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
    """Return a picture as part of a page."""
    return f'<img src="data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}">'


if __name__ == "__main__":
    main()
