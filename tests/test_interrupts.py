"""Ctrl-C that comes at the wrong moment waits for the right one."""

import signal
import threading

import pytest

from trialdeck.interrupts import uninterrupted


def work(done: list[str], *, fails: bool = False) -> None:
    """Something that must be whole, which is interrupted in a part of it."""
    with uninterrupted():
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("a part")
        if fails:
            raise ValueError
        done.append("the rest")


def test_what_must_be_whole_is_done_before_ctrl_c_is_obeyed() -> None:
    done: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        work(done)
    assert done == ["a part", "the rest"]


def test_an_error_is_not_lost() -> None:
    with pytest.raises(KeyboardInterrupt) as caught:
        work([], fails=True)
    assert isinstance(caught.value.__context__, ValueError)


def test_nothing_is_held_back_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    with uninterrupted():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_another_thread_does_without() -> None:
    handlers = []

    def work() -> None:
        with uninterrupted():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.getsignal(signal.SIGINT)]
