"""What a person sees: pages, and a line of progress."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


class _Output(Console):
    def on_broken_pipe(self) -> None:
        """Say so, where rich would end the program with status 1."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads what is printed")


def console() -> Console:
    """Standard output.  Names such as IC[seller: ...] are no markup; in a pipe or a file no table is cut."""
    found = _Output(highlight=False, markup=False)
    return found if found.is_terminal else _Output(highlight=False, markup=False, width=200)


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """A line with phase and time on standard error, for anything over a second; nothing when piped."""
    shown, started, phase = Console(stderr=True), time.perf_counter(), ["starting"]
    if quiet or not shown.is_terminal:
        yield lambda name: None
        return
    done = threading.Event()

    def show() -> None:
        if done.wait(1.0):
            return
        with shown.status("") as status:
            while not done.wait(0.1):
                status.update(f"{phase[0]}, {time.perf_counter() - started:.0f} s")

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield lambda name: phase.__setitem__(0, name)
    finally:
        done.set()
        thread.join()
