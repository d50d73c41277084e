"""What pages say where the command line has commands, options and properties: of files that came in, and what to do.

A message of a draft or of an import names options, properties of a record and what to type in a terminal. Who drops a
file on a page sees boxes to tick, buttons and labels.
"""

import re
from collections.abc import Callable, Mapping

from trialdeck.desk.forms.fields import sections
from trialdeck.desk.forms.problem_words import in_words_of_form, label_of_property

_READ_OTHERWISE = "below, choose the trial that it belongs to"
_HINTS: tuple[tuple[str, str], ...] = (
    (r"make a record of each with .*", "tick below that these notes are about several trials, or drop each as a file"),
    (r"name the registry file or the page of the trial too.*",
     f"drop it together with the registry file or the page of its trial; or, {_READ_OTHERWISE}"),
    (r"name the record with --into.*", f"drop it together with the registry file of its trial; or, {_READ_OTHERWISE}"),
    (r"a record can show it as a figure.*", "to show it on a card, add it in the form of a trial, under Pictures"),
    (r"unpack it, and name the file in it", "unpack it, and drop the files that are in it"),
    (r"name a file that says something of the trial", "choose a file that says something of the trial"),
    (r"save it as text in UTF-8", "save it as a Word document or as plain text (UTF-8), or drop another file"),
    (r"export the deck in Anki as .apkg.*", "in Anki: File → Export, Anki Deck Package (.apkg)"),
    (r"save it as .xlsx for .*", "save it as .xlsx or .docx"),
    (r"(.*)`trialdeck schema trial --for` prints what a model may write; a study: (.*)",
     r"if it is a study: \2. Otherwise, drop the file that you saved from ClinicalTrials.gov, PubMed or Anki"),
    (r"(?:ingest it by itself, or )?use `trialdeck (?:import|sheet import)`.*", "drop it by itself"),
    (r"correct them; `trialdeck check` lists them", "correct what Home and Settings show as wrong"),
    (r"correct (?:it|the records) first; `trialdeck check` .*", "correct it first, in the form of the trial"),
    (r"`trialdeck check` says why", "open the trial: its form says why"),
    (r"`trialdeck check` and `trialdeck build` take it as it is", "put it into the folder of the trials, as it is"),
    (r"`trialdeck review` signs it", "sign it in Review"),
    (r"see in `trialdeck diff` that this is meant: (.*)", r"look through the changes, whether this is meant: \1"),
    (r"records are files that end in .*", "add a trial first"),
    (r"(a package is a zip file .*); workbooks go to .*", r"\1"),
    (r"`trialdeck ingest` drafts a record from it; .*", "take it out of the folder of the trials, and drop it in Add"),
    (r"export the deck that was built from them; .*", "export the deck that was built here; decks of others go to Add"),
)  # fmt: skip
"""What to do on a page, by what to do in a terminal."""
_MESSAGES: tuple[tuple[str, str], ...] = (
    (r"this is not text, or text in UTF-16 without its mark", "this kind of file cannot be read"),
    (r"^TD\d{3} |(?<=; )TD\d{3} ", ""),
    (r": type (.+) \(take: false in the map\)", r": no field of “\1” is taken"),
    (r"\bno deletion\b", "no gap in it, such as {{c1::word}}"),
    (r", not a page, a registry file or a citation$", ", which cannot be read here"),
    (r"no place in a record|no part of a record", "a trial has no place for it"),
    (r"looks that no record has are not kept", "what the text looked like is not kept"),
    (r", nor a record, nor cards$", ", nor questions"),
    (r"\brecord\b", "trial"),
)
_OPTION = re.compile(r"[;,] --[a-z]+[^;.]*")
_FACT = re.compile(r"^([a-z_]+): ")
_SECTION = re.compile(r"^section: ('.+') (was read as|went to) ([a-z_]+)(?:, not ([a-z_]+))?")
_IN_PLACE = re.compile(r"\b[a-z]+(?:_[a-z]+)*\b")


def hint_on_page(text: str) -> str:
    """Return what to do on a page, where the command line says what to type; other hints stay as they are.

    >>> hint_on_page("correct it first; `trialdeck check` lists everything")
    'correct it first, in the form of the trial'
    """
    for pattern, words in _HINTS:
        if re.fullmatch(pattern, text):
            return re.sub(f"{pattern}$", words, text)
    return text


def said_of_file(text: str) -> str:
    """Return what a page says of a file, where the command line has commands: a whole message, or a whole hint.

    >>> said_of_file("unpack it, and name the file in it")
    'Unpack it, and drop the files that are in it'
    """
    text = hint_on_page(text)
    for pattern, words in _MESSAGES:
        text = re.sub(pattern, words, text)
    return _capital(in_words_of_form(_OPTION.sub("", text)))


def said_of_part(text: str) -> str:
    """Return what a page says of one part of a file: what was concluded of it, or why it was not taken.

    >>> said_of_part("section: 'Results' was read as key_findings")
    '“Results” was read as “Key findings”'
    """
    if section := _SECTION.match(text):
        heading, verb, name, other = section.groups()
        instead = f", not to {label_of_property(other)}" if other else ""
        return f"“{heading[1:-1]}” {verb} {label_of_property(name)}{instead}{text[section.end() :]}"
    return said_of_file(_FACT.sub(lambda fact: f"{label_of_property(fact[1])}: ", text))


def said_of_place(place: str) -> str:
    """Return where a part of a file is, in the words of the form.

    >>> said_of_place("key_findings 1, cloze 1")
    'Key findings 1, Sentences with gaps 1'
    """
    first = _IN_PLACE.match(place)
    # The registry has names of its own: its `outcome 3` is no property of a record.
    is_ours = first is not None and first[0] in {field.name for section in sections() for field in section.fields}
    return (
        _capital(_IN_PLACE.sub(lambda name: label_of_property(name[0]).strip("“”"), place))
        if is_ours
        else place.replace("the record", "the trial")
    )


ARRIVING_WORDS: Mapping[str, Callable[[str], str]] = {
    "file": said_of_file,
    "part": said_of_part,
    "place": said_of_place,
}
"""The same for templates, as `told`."""


def _capital(text: str) -> str:
    """Return a sentence with a capital, unless it begins with the name of a file or of a part."""
    first = text.partition(" ")[0]
    return text if "." in first or ":" in first or "_" in first else text[:1].upper() + text[1:]
