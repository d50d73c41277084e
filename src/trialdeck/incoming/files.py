"""Read files of source material, each by its content; the fault of one does not stop the others."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.kinds import STANDARD_INPUT, Material, content_of, read_material


def files_in(names: Iterable[str]) -> list[str]:
    """Return files; a folder stands for its own, in the order of their names. Raises TrialdeckError without any."""
    files = [name for file in names for name in _files_of(file)]
    if not files:
        raise TrialdeckError("the folder holds no files", "name the files")
    return files


def _files_of(file: str) -> list[str]:
    path = Path(file)
    if file == STANDARD_INPUT or not path.is_dir():
        return [file]
    return sorted(str(each) for each in path.iterdir() if each.is_file() and not each.name.startswith("."))


def read_files(names: Iterable[str], faults: list[TrialdeckError]) -> list[Material]:
    """Return the files that can be read; `faults` gets the others, with their names.

    Args:
        names: The files; `-` is standard input.
        faults: Gets the faults.
    """
    materials: list[Material] = []
    for name in names:
        try:
            materials.append(read_material(content_of(name), name))
        except TrialdeckError as error:
            faults.append(named_fault(error, name))
    return materials


def named_fault(error: TrialdeckError, name: str) -> TrialdeckError:
    """Return the fault of a file with its name in the message."""
    where = "" if error.message.startswith(("cannot read", name)) else f"{name}: "
    return type(error)(f"{where}{error.message}", error.hint)


def refuse_first(faults: Sequence[TrialdeckError]) -> None:
    """Raise the first of some faults, if there are any."""
    if faults:
        raise faults[0]
