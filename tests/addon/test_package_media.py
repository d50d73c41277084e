"""Pictures and sounds of a package come into the collection's folder, each once and whole."""

import json
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from subscriber import Subscriber
from trialdeck_addon.core import TrialdeckError
from trialdeck_addon.core.contents import Contents
from trialdeck_addon.core.feed import Changes, FeedDeck, RemoteFile
from trialdeck_addon.core.package import Package
from trialdeck_addon.core.updating.media import write_media

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
NAME = f"trialdeck-{sha256(PICTURE).hexdigest()[:20]}.png"
DECK = FeedDeck("all", "All", "All", "all", "1", 1, RemoteFile("a", 1, "0" * 64), 1, 1, Changes(0, 0, 0, ""))


@pytest.fixture
def package(tmp_path: Path) -> Package:
    path = tmp_path / "0.apkg"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("media", json.dumps({"0": NAME}))
        archive.writestr("0", PICTURE)
    return Package(DECK, path, path, Contents({}, {}, {}), {NAME: "0"})


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Subscriber]:
    made = Subscriber(tmp_path / "learner")
    yield made
    made.close()


def files(learner: Subscriber) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(learner.col.media.dir()).iterdir()}


def test_a_picture_comes_once(learner: Subscriber, package: Package) -> None:
    for _ in range(2):
        assert write_media(learner.col, [package]) == []
        assert files(learner) == {NAME: PICTURE}
    assert list(learner.col.media.check().missing) == []


@pytest.mark.parametrize("length", [0, 1, 1000])
def test_a_picture_that_was_cut_off_is_written_again(length: int, learner: Subscriber, package: Package) -> None:
    Path(learner.col.media.dir(), NAME).write_bytes(PICTURE[:length])
    assert write_media(learner.col, [package]) == []
    assert files(learner) == {NAME: PICTURE}


def test_a_picture_that_the_learner_has_changed_stays(learner: Subscriber, package: Package) -> None:
    Path(learner.col.media.dir(), NAME).write_bytes(b"painted over")
    assert write_media(learner.col, [package]) == [f"kept your file {NAME}, which is not the author's"]
    assert files(learner) == {NAME: b"painted over"}


def test_a_damaged_picture_is_a_line(learner: Subscriber, package: Package) -> None:
    content = package.path.read_bytes()
    package.path.write_bytes(content.replace(PICTURE, PICTURE[:-1] + b"x"))
    with pytest.raises(TrialdeckError, match="is damaged"):
        write_media(learner.col, [package])


def test_what_the_disk_refuses_is_a_line(learner: Subscriber, package: Package) -> None:
    (Path(learner.col.media.dir()) / NAME).mkdir()
    with pytest.raises(TrialdeckError, match="the disk refuses a picture or a sound: Is a directory"):
        write_media(learner.col, [package])
