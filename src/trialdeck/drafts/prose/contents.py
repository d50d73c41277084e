"""A drafted record, and what each of several files says in it: points and questions add up, no text is lost."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec.structs import replace

from trialdeck.drafts.lines import Notice
from trialdeck.drafts.page import Page
from trialdeck.records import sections
from trialdeck.records.sections import LIST_SECTIONS, TEXT_SECTIONS
from trialdeck.records.slugs import unique
from trialdeck.yamlfile.writer import Property

_TEXTS = frozenset(section.property for section in TEXT_SECTIONS)
_ORDER = tuple(
    section.property
    for section in (*TEXT_SECTIONS, *LIST_SECTIONS, sections.QUESTIONS, sections.RELATED_TRIALS, sections.TAKEAWAYS)
)


class NamedPage(msgspec.Struct, frozen=True):
    """Notes or a page of a trial, and the name of its file."""

    page: Page
    name: str


class Draft(msgspec.Struct, frozen=True):
    """A drafted record.

    `id` is the trial's id; `text` the YAML file; `notices` what a human must look at; `counts` the contents in words;
    `not_taken` the notices of what is not in the record, `inferred` of what was concluded rather than
    read; their messages begin with what it is (`acronym: …`). `repaired` are those of what was put in order to be
    read. `placed` is how many parts of the material are in the record, and `unit` what they are.
    """

    id: str
    text: str
    notices: tuple[Notice, ...]
    counts: str = ""
    not_taken: tuple[Notice, ...] = ()
    inferred: tuple[Notice, ...] = ()
    placed: int = 0
    unit: str = "line"
    repaired: tuple[Notice, ...] = ()

    @property
    def balance(self) -> str:
        """How much was placed, inferred and not taken: `412 of 430 lines placed; 2 inferred (…); 18 not taken`."""
        total = self.placed + len(self.not_taken)
        kinds = ", ".join(dict.fromkeys(notice.message.partition(":")[0] for notice in self.inferred))
        inferred = f"{len(self.inferred)} inferred{f' ({kinds})' if kinds else ''}"
        repaired = f"; {len(self.repaired)} repaired" if self.repaired else ""
        return f"{self.placed} of {total} {self.unit}s placed; {inferred}{repaired}; {len(self.not_taken)} not taken"


class Contents(msgspec.Struct, frozen=True):
    """What a page adds to the record of a trial: properties, and what a human must look at, as in `Draft`."""

    properties: tuple[Property, ...] = ()
    notices: tuple[Notice, ...] = ()
    not_taken: tuple[Notice, ...] = ()
    inferred: tuple[Notice, ...] = ()
    placed: int = 0

    def placed_in(self, name: str) -> "Contents":
        """Return the same with the name of its file in every notice."""
        return replace(
            self,
            notices=_placed_in(name, self.notices),
            not_taken=_placed_in(name, self.not_taken),
            inferred=_placed_in(name, self.inferred),
        )


def with_contents(own: Contents, added: Contents, name: str) -> Contents:
    """Return the contents of some files of a trial with those of a further file, which has this name.

    Lists add up, and so do the paragraphs of a text; of what is one line the first file counts, and the other words
    stand above as a comment.
    """
    more = {part.name: part for part in added.properties}
    joined = [_with_part(part, more.pop(part.name, None), name) for part in own.properties]
    return Contents(
        tuple(sorted((*joined, *more.values()), key=_position)),
        (*own.notices, *added.notices),
        (*own.not_taken, *added.not_taken),
        (*own.inferred, *added.inferred),
        own.placed + added.placed,
    )


def with_registered(begun: Sequence[Property], own: Sequence[Property]) -> list[Property]:
    """Return the properties of the registry with those of pages.

    Lists add up. Of what is one line the page's words count; the registry's stand above as a comment.
    """
    added = {part.name: part for part in own}
    joined: list[Property] = []
    for part in begun:
        page_part = added.pop(part.name, None)
        if page_part is None:
            joined.append(part)
        elif isinstance(part.value, list):
            joined.append(_with_points(part, page_part))
        else:
            above = (*page_part.above, f"Registry: {part.value}")
            joined.append(replace(page_part, above=above, apart=part.apart))
    return [*joined, *added.values()]


def source_of(pages: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what several pages say of the source; the first that says something counts."""
    names = dict.fromkeys(name for page in pages for name in page)
    return {name: next(page[name] for page in pages if name in page) for name in names}


def topics_of(pages: Sequence[NamedPage]) -> list[str]:
    """Return the topics of all pages, each once."""
    return list(dict.fromkeys(topic for named in pages for topic in named.page.topics))


def titles_of(pages: Sequence[NamedPage]) -> tuple[str, ...]:
    """Return the titles of pages as comments."""
    return tuple(f"{named.name}: {named.page.title}" for named in pages if named.page.title)


def _position(part: Property) -> int:
    """Return where a property stands in a record; what no section is, what the trial tested, stands first."""
    return _ORDER.index(part.name) if part.name in _ORDER else -1


def _with_part(part: Property, other: Property | None, name: str) -> Property:
    if other is None or not (other.value or other.above):
        return part
    if not part.value:
        return replace(other, above=(*part.above, *other.above), apart=part.apart)
    if isinstance(part.value, list):
        return _with_points(part, other)
    if part.name in _TEXTS:
        value = "\n\n".join(text for text in dict.fromkeys((part.value, other.value)) if text)
        return replace(part, value=value, above=tuple(dict.fromkeys((*part.above, *other.above))))
    said = (f"{name}: {other.value}",) if other.value != part.value else ()
    return replace(part, above=(*part.above, *said))


def _with_points(part: Property, other: Property) -> Property:
    points = [*part.value, *(other.value or ())]
    ids = unique([str(point["id"]) for point in points], part.name)
    within = tuple((index + len(part.value), text) for index, text in other.within)
    value = [{**point, "id": name} for point, name in zip(points, ids, strict=True)]
    return replace(part, value=value, above=(*part.above, *other.above), within=(*part.within, *within))


def _placed_in(name: str, notices: Sequence[Notice]) -> tuple[Notice, ...]:
    return tuple(replace(notice, line=0, place=f"{name}, line {notice.line}") for notice in notices)
