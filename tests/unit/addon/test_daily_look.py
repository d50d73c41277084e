"""The daily look belongs to the profile that it began in, whatever is opened while the network is slow."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from trialdeck_addon.core.feed import Changes, Feed, FeedDeck, RemoteFile
from trialdeck_addon.core.subscriptions import Seen, Settings, Store, Subscription

GUI = "trialdeck_addon.gui"
ADDRESS = "https://example.org/decks/"
FILE = RemoteFile("a.apkg", 1, "0" * 64)
DECK = FeedDeck("a", "Trials › A", "Trials::A", "trials", "Spring", 5, FILE, 3, 3, Changes(0, 1, 0, ""))


def feed_of(name: str, *decks: FeedDeck) -> Feed:
    return Feed(name, "", "", "Spring", "", "", "", FILE, decks or (DECK,))


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
        self.col, self.state = SimpleNamespace(db=SimpleNamespace(list=lambda *_: self.tagged)), "review"
        self.tagged: list[int] = []
        self.folder = folder
        self.pm = SimpleNamespace(profileFolder=lambda: str(self.folder), sync_auth=lambda: None)

    def opens(self, folder: Path) -> None:
        self.folder = folder


@pytest.fixture
def anki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Anki]:
    window = Anki(tmp_path / "first")
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        Store(tmp_path / name).save(Settings((Subscription(f"{ADDRESS}{name}/", name, ("a",)),)))
    timer = SimpleNamespace(singleShot=lambda _milliseconds, call: call())
    parts = {
        "aqt": SimpleNamespace(mw=window, gui_hooks=SimpleNamespace()),
        "aqt.qt": SimpleNamespace(QTimer=timer),
        "aqt.operations": SimpleNamespace(QueryOp=Look, CollectionOp=None),
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
    first.success(({f"{ADDRESS}first/": feed_of("first")}, []))
    assert daily._found == {}
    assert Store(tmp_path / "second").load()[0].looked_at == 0
    (_, second) = Look.begun
    second.success(({f"{ADDRESS}second/": feed_of("second")}, []))
    assert list(daily._found) == [f"{ADDRESS}second/"]
    assert Store(tmp_path / "second").load()[0].looked_at > 0
    assert Store(tmp_path / "first").load()[0].looked_at == 0


def test_a_disk_that_refuses_hides_no_news(anki: Anki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = daily_look()
    daily._opened()

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    Look.begun[0].success(({f"{ADDRESS}first/": feed_of("first")}, []))
    assert list(daily._found) == [f"{ADDRESS}first/"]
    assert "could not be saved" in (anki.folder / "trialdeck.log").read_text(encoding="utf-8")


class Flow:
    """An update that is compared at once, with what a test says would be done."""

    plan: ClassVar[Any] = None
    done: ClassVar[list[str]] = []

    def __init__(self, _parent: object, _subscription: object, **calls: Callable[..., object]) -> None:
        self.calls = calls

    def start(self) -> None:
        self.calls["planned"](self, Flow.plan)

    def apply(self, _answers: object, _retired: str) -> None:
        Flow.done.append("remembered")
        self.calls["ended"](self, SimpleNamespace(words="nothing new"), None)

    def stop(self) -> None:
        self.calls["ended"](self, None, importlib.import_module(f"{GUI}.update_flow").StoppedError("stopped"))


@pytest.mark.parametrize(
    ("is_here", "offered", "done"), [(True, [], ["remembered"]), (False, [f"{ADDRESS}first/"], [])]
)
def test_an_edition_that_another_computer_has_brought_is_no_news(
    is_here: bool, offered: list[str], done: list[str], anki: Anki, monkeypatch: pytest.MonkeyPatch
) -> None:
    daily = daily_look()
    daily._opened()
    monkeypatch.setattr(importlib.import_module(f"{GUI}.arrived"), "UpdateFlow", Flow)
    Flow.plan, Flow.done[:] = SimpleNamespace(is_empty=is_here), []
    anki.tagged = [1]
    Look.begun[0].success(({f"{ADDRESS}first/": feed_of("first")}, []))
    assert list(daily._found) == offered
    assert Flow.done == done


def test_what_was_updated_or_answered_since_the_look_is_not_offered(
    anki: Anki, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Subscription(ADDRESS, "first", ("a",), known=("a",))
    two = Subscription(f"{ADDRESS}two/", "two", ("a",))
    Store(anki.folder).save(Settings((known, two)))
    daily = daily_look()
    daily._opened()
    feed = feed_of("first", DECK, replace(DECK, id="b"))
    Look.begun[0].success(({ADDRESS: feed, two.address: feed_of("two")}, []))
    assert (list(daily._found), list(daily._fresh)) == ([ADDRESS, two.address], [ADDRESS])
    asked: list[str] = []
    widgets = SimpleNamespace(ask=lambda _window, text, *_, **__: asked.append(text))
    monkeypatch.setitem(sys.modules, f"{GUI}.widgets", widgets)
    monkeypatch.setitem(sys.modules, f"{GUI}.windows.subscriptions", SimpleNamespace(is_window_open=lambda: False))
    done = replace(known, seen={"a": Seen("Spring", 5)}, known=("a", "b"))
    Store(anki.folder).save(Settings((done, two)))
    anki.state = "deckBrowser"
    daily._offer()
    assert [text.splitlines()[:2] for text in asked] == [["two: edition Spring is there, with news in 1 deck.", ""]]


def test_no_second_look_begins_while_the_first_compares(anki: Anki, monkeypatch: pytest.MonkeyPatch) -> None:
    daily = daily_look()
    daily._opened()
    monkeypatch.setattr(importlib.import_module(f"{GUI}.arrived"), "UpdateFlow", Flow)
    monkeypatch.setattr(Flow, "start", lambda _flow: None)
    anki.tagged = [1]
    failed = [OSError("the other site does not answer")]  # so it is not remembered that it was looked at today
    Look.begun[0].success(({f"{ADDRESS}first/": feed_of("first")}, failed))
    daily._synced()
    assert len(Look.begun) == 1


def test_a_deck_that_is_new_on_the_page_is_found(anki: Anki, tmp_path: Path) -> None:
    seen = {"a": Seen("Spring", 5)}
    Store(anki.folder).save(Settings((Subscription(ADDRESS, "first", ("a",), seen=seen, known=("a",)),)))
    daily = daily_look()
    daily._opened()
    new = replace(DECK, id="b", name="Trials › B")
    Look.begun[0].success(({ADDRESS: feed_of("first", DECK, new)}, []))
    assert daily._found == {}
    assert daily._fresh[ADDRESS].fresh == (new,)
    assert Store(tmp_path / "first").load()[0].subscriptions[0].decks == ("a",)


def test_the_offer_of_new_decks_names_them() -> None:
    from trialdeck_addon.gui.windows.subscription_texts import details_html, offer_of, state_of

    new = replace(DECK, id="b", name="Trials › <B>", notes=1)
    feed = feed_of("Cold", DECK, new)
    assert offer_of(feed, [new]) == "Cold has 1 new deck:\nTrials › <B> (1 note)\n\nFollow it as well?"
    assert offer_of(feed, [DECK] * 12).endswith("A (3 notes)\nand 2 more\n\nFollow them as well?")
    subscription = Subscription(ADDRESS, "Cold", ("a",), seen={"a": Seen("Spring", 5)}, known=("a",))
    assert state_of(subscription, feed) == "Nothing new in your decks. 1 new deck to choose."
    assert "<b>Trials › &lt;B&gt;</b> (1 note, 3 cards)<br>New here." in details_html(subscription, feed)
    declined = Settings((subscription,)).with_answer(ADDRESS, ["b"], follows=False).subscriptions[0]
    assert state_of(declined, feed) == "Nothing new."
    assert "New here." not in details_html(declined, feed)
