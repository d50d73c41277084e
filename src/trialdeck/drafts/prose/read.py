"""Read a file of text as a trial page or as an educator's notes, as its headings say."""

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.headings import HEADINGS, QUESTIONS, heading_of, is_furniture, key_response
from trialdeck.drafts.lines import decode
from trialdeck.drafts.page import LARGEST, Page, Stray, read_page
from trialdeck.drafts.prose.assemble import NOTHING_TO_ASK, lines_left_out, page_of_notes
from trialdeck.drafts.prose.formats.html_notes import read_html
from trialdeck.drafts.prose.formats.markdown_notes import read_markdown
from trialdeck.drafts.prose.formats.word import read_word
from trialdeck.drafts.prose.names import part_of
from trialdeck.drafts.prose.pieces import Document
from trialdeck.drafts.prose.several import Trial, trial_pages_in, trials_in
from trialdeck.drafts.prose.split import split_pieces
from trialdeck.drafts.source import source_text

_OWN = frozenset(
    name for name, part in HEADINGS.items() if part in {"guided", "scholarly", "related_trials", "takeaways"}
)
_TAG = re.compile(r"<[^<>]{0,300}>")
_HEADING = re.compile(r"#{1,6} +\S")
_HTML = re.compile(
    r"\s*<(?:!doctype|html|head|body|meta|div|p|h[1-6]|ul|ol|table|section|article|b|span)\b", re.IGNORECASE
)


def read_pages(content: bytes, *, splits: bool = False) -> list[Page]:
    """Return the trials of a page or of notes; `splits` allows several.

    Raises TrialdeckError if the notes have nothing to ask about, hold several trials without `splits`, or are too
    large.
    """
    if content.startswith(b"PK\x03\x04"):
        return pages_of(read_word(content), is_wrapped=False, splits=splits)
    if len(content) > LARGEST:
        return [read_page(content)]
    if is_trial_page(content):
        return _trial_pages(content, splits=splits)
    document, is_wrapped = _document(content)
    return pages_of(document, is_wrapped=is_wrapped, splits=splits)


def pages_of(document: Document, *, is_wrapped: bool, splits: bool) -> list[Page]:
    """Return the trials of notes that were taken apart; see `read_pages`."""
    pieces = tuple(split_pieces(document.pieces, is_wrapped=is_wrapped))
    trials = trials_in(replace(document, pieces=pieces))
    _refuse_several([(trial.name, trial.number) for trial in trials], "notes", splits=splits)
    return _pages_of_trials(trials)


def _pages_of_trials(trials: Sequence[Trial]) -> list[Page]:
    """Return a page for each trial; one of several that has nothing to ask about is listed with another."""
    pages: list[Page] = []
    left: list[Stray] = []
    for trial in trials:
        try:
            pages.append(page_of_notes(trial.document))
        except TrialdeckError:
            if len(trials) == 1:
                raise
            left += lines_left_out(trial.document, f"the trial '{trial.name}' has nothing to ask about")
    if not pages:
        raise TrialdeckError("the notes have nothing to ask about, in any of their trials", NOTHING_TO_ASK)
    first = replace(pages[0], strays=(*pages[0].strays, *left), line_count=pages[0].line_count + len(left))
    return [first, *pages[1:]]


def _trial_pages(content: bytes, *, splits: bool) -> list[Page]:
    text, _ = decode(content)
    parts = trial_pages_in(text)
    if len(parts) == 1:
        return [read_page(content)]
    _refuse_several([(name, number) for name, number, _ in parts], "page", splits=splits)
    return [read_page(part.encode()) for _, _, part in parts]


def _refuse_several(trials: Sequence[tuple[str, int]], noun: str, *, splits: bool) -> None:
    if len(trials) < 2 or splits:
        return
    names = "; ".join(f"{name} (line {number})" for name, number in trials)
    hint = "make a record of each with `trialdeck ingest FILE --split -o FOLDER`, or save each trial as a file"
    raise TrialdeckError(f"the {noun} {'hold' if noun == 'notes' else 'holds'} {len(trials)} trials: {names}", hint)


def _document(content: bytes) -> tuple[Document, bool]:
    text, _ = decode(content)
    if _is_html(text) and (document := read_html(text)) is not None:
        return document, False
    return read_markdown(text), True


def _is_html(text: str) -> bool:
    """Tell whether a text is HTML, and not Markdown that begins with a tag."""
    return bool(_HTML.match(text)) and not any(map(_HEADING.match, text.split("\n")))


def is_trial_page(content: bytes) -> bool:
    """Tell whether a file has the headings of a trial page, and none that only notes have."""
    text, _ = decode(content)
    is_page = False
    for line in _lines(text):
        if is_furniture(line) or key_response(line) is not None or _names_page(line):
            return True
        if heading_of(line):
            is_page = True
        elif part_of(line) and _is_alone(line):
            return False
    return is_page


def _names_page(line: str) -> bool:
    heading = " ".join(line.strip(" #*_:：").casefold().split())
    source = source_text(line)
    return heading in _OWN or (source is not None and source.casefold().startswith("view publication"))


def _is_alone(line: str) -> bool:
    part = part_of(line)
    return line[:1] in "#*_" or (part is not None and part.property != QUESTIONS)


def _lines(text: str) -> Iterator[str]:
    bare = _TAG.sub("\n", text) if _HTML.match(text) else text
    return (line.strip() for line in bare.split("\n") if line.strip())
