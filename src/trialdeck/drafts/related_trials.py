"""Read the related trials of a page: name, intervention, population, comparator and endpoint."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from trialdeck.drafts.headings import LABELS, label_of
from trialdeck.drafts.lines import Notice, PageLine
from trialdeck.records.model import Statement

_LONGEST_NAME = 120
# `ASPIRE Trial`, `CheckMate 067 study (2015)`: the value of a label never looks like this.
_NAME = re.compile(r"(?:the\s+)?(?:[A-Z0-9(]\S*\s+){1,4}(?:[Tt]rial|[Ss]tudy|TRIAL|STUDY)(?:\s+\([^()]*\))?")
_ACRONYM = re.compile(r"(?=[^\W_]*[A-Z][^\s_]*[A-Z0-9])\S+(?:\s+\S{1,12}){0,2}", re.ASCII)
_ORDER = {label: rank for rank, label in enumerate(LABELS)}


class PageTrial(msgspec.Struct, frozen=True):
    """A related trial of a page, in plain text, and its lines."""

    name: str
    statement: Statement
    lines: tuple[PageLine, ...]


def read_related(lines: Sequence[PageLine]) -> tuple[list[PageTrial], list[Notice]]:
    """Return the related trials, and notices of the lines that belong to no trial."""
    reader = _Reader()
    runs = list(_runs(lines))
    for run, following in zip(runs, [*(run.label for run in runs[1:]), ""], strict=True):
        reader.take(run, following)
    trials = [_page_trial(trial.name, trial) for trial in reader.trials if trial.name]
    nameless = [line for trial in reader.trials if not trial.name for line in trial.lines]
    message = "no related trial belongs to this line"
    return trials, [Notice(line.number, message, line.text) for line in (*reader.strays, *nameless)]


class _Trial(msgspec.Struct):
    name: PageLine | None
    values: dict[str, list[PageLine]] = msgspec.field(default_factory=dict)
    lines: list[PageLine] = msgspec.field(default_factory=list)


class _Run(msgspec.Struct):
    """A label, its line and the values up to the next label; the first `sure` values stand on the label's own line."""

    label: str = ""
    above: tuple[PageLine, ...] = ()
    lines: list[PageLine] = msgspec.field(default_factory=list)
    sure: int = 0


def _runs(lines: Sequence[PageLine]) -> Iterator[_Run]:
    run = _Run()
    for line in lines:
        label = label_of(line.text)
        if label is None:
            run.lines.append(line)
            continue
        yield run
        name, value = label
        run = _Run(name, (line,), [PageLine(line.number, value)] if value else [], sure=int(bool(value)))
    yield run


class _Reader(msgspec.Struct):
    """Separates names from values: a name stands above the label that starts the next trial."""

    trials: list[_Trial] = msgspec.field(default_factory=list)
    strays: list[PageLine] = msgspec.field(default_factory=list)

    def take(self, run: _Run, following: str) -> None:
        if run.label and (not self.trials or run.label in self.trials[-1].values):
            self.trials.append(_Trial(None))
        names = self.names(run, following)
        end = names[0] if names else len(run.lines)
        if run.label:
            self.trials[-1].values[run.label] = run.lines[:end]
            self.trials[-1].lines += (*run.above, *run.lines[run.sure : end])
        else:
            self.strays += run.lines[:end]
        for index in range(end, len(run.lines)):
            if index in names:
                self.trials.append(_Trial(run.lines[index]))
            else:
                self.strays.append(run.lines[index])

    def names(self, run: _Run, following: str) -> list[int]:
        """Return the indices of the lines of a run that are names."""
        candidates = range(run.sure, len(run.lines))
        names = [index for index in candidates if _is_name(run.lines[index].text, alone=not run.label)]
        last = len(run.lines) - 1
        may_name = last in candidates and last not in names and (not names or _is_acronym(run.lines[last].text))
        if following and may_name and self.starts_trial(run, following):
            names.append(last)
        return names

    def starts_trial(self, run: _Run, following: str) -> bool:
        """Whether the next label cannot belong to the trial that is being read, so that another trial starts."""
        if not run.label or following == run.label or following in self.trials[-1].values:
            return True
        # Labels out of their usual order start another trial, unless a single value stands between them.
        backward = _ORDER[following] < _ORDER[run.label]
        return backward and (len(run.lines) > 1 or _is_acronym(run.lines[-1].text))


def _is_name(text: str, *, alone: bool) -> bool:
    if len(text) > _LONGEST_NAME:
        return False
    return bool(_NAME.fullmatch(text)) or (alone and _is_acronym(text))


def _is_acronym(text: str) -> bool:
    return len(text) <= _LONGEST_NAME and bool(_ACRONYM.fullmatch(text)) and not text.endswith((".", ":", ";"))


def _page_trial(name: PageLine, trial: _Trial) -> PageTrial:
    values = {label: " ".join(line.text for line in lines) for label, lines in trial.values.items()}
    return PageTrial(
        name.text, Statement(**values), (name, *(line for lines in trial.values.values() for line in lines))
    )
