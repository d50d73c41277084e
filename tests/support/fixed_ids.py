"""The ids and names of note types, fields and templates, and some guids, as learners have them: fixed for good.

With another name, order or id every learner would get a second note type, or a second note, and the notes that they
have would never be updated again. These are the note types 1.0: no line here ever changes.
"""

from collections.abc import Mapping

NOTE_TYPES: Mapping[str, tuple[int, Mapping[str, int], Mapping[str, int]]] = {
    "Trialdeck Question": (
        1763853001001,
        {
            "Question": 5300100000000001,
            "Response": 5300100000000002,
            "Picture": 5300100000000003,
            "Trial": 5300100000000004,
            "Citation": 5300100000000005,
            "Perspective": 5300100000000006,
            "Audience": 5300100000000007,
            "Source": 5300100000000008,
            "Review": 5300100000000009,
            "About": 5300100000000010,
            "Report": 5300100000000011,
            "Retired": 5300100000000012,
            "Extra": 5300100000000013,
            "Key": 5300100000000014,
            "Link": 5300100000000015,
            "Spare": 5300100000000016,
        },
        {"Question → Response": 5300190000000001},
    ),
    "Trialdeck Cloze": (
        1763853002001,
        {
            "Text": 5300200000000001,
            "Back": 5300200000000002,
            "Picture": 5300200000000003,
            "Trial": 5300200000000004,
            "Citation": 5300200000000005,
            "Perspective": 5300200000000006,
            "Audience": 5300200000000007,
            "Source": 5300200000000008,
            "Review": 5300200000000009,
            "About": 5300200000000010,
            "Report": 5300200000000011,
            "Retired": 5300200000000012,
            "Extra": 5300200000000013,
            "Key": 5300200000000014,
            "Link": 5300200000000015,
            "Spare": 5300200000000016,
        },
        {"Cloze": 5300290000000001},
    ),
    "Trialdeck Trial": (
        1763853003001,
        {
            "Name": 5300300000000001,
            "Title": 5300300000000002,
            "Tested": 5300300000000003,
            "Population": 5300300000000004,
            "Comparator": 5300300000000005,
            "Endpoint": 5300300000000006,
            "Summary": 5300300000000007,
            "Picture": 5300300000000008,
            "Source": 5300300000000009,
            "Review": 5300300000000010,
            "About": 5300300000000011,
            "Report": 5300300000000012,
            "Retired": 5300300000000013,
            "Extra": 5300300000000014,
            "Key": 5300300000000015,
            "Citation": 5300300000000016,
            "Link": 5300300000000017,
            "Spare": 5300300000000018,
        },
        {
            "Trial → What was tested": 5300390000000001,
            "What was tested → Trial": 5300390000000002,
            "Trial → Endpoint": 5300390000000003,
        },
    ),
}
GUIDS: Mapping[str, str] = {
    "dawn-1/trial": "3NFGzji01vdrRf--C38F",
    "dawn-1/summary": "D0qQ-1aO6FtyuVLO_Hmq",
    "dawn-1/key-findings": "Vvz4n0tSYFnDyxbhH6mE",
    "dawn-1/key-findings/points": "jzSZ1T3KUGgPnJVTKwXk",
    "dawn-1/key-findings/relapse/cloze/delay": "AlPd7rEHc77XKBNJpsl6",
    "dawn-1/result/rfs": "mcoEkeZQz3dqMNdaGnYA",
    "dawn-1/question/why": "tcVlg7L-Wc597FtT_g5M",
    "dawn-1/takeaway/start": "gCCtt035svyT6schJizY",
    "dusk-2/trial": "puENquuj724b5pEBU-Nw",
}
