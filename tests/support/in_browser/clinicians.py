"""A clinician at the desk: every click and every key is real, and counted.

A mouse and a keyboard can do the same things. How long a person needs is estimated as is usual for such tasks (the
keystroke-level model of Card, Moran and Newell): so many seconds for each key, for each time that the pointer is moved
and clicked, and for each time that one has to think what comes next.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Locator, Page, Position, expect

KEY, CLICK, THOUGHT = 0.2, 1.1, 1.35
"""Seconds of a practised person for a key, for pointing and clicking, and for one mental step."""
_MOST_TABS = 600
_WORD_AT = """(area, word) => {
  if (!area.isConnected || !area.value.includes(word)) return null;
  const style = getComputedStyle(area);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const before = area.value.slice(0, area.value.indexOf(word));
  return parseFloat(style.paddingLeft) + pen.measureText(before).width + pen.measureText(word).width / 2;
}"""


@dataclass
class Effort:
    """What somebody has done: clicks, keys, and mental steps."""

    clicks: int = 0
    keys: int = 0
    thoughts: int = 0

    @property
    def seconds(self) -> float:
        """How long that takes a person."""
        return self.clicks * CLICK + self.keys * KEY + self.thoughts * THOUGHT

    def __str__(self) -> str:
        return f"{self.clicks} clicks, {self.keys} keys, {self.thoughts} mental steps: {self.seconds:.0f} seconds"


class Clinician(Protocol):
    """What a clinician does, by mouse or by keyboard."""

    page: Page
    effort: Effort

    def choose(self, control: Locator) -> None:
        """Press a button, follow a link, tick a box."""

    def write(self, field: Locator, text: str) -> None:
        """Type a text into a field."""

    def hide(self, field: Locator, word: str) -> None:
        """Mark a word of a sentence, and make a gap of it."""

    def bring(self, files: Sequence[Path]) -> None:
        """Choose files of trials in the dialog of the system."""


@dataclass
class AtTheMouse:
    """Points and clicks; types only texts."""

    page: Page
    effort: Effort = field(default_factory=Effort)

    def __post_init__(self) -> None:
        _expect_choosers(self.page)

    def choose(self, control: Locator) -> None:
        self.effort.thoughts += 1
        self._click(control)

    def write(self, field: Locator, text: str) -> None:
        self.effort.thoughts += 1
        self._click(field)
        _type(self.page, self.effort, text)

    def hide(self, field: Locator, word: str) -> None:
        self.effort.thoughts += 1
        # Two clicks on a word mark it.
        field.dblclick(position=self._middle_of(field, word))
        self.effort.clicks += 2
        self._click(self.page.get_by_role("button", name="Gap"))

    def _middle_of(self, field: Locator, word: str) -> Position:
        """Return where a word of a field is; a form that is put in anew has the field anew."""
        for _ in range(100):
            expect(field).to_be_visible()
            x, box = field.evaluate(_WORD_AT, word), field.bounding_box()
            if x is not None and box:
                return {"x": x, "y": box["height"] / 2}
            self.page.wait_for_timeout(50)
        raise AssertionError(f"there is no {word!r}")

    def bring(self, files: Sequence[Path]) -> None:
        self.effort.thoughts += 1
        with self.page.expect_file_chooser() as chooser:
            self._click(self.page.get_by_text("Choose files"))
        # In the dialog of the system: a click on each file, with Ctrl from the second on, and one on Open.
        self.effort.clicks += len(files) + 1
        self.effort.keys += len(files) - 1
        chooser.value.set_files(list(files))

    def _click(self, control: Locator) -> None:
        control.click()
        self.effort.clicks += 1


@dataclass
class AtTheKeyboard:
    """Reaches everything by Tab, and touches no mouse."""

    page: Page
    effort: Effort = field(default_factory=Effort)

    def __post_init__(self) -> None:
        _expect_choosers(self.page)

    def choose(self, control: Locator) -> None:
        self.effort.thoughts += 1
        self._reach(control)
        self._press("Space" if control.evaluate("each => each.matches('input, summary')") else "Enter")

    def write(self, field: Locator, text: str) -> None:
        self.effort.thoughts += 1
        self._reach(field)
        _type(self.page, self.effort, text)

    def hide(self, field: Locator, word: str) -> None:
        self.effort.thoughts += 1
        self._reach(field)
        text = field.input_value()
        self._press("End")
        for _ in range(len(text) - text.index(word) - len(word)):
            self._press("ArrowLeft")
        for _ in word:
            self._press("Shift+ArrowLeft")
        self._press("Control+Shift+C")

    def bring(self, files: Sequence[Path]) -> None:
        self.effort.thoughts += 1
        # The label of the input is for the mouse; the input itself is what Tab reaches.
        self._reach(self.page.locator("#drop-files"))
        with self.page.expect_file_chooser() as chooser:
            self._press("Space")
        # In the dialog of the system: the names of the files in quotation marks, and Enter.
        self.effort.keys += sum(len(file.name) + 3 for file in files) + 1
        chooser.value.set_files(list(files))

    def _reach(self, control: Locator) -> None:
        expect(control).to_be_visible()
        control = control.first
        for _ in range(_MOST_TABS):
            if control.evaluate("each => each === document.activeElement"):
                return
            self._press("Tab")
        raise AssertionError(f"Tab does not reach {control}")

    def _press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.effort.keys += 1


def _expect_choosers(page: Page) -> None:
    """Let Playwright take over the dialogs of the system from now on: asked for one, it may come too late for it."""
    page.on("filechooser", lambda _: None)


def _type(page: Page, effort: Effort, text: str) -> None:
    page.keyboard.type(text)
    effort.keys += len(text)


See = Callable[[str], None]
"""Gets the name of each scene when it is on the screen."""


def see_nothing(_scene: str) -> None:
    """Make no picture."""
