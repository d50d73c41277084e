"""Several files of one trial make one record: by a number, or else by the trial's name; nothing they say is lost."""

import re
from collections.abc import Mapping
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from studies import NCT, as_file, study
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import Drafted, drafts_of

NUMBER = f"# DAWN-1\n\n{NCT}\n"
PARTS = {
    "Bottom Line": "It works well in most patients.",
    "Background": "Dawnase is overactive.",
    "Population": "Adults",
    "Design": "Twelve centres",
    "Limitations": "It was small.",
    "Questions": "Q: Why does dawnol work?\nA: It blocks dawnase.",
}
SECOND = {
    "Bottom Line": "It was safe, too.",
    "Background": "Few drugs exist.",
    "Population": "Children",
    "Design": "Ten years",
    "Limitations": "It was short.",
    "Clinical Implications": "Give it early.",
    "Questions": "Q: Who was studied?\nA: Adults were.",
}


def notes(parts: Mapping[str, str], start: str = NUMBER) -> str:
    return start + "".join(f"\n## {heading}\n\n{text}\n" for heading, text in parts.items())


def drafted(**files: str | bytes) -> list[Drafted]:
    contents = {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    return drafts_of([read_material(content, name) for name, content in contents.items()])


def seen(made: Drafted) -> str:
    """Return all that a record says, comments too, and all that is listed beside it, without line breaks."""
    listed = " ".join(f"{notice.message} {notice.text}" for notice in made.draft.notices)
    return re.sub(r"[\s#]+", " ", f"{made.draft.text} {listed}")


def data_of(made: Drafted) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(made.draft.text)
    return data


def test_two_files_of_notes_add_up_and_the_first_counts_where_there_is_one_line() -> None:
    (made,) = drafted(first=notes(PARTS), second=notes(SECOND))
    data = data_of(made)
    assert made.names == ("first", "second")
    assert data["summary"] == "It works well in most patients.\n\nIt was safe, too."
    assert data["population"] == "Adults"
    assert "# second: Children" in made.draft.text
    assert [point["text"] for point in data["limitations"]] == ["It was small.", "It was short."]
    assert [pair["response"] for pair in data["questions"]] == ["It blocks dawnase.", "Adults were."]
    order = [name for name in data if name in {"population", "summary", "significance", "limitations", "questions"}]
    assert order == ["population", "summary", "significance", "limitations", "questions"]


def test_a_study_takes_all_notes_of_its_trial() -> None:
    (made,) = drafted(study=as_file(study()), first=notes(PARTS), second=notes(SECOND))
    data = data_of(made)
    assert made.names == ("study", "first", "second")
    assert data["population"] == "Adults"
    assert len(data["questions"]) == len(data["limitations"]) == 2
    files = {notice.place.partition(",")[0] for notice in made.draft.inferred}
    assert {"first", "second"} <= files


def test_notes_without_a_number_join_by_the_name_of_the_trial_and_say_so() -> None:
    data = study()
    data["protocolSection"]["identificationModule"]["acronym"] = "DAWN-1"
    (made,) = drafted(study=as_file(data), own=notes(PARTS, "# DAWN-1\n"))
    (said,) = [notice for notice in made.draft.inferred if notice.message.startswith("trial:")]
    assert (said.text, said.place) == ("DAWN-1", "own, line 1")


def test_a_name_joins_nothing_where_the_numbers_differ() -> None:
    data = study(nct="NCT07654321")
    data["protocolSection"]["identificationModule"]["acronym"] = "DAWN-1"
    assert len(drafted(study=as_file(data), own=notes(PARTS))) == 2


def test_the_notes_name_a_trial_that_has_no_acronym_in_the_registry() -> None:
    data = study()
    data["protocolSection"]["identificationModule"].pop("acronym", None)
    (made,) = drafted(study=as_file(data), own=notes(PARTS))
    assert data_of(made)["acronym"] == "DAWN-1"
    assert any(notice.message.startswith("acronym: ") and notice.text == "DAWN-1" for notice in made.draft.inferred)


@given(st.lists(st.dictionaries(st.sampled_from(sorted({*PARTS, *SECOND})), st.integers(0, 99), min_size=1),
                min_size=2, max_size=4), st.booleans())  # fmt: skip
def test_no_line_of_any_file_is_lost(files: list[dict[str, int]], has_study: bool) -> None:
    filled = [{"Questions": 1} | parts for parts in files]
    texts = {
        f"file{index}": notes({heading: sentence(heading, index, number) for heading, number in parts.items()})
        for index, parts in enumerate(filled)
    }
    (made,) = drafted(**({"study": as_file(study())} if has_study else {}), **texts)
    everything = seen(made)
    for text in texts.values():
        for line in filter(None, text.split("\n")):
            assert line.startswith("#") or re.sub(r"^[QA]: ", "", line) in everything


def sentence(heading: str, index: int, number: int) -> str:
    words = f"alpha{index} beta{number}"
    return f"Q: Why {words}?\nA: Because {words}." if heading == "Questions" else f"Mostly {words} here."
