"""Read what a language model returned: records, lists of records, and generic cards, however they are wrapped."""

from collections.abc import Mapping
from typing import Any

from trialdeck.drafts.model_output.cards import is_card, parts_of, read_card
from trialdeck.drafts.model_output.content_schema import content_schema
from trialdeck.drafts.model_output.entries import read_entries
from trialdeck.drafts.model_output.json_text import ModelText
from trialdeck.drafts.model_output.names import (
    CARDS,
    FACTS,
    PICO,
    SOURCE,
    TRIAL,
    WRAPPERS,
    key_of,
    reason_withheld,
)
from trialdeck.drafts.model_output.sources import read_source, read_source_part
from trialdeck.drafts.model_output.trials import ModelOutput, ModelTrial, join, merged, without_repeats
from trialdeck.drafts.model_output.values import STATED, Findings, Fitter, Path, fits, is_nothing
from trialdeck.records.model import Audience, Perspective
from trialdeck.records.schema import load_schema
from trialdeck.records.sections import QUESTIONS

_DEEPEST = 12
_FORMAT = "1"
"""The version of a record, as JSON with numbers for texts has it."""


def read_output(text: ModelText) -> ModelOutput:
    """Return what is in a model's output; what is not, and what was repaired, is listed."""
    findings = Findings(repaired=list(text.repaired), not_taken=list(text.not_taken))
    reader = _Reader(findings)
    for value in text.values:
        path: Path = ()
        reader.value(value, path, reader.loose, 0)
    return reader.output()


class _Reader:
    """Walks through a model's output; `trials` are those that it names, `loose` has what names none."""

    def __init__(self, findings: Findings) -> None:
        self.findings, self.fitter = findings, Fitter(findings)
        self.schema = content_schema()["properties"]
        self.trials: list[ModelTrial] = []
        self.loose = ModelTrial()
        self.named_by_cards: dict[str, ModelTrial] = {}
        self.titles: list[tuple[Path, str, Any]] = []

    def output(self) -> ModelOutput:
        for trial in [trial for trial in self.trials if not trial.is_named]:
            self.trials.remove(trial)
            join(trial, self.loose, self.findings)
        if self.loose.is_named:
            self.trials.insert(0, self.loose)
            self.loose = ModelTrial()
        elif len({text for _, text, _ in self.titles}) == 1 and not self.trials:
            path, text, _ = self.titles[0]
            self.loose.facts["title"] = text
            self.findings.infer(path, "title: all cards name it", text)
            self.trials, self.loose, self.titles = [self.loose], ModelTrial(), []
        for path, _, value in self.titles:
            self.findings.leave(path, "'title' has no place in a card", value, group="title")
        trials = list(merged(self.trials, self.findings))
        for trial in (*trials, self.loose):
            without_repeats(trial, self.findings)
        return ModelOutput(tuple(trials), self.loose, self.findings)

    def value(self, value: Any, path: Path, trial: ModelTrial, depth: int) -> None:
        """Read a value about a trial, of which nothing else is known."""
        if is_nothing(value):
            return
        if depth > _DEEPEST:
            self.findings.leave(path, "nested too deeply", value)
        elif is_card(value):
            self.card(value, path, trial)
        elif isinstance(value, list):
            self.listed(value, path, trial, depth)
        elif isinstance(value, Mapping):
            self.mapping(value, path, trial, depth)
        else:
            self.findings.leave(path, "no card, and no part of a record", value)

    def listed(self, values: list[Any], path: Path, trial: ModelTrial, depth: int) -> None:
        """Read a list of cards or of records; each record is a trial of its own."""
        if path and len(values) == 2 and all(isinstance(each, str) for each in values) and not is_card(values[0]):
            self.card(values, path, trial)
            return
        for index, each in enumerate(values):
            where = (*path, index)
            if isinstance(each, Mapping) and not is_card(each) and self.names_trial(each):
                own = ModelTrial(where)
                self.trials.append(own)
                self.mapping(each, where, own, depth + 1)
            else:
                self.value(each, where, trial, depth + 1)

    def names_trial(self, value: Mapping[str, Any]) -> bool:
        """Tell whether an object is a record: it has a title, or what only records have."""
        names = {key_of(name) for name in value}
        names |= {key_of(name) for part in value.values() if isinstance(part, Mapping) for name in part}
        return bool(names & {"title", "acronym", *TRIAL, "nct", "nct_id", "registry", "doi"})

    def mapping(self, value: Mapping[str, Any], path: Path, trial: ModelTrial, depth: int) -> None:
        """Read the parts of an object: facts, sections, cards, and what wraps them."""
        if value and all(name.rstrip().endswith("?") and isinstance(part, str) for name, part in value.items()):
            for name, part in value.items():
                self.card({"question": name, "response": part}, (*path, name), trial)
            return
        for key, (name, part) in parts_of(value, path, self.fitter).items():
            if not is_nothing(part):
                self.part(key, part, (*path, name), trial, depth)

    def part(self, key: str, value: Any, path: Path, trial: ModelTrial, depth: int) -> None:
        own = PICO.get(key, "") if "pico" in {key_of(str(name)) for name in path[:-1]} else ""
        own = own or (key if key in self.schema else FACTS.get(key, ""))
        is_whole = isinstance(value, (list, Mapping))
        # Cards below `reviewer` are for that perspective; a text there says who reviewed.
        is_perspective = key in set(Perspective) and is_whole
        if not own and not is_perspective and (reason := reason_withheld(key)):
            self.findings.leave(path, reason, value, group="ids" if "ids" in reason else "")
        elif key in SOURCE:
            read_source_part(key, value, path, trial, self.fitter)
        elif key in CARDS:
            self.cards(value, path, trial, depth)
        elif key in WRAPPERS and is_whole:
            self.value(value, path, trial, depth + 1)
        elif key in TRIAL and isinstance(value, Mapping):
            self.mapping(value, path, trial, depth + 1)
        elif own:
            self.fact(own, value, path, trial)
        elif key == "format" and value == _FORMAT:
            self.findings.placed += 1
        elif is_whole and self.holds_content(value):
            self.named(key, value, path, trial, depth)
        else:
            self.findings.leave(path, "no place in a record", value)

    def holds_content(self, value: Any) -> bool:
        """Tell whether a value below an unknown name holds cards, or a record."""
        if isinstance(value, list):
            return any(is_card(each) for each in value)
        names = {key_of(name) for name in value}
        return bool(names & (CARDS | {"title", "acronym"})) or is_card(value)

    def named(self, key: str, value: Any, path: Path, trial: ModelTrial, depth: int) -> None:
        """Read cards below a heading, or a record below its name."""
        if isinstance(value, Mapping) and not is_card(value):
            own = ModelTrial(path, {"acronym": self.fitter.text(str(path[-1]), path, inline=True)})
            self.trials.append(own)
            self.mapping(value, path, own, depth + 1)
            return
        perspective = key if key in set(Perspective) else ""
        audience = key.removesuffix("s") if key.removesuffix("s") in set(Audience) else ""
        self.findings.repair(path, "cards below a heading of their own became questions")
        for index, each in enumerate(value if isinstance(value, list) else [value]):
            given = {"perspective": perspective} if perspective else {"audience": [audience]} if audience else {}
            self.card(given | each if isinstance(each, dict) else each, (*path, index), trial)

    def cards(self, value: Any, path: Path, trial: ModelTrial, depth: int) -> None:
        """Read a list of cards, or an object that has them by number."""
        if isinstance(value, Mapping) and not is_card(value):
            if all(isinstance(part, str) for part in value.values()):
                for name, part in value.items():
                    self.card({"question": name, "response": part}, (*path, name), trial)
                return
            self.findings.repair(path, "an object became a list")
            for name, part in value.items():
                self.value(part, (*path, name), trial, depth + 1)
            return
        if not isinstance(value, list):
            self.findings.repair(path, "a card alone became a list")
            value = [value]
        for index, each in enumerate(value):
            where = (*path, index)
            if isinstance(each, Mapping) and not is_card(each) and self.holds_content(each):
                self.mapping(each, where, trial, depth + 1)
            elif not is_nothing(each):
                self.card(each, where, trial)

    def card(self, value: Any, path: Path, trial: ModelTrial) -> None:
        """Read a card, for the trial that it names or for the one around it."""
        if isinstance(value, Mapping):
            value = dict(value)
            trial = self.trial_of(value, path, trial)
            for name in [name for name in value if key_of(name) == "title" and not is_nothing(value[name])]:
                self.titles.append(((*path, name), str(value[name]).strip(), value.pop(name)))
        read = read_card(value, path, self.fitter)
        if read:
            trial.add(*read)

    def trial_of(self, card: dict[str, Any], path: Path, around: ModelTrial) -> ModelTrial:
        name = next((name for name in card if key_of(name) in TRIAL and not is_nothing(card[name])), "")
        if not name:
            return around
        value = card.pop(name)
        if isinstance(value, Mapping):
            own = ModelTrial((*path, name))
            self.mapping(value, (*path, name), own, _DEEPEST)
        else:
            text = self.fitter.text(value, (*path, name), inline=True)
            if not text:
                return around
            own = ModelTrial((*path, name), {"acronym": text})
        if own.names & around.names or own.identities & around.identities:
            return around
        known = next((self.named_by_cards[each] for each in own.names if each in self.named_by_cards), None)
        if known is not None:
            return known
        self.trials.append(own)
        self.named_by_cards |= dict.fromkeys(own.names, own)
        return own

    def fact(self, own: str, value: Any, path: Path, trial: ModelTrial) -> None:
        """Take a fact or a section by its property."""
        schema = self.schema[own]
        if own == "source":
            read_source(value, path, trial, self.fitter)
        elif own == QUESTIONS.property:
            self.cards(value, path, trial, 0)
        elif schema["type"] == "array" and "properties" in schema["items"]:
            for entry in read_entries(own, value, path, schema["items"]["properties"], self.fitter):
                trial.add(own, entry)
        elif fitted := self.fitter.part(value, path, schema, own):
            self.take_fact(own, fitted, path, trial)

    def take_fact(self, own: str, fitted: Any, path: Path, trial: ModelTrial) -> None:
        rule = load_schema("trial")["properties"].get(own, {})
        if isinstance(fitted, str) and not fits(fitted, rule):
            self.findings.placed -= 1
            self.findings.leave(path, f"it cannot be the {own} of a record", fitted)
        elif trial.facts.get(own) == fitted:
            return
        elif isinstance(fitted, list):
            trial.facts[own] = list(dict.fromkeys([*trial.facts.get(own, []), *fitted]))
            self.findings.infer(path, f"{own}: {STATED}", ", ".join(fitted))
        elif own in trial.facts:
            self.findings.placed -= 1
            self.findings.leave(path, f"another {own} stands before it", fitted)
        else:
            trial.facts[own] = fitted
            self.findings.infer(path, f"{own}: {STATED}", str(fitted))
