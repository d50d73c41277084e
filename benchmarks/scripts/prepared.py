"""Notes that are ready to be written: those of a package, read back into lists; and how a script reports its time."""

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

Row = tuple[Any, ...]
DECKS = 10
"""The column of the collection's settings that has the decks."""
DEFAULT = "1"
"""The deck that every collection has."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The rows of some notes of a collection and of their cards, its settings, and the text of its schema."""

    schema: list[str]
    settings: Row
    notes: list[Row]
    cards: list[Row]

    @property
    def models(self) -> dict[str, Any]:
        """The note types by id."""
        return dict(json.loads(self.settings[9]))

    @property
    def decks(self) -> dict[str, Any]:
        """The decks by id."""
        return dict(json.loads(self.settings[DECKS]))

    @property
    def decks_by_note(self) -> dict[int, int]:
        """The id of the deck of each note; a note without cards has none."""
        return {card[1]: card[2] for card in self.cards}


def read(collection: str, count: int) -> Prepared:
    """Return so many notes of a collection that is a file of SQLite, deck by deck, and all that belongs to them."""
    with closing(sqlite3.connect(collection)) as connection:
        chosen = "(SELECT nid FROM (SELECT nid, min(did) AS deck, min(due) AS due FROM cards GROUP BY nid)"
        chosen += " ORDER BY deck, due, nid LIMIT ?)"
        cards = connection.execute(f"SELECT * FROM cards WHERE nid IN {chosen}", [count]).fetchall()  # noqa: S608
        settings = connection.execute("SELECT * FROM col").fetchone()
        used = {str(card[2]) for card in cards}
        decks = {name: deck for name, deck in json.loads(settings[DECKS]).items() if name in used or name == DEFAULT}
        return Prepared(
            schema=[sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")],
            settings=(*settings[:DECKS], json.dumps(decks), *settings[DECKS + 1 :]),
            notes=connection.execute(f"SELECT * FROM notes WHERE id IN {chosen}", [count]).fetchall(),  # noqa: S608
            cards=cards,
        )


@contextmanager
def reported_seconds(**facts: Any) -> Iterator[None]:
    """Print how long the part below takes, with further facts, as one line of JSON."""
    start = time.perf_counter()
    yield
    json.dump({"seconds": time.perf_counter() - start, **facts}, sys.stdout)
