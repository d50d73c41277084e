"""Networks and servers that fail: each fault is one readable line."""

import re
import ssl
from pathlib import Path
from typing import Any

import pytest

from addon_editions import publish_editions
from bad_network import FAULTS, FEED, FILES, PACKAGE, PATIENCE, PUBLISHED, Handler, serving
from matrices import IS_FULL
from trialdeck_addon.core import TrialdeckError, fetch, web
from trialdeck_addon.core.fetch import Edition, fetch_edition, fetch_feed, parse_address

ALL = [(file, fault) for file in FILES for fault in FAULTS]
SAMPLE = [(FILES[number % 3], fault) for number, fault in enumerate(FAULTS)]
"""Each fault in one of the files; with TRIALDECK_FULL=1 each in each of them."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_editions(tmp_path_factory.mktemp("editions"), count=0)[0].site


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The add-on waits for a short time only; what must be fetched has all the time of the add-on's own."""
    monkeypatch.setattr(web, "SILENCE", PATIENCE)
    monkeypatch.setattr(web, "GRACE", PATIENCE)
    monkeypatch.setattr(fetch, "GRACE", PATIENCE)


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine is asked."""
    monkeypatch.setenv("no_proxy", "*")


def edition_of(address: str, folder: Path) -> Edition:
    found = parse_address(address)
    feed = fetch_feed(found)
    return fetch_edition(found, feed, ["cold-ember-3"], folder)


def is_readable(line: str) -> bool:
    """Whether a message is one line, not too long, with none of the words of a programmer."""
    return len(line) < 250 and not re.search(r"[\n\r]|Error|Exception|Errno|errno|urlopen|<[a-z]|None|\bb'", line)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("file", "fault"), ALL if IS_FULL else SAMPLE)
def test_a_fault_is_a_line(file: str, fault: str, site: Path, tmp_path: Path) -> None:
    with serving(site, file, FAULTS[fault]) as server, pytest.raises(TrialdeckError) as raised:
        edition_of(server.address, tmp_path)
    assert is_readable(str(raised.value)), str(raised.value)


def test_a_site_is_fetched_with_plain_requests(site: Path, tmp_path: Path) -> None:
    with serving(site) as server:
        edition = edition_of(server.address, tmp_path)
    assert len(edition.packages) == 1
    assert [request["path"] for request in server.asked] == [f"/decks/{file}" for file in (FEED, PUBLISHED, PACKAGE)]
    for request in server.asked:
        assert request.keys() == {"path", "host", "user-agent", "accept-encoding", "connection"}
        assert request["user-agent"] == "trialdeck-addon/1.0"


def test_a_redirect_on_the_same_host_is_followed(site: Path, tmp_path: Path) -> None:
    def moved(handler: Handler, _: bytes) -> None:
        handler.answer(b"", status=301, Location="/decks/other/feed.json")

    (site / "other").mkdir(exist_ok=True)
    (site / "other" / "feed.json").write_bytes((site / FEED).read_bytes())
    with serving(site, FEED, moved) as server:
        assert len(edition_of(server.address, tmp_path).packages) == 1


def test_a_server_that_is_not_there_is_a_line(site: Path, tmp_path: Path) -> None:
    with serving(site) as server:
        pass
    with pytest.raises(TrialdeckError, match="cannot be reached: are you online") as raised:
        edition_of(server.address, tmp_path)
    assert is_readable(str(raised.value))


def test_a_host_that_does_not_exist_is_a_line(tmp_path: Path) -> None:
    with pytest.raises(TrialdeckError, match="cannot be reached") as raised:
        edition_of("https://nobody.invalid/", tmp_path)
    assert is_readable(str(raised.value))


CERTIFICATE = Path(__file__).parents[1] / "support" / "hostile" / "self-signed.pem"


def test_a_certificate_that_nobody_signed_is_a_line(site: Path, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with serving(site, tls=context) as server, pytest.raises(TrialdeckError, match="certificate") as raised:
        edition_of(server.address, tmp_path)
    assert is_readable(str(raised.value))


def test_it_can_be_stopped(site: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> bool:
        seen.append((done, total))
        return len(seen) < 2

    address = parse_address(str(site))
    with pytest.raises(TrialdeckError, match="stopped; nothing was changed"):
        fetch_edition(address, fetch_feed(address), ["cold-ember-3"], tmp_path, stop)
    assert 0 < seen[0][0] < seen[-1][0] <= seen[-1][1]


def test_a_folder_does_as_well(site: Path, tmp_path: Path) -> None:
    for name, address in (("path", str(site)), ("uri", site.as_uri()), ("page", str(site / "index.html"))):
        (tmp_path / name).mkdir()
        assert len(edition_of(address, tmp_path / name).packages) == 1


def test_a_link_out_of_the_folder_is_refused(site: Path, tmp_path: Path) -> None:
    outside = tmp_path / "feed.json"
    outside.write_bytes((site / FEED).read_bytes())
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "feed.json").symlink_to(outside)
    with pytest.raises(TrialdeckError, match="is not in the folder"):
        fetch_feed(parse_address(str(tmp_path / "site")))


@pytest.mark.parametrize("where", ["open", "close"])
def test_a_full_disk_is_said_as_such(where: str, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk refuses is no fault of the network; some of it is told only when a file is closed."""
    real_open = Path.open

    class FullFile:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __enter__(self) -> Any:
            return self.file

        def __exit__(self, *_: object) -> None:
            self.file.close()
            raise OSError(28, "No space left on device")

    def full(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if mode != "xb":
            return real_open(path, mode, *args, **options)
        if where == "open":
            raise OSError(28, "No space left on device")
        return FullFile(real_open(path, mode, *args, **options))

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(TrialdeckError, match=r"^the disk refuses: No space left on device; nothing was changed$"):
        edition_of(str(site), tmp_path)
