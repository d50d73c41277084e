"""Show one card in the real Anki desktop program, on a virtual screen, and save a picture of its back.

    PYTHON anki_desktop.py PACKAGE.apkg GUID PICTURE.png

PYTHON is that of an environment with `aqt[qt6]`. A script of its own, which knows nothing of trialdeck. Debian's xvfb,
xdotool and imagemagick are needed.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SCREEN = f":{90 + os.getpid() % 400}"
SIZE = (700, 760)
# The menu and the two bars of the window, which are no part of the card.
ABOVE, BELOW = 54, 62


def main() -> None:
    """Import, show the card's front and back, take the picture."""
    package, guid, picture = Path(sys.argv[1]).resolve(), sys.argv[2], Path(sys.argv[3]).resolve()
    base = Path(tempfile.mkdtemp(prefix="anki-base"))
    try:
        make_profile(base, package, guid)
        show(base, picture)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def make_profile(base: Path, package: Path, guid: str) -> None:
    """A profile that asks nothing at start-up, in which the card is the only one to study."""
    from anki import import_export_pb2 as pb
    from anki.collection import Collection
    from aqt.profiles import ProfileManager

    manager: Any = ProfileManager(base)
    manager.setupMeta()
    manager.meta.update(firstRun=False, defaultLang="en_US", updates=False, theme=1)
    manager.create("User 1")
    manager.load("User 1")
    manager.save()
    folder = base / "User 1"
    folder.mkdir(exist_ok=True)
    col: Any = Collection(str(folder / "collection.anki2"))
    options = pb.ImportAnkiPackageOptions()
    col.import_anki_package(pb.ImportAnkiPackageRequest(package_path=str(package), options=options))
    note = col.db.scalar("select id from notes where guid = ?", guid)
    col.db.execute("update cards set queue = -1 where nid <> ? or ord > 0", note)
    col.decks.select(col.db.scalar("select did from cards where nid = ?", note))
    col.close()


def show(base: Path, picture: Path) -> None:
    """Start the program on a virtual screen and press the keys that lead to the back of the card."""
    width, height = SIZE
    screen = subprocess.Popen(["Xvfb", SCREEN, "-screen", "0", f"{width}x{height}x24"], stderr=subprocess.DEVNULL)
    env = {**os.environ, "DISPLAY": SCREEN, "QTWEBENGINE_DISABLE_SANDBOX": "1", "LANG": "C.UTF-8",
           "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu"}  # fmt: skip
    time.sleep(1)
    command = [sys.executable, "-c", "import aqt; aqt.run()", "-b", str(base), "-p", "User 1"]
    program = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(14)
        search = ["xdotool", "search", "--name", "User 1"]
        window = subprocess.run(search, env=env, capture_output=True, text=True, check=True).stdout.split()[0]
        place = ["windowsize", window, str(width), str(height), "windowmove", window, "0", "0", "windowfocus", window]
        subprocess.run(["xdotool", *place], env=env, check=True)
        for key in ("s", "s", "space"):
            time.sleep(2)
            subprocess.run(["xdotool", "key", key], env=env, check=True)
        time.sleep(2)
        area = f"{width}x{height - ABOVE - BELOW}+0+{ABOVE}"
        subprocess.run(["import", "-window", "root", "-crop", area, "+repage", picture], env=env, check=True)
    finally:
        program.terminate()
        program.wait(20)
        screen.terminate()
        screen.wait(10)


if __name__ == "__main__":
    main()
