"""Mutations of records that a schema can decide: what stands in the place of a value, or beside the others."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml

Path = tuple[str | int, ...]

_Q: Path = ("questions", 0)
_R: Path = ("results", 0)
_F: Path = ("key_findings", 0)
_T: Path = ("related_trials", 0)
_A: Path = ("takeaways", 0)
_ARM: Path = (*_R, "arms", 0)


class Mutation(NamedTuple):
    """The path of a value, and the YAML that takes its place; None removes the property."""

    path: Path
    yaml: str | None

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))}={self.yaml}"


def _of(path: Path, *values: str | None) -> Iterator[Mutation]:
    return (Mutation(path, value) for value in values)


REFUSED: Sequence[Mutation] = tuple(
    mutation
    for path, values in (
        (("format",), ("2", "'1'", "one", "~", None, "1.5", "[1]", "true")),
        (("id",), ("TOURMALINE", "a_b", "a--b", "-a", "a b", "~", None, f"{'a' * 81}", "[a]", "-5")),
        (("title",), ("''", "' '", "~", None, "[a]", "{a: b}")),
        (("acronym",), ("'A: B'", "a*b", "[A]", "'A '", f"{'A' * 81}")),
        (("unknown",), ("1",)),
        (("source",), ("text", "[a]", "{pmid: 1}")),
        (("source", "doi"), ("https://doi.org/10.1056/x", "10.1/x", "10.1056", "10.1056/", "doi:10.1056/x")),
        (("source", "registry"), ("NCT1", "nct01564537", "1234", "NCT01564537x")),
        (("source", "url"), ("www.example.org", "'ftp://a'", "'https://a b'", "5")),
        (("topics",), ("relapse", "[A]", "[a, a]", "[[a]]", "[~]", "{a: b}", "5", "[a b]")),
        (("summary",), ("[a]", "{a: b}")),
        (("language",), ("German", "de_DE", "5", "true", "''", "[de]", "de-", "d")),
        (("questions",), ("text", "{}", "[a]", "[~]")),
        ((*_Q, "id"), (None, "Why", "''", "~")),
        ((*_Q, "perspective"), ("Clinical", "clinic", "~", None, "[clinical]", "1")),
        ((*_Q, "audience"), ("fellow", "[fellow, fellow]", "[nurse]", "[1]")),
        ((*_Q, "question"), ("''", None, "[a]", '"\\n"')),
        ((*_Q, "respond"), ("a",)),
        ((*_Q, "guid"), ("'a b'", "'é'", f"{'a' * 65}")),
        ((*_Q, "cloze"), ("text", "[a]", "{A b: c}", "{a: ''}", "{a: ~}", "{a: [b]}")),
        ((*_Q, "review"), ("{status: checked}", "{on: 20160101}", "{on: 2019-02-29}", "{on: 2016-1-1}", "reviewed")),
        ((*_Q, "retired"), ("{on: 2026-01-01}", "{reason: a}", "{on: soon, reason: a}", "true")),
        ((*_R, "estimate"), ("'0.70'", "0.70 (95% CI)", "[1]", "1_000", "'0,7'", "<1", "yes")),
        ((*_R, "ci"), ("0.5", "[0.5]", "[0.5, 0.6, 0.7]", "[a, b]", "['0.5', '0.6']", "0.5-0.6")),
        ((*_R, "ci_level"), ("0.95", "100", "49.9", "95%", "'95'", "-95")),
        ((*_R, "measure"), ("hazard", "HR", "Hazard ratio", "1", "[hazard ratio]")),
        ((*_R, "p"), ("[0.01]", "{a: b}")),
        ((*_R, "arms"), ("a", "[a]", "[{n: 5}]", "[{name: ''}]", "[{name: a, m: 5}]")),
        ((*_ARM, "n"), ("0", "-5", "100.5", "'100'", "many", "9999999999999999999", "1e10")),
        ((*_ARM, "events"), ("-1", "1.5", "'3'")),
        ((*_ARM, "median"), ("NR", "-1", "'20.6'", "Not reached", "true", "[1]")),
        ((*_ARM, "percent"), ("101", "-1", "50%", "'50'")),
        ((*_F, "text"), ("''", None)),
        ((*_F, "figures"), ("[{file: a.png}]", "[a]", "[{file: a.png, alt: '', license: b}]")),
        ((*_T, "name"), ("''", None, "~")),
        ((*_A, "specialties"), ("[A B]", "a")),
        ((*_A, "text"), (None, "' '")),
    )
    for mutation in _of(path, *values)
)  # fmt: skip
"""What `check` refuses for its form."""

TAKEN: Sequence[Mutation] = tuple(
    mutation
    for path, values in (
        (("format",), ("1.0", "+1", "1e0", "01")),
        (("id",), ("2016", "4s", "a-1", f"{'a' * 80}", "007")),
        (("title",), ("2016", "1.10", "true", "-5", "1e3", "'0.5'", "2016-11-01", "yes", "a  # b")),
        (("acronym",), ("~", None, "2016", "4S", "1.5", "false", f"{'A' * 80}")),
        (("source",), ("~", "{}", None, "{citation: 2016}")),
        (("source", "doi"), ("10.1056/x", "~", "10.1000/(SICI)1")),
        (("topics",), ("~", "[]", "[2016]", "[a, 2016, true]", "[0]")),
        (("summary",), ("~", "5", "0.5", "''", "no")),
        (("language",), ("de", "ar", "no", "pt-BR", "zh-Hans-CN", "~")),
        (("endpoint",), ("5", "-0.5", "on")),
        ((*_Q, "id"), ("5", "a")),
        ((*_Q, "audience"), ("~", "[]")),
        ((*_Q, "question"), ("5", "0.10", "true")),
        ((*_Q, "guid"), ("5", "1.5", "'p3Q%8Y|x]}'")),
        ((*_Q, "cloze"), ("~", "{}", "{a: 5}", "{'2016': b}")),
        ((*_Q, "review"), ("~", "{status: ~}", "{on: 2016-11-01, by: 5}", "{reason: 0.5}")),
        ((*_Q, "retired"), ("{on: 2026-01-01, reason: 5}", "{on: 2026-01-01, reason: a, instead: 7}")),
        ((*_R, "estimate"), ("0.70", "-1", "+1.5", ".5", "5.", "1e-3", "~", "007", "100")),
        ((*_R, "ci"), ("[0.5, 1]", "~", "[-1e3, 2]")),
        ((*_R, "ci_level"), ("50", "95.0", "99.9", "~")),
        ((*_R, "measure"), ("~", "odds ratio")),
        ((*_R, "p"), ("0.01", "0", "'<0.001'", "1e-5", "~", "<0.001", "true")),
        ((*_R, "unit"), ("5", "months")),
        ((*_ARM, "name"), ("5", "7.3", "true")),
        ((*_ARM, "n"), ("100.0", "1e2", "1", "~", "+5")),
        ((*_ARM, "events"), ("0", "10.0", "~")),
        ((*_ARM, "median"), ("20.6", "not reached", "~", "0")),
        ((*_ARM, "percent"), ("0", "100.0", "~", "78")),
        ((*_T, "tested"), ("5", "~")),
        ((*_A, "specialties"), ("[2016]", "~")),
    )
    for mutation in _of(path, *values)
)  # fmt: skip
"""What `check` takes."""


def mutated(text: str, mutation: Mutation) -> str | None:
    """The text of a record with a mutation; None if the record has no place for it."""
    parent = _node(yaml.compose(text, Loader=yaml.CSafeLoader), mutation.path[:-1])
    if parent is None:
        return None
    name = str(mutation.path[-1])
    places = [key.value for key, _ in parent.value]
    if name in places:
        place = places.index(name)
        start, end = _extent(text, parent.value[place][1])
        return f"{text[:start]}{mutation.yaml}{text[end:]}" if mutation.yaml else _without(text, parent, place)
    if mutation.yaml is None:
        return None
    start = parent.start_mark.index
    if parent.flow_style:
        return f"{text[: start + 1]}{name}: {mutation.yaml}, {text[start + 1 :]}"
    return f"{text[:start]}{name}: {mutation.yaml}\n{' ' * parent.start_mark.column}{text[start:]}"


def _node(root: Any, path: Path) -> Any:
    """The mapping at a path; None if the record has none there."""
    for part in path:
        if isinstance(part, str):
            root = next((value for key, value in root.value if key.value == part), None)
        else:
            root = root.value[part] if part < len(root.value) else None
        if root is None:
            return None
    return root


def _extent(text: str, value: Any) -> tuple[int, int]:
    """Where a value starts and ends, without the blank lines behind a block."""
    start, end = value.start_mark.index, value.end_mark.index
    return start, start + len(text[start:end].rstrip())


def _without(text: str, parent: Any, place: int) -> str:
    key, value = parent.value[place]
    start, end = key.start_mark.index, _extent(text, value)[1]
    if place + 1 < len(parent.value):
        return text[:start] + text[parent.value[place + 1][0].start_mark.index :]
    return text[:start].rstrip(", \n") + text[end:]
