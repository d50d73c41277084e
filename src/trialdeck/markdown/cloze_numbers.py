"""Give each point of a list that is asked a cloze number of its own that later editions keep.

A learner's history of a card hangs on the number of its deletion. Numbers that counted the points would shift with
every point that is added, removed or moved, and give each point the history of another. So a number follows from the
id of its point alone, unless two ids lead to the same one.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from trialdeck.markdown.cloze import MAX_NUMBER


def cloze_numbers(ids: Iterable[str]) -> Mapping[str, int]:
    """Return the cloze number of each id: from 1 to `MAX_NUMBER`, no two alike, whatever the order of the ids.

    If two ids lead to one number, the later in the alphabet takes the next that is free. Give the ids of retired points
    as well, and the first ids of renamed ones: then a number shifts only if a new id leads to one that is taken, and is
    earlier in the alphabet; of lists of five points that is one of 200.

    Raises:
        ValueError: There are more ids than numbers.
    """
    numbers: dict[int, str] = {}
    for name in sorted(set(ids)):
        if len(numbers) == MAX_NUMBER:
            raise ValueError(f"no more than {MAX_NUMBER} points can be asked in one note")
        number = _first_choice(name)
        while number in numbers:
            number = number % MAX_NUMBER + 1
        numbers[number] = name
    return {name: number for number, name in numbers.items()}


def _first_choice(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8]) % MAX_NUMBER + 1
