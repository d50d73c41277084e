"""Maps over tasks: the same results in the same order, whoever works, whoever dies, and nobody left behind."""

import importlib
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from trialdeck.core.errors import TrialdeckError
from trialdeck.project.parallel import cluster as clusters
from trialdeck.project.parallel import processes
from trialdeck.project.parallel import workers as module
from trialdeck.project.parallel.batches import LIVES, WorkerDiedError, work
from trialdeck.project.parallel.workers import default_count, workers

TESTS = Path(__file__).parent
ON_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
TASKS = range(500)
SQUARES = [number * number for number in TASKS]


def square(number: int) -> int:
    return number * number


def where(_: int) -> int:
    time.sleep(0.01)
    return os.getpid()


def swollen(number: int) -> bytes:
    return bytes([number]) * 3_000_000


def sleeping(number: int) -> int:
    time.sleep(600 if number else 0)
    return number


def unlucky(task: tuple[int, Path]) -> int:
    """Square a number, but number 300 kills the process that works, the first time."""
    number, marker = task
    if number == 300 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def deadly(number: int) -> int:
    if number == 300:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


class NoTravellerError(TrialdeckError):
    """An error that pickle cannot make anew."""

    def __init__(self, number: int, _: int) -> None:
        super().__init__(f"no {number}", "try another")


def failing(number: int) -> int:
    if number >= 300:
        raise TrialdeckError(f"no {number}", "try another")
    return number * number


def failing_for_good(number: int) -> int:
    raise NoTravellerError(number, number)


def failing_beyond_words(number: int) -> object:
    return open(os.devnull) if number else 0  # noqa: PTH123 - nothing that can be sent


def drawn(tasks: list[int]) -> Iterator[int]:
    """Numbers without end, each noted when it is asked for."""
    while True:
        tasks.append(len(tasks))
        yield tasks[-1]


def until_failure(results: Iterator[Any]) -> tuple[list[Any], Exception | None]:
    """The results up to an error, and the error."""
    got: list[Any] = []
    try:
        got.extend(results)
    except Exception as error:  # noqa: BLE001
        return got, error
    return got, None


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(pids: list[int]) -> None:
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "worker processes are left"
        time.sleep(0.02)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers start with the first task."""
    monkeypatch.setattr(processes, "_START_TAKES", {"fork": 0.0, "spawn": 0.0})


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def test_alone_nothing_is_sent() -> None:
    tasks: list[int] = []
    with workers(1) as executor:
        assert executor.count == 1
        results = executor.map(lambda number: (number, os.getpid()), drawn(tasks))
        assert list(islice(results, 3)) == [(0, os.getpid()), (1, os.getpid()), (2, os.getpid())]
    assert tasks == [0, 1, 2]


@pytest.mark.usefixtures("at_once")
def test_results_come_in_the_order_of_tasks() -> None:
    with workers(2) as executor:
        assert executor.count == 2
        assert list(executor.map(square, TASKS)) == SQUARES
        assert list(executor.map(square, [])) == []
        assert list(executor.map(square, reversed(TASKS))) == SQUARES[::-1]


@pytest.mark.usefixtures("at_once")
def test_all_workers_work() -> None:
    with workers(2) as executor:
        pids = set(executor.map(where, range(200)))
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_fork_is_taken_only_without_other_threads(threads: int) -> None:
    code = (
        "import threading, time; from trialdeck.project.parallel.processes import _start_method\n"
        f"for _ in range({threads} - 1): threading.Thread(target=time.sleep, args=[1], daemon=True).start()\n"
        "print(_start_method())"
    )
    method = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert method == ("fork" if threads == 1 and sys.platform == "linux" else "spawn")


def test_few_tasks_start_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_START_TAKES", {"fork": 1e9, "spawn": 1e9})
    with workers(2) as executor:
        assert list(executor.map(square, TASKS)) == SQUARES
        assert set(executor.map(where, range(3))) == {os.getpid()}
        assert multiprocessing.active_children() == []


def test_workers_start_when_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_START_TAKES", {"fork": 0.015, "spawn": 0.015})
    with workers(2) as executor:
        pids = list(executor.map(where, range(20)))
    assert pids[0] == os.getpid()
    assert pids.count(os.getpid()) <= 2, "a task takes 10 ms"


@pytest.mark.usefixtures("at_once")
def test_tasks_are_not_drawn_far_ahead() -> None:
    tasks: list[int] = []
    with workers(2) as executor:
        results = executor.map(square, drawn(tasks))
        assert next(results) == 0
        assert len(tasks) <= 6
        assert list(islice(results, 999)) == [number * number for number in range(1, 1000)]
        assert len(tasks) <= 1000 + 7 * 64


@pytest.mark.usefixtures("at_once")
def test_large_results_wait_for_a_slow_reader() -> None:
    with workers(2) as executor:
        for number, result in enumerate(executor.map(swollen, range(12))):
            assert result == swollen(number)
            time.sleep(0.02)


@pytest.mark.usefixtures("at_once")
def test_a_map_may_feed_a_map() -> None:
    with workers(2) as executor:
        inner = executor.map(square, TASKS)
        assert list(executor.map(square, inner)) == [number * number for number in SQUARES]


@pytest.mark.usefixtures("at_once")
def test_an_end_of_one_map_is_none_of_another() -> None:
    with workers(2) as executor:
        other, given_up = executor.map(square, TASKS), executor.map(square, TASKS)
        assert (next(other), next(given_up)) == (0, 0)
        given_up.close()  # type: ignore[attr-defined]
        assert list(other) == SQUARES[1:]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.usefixtures("at_once")
def test_an_error_comes_after_the_results_before_it(count: int) -> None:
    with workers(count) as executor:
        results, error = until_failure(executor.map(failing, TASKS))
    assert results == SQUARES[:300]
    assert isinstance(error, TrialdeckError)
    assert (str(error), error.hint) == ("no 300", "try another")
    assert ["in failing" in note for note in getattr(error, "__notes__", [])] == [True] * (count - 1)


@pytest.mark.usefixtures("at_once")
def test_an_error_that_cannot_travel_is_told() -> None:
    with workers(2) as executor:
        _, error = until_failure(executor.map(failing_for_good, TASKS))
        assert isinstance(error, TrialdeckError)
        assert (error.message, error.hint) == ("no 0", "try another")
        results, error = until_failure(executor.map(failing_beyond_words, TASKS))
    assert (results, type(error)) == ([0], RuntimeError)
    assert "TypeError" in str(error)


@pytest.mark.usefixtures("at_once")
def test_a_function_without_a_name_is_refused() -> None:
    with workers(2) as executor:
        _, error = until_failure(executor.map(lambda number: number, TASKS))
    assert "<lambda>" in str(error)


@ON_POSIX
@pytest.mark.usefixtures("at_once")
def test_an_innocent_task_beside_a_deadly_one_is_not_blamed() -> None:
    with workers(2) as executor:
        results, error = until_failure(executor.map(deadly, [1, 300, 2]))
    assert results == [1]
    assert isinstance(error, WorkerDiedError)
    assert error.task == 300


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("refusal", [OSError(11, "no more processes"), NotImplementedError(), ImportError()])
def test_where_no_process_can_start_this_one_works(refusal: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise refusal

    monkeypatch.setattr(processes.Processes, "_raise_if_broken", refused)
    with workers(2) as executor:
        assert set(executor.map(where, range(3))) == {os.getpid()}
        results, error = until_failure(executor.map(failing, TASKS))
    assert (results, str(error)) == (SQUARES[:300], "no 300")


@pytest.mark.usefixtures("at_once")
def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path, __: bytes) -> None:
        raise OSError(28, "No space left on device")

    with workers(2) as executor:
        assert next(executor.map(square, TASKS)) == 0
        monkeypatch.setattr(Path, "write_bytes", refused)
        _, error = until_failure(executor.map(square, TASKS))
    assert isinstance(error, TrialdeckError)
    assert re.fullmatch("cannot use the temporary folder .*: No space left on device", error.message)
    assert "TMPDIR" in error.hint


@pytest.mark.usefixtures("at_once")
def test_a_batch_that_a_broken_pool_lost_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_LOOK_AFTER", 0.05)
    with workers(2) as executor:
        assert isinstance(executor, processes.Processes)
        results = executor.map(sleeping, [0, 1])
        assert next(results) == 0
        for process in multiprocessing.active_children():
            process.kill()
        time.sleep(0.2)
        never: Future[Path | bytes] = Future()
        with pytest.raises(BrokenExecutor):
            executor.answer(never)


@pytest.mark.usefixtures("at_once")
def test_whoever_stops_early_ends_the_workers_at_once() -> None:
    with workers(2) as executor:
        results = executor.map(sleeping, range(10))
        assert next(results) == 0
        assert multiprocessing.active_children()
        results.close()  # type: ignore[attr-defined]
        assert multiprocessing.active_children() == []
        assert list(executor.map(square, TASKS)) == SQUARES, "others take their place"


@pytest.mark.usefixtures("at_once")
def test_an_error_outside_ends_the_workers_at_once() -> None:
    with pytest.raises(ZeroDivisionError), workers(2) as executor:
        assert next(executor.map(sleeping, range(10))) / 0
    assert multiprocessing.active_children() == [], "they would sleep for ten minutes"


@ON_POSIX
@pytest.mark.usefixtures("at_once")
def test_a_dead_worker_loses_nothing(tmp_path: Path) -> None:
    with workers(2) as executor:
        assert list(executor.map(unlucky, ((number, tmp_path / "marker") for number in TASKS))) == SQUARES
    assert (tmp_path / "marker").exists()


@ON_POSIX
@pytest.mark.usefixtures("at_once")
def test_workers_may_die_in_the_middle_of_a_result() -> None:
    with workers(2) as executor:
        results = executor.map(swollen, range(12))
        assert next(results) == swollen(0)
        time.sleep(0.2)  # more than a pipe holds is on its way
        for process in multiprocessing.active_children():
            os.kill(process.pid or 0, signal.SIGKILL)
        assert list(results) == [swollen(number) for number in range(1, 12)]


@ON_POSIX
@pytest.mark.usefixtures("at_once")
def test_workers_may_die_between_two_maps() -> None:
    with workers(2) as executor:
        assert list(executor.map(square, TASKS)) == SQUARES
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        assert list(executor.map(square, TASKS)) == SQUARES


@ON_POSIX
@pytest.mark.usefixtures("at_once")
def test_a_task_that_kills_its_workers_is_found() -> None:
    with workers(2) as executor:
        results, error = until_failure(executor.map(deadly, TASKS))
    assert results == SQUARES[:300]
    assert isinstance(error, WorkerDiedError)
    assert error.task == 300
    assert f"died {LIVES} times" in error.message
    assert "--workers 1" in error.hint


def test_work_is_answered_whatever_comes() -> None:
    assert isinstance(work(b"nothing"), bytes)


SCRIPT = """\
import multiprocessing, sys, time
from trialdeck.project.parallel import cluster as clusters
from trialdeck.project.parallel import processes
from trialdeck.project.parallel.workers import workers

def slow(number):
    time.sleep(number and 600)
    return number

if __name__ == "__main__":
    processes._START_TAKES = dict.fromkeys(processes._START_TAKES, 0.0)
    processes._start_method = lambda: sys.argv[1]
    try:
        with workers(2) as executor:
            results = executor.map(slow, range(100))
            next(results)
            print(*(process.pid for process in multiprocessing.active_children()), flush=True)
            next(results)
    except KeyboardInterrupt:
        print("stopped")
"""


@ON_POSIX
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_an_end_in_the_middle_leaves_nobody(method: str, sent: signal.Signals, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), method]
    pipe = subprocess.PIPE
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True, env=env) as parent:
        assert parent.stdout
        try:
            pids = [int(pid) for pid in parent.stdout.readline().split()]
            assert len(pids) == 2
            if sent == signal.SIGINT:
                os.killpg(parent.pid, sent)  # as a terminal does
                assert parent.communicate(timeout=60) == ("stopped\n", "")
                assert not any(map(is_alive, pids))
            else:
                parent.kill()
                wait_until_gone(pids)
        finally:
            parent.kill()
    assert [path.name for path in tmp_path.iterdir()] == ["script.py"], "the folder for batches is removed"


def test_cores_are_those_that_may_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: 8, raising=False)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(module, "_QUOTA", quota)
    assert default_count(1000) == 8, "no quota is known"
    for text, count in {
        "max 100000\n": 8,
        "250000 100000\n": 3,
        "1000 100000\n": 1,
        "9900000 100000": 8,
        "?": 8,
    }.items():
        quota.write_text(text)
        assert default_count(1000) == count


@pytest.mark.parametrize("tasks", [0, 1])
def test_nobody_is_called_for_nothing(tasks: int) -> None:
    assert default_count(tasks) == 1


CLUSTER = """\
import sys, dask
from distributed import LocalCluster

if __name__ == "__main__":
    dask.config.set({"distributed.scheduler.allowed-failures": int(sys.argv[2])})
    dask.config.set({"distributed.comm.timeouts.connect": "2s"})  # 30 otherwise, for a result that died with its worker
    count = int(sys.argv[1])
    with LocalCluster(n_workers=count, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()
"""


@contextmanager
def cluster(folder: Path, count: int = 2, allowed_failures: int = 0) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A cluster elsewhere, which shares with us no more than what is installed, and this module."""
    pytest.importorskip("distributed")
    script = folder / "cluster.py"
    script.write_text(CLUSTER)
    command = [sys.executable, str(script), str(count), str(allowed_failures)]
    python_path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": python_path, "TMPDIR": str(folder)}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, env=env, cwd=folder
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield process.stdout.readline().strip(), process
        finally:
            process.stdin.close()
            process.wait(timeout=60)


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster."""
    with cluster(tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


def test_a_cluster_maps_in_order(dask: str, capfd: pytest.CaptureFixture[str]) -> None:
    tasks: list[int] = []
    with workers(1, dask) as executor:
        assert executor.count in {1, 2}, "one that another test has killed may be on its way back"
        assert list(executor.map(square, TASKS)) == SQUARES
        assert os.getpid() not in set(executor.map(where, range(20)))
        results = executor.map(square, drawn(tasks))
        assert next(results) == 0
        assert len(tasks) <= 6
    with workers(1, dask) as executor:
        assert list(executor.map(square, TASKS)) == SQUARES, "the cluster stays when we leave"
    assert capfd.readouterr() == ("", "")


def test_a_cluster_passes_errors_on(dask: str) -> None:
    with workers(1, dask) as executor:
        results, error = until_failure(executor.map(failing, TASKS))
        assert results == SQUARES[:300]
        assert str(error) == "no 300"
        assert list(executor.map(square, TASKS)) == SQUARES


def test_a_cluster_need_not_finish(dask: str) -> None:
    began = time.monotonic()
    with pytest.raises(ZeroDivisionError), workers(1, dask) as executor:
        assert next(executor.map(where, range(1000))) / 0
    assert time.monotonic() - began < 60


def test_a_cluster_that_has_lost_all_workers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_WITHOUT_WORKERS", 0.0)
    monkeypatch.setattr(clusters, "_LOOK", 0.01)
    waits: list[float] = []

    class Waiting:
        """A batch that nobody works at."""

        def result(self, timeout: float) -> bytes:
            waits.append(timeout)
            raise TimeoutError

    lonely = clusters.Cluster.__new__(clusters.Cluster)
    nobody = SimpleNamespace(nthreads=lambda: {} if len(waits) > 2 else {"tcp://127.0.0.1:9": 1})
    lonely._address, lonely._client, lonely._library = (
        "tcp://127.0.0.1:9",
        nobody,
        SimpleNamespace(CancelledError=KeyError, KilledWorker=LookupError),
    )
    with pytest.raises(TrialdeckError, match="has had no workers for 0 seconds"):
        lonely.answer(Waiting())
    assert len(waits) == 3


@ON_POSIX
def test_a_dead_worker_of_a_cluster_loses_nothing(dask: str, tmp_path: Path) -> None:
    with workers(1, dask) as executor:
        assert list(executor.map(unlucky, ((number, tmp_path / "marker") for number in TASKS))) == SQUARES
    assert (tmp_path / "marker").exists()


@ON_POSIX
def test_a_task_that_kills_the_workers_of_a_cluster_is_found(dask: str) -> None:
    with workers(1, dask) as executor:
        results, error = until_failure(executor.map(deadly, TASKS))
    assert results == SQUARES[:300]
    assert isinstance(error, WorkerDiedError)
    assert error.task == 300


@ON_POSIX
def test_a_scheduler_may_go(tmp_path: Path) -> None:
    with cluster(tmp_path) as (address, process), workers(1, address) as executor:
        results = executor.map(where, range(100_000))
        next(results)
        process.kill()
        _, error = until_failure(results)
    assert isinstance(error, TrialdeckError)
    assert error.message == f"the Dask scheduler at {address} is gone"


def test_a_cluster_where_trialdeck_is_missing_is_told(
    dask: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "only_here.py").write_text(
        "from trialdeck.project.parallel.batches import work as done\ndef work(m): return done(m)"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(clusters, "work", importlib.import_module("only_here").work)
    with workers(1, dask) as executor:
        _, error = until_failure(executor.map(square, TASKS))
    assert isinstance(error, TrialdeckError)
    assert error.message.startswith(f"the Dask cluster at {dask} cannot do the work: ")
    assert "\n" not in error.message
    assert "install" in error.hint


def test_a_cluster_without_workers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "_PATIENCE", 1)
    with cluster(tmp_path, count=0) as (address, _), pytest.raises(TrialdeckError) as caught, workers(1, address):
        pass
    assert caught.value.message == f"the Dask cluster at {address} has no workers"


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:9", "127.0.0.1:9", "nowhere", "ftp://nowhere.invalid:1", "tcp://"]
)
def test_an_address_where_nobody_answers_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(clusters, "_PATIENCE", 1)
    with pytest.raises(TrialdeckError) as caught, workers(1, address):
        pass
    assert caught.value.message == f"no Dask scheduler answers at {address}"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(TrialdeckError) as caught, workers(1, "tcp://127.0.0.1:9"):
        pass
    assert (caught.value.message, caught.value.hint) == (
        "--dask needs the library distributed",
        'pip install "trialdeck[dask]"',
    )
