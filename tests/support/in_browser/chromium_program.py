"""Where Debian's Chromium is."""

import shutil


def program() -> str | None:
    """Return the path of Chromium, None if there is none; of the build without windows, which needs half the time."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
