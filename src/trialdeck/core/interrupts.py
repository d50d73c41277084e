"""Defer Ctrl-C while stopping would leave files half-written."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def defer_sigint() -> Iterator[None]:
    """Let Ctrl-C take effect only when the block has ended.

    Outside the main thread it does nothing: Python interrupts no other thread, and lets no other thread set a handler.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    interruptions: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, _: interruptions.append(number))
    try:
        yield
    finally:
        # None: the former handler was not set by Python, so Python cannot restore it.
        signal.signal(signal.SIGINT, signal.SIG_DFL if former is None else former)
        if interruptions:
            signal.raise_signal(signal.SIGINT)
