"""Make up records of trials, the same ones for the same seed, like those that authors write: about 9 kB, 24 notes.

python benchmarks/records.py FOLDER COUNT writes the project FOLDER with COUNT records in FOLDER/seeds.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import prose
from yaml_text import yaml_text

SEED = 7
TOPICS = 20
"""Trials of a topic share disease and endpoint, and so are told side by side."""
AUDIENCES = ("student", "resident", "fellow", "attending", "methodologist", "peer-reviewer", "guideline-committee")
SPECIALTIES = ("cardiology", "hematology", "neurology", "nephrology")
Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """What every record that names a trial says of it in the same words."""

    index: int
    name: str
    drug: str
    disease: str
    population: str
    control: str
    endpoint: str

    @property
    def id(self) -> str:
        """The id of the trial."""
        return self.name.lower()

    @property
    def tested(self) -> str:
        """What was tested."""
        return f"{self.drug.capitalize()} once a day, added to usual care"


def facts_of(index: int) -> Facts:
    """Return the facts of a trial, which follow from its index alone."""
    random = prose.dice(f"{SEED}/facts/{index}")
    topic = index % TOPICS
    disease = f"{prose.DISEASES[topic % 10]} {prose.FORMS[topic // 10]}"
    return Facts(
        index=index,
        name=prose.made_up_name(index, random),
        drug=prose.made_up_drug(random),
        disease=disease,
        population=f"{random.choice(prose.GROUPS)} with {disease}",
        control=random.choice(prose.CONTROLS),
        endpoint=prose.ENDPOINTS[topic % 4],
    )


def record_of(index: int, count: int) -> Record:
    """Return one of so many records; the trials that it calls related are mostly among them."""
    random = prose.dice(f"{SEED}/record/{index}")
    gaps = random.sample(prose.GAPS, len(prose.GAPS))
    return _Writer(facts_of(index), random, gaps).record(_related(index, count))


def questions_only(record: Record) -> Record:
    """Return a record with nothing but its questions, each of which is one note."""
    plain = [{name: part for name, part in each.items() if name != "cloze"} for each in record["questions"]]
    return {**{name: record[name] for name in ("format", "id", "acronym", "title")}, "questions": plain}


def misspelt(record: Record) -> Record:
    """Return a record with a typo in its first question."""
    first, *others = record["questions"]
    typo = {**first, "question": first["question"].replace("disease", "diesase").replace("ork", "rok")}
    assert typo != first
    return {**record, "questions": [typo, *others]}


def write_project(folder: Path, records: Iterator[Record] | Sequence[Record]) -> Path:
    """Write records into the folder of a project, and return that of the records."""
    seeds = folder / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for record in records:
        write_record(seeds, record)
    return seeds


def write_record(seeds: Path, record: Record) -> None:
    """Write one record into a folder of records."""
    (seeds / f"{record['id']}.yaml").write_text(yaml_text(record), encoding="utf-8")


def _related(index: int, count: int) -> list[Facts]:
    """Return three trials of the same topic, of which one in twenty has no record."""
    random = prose.dice(f"{SEED}/related/{index}")
    near = [index + TOPICS * place for place in range(-6, 7) if place and 0 <= index + TOPICS * place < count]
    without_record = [count - count % TOPICS + index % TOPICS + TOPICS * place for place in range(1, 7)]
    inside = min(3 if random.random() < 0.85 else 2, len(near))
    return [facts_of(each) for each in random.sample(near, inside) + random.sample(without_record, 3 - inside)]


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the record of one trial."""

    facts: Facts
    random: Random
    gaps: list[str]

    def record(self, related: Sequence[Facts]) -> Record:
        facts = self.facts
        return {
            "format": 1,
            "id": facts.id,
            "acronym": facts.name,
            "title": f"{facts.drug.capitalize()} for {facts.population}",
            "source": {
                "citation": f"The {facts.name} Investigators. J Made-Up Med 2024;{facts.index}:1-12.",
                "doi": f"10.1000/bench.{facts.index}",
            },
            "specialties": [SPECIALTIES[facts.index % 4]],
            "topics": [facts.disease.replace(" ", "-"), "made-up-trials"],
            "tested": facts.tested,
            "population": facts.population,
            "comparator": facts.control,
            "endpoint": facts.endpoint,
            "summary": self.text(prose.REPORTS, 2),
            "significance": self.text(prose.REPORTS, 2),
            "history": self.text(prose.REASONS, 2),
            "key_findings": self.items(prose.REPORTS, "finding", 4, cloze=2),
            "design": self.items(prose.METHODS, "design", 3, cloze=1),
            "limitations": self.items(prose.CAUTIONS, "limit", 3, cloze=0),
            "results": self.results(),
            "questions": list(self.questions()),
            "related_trials": [_statement(other) for other in related],
            "takeaways": list(self.takeaways()),
            "review": {"status": "unreviewed"},
        }

    def sentence(self, template: str) -> str:
        facts = self.facts
        control = facts.control.lower()
        words = {"drug": facts.drug, "name": facts.name, "disease": facts.disease, "control": control}
        return template.format(**words, **prose.numbers(self.random))

    def text(self, templates: Sequence[str], count: int) -> str:
        return " ".join(self.sentence(template) for template in self.random.sample(templates, count))

    def items(self, templates: Sequence[str], name: str, count: int, cloze: int) -> list[Record]:
        chosen = self.random.sample(templates, count)
        items: list[Record] = [{"id": f"{name}-{n}", "text": self.sentence(each)} for n, each in enumerate(chosen, 1)]
        for item in items[:cloze]:
            item["cloze"] = {f"{item['id']}-gap": self.sentence(self.gaps.pop())}
        return items

    def results(self) -> list[Record]:
        kinds = [self.ratio(), self.share(), self.difference(), self.shares_at_the_end()]
        return kinds[: 3 + self.facts.index % 2]

    def ratio(self) -> Record:
        estimate = self.random.randint(55, 95)
        longer = self.random.randint(180, 480) / 10
        return {
            "id": "primary",
            "endpoint": self.facts.endpoint,
            "data_cut": f"Primary analysis at {self.random.randint(12, 48)} months",
            "measure": "hazard ratio",
            "estimate": estimate / 100,
            "ci": [(estimate - self.random.randint(8, 15)) / 100, (estimate + self.random.randint(9, 18)) / 100],
            "ci_level": 95,
            "p": f"0.0{self.random.randint(1, 49):02}",
            "unit": "months",
            "arms": self.arms("median", longer, round(longer * estimate / 100, 1)),
        }

    def share(self) -> Record:
        percent = self.random.randint(500, 900) / 10
        arms = self.arms("percent", percent, round(percent - 12.4, 1))
        return {"id": "response", "endpoint": "Response at week 24", "data_cut": "Primary analysis", "arms": arms}

    def difference(self) -> Record:
        estimate = self.random.randint(30, 90) / 10
        return {
            "id": "score",
            "endpoint": f"Change in the {self.facts.disease} score",
            "data_cut": "Week 24",
            "measure": "mean difference",
            "estimate": estimate,
            "ci": [round(estimate - 1.7, 1), round(estimate + 1.8, 1)],
            "ci_level": 95,
            "unit": "points",
        }

    def shares_at_the_end(self) -> Record:
        percent = self.random.randint(20, 200) / 10
        return {
            "id": "harms",
            "endpoint": "Any unwanted effect of grade 3 or worse",
            "data_cut": "Final analysis",
            "arms": self.arms("percent", percent + 2.5, percent),
        }

    def arms(self, of: str, drug: float, control: float) -> list[Record]:
        patients = self.random.randint(60, 900)
        return [
            {"name": self.facts.drug, "n": patients, of: round(drug, 1)},
            {"name": self.facts.control.lower(), "n": patients + self.random.randint(-3, 3), of: control},
        ]

    def questions(self) -> Iterator[Record]:
        answers = {"mechanism": prose.REASONS, "clinical": prose.REPORTS, "reviewer": prose.CAUTIONS}
        for perspective, asked in prose.ASKED.items():
            for number, template in enumerate(asked, 1):
                response = self.text(answers[perspective], 3)
                question: Record = {
                    "id": f"{perspective}-{number}",
                    "perspective": perspective,
                    "audience": sorted(self.random.sample(AUDIENCES, 2)),
                    "question": self.sentence(template),
                    "response": self.listed(response) if self.random.random() < 0.1 else response,
                }
                if (perspective, number) == ("mechanism", 1):
                    question["cloze"] = {"mechanism-gap": self.sentence(self.gaps.pop())}
                yield question

    def listed(self, response: str) -> str:
        """Return a response as a list in Markdown."""
        return "\n".join(["In short:", "", *(f"- {each.rstrip('.')}." for each in response.split(". "))])

    def takeaways(self) -> Iterator[Record]:
        for number, template in enumerate(self.random.sample(prose.ADVICE, 2), 1):
            audience = sorted(self.random.sample(AUDIENCES, 2))
            yield {"id": f"takeaway-{number}", "audience": audience, "text": self.sentence(template)}


def _statement(facts: Facts) -> Record:
    return {
        "id": facts.id,
        "name": facts.name,
        "tested": facts.tested,
        "population": facts.population,
        "comparator": facts.control,
        "endpoint": facts.endpoint,
    }


if __name__ == "__main__":
    records = int(sys.argv[2])
    write_project(Path(sys.argv[1]), (record_of(index, records) for index in range(records)))
