"""The table of problem codes: what each means and what to do.

TD1xx: the file, its YAML and its form. TD2xx: what a record says. TD3xx: what the settings in `decks` say.
The others are warnings. TD4xx: records and settings. TD5xx: what a card rests on. TD6xx: how well it is learned.
`docs/problems.md` shows the table.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec


class Code(msgspec.Struct, frozen=True):
    """What one problem code stands for."""

    title: str
    advice: str
    warning: bool = False


CODES: Mapping[str, Code] = MappingProxyType(
    {
        "TD100": Code("the file cannot be read", "Check that the file exists and that you may read it."),
        "TD101": Code(
            "YAML or JSON syntax", "Correct the line; in YAML a text with `: ` or ` #` in it belongs in quotes."
        ),
        "TD102": Code("the same key twice", "Keep one of the two; a key may stand once in a mapping."),
        "TD103": Code("unknown property", "Correct the spelling; `trialdeck schema` lists every property."),
        "TD104": Code("a property is missing", "Add the property."),
        "TD105": Code("wrong kind of value", "Write the kind of value that the message names."),
        "TD106": Code("anchor or alias", "Write the text out where it is needed; `&` and `*` are not used here."),
        "TD107": Code("YAML tag", "Remove the tag (`!…`); the schema says which values are numbers."),
        "TD108": Code("value not allowed", "Use one of the allowed values, or the form that the message names."),
        "TD109": Code("unknown perspective", "Use mechanism, clinical or reviewer."),
        "TD110": Code("unknown audience", "Use one of the audiences that the message lists."),
        "TD111": Code(
            "not the form of an id, a topic or a specialty",
            "Use small letters, digits and single hyphens: `why-combine`.",
        ),
        "TD112": Code("a character that cannot be shown", "Remove the control character."),
        "TD113": Code("not a DOI", "Write the bare DOI, for example `10.1056/NEJMoa1516282`."),
        "TD114": Code(
            "not a registry number", "Write the number as the registry prints it, for example `NCT01564537`."
        ),
        "TD115": Code(
            "not a web address",
            "Write a whole address that starts with https://; `report` takes a mail address as well.",
        ),
        "TD116": Code("not a date", "Write the date as YEAR-MONTH-DAY, for example `2016-11-01`."),
        "TD117": Code("empty text", "Write the text, or remove the property."),
        "TD118": Code("number out of range", "Correct the number."),
        "TD119": Code("list of the wrong length", "Add what is missing or remove what is too much."),
        "TD120": Code("not UTF-8", "Save the file with the encoding UTF-8."),
        "TD121": Code("more than one document", "Move what follows the line `---` into a file of its own."),
        "TD122": Code("nested too deep", "Nothing here is that deep; check the indentation."),
        "TD123": Code("unknown format", "Write `format: 1`, or use a newer trialdeck."),
        "TD124": Code("the same value twice in a list", "Keep one of the two."),
        "TD125": Code("too large", "Make several records of it; `SECURITY.md` has the limits."),
        "TD126": Code(
            "JSON that is not a record",
            "Take it out of the folder of records; `trialdeck ingest` reads registry files.",
        ),
        "TD201": Code("the same id twice in one trial", "Give one of the two another id."),
        "TD202": Code("the same trial id in two files", "Give one of the two trials another id."),
        "TD203": Code("a cloze statement without a deletion", "Mark what is to be recalled: `binds {{c1::cereblon}}`."),
        "TD204": Code("a broken deletion", "Write a deletion as `{{c1::answer}}` or `{{c1::answer::hint}}`."),
        "TD205": Code("an empty front", "Write text that can be seen on a card."),
        "TD206": Code("a reference to nothing", "Name something that exists in this record."),
        "TD207": Code("numbers that contradict each other", "Compare the numbers with the source."),
        "TD208": Code("an earlier id that clashes", "Let every earlier id belong to one question or item only."),
        "TD209": Code("a record that gives no card", "Write at least one question."),
        "TD210": Code(
            "a renamed entry that has lost its first id",
            "Begin `formerly` with the oldest id, and keep it there for good.",
        ),
        "TD211": Code(
            "a media file that is not there",
            "Put the file where the record says, or write its path from the folder of the record on.",
        ),
        "TD212": Code(
            "a media file outside of the project",
            "Keep the file inside the project, and write its path from the folder of the record on.",
        ),
        "TD213": Code(
            "a media file of another type",
            "Use png, jpeg, webp, svg, mp3 or ogg, with the ending of what the file really is.",
        ),
        "TD214": Code(
            "a media file that is too large", "Export it smaller: 2 MB at most for a picture, 5 MB for a sound."
        ),
        "TD215": Code(
            "an SVG that is more than a picture", "Export it as plain SVG, with everything embedded, or as PNG."
        ),
        "TD216": Code("the same guid twice", "Keep it at the question that goes on as that note of Anki."),
        "TD217": Code(
            "a replacement that does not exist", "Name the id of another entry of this record, or leave `instead` out."
        ),
        "TD218": Code(
            "a list with more points than a note can ask",
            "Take the list out of `cards`, or divide it: a note asks up to 499 points.",
        ),
        "TD221": Code(
            "a margin or P value that does not fit its hypothesis",
            "Say what was tested: `hypothesis: noninferiority` or `hypothesis: equivalence`.",
        ),
        "TD222": Code("a text that is yet to be written", "Write it, or remove the entry."),
        "TD301": Code("the same deck id in two files", "Give one of the two deck definitions another id."),
        "TD302": Code(
            "a selected trial that does not exist",
            "Name trials by the ids of their records, as the message lists them.",
        ),
        "TD303": Code(
            "a division that divides nothing",
            "Let `subdecks` divide by something else than `split`, or write `subdecks: none`.",
        ),
        "TD304": Code("the project's settings twice", "Keep `project.yaml` and remove the other file."),
        "TD305": Code(
            "a deck map that does not fit the deck",
            "Name the note types and fields as the deck has them; `trialdeck import DECK` prints a map that fits.",
        ),
        "TD401": Code(
            "an empty section, or a record without questions",
            "Fill the section, or leave it until you can.",
            warning=True,
        ),
        "TD402": Code(
            "records say different things of one trial",
            "Make the statements agree; the trial's own record wins.",
            warning=True,
        ),
        "TD403": Code("an unfinished review", "Say who reviewed the record, and when.", warning=True),
        "TD404": Code("a result without numbers", "Add the numbers; until then it gives no card.", warning=True),
        "TD405": Code(
            "a backslash that makes a control character",
            "Use single quotes, where a backslash is a backslash: `'\\(\\alpha\\)'`.",
            warning=True,
        ),
        "TD406": Code(
            "a selection that no record meets", "Correct the word, or leave it until a record has it.", warning=True
        ),
        "TD407": Code(
            "a related trial under an id that it had before",
            "Write the trial's present id; it means the same trial.",
            warning=True,
        ),
        "TD408": Code(
            "a media file that no record uses", "Name it under `figures` of a record, or remove it.", warning=True
        ),
        "TD409": Code(
            "a figure that no card shows",
            "Give what it stands below a card: `cards: [summary]`, `card: true`, or its numbers.",
            warning=True,
        ),
        "TD410": Code(
            "a trial that no deck takes",
            "Give it a topic that a deck selects, or name it in `select` of a deck definition.",
            warning=True,
        ),
        "TD411": Code(
            "a picture that says where it was taken",
            "Packages and site do not say it; remove the location from the file before you share that.",
            warning=True,
        ),
        "TD413": Code(
            "a replacement that is retired itself", "Name the entry that replaces both of them.", warning=True
        ),
        "TD414": Code(
            "an entry that cites a retired result",
            "Check the numbers in its text, and cite the result that holds now.",
            warning=True,
        ),
        "TD415": Code("a dispute without a reason", "Say why under `reason`; the card shows it.", warning=True),
        "TD416": Code("a value that no card shows", "Write the value that it belongs to, or remove it.", warning=True),
        "TD417": Code(
            "a related trial that gives no card", "Say what it tested, or its primary endpoint.", warning=True
        ),
        "TD418": Code(
            "a retired related trial that stays",
            "Retire it in every record that names it; if it has a record of its own, retire the entries there.",
            warning=True,
        ),
        "TD419": Code(
            "a day that has not come",
            "Correct the day: an entry is reviewed or retired as soon as it says so.",
            warning=True,
        ),
        "TD420": Code(
            "a ledger with times after now",
            "Set the times back: `trialdeck ledger clamp`, or `trialdeck ledger rebuild` from all earlier packages.",
            warning=True,
        ),
        "TD421": Code(
            "markup that shows as it is typed",
            "Write it as the hint says: no HTML, pictures or headings.",
            warning=True,
        ),
        "TD422": Code(
            "a line that breaks in the middle of a sentence",
            "Write the sentence in one line, or start the text with `>-` instead of `|`.",
            warning=True,
        ),
        "TD423": Code(
            "lines that may be meant as a list, or as numbers",
            "Number the lines one after the other; write a minus sign before its number without a space.",
            warning=True,
        ),
        "TD424": Code(
            "a row of a table that has more cells than its head", r"Write a bar inside a cell as `\|`.", warning=True
        ),
        "TD425": Code(
            "text that YAML takes for a comment", "Put the whole text between quotes: `'Arm #2 won'`.", warning=True
        ),
        "TD426": Code(
            "a name that Windows keeps for a device",
            "Give it a longer one: a file called `con`, `nul` or `com1` cannot be on Windows.",
            warning=True,
        ),
        "TD430": Code(
            "a picture or sound without its description or licence",
            "Write under `alt` what it shows or says, and under `license` by what right it may be shared.",
            warning=True,
        ),
        "TD431": Code(
            "a comparison among more than two arms that names none",
            "Add `between:` with the names of the two arms that the estimate compares.",
            warning=True,
        ),
        "TD432": Code(
            "an estimate that does not fit its arms", "Compare the numbers and the order of the arms.", warning=True
        ),
        "TD433": Code(
            "a rate without its unit", "Say by what it is counted: `rate_unit: per 100 patient-years`.", warning=True
        ),
        "TD434": Code(
            "a margin on the side where it may not be meant",
            "Write the margin on the side of the worse values: `10` where more is worse, `-10` where less is.",
            warning=True,
        ),
        "TD441": Code(
            "a result that does not join those of other trials",
            "Give the results of one outcome the same `outcome` and the same measure in all records.",
            warning=True,
        ),
        "TD442": Code(
            "more trials than a card can show", "Give the trials narrower topics: a card shows eight.", warning=True
        ),
        "TD443": Code(
            "a section that is asked and not there", "Write the section, or take it out of `cards`.", warning=True
        ),
        "TD501": Code(
            "a guideline claim without a day",
            "Say as of when it is true: `as_of` in the review of the record or of the entry.",
            warning=True,
        ),
        "TD502": Code(
            "a review that is out of date", "Review it again: `trialdeck review`, or set another limit.", warning=True
        ),
        "TD503": Code(
            "a review that is older than the text", "Review it again: `trialdeck review` lays it open.", warning=True
        ),
        "TD504": Code(
            "a number that is in no result", "Add the result, or give the entry a source of its own.", warning=True
        ),
        "TD505": Code("a record without a source", "Add the citation, the DOI or the registry number.", warning=True),
        "TD506": Code("an ignore that ignores nothing", "Remove it, or correct its code or its line.", warning=True),
        "TD601": Code("two questions in one", "Make a question of each.", warning=True),
        "TD602": Code("a yes/no question", "Ask for what is to be known: which, how much, why.", warning=True),
        "TD603": Code("a front of more than 25 words", "Say it in fewer words, or make two cards of it.", warning=True),
        "TD604": Code(
            "an answer of more than 15 words in one piece",
            "Shorten it, make a list of it, or add cloze statements for its parts.",
            warning=True,
        ),
        "TD605": Code("more than two deletions in a statement", "Make two statements of it.", warning=True),
        "TD606": Code("a list without a count", "Say on the front how many points there are.", warning=True),
        "TD607": Code("an answer that the front gives away", "Ask without the words of the answer.", warning=True),
        "TD608": Code(
            "a front that does not name the trial", "Name it: the same is asked of other trials.", warning=True
        ),
        "TD609": Code("fronts that are nearly the same", "Say on both what makes them differ.", warning=True),
        "TD610": Code(
            "the same answer to like questions of two trials",
            "Add what tells them apart, or say that both are meant.",
            warning=True,
        ),
        "TD611": Code("an answer that says nothing", "Say on what it depends, or what is known.", warning=True),
        "TD612": Code("words that point outside the card", "Say who, or which: a card is seen alone.", warning=True),
        "TD613": Code("a confidence interval without its level", "Write `95% CI`, or `ci_level: 95`.", warning=True),
        "TD614": Code(
            "a P value near its limit without its number of sides",
            "Write `(two-sided)` or `(one-sided)`.",
            warning=True,
        ),
        "TD615": Code(
            "a time-to-event result without a data cut", "Add the analysis or the date as `data_cut`.", warning=True
        ),
        "TD616": Code("a fact that two cards ask", "Let one card ask it, and remove the other.", warning=True),
        "TD617": Code(
            "more than eight core cards of one trial",
            "Choose what everybody should know; leave `core` out elsewhere.",
            warning=True,
        ),
        "TD621": Code(
            "a mean or percentage without its time point",
            "Say when it was measured: `timepoint: Week 12`.",
            warning=True,
        ),
        "TD622": Code(
            "a result without its population",
            "Say who was analysed: `population: Intention to treat`.",
            warning=True,
        ),
        "TD623": Code(
            "two results of one outcome that are not told apart",
            "Say which analysis each is: `analysis: primary`.",
            warning=True,
        ),
    }
)
