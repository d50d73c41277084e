"""Whatever a model returns: no crash, and every word is in a record, or in what is listed."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from matrices import examples
from trialdeck.cli.output.problems import drafted_text
from trialdeck.core.errors import TrialdeckError
from trialdeck.drafts.kinds import read_material
from trialdeck.drafts.materials import Drafted, drafts_of
from trialdeck.drafts.model_output import names
from trialdeck.records.load import load_record_text

KNOWN = sorted(
    {*names.QUESTION, *names.RESPONSE, *names.CLOZE, *names.CARDS, *names.FACTS, *names.SOURCE, *names.ENTRY}
    | {*names.OPTIONS, *names.EXPLANATION, *names.WRAPPERS, *names.TRIAL, "title", "key_findings", "related_trials"}
    | {"results", "review", "id", "perspective", "audience", "cloze", "takeaways", "design", "topics", "fields", "x y"}
)
NAMES = st.sampled_from(KNOWN) | st.text("abcAB _", max_size=6)
TOKENS = st.integers(100_000, 999_999).map(lambda number: f"w{number}")
LEAVES = TOKENS | TOKENS.map(lambda word: f"see {{{{c1::{word}}}}}") | TOKENS.map(lambda word: f"Is it {word}?")
ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)


def tree(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves, lambda part: st.lists(part, max_size=4) | st.dictionaries(NAMES, part, max_size=5), max_leaves=12
    )


def tokens(value: Any) -> set[str]:
    return {word for word in "".join(c if c.isalnum() else " " for c in json.dumps(value)).split() if len(word) == 7}


@settings(max_examples=examples(50), deadline=None)
@given(st.dictionaries(NAMES, tree(LEAVES), max_size=6))
def test_nothing_is_lost_untold(output: dict[str, Any]) -> None:
    output = {"title": "DAWN-1", "cards": [{"q": "What is w100000?", "a": "It is w100001."}], **output}
    drafted = drafts_or_hint(json.dumps(output))
    assert drafted
    told = (
        ""
        if isinstance(drafted, str)
        else "\n".join(line for each in drafted for line in (each.draft.text, *drafted_text(each, "")))
    )
    if told and "…" not in told:
        lost = sorted(word for word in tokens(output) if word[0] == "w" and word not in told)
        assert lost == [], told


@settings(max_examples=examples(50), deadline=None)
@given(tree(ODD) | st.dictionaries(NAMES, tree(ODD), max_size=6))
def test_any_json_is_a_record_or_refused_with_what_to_do(output: Any) -> None:
    text = json.dumps({"title": "DAWN-1", **output} if isinstance(output, dict) else output)
    check_text(text)


@settings(max_examples=examples(50), deadline=None)
@given(tree(LEAVES | ODD), st.text('{}[]",:\\`\n ', max_size=6), st.integers(0, 2000))
def test_broken_json_is_a_record_or_refused_with_what_to_do(output: Any, noise: str, at: int) -> None:
    text = json.dumps({"title": "DAWN-1", "cards": output})
    check_text(f"{text[: at % len(text)]}{noise}{text[at % len(text) :]}")
    check_text(text[: at % len(text)])


def check_text(text: str) -> None:
    drafted = drafts_or_hint(text)
    assert drafted
    for each in [] if isinstance(drafted, str) else drafted:
        assert load_record_text(each.draft.text.encode(), "x").document is not None


def drafts_or_hint(text: str) -> list[Drafted] | str:
    try:
        return drafts_of([read_material(text.encode("utf-8", "replace"), "cards.json")])
    except TrialdeckError as error:
        return error.hint
