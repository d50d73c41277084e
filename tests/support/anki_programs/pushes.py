"""Push as a person does, and edit notes in the stand-in for AnkiConnect."""

from pathlib import Path

from click.testing import CliRunner, Result
from msgspec.structs import replace

from anki_connect_stub import StubAnki
from trialdeck.apkg.reader import PackedNote
from trialdeck.cli import main


def push(*arguments: str | Path, **variables: str) -> Result:
    return CliRunner().invoke(main, ["push", *map(str, arguments)], env=variables)


def said(*arguments: str | Path, **variables: str) -> str:
    """What a push that goes well says, with the path in front taken off."""
    pushed = push(*arguments, **variables)
    assert pushed.exit_code == 0, pushed.output
    assert pushed.stderr == ""
    return pushed.stdout.rpartition(".apkg: ")[2].rstrip("\n")


def failed(*arguments: str | Path, **variables: str) -> str:
    """What a push that fails says."""
    pushed = push(*arguments, **variables)
    assert pushed.exit_code == 1, pushed.output
    assert pushed.stdout == ""
    assert "fault of trialdeck" not in pushed.stderr
    return pushed.stderr


def edit(
    anki: StubAnki, key: str, changed: int, field: str = "Extra", html: str = "my own words", tag: str = ""
) -> None:
    """Edit a note in the stand-in, at a time."""
    guid, known, note = find(anki, key)
    fields, tags = {**note.fields, field: html}, (*note.tags, *([tag] if tag else []))
    anki.notes[guid] = (known, replace(note, fields=fields, tags=tags, changed=changed))


def find(anki: StubAnki, key: str) -> tuple[str, int, PackedNote]:
    ((guid, known, note),) = (
        (guid, known, note) for guid, (known, note) in anki.notes.items() if note.fields["Key"] == key
    )
    return guid, known, note
