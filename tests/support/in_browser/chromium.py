"""Cards in a real Chromium: a page like that of Anki's reviewer, and a record of whatever it does beyond showing text.

A test module says `pytest_plugins = ["chromium"]` and asks for the fixture `reviewer`; what it needs from here for its
types it imports under `TYPE_CHECKING`, because pytest wants to be the first to import a plugin.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Route, expect, sync_playwright

from chromium_dot import DOT
from chromium_program import program

ADDRESS = "http://card.invalid/"
expect.set_options(timeout=30_000)  # as long as for a click: other programs may keep the machine busy
# What a package brings along lies beside the collection: to show it is no request to anybody.
_PICTURE = re.compile(r"http://card\.invalid/trialdeck-[0-9a-f]{20}\.png")

# Elements that load, run, submit or restyle something. The style of the note type is the one thing that Anki adds; a
# plot of ours is made of the elements that draw. The sides of its axis, and the source in a line, may be abridged.
_LOOK = """() => {
  const acting = "script, iframe, frame, object, embed, applet, form, input, button, select, textarea, img, image, " +
    "picture, video, audio, source, track, style, link, meta, base, template, svg, math, noscript, title, marquee";
  const drawn = ".td-picture > img[src^=trialdeck-], .td-plot svg, .td-plot svg :is(rect, line)";
  const found = [...document.querySelectorAll(acting + ", .td-plot svg *")].filter(
    each => each.id !== "of-the-note-type" && !each.matches(drawn));
  const attributes = [...document.querySelectorAll("#qa *")].flatMap(each => [...each.attributes]);
  const links = [...document.links].filter(each => !["http:", "https:", "mailto:"].includes(each.protocol));
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const looks = ["", "nightMode"].map(mode => {
    document.body.className = `card card1 ${mode}`;
    const style = getComputedStyle(document.body);
    return {width: document.scrollingElement.scrollWidth, colours: [style.color, style.backgroundColor].join(" on ")};
  });
  const abridged = ".td-sides, .td-cite, .td-glance .td-plot";
  document.querySelectorAll(abridged).forEach(each => { each.style.display = "none"; });
  return {
    text: document.body.innerText,
    acting: [...found, ...links].map(each => each.outerHTML.slice(0, 200)),
    attributes: [...new Set(attributes.map(each => each.name))].sort(),
    widths: looks.map(each => each.width),
    colours: looks.map(each => each.colours),
  };
}"""


@dataclass(frozen=True)
class Shown:
    """One side of a card as it is shown.

    `text` is that of the card without what may be abridged. `acting` are elements and links that could do something,
    `attributes` the names of all that elements have. `widths` is how wide the page came out, `colours` its ink and
    paper, each by day and by night. `did` is what the page did.
    """

    text: str
    acting: list[str]
    attributes: list[str]
    widths: list[int]
    colours: list[str]
    did: list[str]


class Reviewer:
    """A page of a fixed width, in pixels, that shows one side of a card after the other."""

    def __init__(self, browser: Browser, width: int) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 640})
        self.did: list[str] = []
        self.is_open = False
        self.page.route("**/*", self._answer)
        self.page.on("dialog", self._dismiss)
        self.page.on("console", lambda message: self.did.append(f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.did.append(f"error: {error}"))
        self.page.on("popup", lambda popup: self.did.append(f"popup: {popup.url}"))
        self.page.on("download", lambda download: self.did.append(f"download: {download.url}"))
        self.page.on("websocket", lambda socket: self.did.append(f"websocket: {socket.url}"))
        self.page.goto(ADDRESS)
        self.is_open = True

    def show(self, side: str, style: str) -> Shown:
        """Show the HTML of a side with the style of its note type."""
        self.did = []
        self.page.set_content(
            f'<!doctype html><html><body class="card card1"><div id="qa"><style id="of-the-note-type">{style}</style>'
            f"{side}</div></body></html>"
        )
        looked: dict[str, Any] = self.page.evaluate(_LOOK)
        return Shown(**looked, did=self.did)

    def _answer(self, route: Route) -> None:
        if not self.is_open:
            route.fulfill(body="", content_type="text/html; charset=utf-8")
        elif _PICTURE.fullmatch(route.request.url):
            route.fulfill(body=DOT, content_type="image/png")
        else:
            self.did.append(f"request: {route.request.url}")
            route.abort()

    def _dismiss(self, dialog: Dialog) -> None:
        self.did.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    found = program()
    if found is None:
        pytest.fail("Chromium is missing: run the tests with `make test`, which installs it", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close the pages that a test has opened: what is left open works on, and slows down whatever follows."""
    if "chromium" not in request.fixturenames:
        yield
        return
    browser: Browser = request.getfixturevalue("chromium")
    before = list(browser.contexts)
    yield
    for context in browser.contexts:
        if context not in before:
            context.close()


@pytest.fixture(scope="session")
def reviewer(chromium: Browser) -> Callable[[int], Reviewer]:
    """Open a page of a width: `reviewer(320)`."""
    return lambda width: Reviewer(chromium, width)
