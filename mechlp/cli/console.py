"""What a person sees: pages, and a line of progress."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


def console() -> Console:
    """Standard output.  Names such as IC[seller: ...] are no markup; in a pipe or a file no table is cut."""
    found = Console(highlight=False, markup=False)
    return found if found.is_terminal else Console(highlight=False, markup=False, width=200)


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
