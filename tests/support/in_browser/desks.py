"""A real desk for tests in a browser: one server for a copy of the shipped project, or for a folder of one's own.

A test module says `pytest_plugins = ["chromium", "desks"]`. `desk` is one desk for the whole module: a test that
changes a record leaves it changed. `open_desk` starts another, such as for an empty folder.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from folders import ROOT

_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk that runs: its folder, the address with the token, its process, and what went wrong in its scripts."""

    folder: Path
    address: str
    process: subprocess.Popen[str]
    errors: list[str] = field(default_factory=list)

    @property
    def root(self) -> str:
        """The address without the token: `desk.root + "cards"`."""
        return self.address.partition("?")[0]

    @property
    def port(self) -> int:
        return int(self.root.rstrip("/").rpartition(":")[2])

    def page(
        self, browser: Browser, width: int = 1280, *, colours: Literal["light", "dark"] = "light", path: str = ""
    ) -> Page:
        """Open a page in a browser context of its own; the end of the desk fails the test on any fault of a script."""
        context = browser.new_context(viewport={"width": width, "height": 860}, color_scheme=colours)
        page = context.new_page()
        page.set_default_timeout(10_000)
        # An error that is raised here would end the connection to the browser.
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error.stack or error}"))
        page.goto(self.address)
        if path:
            page.goto(self.root + path.lstrip("/"))
        return page


def copy_of_the_shipped_project(folder: Path) -> Path:
    """Copy the shipped records and settings, without packages."""
    for name in ("seeds", "decks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.apkg"))
    return folder


@contextmanager
def running_desk(folder: Path, *options: str, cache: Path | None = None) -> Iterator[Desk]:
    """Run `trialdeck desk` for a folder until the end of the block."""
    command = [sys.executable, "-m", "trialdeck", "desk", str(folder), "--no-open", *options]
    variables = {**os.environ, "TRIALDECK_CACHE": str(cache)} if cache else {**os.environ}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=variables)
    assert process.stderr
    line = process.stderr.readline()
    found = _ADDRESS.search(line)
    if found is None:
        rest = process.communicate()[1]
        pytest.fail(f"the desk did not start: {line}{rest}")
    desk = Desk(folder, found[0], process)
    try:
        yield desk
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            pytest.fail("the desk did not end")
    assert desk.errors == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk on a copy of the shipped project, for all tests of the module."""
    folder = copy_of_the_shipped_project(tmp_path_factory.mktemp("desk"))
    with running_desk(folder, cache=tmp_path_factory.mktemp("desk-cache")) as running:
        yield running


@pytest.fixture
def open_desk(tmp_path: Path) -> Callable[..., AbstractContextManager[Desk]]:
    """Run a desk for a folder: `with open_desk(tmp_path / "empty") as desk:`; the folder is made."""

    def run(folder: Path, *options: str) -> AbstractContextManager[Desk]:
        folder.mkdir(parents=True, exist_ok=True)
        return running_desk(folder, *options, cache=tmp_path / "desk-cache")

    return run
