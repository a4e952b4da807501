"""Where the tasks of a sweep run: here, in processes of this machine (joblib), or on the workers of a Dask cluster.

Each way yields a task with its results, as they come and in any order, or with None where its process ended in the middle.
What a task leaves open is for the caller to ask again.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from ..version import __version__
from .axes import InvalidMap

Task = TypeVar("Task")
Result = TypeVar("Result")
#: What gives the results of a task as they become known.
Work = Callable[[Task], Iterable[Result]]
Results = Generator[tuple[Task, list[Result] | None], None, None]
Run = Callable[[Work[Task, Result], Sequence[Task]], Results[Task, Result]]
#: Seconds after which a worker hands back the results that it has: a kill costs no more, and those of one step.
HANDED = 2.0
#: Tasks handed out for each process; seconds between two looks at whether the parent is alive, and for a scheduler to answer.
AHEAD, LOOK, ANSWER = 2, 0.5, 20


@contextmanager
def opened(jobs: int, scheduler: str | None = None) -> Iterator[tuple[Run[Any, Any], int]]:
    """What runs tasks, and how many at once.  Raises InvalidMap where a scheduler is not of use."""
    if scheduler is not None:
        with _cluster(scheduler) as found:
            yield found
    elif jobs == 1:
        yield _here, 1
    else:
        yield partial(_processes, jobs), jobs


def _here(work: Work[Task, Result], tasks: Sequence[Task]) -> Results[Task, Result]:
    """One after the other, in this process."""
    for task in tasks:
        for result in work(task):
            yield task, [result]


def _handed(work: Work[Task, Result], task: Task) -> list[Result]:
    """The results that are known soon, and at least one."""
    out, end = [], time.perf_counter() + HANDED
    for result in work(task):
        out.append(result)
        if time.perf_counter() > end:
            break
    return out


def _processes(jobs: int, work: Work[Task, Result], tasks: Sequence[Task]) -> Results[Task, Result]:
    """So many processes; they end with this one, however it ends."""
    left = dict(enumerate(tasks))
    try:
        with _closing(_parallel(jobs, work, left)) as results:
            for place, result in results:
                yield left.pop(place), result
    except _ended():
        # Whose task it was is not known: it is among those that were handed out, and found when each runs alone.
        for place in list(left)[: AHEAD * jobs]:
            try:
                with _closing(_parallel(2, work, {place: left[place]})) as results:
                    yield from [(left[k], result) for k, result in results]
            except _ended():
                yield left[place], None


@contextmanager
def _closing(results: Any) -> Iterator[Any]:
    """Closes the results, without joblib's warning of how many tasks are thrown away by that."""
    try:
        yield results
    finally:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "[0-9]+ tasks ", UserWarning)
            results.close()


def _parallel(jobs: int, work: Work[Task, Result], tasks: Mapping[int, Task]) -> Any:
    from joblib import Parallel, delayed  # slow to load

    pool = Parallel(
        n_jobs=jobs,
        backend="loky",
        batch_size=1,
        pre_dispatch=AHEAD * jobs,
        max_nbytes=None,
        return_as="generator_unordered",
        initializer=_begin,
        initargs=(os.getpid(),),
    )
    return pool([delayed(_one)(work, place, task) for place, task in tasks.items()])


def _one(work: Work[Task, Result], place: int, task: Task) -> tuple[int, list[Result]]:
    return place, _handed(work, task)


def _ended() -> type[Exception]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    found: type[Exception] = BrokenProcessPool
    return found


def _begin(parent: int) -> None:
    """A worker leaves interrupts to its parent, and ends with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def follow() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    if sys.platform != "win32":  # there the number of a parent that is gone stays
        threading.Thread(target=follow, daemon=True).start()


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Run[Any, Any], int]]:
    """The workers of a Dask scheduler."""
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise InvalidMap("--scheduler needs Dask: pip install 'mechlp[dask]'") from None
    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InvalidMap(
            f"--scheduler {address}: no Dask scheduler answers there ({said}); expected an address such as tcp://10.0.0.1:8786"
        ) from None

    def run(work: Work[Task, Result], tasks: Sequence[Task]) -> Results[Task, Result]:
        futures = {client.submit(_handed, work, task, pure=False): task for task in tasks}
        try:
            for future in as_completed(list(futures), loop=client.loop):
                lost = future.status == "error" and isinstance(future.exception(), KilledWorker)
                yield futures.pop(future), None if lost else future.result()
        finally:
            client.cancel(list(futures))

    with client:
        yield run, _greeted(client, address)


def _greeted(client: Any, address: str) -> int:
    """How many threads the workers have, each with the mechlp that is here."""
    try:
        client.wait_for_workers(1, timeout=ANSWER)
    except TimeoutError:
        raise InvalidMap(f"--scheduler {address}: the scheduler has no worker") from None
    try:
        versions = client.run(installed)
    except Exception as error:
        raise InvalidMap(
            f"--scheduler {address}: a worker has no mechlp {__version__} ({type(error).__name__}: {error}); install it there"
        ) from None
    for worker, version in versions.items():
        if version != __version__:
            raise InvalidMap(
                f"--scheduler {address}: {worker} has mechlp {version}, and here is {__version__}"
            )
    return sum(client.nthreads().values())


def installed() -> str:
    """The version of mechlp where this runs."""
    return __version__


__all__ = ["Results", "Run", "Work", "opened"]
