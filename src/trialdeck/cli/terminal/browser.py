"""Open an address in the browser."""

import os
import sys
import threading
import webbrowser


def open_in_browser(address: str) -> None:
    """Open an address in the browser of this machine; where no windows can be opened, nothing happens.

    Some browsers hold up who starts them: nobody waits for them.
    """
    if has_windows():
        threading.Thread(target=webbrowser.open, args=[address], daemon=True).start()


def has_windows() -> bool:
    """Return whether a browser has somewhere to open: elsewhere, one of text would take the terminal for itself."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
