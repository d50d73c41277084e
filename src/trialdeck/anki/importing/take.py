"""Turn the notes of a deck into parts of records, and list what is not taken, with the reason."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.anki.importing.deck_map import ALL_TAGS, DeckMap, FieldText, NoteTypeMap
from trialdeck.anki.importing.facts import read_facts
from trialdeck.anki.importing.field_text import FieldMarkdown, UnsayableError, markdown_of_field
from trialdeck.anki.importing.trial_name import TrialName, read_trial_name
from trialdeck.apkg.reader import PackedNote
from trialdeck.core.text import is_blank
from trialdeck.markdown.cloze import filled, parse_cloze
from trialdeck.markdown.from_html import points_of
from trialdeck.markdown.plain_text import readable
from trialdeck.records.model import STATEMENT_PARTS
from trialdeck.records.sections import LIST_SECTIONS, QUESTIONS

_LISTS = frozenset(section.property for section in LIST_SECTIONS)
_FOR_ANKI = frozenset({"leech", "marked"})
"""Tags that Anki gives by itself."""
SEE, HEAR = "See the picture.", "Hear the sound."
"""The response of a note that answers with nothing but a picture or a sound."""


class NotTaken(msgspec.Struct, frozen=True):
    """A note, or a part of one, that no record gets: its number in the deck, its name, the field, and the reason."""

    number: int
    name: str
    reason: str
    field: str = ""
    is_whole_note: bool = True

    @property
    def kind(self) -> str:
        """The reason as it is counted: "no text in Back"."""
        return f"{self.reason} in {self.field}" if self.field else self.reason

    def __str__(self) -> str:
        """Return one line: `note 12 "X", field Back: no text`."""
        of_field = f", field {self.field}" if self.field else ""
        return f'note {self.number} "{self.name}"{of_field}: {self.reason}'


class Part(msgspec.Struct, frozen=True):
    """A new entry of a record: its section, its texts by property, and the media that it shows.

    `cloze` are its statements. `perspective` is empty for the default of the section.
    """

    section: str
    texts: Mapping[str, str]
    cloze: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    perspective: str = ""


class TakenNote(msgspec.Struct, frozen=True):
    """What records get of one note.

    `origin` names the trial as the deck does; notes of one origin go into one record. `is_deck` says that it is the
    full name of a deck. `sections` are texts of the record itself, `facts` what the note says of its source.
    """

    note: PackedNote
    number: int
    origin: str
    name: TrialName
    is_deck: bool
    parts: tuple[Part, ...]
    sections: Mapping[str, str] = {}
    facts: Mapping[str, str] = {}
    topics: tuple[str, ...] = ()


def label_of(note: PackedNote) -> str:
    """Return the text by which a person knows a note: the beginning of its first field that has any."""
    return next((text for html in note.fields.values() if (text := readable(html)[:80])), note.guid)


class Taker:
    """Takes notes one by one; `not_taken` lists what no record gets, `unmapped` counts the fields in no map."""

    def __init__(self, deck_map: DeckMap) -> None:
        self.deck_map = deck_map
        self.not_taken: list[NotTaken] = []
        self.unmapped: Counter[tuple[str, str]] = Counter()

    def take(self, note: PackedNote, number: int) -> TakenNote | None:
        """Return what records get of a note; None if nothing, which is listed then."""
        mapped = self.deck_map.of(note)
        if mapped is None or not mapped.is_taken:
            reason = f"type {note.note_type} ({'not in the map' if mapped is None else 'take: false in the map'})"
            self._refuse(note, number, reason)
            return None
        self._count_unmapped(note, mapped)
        origin, name, is_deck = self._trial(note, mapped)
        if not name.slug and not is_deck:
            self._refuse(note, number, "it names no trial")
            return None
        before = len(self.not_taken)
        parts, sections = tuple(self._parts(note, number, mapped)), self._sections(note, number, mapped)
        parts += tuple(self._listed(note, number, mapped))
        is_lost = not parts and not sections
        if is_lost and not any(entry.is_whole_note for entry in self.not_taken[before:]):
            self._refuse(note, number, "no text in the fields of the map")
        self._count_once(before, is_lost=is_lost)
        if is_lost:
            return None
        facts, faults = read_facts(note, mapped, name)
        for field, reason in faults:
            self._refuse(note, number, reason, field, whole=False)
        return TakenNote(note, number, origin, name, is_deck, parts, sections, facts, self._topics(note))

    def _refuse(self, note: PackedNote, number: int, reason: str, field: str = "", *, whole: bool = True) -> None:
        self.not_taken.append(NotTaken(number, label_of(note), reason, field, whole))

    def _count_once(self, before: int, *, is_lost: bool) -> None:
        """Let one entry of a note count for the whole of it if nothing of it was taken, and otherwise none."""
        for position, entry in enumerate(self.not_taken[before:], start=before):
            counts = is_lost and entry.is_whole_note
            self.not_taken[position] = replace(entry, is_whole_note=counts)
            is_lost = is_lost and not counts

    def _count_unmapped(self, note: PackedNote, mapped: NoteTypeMap) -> None:
        for name in note.fields.keys() - set(mapped.fields):
            if note.fields[name] and readable(note.fields[name]):
                self.unmapped[note.note_type, name] += 1

    def _trial(self, note: PackedNote, mapped: NoteTypeMap) -> tuple[str, TrialName, bool]:
        """Return how the deck names a note's trial, the parts of that name, and whether it is the name of a deck."""
        if self.deck_map.trial_id:
            return self.deck_map.trial_id, TrialName(self.deck_map.trial_id), False
        if field := mapped.facts.get("trial") or mapped.facts.get("acronym"):
            name = read_trial_name(readable(note.fields.get(field, "")))
            return name.slug, name, False
        if prefix := self.deck_map.trial_tag:
            tag = next((tag.removeprefix(prefix) for tag in note.tags if tag.startswith(prefix)), "")
            name = read_trial_name(tag.replace("_", " "))
            return name.slug, name, False
        deck = next((card.deck for card in note.cards), "")
        return deck, read_trial_name(deck.rpartition("::")[2]), True

    def _parts(self, note: PackedNote, number: int, mapped: NoteTypeMap) -> Iterator[Part]:
        if mapped.cloze and (statement := self._cloze(note, number, mapped)):
            yield statement
        if not mapped.question:
            return
        question, response = (self._joined(note, number, texts) for texts in (mapped.question, mapped.response))
        if question is None or response is None:
            return
        media = tuple(dict.fromkeys([*question.media, *response.media]))
        answer = response.text
        if is_blank(answer) and response.media:
            answer = HEAR if response.media[0].lower().endswith((".mp3", ".ogg", ".wav", ".m4a")) else SEE
        for text, texts, shown in ((question.text, mapped.question, question.media), (answer, mapped.response, ())):
            if is_blank(text):
                only = "only pictures or sounds" if shown else "no text"
                self._refuse(note, number, only, " and ".join(text.field for text in texts))
                return
        sides = {"question": question.text, "response": answer}
        yield Part(QUESTIONS.property, sides, media=media, perspective=mapped.perspective.value)
        if mapped.is_reversed and any(card.ordinal for card in note.cards) and not is_blank(response.text):
            turned = {"question": response.text, "response": question.text}
            yield Part(QUESTIONS.property, turned, media=media, perspective=mapped.perspective.value)

    def _cloze(self, note: PackedNote, number: int, mapped: NoteTypeMap) -> Part | None:
        """Return the entry of a cloze statement: the statement, and as its text what it says with all gaps filled."""
        try:
            statement = markdown_of_field(note.fields.get(mapped.cloze, ""), cloze=True)
        except UnsayableError as error:
            self._refuse(note, number, str(error), mapped.cloze)
            return None
        self._name_losses(note, number, mapped.cloze, statement)
        parsed = parse_cloze(statement.text)
        if parsed.faults or not parsed.deletions:
            reason = "a deletion that cards cannot show" if parsed.faults else "no deletion"
            self._refuse(note, number, reason if not is_blank(statement.text) else "no text", mapped.cloze)
            return None
        extra = self._joined(note, number, mapped.response)
        text = filled(statement.text)
        text = f"{text}\n\n{extra.text}" if extra and not is_blank(extra.text) else text
        media = tuple(dict.fromkeys([*statement.media, *(extra.media if extra else ())]))
        return Part(mapped.section, {"text": text}, (statement.text,), media)

    def _joined(self, note: PackedNote, number: int, texts: Sequence[FieldText]) -> FieldMarkdown | None:
        """Return several fields as one text, each below its heading; None if one of them cannot be taken."""
        paragraphs: list[str] = []
        media: list[str] = []
        for text in texts:
            field = self._field(note, number, text.field)
            if field is None:
                return None
            media += field.media
            if not is_blank(field.text):
                paragraphs += [f"**{text.heading}**", field.text] if text.heading else [field.text]
        return FieldMarkdown("\n\n".join(paragraphs), tuple(dict.fromkeys(media)))

    def _field(self, note: PackedNote, number: int, name: str) -> FieldMarkdown | None:
        try:
            field = markdown_of_field(note.fields.get(name, ""))
        except UnsayableError as error:
            self._refuse(note, number, str(error), name)
            return None
        self._name_losses(note, number, name, field)
        return field

    def _name_losses(self, note: PackedNote, number: int, name: str, field: FieldMarkdown) -> None:
        """List what of a field no record gets, although its words are taken."""
        for address in field.online:
            self._refuse(note, number, f"a picture that is not in the deck: {address[:80]}", name, whole=False)
        for loss in field.losses:
            self._refuse(note, number, loss, name, whole=False)

    def _sections(self, note: PackedNote, number: int, mapped: NoteTypeMap) -> dict[str, str]:
        """Return the texts of a record that are not lists, as far as a note has them."""
        found: dict[str, str] = {}
        for name, texts in mapped.sections.items():
            if name not in _LISTS and (joined := self._joined(note, number, texts)) and not is_blank(joined.text):
                # A part of the statement of a trial is one line.
                found[name] = " ".join(joined.text.split()) if name in STATEMENT_PARTS else joined.text
        return found

    def _listed(self, note: PackedNote, number: int, mapped: NoteTypeMap) -> Iterator[Part]:
        """Yield a point for each entry of a list in the fields of a list section, or for a whole field."""
        for name, texts in mapped.sections.items():
            for text in texts if name in _LISTS else ():
                html = note.fields.get(text.field, "")
                for point in _points(html):
                    try:
                        field = markdown_of_field(point)
                    except UnsayableError as error:
                        self._refuse(note, number, str(error), text.field)
                        continue
                    self._name_losses(note, number, text.field, field)
                    if not is_blank(field.text):
                        yield Part(name, {"text": field.text}, media=field.media)

    def _topics(self, note: PackedNote) -> tuple[str, ...]:
        wanted = self.deck_map.topic_tags
        tags = [tag for tag in note.tags if tag.casefold() not in _FOR_ANKI] if wanted else []
        if wanted == ALL_TAGS:
            return tuple(tags)
        return tuple(tag.removeprefix(wanted) for tag in tags if tag.startswith(wanted))


def _points(html: str) -> list[str]:
    if "<li" not in html:
        return [html]
    try:
        # Some decks have the points of a list without the list around them.
        return points_of(html) or points_of(f"<ul>{html}</ul>") or [html]
    except UnsayableError:
        return [html]
