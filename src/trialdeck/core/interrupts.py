"""Defer Ctrl-C while stopping would leave files half-written."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def defer_sigint() -> Iterator[None]:
    """Let Ctrl-C take effect only when the block has ended.

    Outside the main thread it does nothing: Python interrupts no other thread, nor lets one say what an interruption
    does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        # A handler that is none of Python's is not known, and cannot be put back.
        signal.signal(signal.SIGINT, signal.SIG_DFL if former is None else former)
        if came:
            signal.raise_signal(signal.SIGINT)
