"""Make the pictures of the add-on in docs/pictures: every window, light and dark, as Anki draws it.

`make addon-pictures` calls it. They are not compared with the windows by a test, as those of `make pictures` are:
run it after a change to the windows. Debian's pngquant makes the files small.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from addon_program import Theatre, built_addon
from folders import ROOT
from many_editions import many_editions
from web_folder import served

OUT = ROOT / "docs" / "pictures"
EDITED = {"ember-3/question/why": " Mnemonic: ember in hand."}


def main() -> None:
    """Make every picture anew."""
    with tempfile.TemporaryDirectory() as folder:
        made = [picture for look in ("light", "dark") for picture in draw(Path(folder) / look, look)]
        subprocess.run(["pngquant", "--force", "--ext", ".png", "--strip", "32", *made], check=True)
        for picture in made:
            shutil.copy(picture, OUT / picture.name)


def draw(folder: Path, look: str) -> list[Path]:
    """Draw all windows in one look, with three pixels for two of the screen."""
    sites = many_editions(folder, 2).sites
    current = folder / "current"
    current.symlink_to(sites[0])
    theatre = Theatre(folder / "anki", built_addon(folder))
    with served(current) as address:
        theatre.play(
            "pictures", is_dark=look == "dark", scale=1.5, look=look, address=address, current=str(current),
            sites=[str(site) for site in sites[1:]], edited=EDITED,
        )  # fmt: skip
    return sorted((theatre.base / "pictures").glob("*.png"))


if __name__ == "__main__":
    main()
