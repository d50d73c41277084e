"""Two updates of one subscription may be on their way: each goes on with what the other one has left."""

import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from trialdeck_addon.core.subscriptions import Seen, Settings, Subscription

GUI = "trialdeck_addon.gui"
BEFORE = Subscription("https://example.org/decks/", "Cold", ("a",))
AFTER = replace(BEFORE, seen={"a": Seen("Spring", 5)}, kept=("g d",), suspended=(7,))


class Operation:
    """An operation of Anki's that is done at once."""

    def __init__(self, parent: object = None, op: Any = None, *, success: Callable[[Any], object] = print) -> None:
        self.parent, self.op, self.succeeded = parent, op, success

    def success(self, succeeded: Callable[[Any], object]) -> "Operation":
        self.succeeded = succeeded
        return self

    def failure(self, _failed: Callable[[Exception], object]) -> "Operation":
        return self

    def run_in_background(self) -> None:
        self.succeeded(self.op(SimpleNamespace(db=SimpleNamespace(execute=lambda _: ()))))


@pytest.fixture
def flows(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of updates, without Anki's program."""
    monkeypatch.setitem(sys.modules, "aqt", SimpleNamespace(mw=None))
    monkeypatch.setitem(sys.modules, "aqt.operations", SimpleNamespace(QueryOp=Operation, CollectionOp=Operation))
    yield importlib.import_module(f"{GUI}.update_flow")
    for name in [name for name in sys.modules if name.startswith(f"{GUI}.") or name == GUI]:
        del sys.modules[name]


def test_an_update_knows_what_another_one_has_done_meanwhile(flows: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = [Settings((BEFORE,))]
    compared: list[Subscription] = []

    def plan(_col: object, _edition: object, subscription: Subscription, _others: object) -> Any:
        compared.append(subscription)
        return SimpleNamespace(refused="")

    def apply(_col: object, _edition: object, subscription: Subscription, _choices: object) -> Any:
        return SimpleNamespace(subscription=subscription, changes=None, words="nothing new", details=())

    profile = SimpleNamespace(
        settings=lambda: saved[0],
        subscriptions=lambda: saved[0].subscriptions,
        change=lambda how: saved.insert(0, how(saved[0])),
        is_open=lambda: True,
        log=print,
        window=lambda: SimpleNamespace(pm=SimpleNamespace(backupFolder=lambda: "backups")),
    )
    for name, fake in {
        "profile": profile,
        "plan_update": plan,
        "apply_update": apply,
        "moved": lambda *_: None,
    }.items():
        monkeypatch.setattr(flows, name, fake)
    ended: list[object] = []
    flow = flows.UpdateFlow(
        None,
        BEFORE,
        progressed=print,
        planned=lambda *_: None,
        ended=lambda _flow, report, _error: ended.append(report),
    )
    saved[0] = Settings((AFTER,))
    flow._fetched(SimpleNamespace(address=None, feed=SimpleNamespace(moved_to="")))
    assert compared == [AFTER]
    saved[0] = Settings((replace(AFTER, waiting=2),))
    flow.apply({}, "keep")
    assert len(ended) == 1
    assert saved[0].subscriptions == (replace(AFTER, waiting=2),)
