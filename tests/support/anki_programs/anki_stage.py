"""Anki's own desktop program with add-ons in it, and steps that do there what a learner does.

    PYTHON anki_stage.py PLAY.json

PYTHON is that of an environment with `aqt[qt6]`. The program runs whole. The play is a JSON object: the `folder` of the
profile, which is made if there is none; whether it is `dark`; the `script`, a Python file, and the name of its `scene`
with its `arguments`; the folder for `pictures`, and the file for the `report`.

A scene is a generator: it gets the `Stage` and the arguments, does one step after the other on the event loop of the
program, and yields what it waits for: a function that says whether it is so. What it notes in `stage.report` is
written when it ends, with the `version` of the program, the seconds in `addons_after` that loading the add-ons took,
also of the processor alone, and the `faults`, which is all that an error box would show.
"""

import importlib.util
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Wait = Callable[[], object] | None
Scene = Iterator[Wait]
PATIENCE = float(os.environ.get("TRIALDECK_PATIENCE", "60"))
"""After how many seconds something that was waited for counts as lost."""


class Stage:
    """The program while a scene runs in it: its window, its dialogs, and the report."""

    def __init__(self, play: dict[str, Any]) -> None:
        self.play = play
        self.pictures = Path(play["pictures"])
        self.report: dict[str, Any] = {}
        self.faults: list[str] = []
        self.links: list[str] = []
        """What the program was to open in the browser of the desktop, or in its mail program."""

    @property
    def window(self) -> Any:
        """The main window of the program."""
        import aqt

        return aqt.mw

    def dialogs(self) -> list[Any]:
        """The windows that are to be seen, but the main window."""
        tops = self.window.app.topLevelWidgets()
        return [
            top for top in tops if top.isVisible() and top.isWindow() and top is not self.window and _is_dialog(top)
        ]

    def dialog(self, name: str) -> Any:
        """The dialog of this object name that is to be seen, or None."""
        return next((dialog for dialog in self.dialogs() if dialog.objectName() == name), None)

    def shown(self, name: str) -> Wait:
        """Wait until a dialog is to be seen."""
        return lambda: self.dialog(name) is not None

    def gone(self, name: str) -> Wait:
        """Wait until a dialog is no more to be seen."""
        return lambda: self.dialog(name) is None

    def child(self, dialog: str, name: str) -> Any:
        """A widget of this object name in the dialog of that name."""
        from aqt.qt import QWidget

        parent = self.dialog(dialog)
        assert parent is not None, f"no {dialog}; there is {[each.objectName() for each in self.dialogs()]}"
        found = parent.findChild(QWidget, name)
        assert found is not None, f"no {name} in {dialog}"
        return found

    def later(self, step: Callable[[], object]) -> None:
        """Do something after this step: what opens a dialog that waits for its answer would block the scene."""
        from aqt.qt import QTimer

        QTimer.singleShot(0, lambda: (step(), None)[1])

    def press(self, dialog: str, name: str) -> None:
        """Press a button as a mouse does."""
        button = self.child(dialog, name)
        assert button.isEnabled(), f"{name} of {dialog} cannot be pressed"
        self.later(button.click)

    def picture(self, name: str, widget: Any = None, size: tuple[int, int] | None = None) -> None:
        """Save what a widget shows, or the one dialog that is to be seen."""
        widget = widget or self.dialogs()[-1]
        if size:
            widget.resize(*size)
        self.window.app.processEvents()
        self.pictures.mkdir(parents=True, exist_ok=True)
        assert widget.grab().save(str(self.pictures / f"{name}.png"))


def _is_dialog(widget: Any) -> bool:
    from aqt.qt import QDialog, QMainWindow

    return isinstance(widget, QDialog | QMainWindow)


class Director:
    """Does one step of the scene after the other, in whichever event loop of the program runs."""

    def __init__(self, stage: Stage, scene: Scene) -> None:
        from aqt.qt import QTimer, qconnect

        self.stage = stage
        self.scene = scene
        self.wait: Wait = None
        self.since = time.monotonic()
        self.is_busy = False
        self.timer = QTimer()
        qconnect(self.timer.timeout, self.tick)
        self.timer.start(5)

    def tick(self) -> None:
        """Do the next step if what it waits for is so."""
        if self.is_busy:
            return
        self.is_busy = True
        try:
            self._step()
        except StopIteration:
            end(self.stage, 0)
        except BaseException:  # noqa: BLE001 - the interpreter's own end would crash Qt
            self.stage.faults.append(traceback.format_exc())
            end(self.stage, 1)
        finally:
            self.is_busy = False

    def _step(self) -> None:
        if self.wait is not None and not self.wait():
            if time.monotonic() - self.since > PATIENCE:
                raise TimeoutError(f"the scene waits in vain at {_line(self.scene)}{_seen(self.stage)}")
            return
        self.wait = next(self.scene)
        self.since = time.monotonic()


def _line(scene: Any) -> str:
    """Return the function and the line of the innermost generator that waits."""
    while getattr(scene.gi_yieldfrom, "gi_frame", None) is not None:
        scene = scene.gi_yieldfrom
    return f"{scene.gi_code.co_name}, line {scene.gi_frame.f_lineno}"


def _seen(stage: Stage) -> str:
    """Save what the dialogs show, and return their names with where the pictures are."""
    names = [f"waits-{number}-{dialog.objectName()}" for number, dialog in enumerate(stage.dialogs())]
    for name, dialog in zip(names, stage.dialogs(), strict=True):
        stage.picture(name, dialog)
    return f"; {stage.pictures} has {', '.join(names) or 'no dialog'}"


def main() -> None:
    """Start the program and play the scene."""
    began = time.monotonic()
    play = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    stage = Stage(play)
    folder = Path(play["folder"])
    make_profile(folder, is_dark=play["dark"])
    import aqt

    watch(stage)
    app: Any = aqt._run([sys.argv[0], "-b", str(folder), "-p", "User 1"], exec=False)
    stage.report["version"] = aqt.appVersion
    director = Director(stage, opened(stage, scene_of(play), play["arguments"], began))
    app.exec()
    del director


def opened(stage: Stage, scene: Callable[..., Scene], arguments: dict[str, Any], began: float) -> Scene:
    """Wait for the profile, then play."""
    yield lambda: stage.window.col is not None and stage.window.state == "deckBrowser"
    stage.report["ready_after"] = time.monotonic() - began
    yield from scene(stage, **arguments)


def scene_of(play: dict[str, Any]) -> Callable[..., Scene]:
    """Return the scene that is to be played."""
    specification = importlib.util.spec_from_file_location("scenes", play["script"])
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    sys.modules["scenes"] = module
    sys.path.insert(0, str(Path(play["script"]).parent))
    specification.loader.exec_module(module)
    scene: Callable[..., Scene] = getattr(module, play["scene"])
    return scene


def make_profile(folder: Path, *, is_dark: bool) -> None:
    """A profile that asks nothing at start-up."""
    from aqt.profiles import ProfileManager

    is_new = not (folder / "prefs21.db").exists()
    folder.mkdir(parents=True, exist_ok=True)
    manager: Any = ProfileManager(folder)
    manager.setupMeta()
    manager.meta.update(
        firstRun=False, defaultLang="en_US", updates=False, check_for_updates=False, check_for_addon_updates=False,
        theme=2 if is_dark else 1,
    )  # fmt: skip
    if is_new:
        manager.create("User 1")
    manager.load("User 1")
    manager.save()
    manager.db.close()


def watch(stage: Stage) -> None:
    """Write down instead of showing: errors that nobody has caught, and what would open another program."""
    import aqt.addons
    import aqt.errors
    import aqt.utils

    def fault(handler: Any) -> None:
        stage.faults.append(handler.pool)
        handler.pool = ""

    def link(address: Any) -> None:
        stage.links.append(address if isinstance(address, str) else address.toString())

    def load(manager: Any) -> None:
        began, used = time.perf_counter(), time.thread_time()
        loaded(manager)
        stage.report["addons_after"] = time.perf_counter() - began, time.thread_time() - used

    loaded = aqt.addons.AddonManager.loadAddons
    aqt.addons.AddonManager.loadAddons = load
    aqt.errors.ErrorHandler.onTimeout = fault
    aqt.utils.openLink = link


def end(stage: Stage, code: int) -> None:
    """Write the report and end at once: the program would ask to synchronise, and tidy up for long."""
    window = stage.window
    pool = getattr(window.errorHandler, "pool", "")
    faults = [*stage.faults, *([pool] if pool else [])]
    report = {**stage.report, "faults": faults, "links": stage.links}
    if window.col is not None:
        window.col.close()
    Path(stage.play["report"]).write_text(json.dumps(report), encoding="utf-8")
    os._exit(code or int(bool(faults)))


if __name__ == "__main__":
    try:
        main()
    except BaseException:  # noqa: BLE001 - the interpreter's own end would crash Qt
        # The program has put a dialog in the place of sys.stderr.
        traceback.print_exc(file=sys.__stderr__)
        os._exit(1)
