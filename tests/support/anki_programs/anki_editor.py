"""Let every field of every note of packages pass through Anki's own editor, and write down which are changed by that.

    PYTHON anki_editor.py FOLDER PACKAGE...

PYTHON is that of an environment with `aqt[qt6]`. A script of its own, which knows nothing of trialdeck. The program
runs whole, in the empty FOLDER and without a screen. To show a note is enough: the editor then writes all of its
fields. The last line of the output is a JSON object: the `version`, how many `notes` were shown, and `changed`,
a list of the note's key, the field's name, and its HTML before and after.
"""

import json
import os
import sys
import time
import traceback
import uuid
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from anki_web_view import make_profile, wait

QUIET = 0.8
"""How long the editor says nothing when it has written all that it will: it writes 0.6 seconds after a change."""


def main() -> None:
    """Start the program, import, and pass each note through the editor of its browser."""
    folder = Path(sys.argv[1]).resolve()
    make_profile(folder, sys.argv[2:])
    # Anki opens one window for each user, and leaves it to the first that runs.
    os.environ["LOGNAME"] = f"trialdeck-{uuid.uuid4().hex}"
    import aqt

    app: Any = aqt._run([sys.argv[0], "-b", str(folder), "-p", "User 1"], exec=False)
    window: Any = aqt.mw
    wait(app, lambda: window.col is not None and window.state == "deckBrowser")
    editor = aqt.dialogs.open("Browser", window).editor
    changed: list[list[str]] = []
    notes = window.col.db.list("select id from notes order by id")
    for note_id in notes:
        before = dict(window.col.get_note(note_id).items())
        pass_through(app, editor, window.col.get_note(note_id))
        after = dict(window.col.get_note(note_id).items())
        changed += [[before["Key"], name, html, after[name]] for name, html in before.items() if after[name] != html]
    sys.stdout.write("\n" + json.dumps({"version": aqt.appVersion, "notes": len(notes), "changed": changed}) + "\n")
    sys.stdout.flush()
    os._exit(0)


def pass_through(app: Any, editor: Any, note: Any) -> None:
    """Load a note into the editor, and wait until the editor has written the fields that it would write."""
    from aqt import gui_hooks

    loaded: list[bool] = []
    heard = [time.monotonic()]
    command = editor.onBridgeCmd

    def listen(said: str) -> Any:
        heard.append(time.monotonic())
        return command(said)

    def when_loaded(_editor: Any) -> None:
        loaded.append(True)

    gui_hooks.editor_did_load_note.append(when_loaded)
    editor.web.set_bridge_command(listen, editor)
    editor.set_note(note)
    wait(app, lambda: bool(loaded) and time.monotonic() - heard[-1] > QUIET)
    gui_hooks.editor_did_load_note.remove(when_loaded)
    saved: list[bool] = []
    editor.call_after_note_saved(lambda: saved.append(True))
    wait(app, lambda: bool(saved))


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # noqa: BLE001 - the interpreter's own end would crash Qt
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
