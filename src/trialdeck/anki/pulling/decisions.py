"""What the author decides about edits that come back: which are taken, and with which words."""

from collections.abc import Collection, Iterable, Mapping

import msgspec

from trialdeck.core.errors import TrialdeckError
from trialdeck.core.problem import nearest, shortened
from trialdeck.core.text import is_blank, printable


class Decisions(msgspec.Struct, frozen=True):
    """Which edits are taken, by their names; a key of a note names all of its edits.

    `accepted` are the only ones that are taken; None stands for all that are no conflict. A conflict is taken only if
    it is accepted. `declined` are never taken. `texts` are the words, as Markdown, that are written in place of those
    from Anki.
    """

    accepted: frozenset[str] | None = None
    declined: frozenset[str] = frozenset()
    texts: Mapping[str, str] = {}

    def takes(self, names: Iterable[str], *, is_conflict: bool = False) -> bool:
        """Tell whether an edit is taken; `names` are those by which it may be accepted or declined."""
        own = frozenset(names)
        if own & self.declined:
            return False
        return not is_conflict if self.accepted is None else bool(own & self.accepted)

    def refuse_unknown(self, known: Collection[str]) -> None:
        """Raise TrialdeckError for a decision about something that is not there, or a text that is empty."""
        for name in sorted({*(self.accepted or ()), *self.declined, *self.texts} - set(known)):
            likely = nearest(name, known)
            hint = f"did you mean '{likely}'?" if likely else "without --accept and --decline, all names are listed"
            raise TrialdeckError(f"nothing here is called '{shortened(printable(name))}'", hint)
        for name in sorted((self.accepted or frozenset()) & self.declined):
            raise TrialdeckError(f"'{printable(name)}' is both accepted and declined", "decide for one of them")
        for name, text in self.texts.items():
            if is_blank(text):
                hint = "write what the card should say, or decline the edit"
                raise TrialdeckError(f"the text for '{printable(name)}' is empty", hint)
