"""The instructions at the start of every workbook and every folder of CSV files."""

GUIDE_SHEET = "Instructions"
"""The name of the sheet with the instructions."""
GUIDE = (
    "How to fill in these sheets",
    "",
    "Trials: one row a trial. Its id is a short name in small letters, digits and hyphens: tourmaline-mm1.",
    "Questions: one row a question with its response; each becomes a flashcard.",
    "Items: one row a key finding, a point of the study design, or a limitation; the column 'section' says which.",
    "Results: one row an endpoint in numbers. Type numbers as published: 0.70 keeps its zero.",
    "Related: one row another trial to know beside this one.",
    "Takeaways: one row what a role should take from the trial.",
    "",
    "The column 'trial' names the trial that a row belongs to: the id in the sheet Trials.",
    "The column 'id' is a short name of the row, for ever: learners' progress hangs on it.",
    "To give a row another id, write the old one into its column 'formerly'.",
    "Every column explains itself: rest the pointer on its name. Yellow columns are needed in every row.",
    "",
    "Several words in a cell are separated by commas: student, fellow.",
    "cloze: one statement a line, each with an id of its own. Double braces hide what is to be recalled:",
    "    cereblon: Lenalidomide binds {{c1::cereblon}}.",
    "    Further lines of a statement start with two spaces.",
    "arms: one arm a line, the experimental arm first:",
    "    IRd | n=360 | median=20.6",
    "    placebo-Rd | n=362 | median=not reached",
    "    An interval of an arm has two bounds: low dose | n=120 | mean=-12.4 | ci=-14.1 to -10.7",
    "    A bar within a name is written \\|, a backslash \\\\.",
    "between: the two arms that the estimate compares, one a line.",
    "Dates are YEAR-MONTH-DAY: 2016-11-01.",
    "Texts are Markdown: **bold**, *italic*, - for a list. A new line in a cell: Alt+Enter.",
    "",
    "You may sort and filter rows, hide columns, and add columns of your own, which are not imported.",
    "Leave the names of sheets and columns as they are.",
    "A sheet of many rows goes on in a further one, such as 'Questions part 2': keep all of its parts.",
    "A row that you delete stays in the records, unless whoever imports the sheets wants it removed.",
    "An emptied cell removes what stood there. Pictures are not in the sheets; they stay as they are.",
)
"""One paragraph a line; the first is the heading."""
