"""A hostile collection in every view of the desk: nothing runs, nothing is loaded, nothing leaks.

The address of every view is here once: a new view must be added.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx2
import pytest
import yaml
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from folders import SUPPORT
from foreign_decks import write_deck
from hostile_records import Filling, alone, filled, written
from trialdeck.records.schema import load_schema

if TYPE_CHECKING:
    from desks import Desk

pytest_plugins = ["chromium", "desks"]
OpenDesk = Callable[..., AbstractContextManager["Desk"]]

TEXTS: dict[str, str] = yaml.safe_load((SUPPORT / "hostile" / "texts.yaml").read_text(encoding="utf-8"))
GROUPS: dict[str, dict[str, str]] = yaml.safe_load((SUPPORT / "hostile" / "scripts.yaml").read_text(encoding="utf-8"))
SCRIPTS = [text for group in GROUPS.values() for text in group.values()][::5]
"""Some of each group: a form of all of them has 5 MB. `test_scripts` shows the cards of all."""
ACTING = '<img src=x onerror="alert(1)"><script>alert(2)</script><a href="javascript:alert(3)">x</a>'
FILE = f"{ACTING[:30]} & 'x'.yaml".replace('"', "").replace("/", "-")
"""The name of a file of records may have what a system of files allows."""


def hostile_project(folder: Path) -> Path:
    """A project in which every text is hostile, with one record that cannot be read."""
    seeds, decks = folder / "seeds", folder / "decks"
    seeds.mkdir(parents=True)
    decks.mkdir()
    filling = Filling(tuple(TEXTS.values()))
    written(
        seeds, {**filled(load_schema("trial"), filling), "id": "hostile", "formerly": []}, alone("scripts", SCRIPTS)
    )
    (seeds / "torn.yaml").write_text(f"title: [{json.dumps(ACTING)}\n{ACTING}", encoding="utf-8")
    (seeds / FILE).write_text(yaml.safe_dump(alone("odd", [ACTING])), encoding="utf-8")
    project = {
        "format": 1,
        "root": "Hostile",
        "license": ACTING,
        "authors": [ACTING],
        "topics": {"example-disease": ACTING},
    }
    (decks / "project.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
    deck = {"format": 1, "id": "hostile", "name": "Hostile", "description": ACTING, "split": "trial"}
    (decks / "hostile.yaml").write_text(yaml.safe_dump(deck), encoding="utf-8")
    (decks / "torn.yaml").write_text(f"name: {ACTING}: [", encoding="utf-8")
    return folder


VIEWS = (
    *("/", "/new", "/add", "/cards", "/review", "/release", "/anki", "/settings", "/decks/hostile"),
    *(
        f"/{view}/{quote(name)}"
        for view in ("trial", "cards", "review")
        for name in ("hostile.yaml", "scripts.yaml", FILE)
    ),
    "/trial/torn.yaml",
    f"/nothing/{quote(ACTING)}",
    f"/trial/{quote(ACTING)}",
)


@pytest.fixture(scope="module")
def hostile_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Desk"]:
    from desks import running_desk

    folder = hostile_project(tmp_path_factory.mktemp("desk") / "<b>x & 'y'")
    with running_desk(folder, cache=tmp_path_factory.mktemp("desk-cache")) as desk:
        yield desk


def uploads(folder: Path) -> Mapping[str, bytes]:
    """Files that somebody else has made, by their names."""
    deck = write_deck(folder / "deck.apkg", [[ACTING, ACTING]], name=f"Heart::{ACTING}")
    notes = f"# DUSK-2 {ACTING}\n\n## Key findings\n\n" + "\n".join(f"- {text}" for text in SCRIPTS[:20])
    return {
        "notes.md": notes.encode(),
        f"{ACTING}.apkg": deck.read_bytes(),
        f"{ACTING}.json": json.dumps({"protocolSection": {"identificationModule": {"nctId": ACTING}}}).encode(),
        f"{ACTING}.bin": ACTING.encode(),
    }


def put_into_a_box(page: Page, desk: "Desk", files: Mapping[str, bytes]) -> str:
    """Send files as a page of the desk does, and return the address of what they become."""
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    with httpx2.Client(base_url=desk.root, cookies=cookies) as client:
        box: str = client.post("/add", json={}).json()["box"]
        for name, content in files.items():
            assert client.put(f"/add/{box}/files/{quote(name, safe='')}", content=content).status_code == 200
    return f"/add/{box}"


def watched(context: BrowserContext, desk: "Desk") -> tuple[Page, list[str]]:
    """A page, and the list of all that it does beyond showing the desk."""
    page, did = context.new_page(), list[str]()

    def dismiss(dialog: Dialog) -> None:
        did.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("console", lambda message: did.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("pageerror", lambda error: did.append(f"error: {error}"))
    page.on("popup", lambda popup: did.append(f"popup: {popup.url}"))
    page.on("download", lambda download: did.append(f"download: {download.url}"))
    page.on("request", lambda request: None if is_own(request.url, desk) else did.append(f"request: {request.url}"))
    return page, did


def is_own(address: str, desk: "Desk") -> bool:
    return address.startswith((desk.root, "data:", "about:srcdoc", "about:blank"))


def test_a_hostile_collection_does_nothing_in_any_view(hostile_desk: "Desk", chromium: Browser, tmp_path: Path) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 860})
    page, did = watched(context, hostile_desk)
    page.goto(hostile_desk.address)
    shown = {}
    boxes = [put_into_a_box(page, hostile_desk, {name: file}) for name, file in uploads(tmp_path).items()]
    for view in (*VIEWS, *boxes):
        answer = page.goto(hostile_desk.root.rstrip("/") + view)
        assert answer
        shown[view] = answer.status
        if view == "/":
            expect(page.locator(".trial-row")).to_have_count(4, timeout=60_000)
        page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
        texts = [frame.locator("body").inner_text() for frame in page.frames]
        assert any(texts), view
        refused = [
            line for line in did if not (line.startswith("console: Failed to load resource") and answer.status >= 400)
        ]
        assert refused == [], view
        did.clear()
    assert [view for view, status in shown.items() if status >= 400] == [
        view for view in VIEWS if quote(ACTING) in view
    ]
    context.close()
