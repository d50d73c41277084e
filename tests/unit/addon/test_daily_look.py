"""The daily look belongs to the profile that it began in, whatever is opened while the network is slow."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from trialdeck_addon.core.subscriptions import Settings, Store, Subscription

GUI = "trialdeck_addon.gui"
ADDRESS = "https://example.org/decks/"


class Look:
    """An operation of Anki's that ends when a test says so."""

    begun: ClassVar[list["Look"]] = []

    def __init__(self, *, parent: object, op: object, success: Callable[[Any], object]) -> None:  # noqa: ARG002
        self.success = success
        self.failed: Callable[[Exception], object] = print

    def without_collection(self) -> "Look":
        return self

    def failure(self, failed: Callable[[Exception], object]) -> "Look":
        self.failed = failed
        return self

    def run_in_background(self) -> None:
        Look.begun.append(self)


class Anki:
    """As much of Anki's program as the look asks for: the folder of the open profile, and the state of its window."""

    def __init__(self, folder: Path) -> None:
        self.col, self.state = object(), "review"
        self.folder = folder
        self.pm = SimpleNamespace(profileFolder=lambda: str(self.folder), sync_auth=lambda: None)

    def opens(self, folder: Path) -> None:
        self.folder = folder


@pytest.fixture
def anki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anki]:
    window = Anki(tmp_path / "first")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        Store(tmp_path / name).save(Settings((Subscription(f"{ADDRESS}{name}/", name, ()),)))
    timer = SimpleNamespace(singleShot=lambda _milliseconds, call: call())
    parts = {
        "aqt": SimpleNamespace(mw=window, gui_hooks=SimpleNamespace()),
        "aqt.qt": SimpleNamespace(QTimer=timer),
        "aqt.operations": SimpleNamespace(QueryOp=Look),
    }
    for name, module in parts.items():
        monkeypatch.setitem(sys.modules, name, module)
    Look.begun.clear()
    yield window
    for name in [name for name in sys.modules if name.startswith(f"{GUI}.") or name == GUI]:
        del sys.modules[name]


def daily_look() -> Any:
    return importlib.import_module(f"{GUI}.daily").DailyLook()


def test_a_look_ends_in_the_profile_that_it_began_in(anki: Anki, tmp_path: Path) -> None:
    daily = daily_look()
    daily._opened()
    anki.opens(tmp_path / "second")
    daily._opened()
    (first,) = Look.begun
    first.success(({f"{ADDRESS}first/": "first: edition 2 is there."}, []))
    assert daily._found == {}
    assert Store(tmp_path / "second").load()[0].looked_at == 0
    (_, second) = Look.begun
    second.success(({f"{ADDRESS}second/": "second: edition 5 is there."}, []))
    assert list(daily._found) == [f"{ADDRESS}second/"]
    assert Store(tmp_path / "second").load()[0].looked_at > 0
    assert Store(tmp_path / "first").load()[0].looked_at == 0


def test_a_disk_that_refuses_hides_no_news(anki: Anki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = daily_look()
    daily._opened()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    Look.begun[0].success(({ADDRESS: "edition 2 is there."}, []))
    assert list(daily._found) == [ADDRESS]
    assert "could not be saved" in (anki.folder / "trialdeck.log").read_text(encoding="utf-8")
