"""Show every side of every card of packages in Anki's own reviewer, and write down whatever a side does.

    PYTHON anki_web_view.py FOLDER PACKAGE...

PYTHON is that of an environment with `aqt[qt6]`. A script of its own, which knows nothing of trialdeck. The program
runs whole, in the empty FOLDER and without a screen. The last line of the output is a JSON object: the `version`, and
the `sides`, each with the note's key, the card's ordinal, whether it is the back, its `text`, the elements in it that
are `acting`, how many `formulas` MathJax has set, and what it `did`.
"""

import json
import os
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

os.environ |= {
    "QT_QPA_PLATFORM": "offscreen",
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
    "QTWEBENGINE_CHROMIUM_FLAGS": "--no-sandbox --disable-gpu",
    "LANG": "C.UTF-8",
}
OWN = {"domDone", "repaintNeeded", "updateToolbar"}
"""What the pages of the program themselves ask it for; nothing else is done."""

PATIENCE = 60.0
"""After how many seconds something that was waited for counts as lost."""

# What acts by being there, and links that run something; what MathJax draws with is left aside, but not its links.
LOOK = """(() => {
  const acting = "script, iframe, frame, object, embed, applet, form, input, button, select, textarea, img, image, " +
    "picture, video, audio, source, track, style, link, meta, base, template, svg, math, noscript, title, marquee";
  const drawn = ".td-picture > img[src^=trialdeck-], .td-plot, .td-plot *, mjx-container *, #qa > style:first-child";
  const found = [...document.querySelectorAll("#qa " + acting.replaceAll(", ", ", #qa "))]
    .filter(each => !each.matches(drawn));
  // Links of MathML and SVG too.
  const links = [...document.querySelectorAll("#qa [*|href]")].filter(each => [...each.attributes].some(
    own => own.localName === "href" && !/^(https?|mailto):/i.test(own.value)));
  const handlers = [...document.querySelectorAll("#qa *")]
    .filter(each => [...each.attributes].some(own => own.name.startsWith("on")));
  return {text: document.getElementById("qa").innerText, formulas: document.querySelectorAll("mjx-container").length,
    acting: [...new Set([...found, ...links, ...handlers])].map(each => each.outerHTML.slice(0, 200))};
})()"""


# What is queued comes after the side, and after MathJax has set it. A picture that fails does so when the program has
# answered; then whatever fires by itself has fired.
SETTLE = """window.isSet = false; _queueAction(async () => {
  const over = each => new Promise(done => ["load", "error"].forEach(kind => each.addEventListener(kind, done)));
  await Promise.all([...document.images].filter(each => !each.complete).map(over));
  setTimeout(() => { window.isSet = true; }, 5);
});"""


class Watch:
    """What the web views of the program do, as one list that is emptied between the sides."""

    def __init__(self) -> None:
        self.did: list[str] = []

    def begin(self) -> None:
        """Write down instead of doing: dialogs, messages, requests, navigations, and calls of the program."""
        from aqt import webview

        did = self.did
        page, interceptor = webview.AnkiWebPage, webview.AuthInterceptor
        authorised, called = interceptor.interceptRequest, page._onCmd

        def request(own: Any, info: Any) -> None:
            did.append(f"request: {info.requestUrl().toString()}")
            authorised(own, info)

        def command(own: Any, said: str) -> Any:
            did.append(f"command: {said}")
            return called(own, said) if said in OWN else None

        def navigation(_own: Any, url: Any, _kind: Any, is_main: bool) -> bool:
            did.append(f"navigation: {url.toString()}")
            return is_main and "/_anki/legacyPageData" in url.toString()

        interceptor.interceptRequest = request
        page._onCmd = command
        page.acceptNavigationRequest = navigation

        def dialog(_own: Any, _frame: Any, text: str) -> bool:
            did.append(f"dialog: {text}")
            return False

        def prompt(own: Any, frame: Any, text: str, _value: str) -> tuple[bool, str]:
            return dialog(own, frame, text), ""

        def message(_own: Any, _level: Any, text: str, _line: int, _source: str) -> None:
            did.append(f"console: {text}")

        page.javaScriptAlert = page.javaScriptConfirm = dialog
        page.javaScriptPrompt = prompt
        page.javaScriptConsoleMessage = message


def main() -> None:
    """Start the program, import, and look at each side."""
    folder = Path(sys.argv[1]).resolve()
    make_profile(folder, sys.argv[2:])
    # Anki opens one window for each user, and leaves it to the first that runs.
    os.environ["LOGNAME"] = f"trialdeck-{uuid.uuid4().hex}"
    import aqt

    watch = Watch()
    watch.begin()
    app: Any = aqt._run([sys.argv[0], "-b", str(folder), "-p", "User 1"], exec=False)
    window: Any = aqt.mw
    wait(app, lambda: window.col is not None and window.state == "deckBrowser")
    window.moveToState("review")
    wait(app, lambda: window.state == "review" and window.reviewer.card is not None)
    sides = list(shown(app, window, watch))
    answer = {"version": aqt.appVersion, "sides": sides}
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
    sys.stdout.flush()
    # The program would ask to synchronise, and tidy up for long.
    os._exit(0)


def make_profile(folder: Path, packages: list[str]) -> None:
    """A profile that asks nothing at start-up, with the packages' cards in it, all of them new in one deck."""
    from anki import import_export_pb2 as pb
    from anki.collection import Collection
    from aqt.profiles import ProfileManager

    manager: Any = ProfileManager(folder)
    manager.setupMeta()
    manager.meta.update(firstRun=False, defaultLang="en_US", updates=False)
    manager.create("User 1")
    manager.load("User 1")
    manager.save()
    (folder / "User 1").mkdir(exist_ok=True)
    col: Any = Collection(str(folder / "User 1" / "collection.anki2"))
    options = pb.ImportAnkiPackageOptions()
    for package in packages:
        col.import_anki_package(pb.ImportAnkiPackageRequest(package_path=package, options=options))
    col.db.execute("update cards set did = 1")
    col.decks.select(1)
    col.close()


def shown(app: Any, window: Any, watch: Watch) -> Iterator[dict[str, Any]]:
    """Yield what each side shows and did, card by card."""
    reviewer = window.reviewer
    for card_id in window.col.db.list("select id from cards order by id"):
        card = window.col.get_card(card_id)
        card.start_timer()
        reviewer.card = card
        for is_back in (False, True):
            watch.did.clear()
            (reviewer._showAnswer if is_back else reviewer._showQuestion)()
            seen = look(app, reviewer.web)
            yield {"note": card.note()["Key"], "ordinal": card.ord, "is_back": is_back, **seen, "did": list(watch.did)}


def look(app: Any, web: Any) -> dict[str, Any]:
    """What the view holds once everything that was to be shown is there, formulas too."""
    answers: list[Any] = []
    web.eval(SETTLE)
    while not answers or not answers[-1]:
        asked = len(answers)
        web.evalWithCallback("window.isSet", answers.append)
        wait(app, partial(_is_longer, answers, asked))
    found: list[dict[str, Any]] = []
    web.evalWithCallback(LOOK, found.append)
    wait(app, lambda: bool(found))
    return found[0]


def _is_longer(answers: list[Any], count: int) -> bool:
    return len(answers) > count


def wait(app: Any, is_so: Callable[[], bool]) -> None:
    """Let the program run until something is so."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("the program does not answer")
        app.processEvents()
        time.sleep(0.002)


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # noqa: BLE001 - the interpreter's own end would crash Qt
        # The program has put a dialog in the place of sys.stderr.
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
