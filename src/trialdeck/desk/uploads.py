"""Files that were dropped: each lot in a box of its own in the scratch folder, under names that are safe."""

import json
import re
import secrets
import shutil
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unicodedata import normalize

import trialdeck as td

LARGEST = 64_000_000
"""How many bytes a file may have."""
MOST_FILES = 100
"""How many files a box may have."""
MOST_TOGETHER = 256_000_000
"""How many bytes the files of a box may have together."""
MOST_BOXES = 40
"""How many boxes are kept; the oldest is thrown away."""
_LONGEST = 120
"""In bytes; file systems allow 255."""
_BOX = re.compile(r"[A-Za-z0-9_-]{16}\Z")
_ODD = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|\ud800-\udfff]+')
_DEVICE = re.compile(r"(?i)(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|\Z)")


class TooLargeError(td.TrialdeckError):
    """A file is larger than what the desk takes."""


@dataclass(frozen=True, slots=True)
class Box:
    """The files that were dropped together, and what was done with them."""

    folder: Path

    @property
    def name(self) -> str:
        """The name of the box, which is in addresses."""
        return self.folder.name

    @property
    def files(self) -> tuple[Path, ...]:
        """The files, in the order in which they came."""
        listed = [path for path in (self.folder / "files").iterdir() if not path.name.startswith(".")]
        return tuple(sorted(listed, key=lambda path: (path.stat().st_mtime_ns, path.name)))

    @property
    def done(self) -> Mapping[str, Any]:
        """What was written of its parts, by their keys."""
        path = self.folder / "done.json"
        done: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return done

    def remember(self, key: str, written: Mapping[str, Any]) -> None:
        """Remember what was written of a part: a page that is loaded again shows it."""
        text = json.dumps({**self.done, key: written})
        (self.folder / "done.json").write_text(text, encoding="utf-8")

    async def take(self, name: str, content: AsyncIterable[bytes]) -> Path:
        """Write a file while it comes in.

        Args:
            name: What the sender calls it; only the last part counts, and what is safe of that.
            content: The parts of the file.

        Raises:
            TooLargeError: The file, or all files of the box together, are too large.
            TrialdeckError: There are too many files, or the disk refuses.
        """
        folder = self.folder / "files"
        there = self.files
        if len(there) >= MOST_FILES:
            raise td.TrialdeckError(f"more than {MOST_FILES} files", "add these first, then the others")
        room = min(LARGEST, MOST_TOGETHER - sum(path.stat().st_size for path in there))
        part = folder / f".{secrets.token_hex(8)}"
        try:
            await _write(part, name, content, room)
            return part.rename(_free(folder, safe_name(name)))
        except OSError as error:
            hint = "free some space on the disk, and add the file again"
            raise td.TrialdeckError(f"cannot keep {safe_name(name)}: {error.strerror or error}", hint) from error
        finally:
            part.unlink(missing_ok=True)


async def _write(part: Path, name: str, content: AsyncIterable[bytes], room: int) -> None:
    size = 0
    with part.open("xb") as file:
        async for chunk in content:
            size += len(chunk)
            if size > room:
                hint = "export one deck, or download fewer studies at a time"
                raise TooLargeError(f"{safe_name(name)} is larger than {room // 1_000_000} MB", hint)
            file.write(chunk)


def _free(folder: Path, name: str) -> Path:
    """Return a path that no file has: another file of this name keeps it."""
    path, number = folder / name, 1
    while path.exists():
        number += 1
        path = (folder / name).with_stem(f"{Path(name).stem} ({number})")
    return path


def safe_name(name: str) -> str:
    """Return the name of a file that is safe on every system, as close to the given one as it may be.

    >>> safe_name("../../etc/passwd"), safe_name("NCT 1.json"), safe_name("con.txt"), safe_name(".hidden")
    ('passwd', 'NCT 1.json', 'file con.txt', 'hidden')
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = _ODD.sub("-", normalize("NFC", last)).lstrip(". ").rstrip(". ") or "file"
    clean = f"file {clean}" if _DEVICE.match(clean) else clean
    path = Path(clean)
    ending = path.suffix if len(path.suffix.encode()) <= _LONGEST // 4 else ""
    stem = clean.removesuffix(ending).encode()[: _LONGEST - len(ending.encode())].decode(errors="ignore").rstrip(". ")
    return f"{stem or 'file'}{ending}"


def new_box(scratch: Path) -> Box:
    """Make an empty box; raises TrialdeckError if the disk refuses."""
    home = scratch / "boxes"
    box = Box(home / secrets.token_urlsafe(12))
    try:
        home.mkdir(parents=True, exist_ok=True)
        old = sorted(home.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        for folder in old[: max(0, len(old) - MOST_BOXES + 1)]:
            shutil.rmtree(folder, ignore_errors=True)
        (box.folder / "files").mkdir(parents=True)
    except OSError as error:
        hint = "free some space on the disk, and try again"
        raise td.TrialdeckError(f"cannot keep files: {error.strerror or error}", hint) from error
    return box


def box_named(scratch: Path, name: str) -> Box:
    """Return a box by its name; raises TrialdeckError if it is not there any more."""
    box = Box(scratch / "boxes" / name)
    if not _BOX.match(name) or not box.folder.is_dir():
        raise td.TrialdeckError("these files are not here any more", "add them again")
    return box
