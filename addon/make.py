"""Put the add-on into `dist/trialdeck.ankiaddon`; it is the same file that sites have."""

import sys
from pathlib import Path

from trialdeck.site.feed.addon import ADDON, addon_package

TARGET = Path(__file__).parents[1] / "dist" / ADDON


def make(target: Path = TARGET) -> Path:
    """Write the add-on, and return where it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(addon_package())
    return target


if __name__ == "__main__":
    made = make()
    sys.stdout.write(f"{made.relative_to(Path.cwd()) if made.is_relative_to(Path.cwd()) else made}\n")
