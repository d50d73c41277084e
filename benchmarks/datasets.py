"""Lay out what is measured in a folder: projects of records, their questions alone, and the same for the peers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from records import Record, misspelt, questions_only, record_of, write_project, write_record
from yaml_text import yaml_text

# The note type of the peers: front and back, as their documentation shows it.
PEER_CONFIG = {
    "name": "Question",
    "deck-name": "Landmark Trials",
    "fields": ["Question", "Response"],
    "templates": [{"name": "Card", "qfmt": "{{Question}}", "afmt": "{{FrontSide}}<hr id=answer>{{Response}}"}],
}


@dataclass(frozen=True, slots=True)
class Datasets:
    """Makes data sets below a folder, each when it is first asked for."""

    folder: Path

    def full(self, count: int) -> Path:
        """Return the folder of so many whole records."""
        project = self.folder / f"full-{count}"
        return project / "seeds" if project.exists() else write_project(project, _records(count))

    def questions(self, count: int) -> Path:
        """Return the folder of the same records with nothing but their questions."""
        project = self.folder / f"questions-{count}"
        return project / "seeds" if project.exists() else write_project(project, map(questions_only, _records(count)))

    def peer_files(self, count: int) -> Path:
        """Return a folder with the questions of each record as one deck file of anki-yaml-tool."""
        folder = self.folder / f"peer-{count}"
        if not folder.exists():
            folder.mkdir(parents=True)
            for record in _records(count):
                (folder / f"{record['id']}.yaml").write_text(_peer_text([record]), encoding="utf-8")
        return folder

    def peer_file(self, count: int) -> Path:
        """Return one deck file of anki-yaml-tool with the questions of all records."""
        file = self.folder / f"peer-{count}.yaml"
        if not file.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            file.write_text(_peer_text(list(_records(count))), encoding="utf-8")
        return file


def mistype(seeds: Path, count: int, turn: int) -> None:
    """Write the record in the middle anew, with a typo in every other turn."""
    record = record_of(count // 2, count)
    write_record(seeds, record if turn % 2 else misspelt(record))


def _records(count: int) -> Iterator[Record]:
    return (record_of(index, count) for index in range(count))


def _peer_text(records: list[Record]) -> str:
    data = [
        {"question": question["question"], "response": question["response"], "id": f"{record['id']}-{question['id']}"}
        for record in records
        for question in record["questions"]
    ]
    return yaml_text({"config": PEER_CONFIG, "data": data})
