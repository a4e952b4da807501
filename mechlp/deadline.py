"""The time by which an answer is wanted: one object, handed down to all that works on the answer.

Whoever works long asks it how much is left.  Where a single step may take long (writing a program, an audit, arithmetic on long
numbers), :meth:`Deadline.enforced` breaks it off from outside.
"""

from __future__ import annotations

import _thread
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")
#: Seconds, and a part of what is left, that the last word may take.
GRACE, OVER = 0.35, 0.15
#: Seconds, and multiples of those that an answer took, for what is said beside it.
BESIDE, MULTIPLE = 2.0, 1.0
#: Seconds until the main thread is told once more.
AGAIN = 0.1


class BrokenOff(BaseException):
    """The time was over while something ran that does not ask for it; no ``except Exception`` may hold it up."""


#: What a reminder tells the main thread by: a signal that nobody else here uses; outside it is as it was.
_SIGNAL = getattr(signal, "SIGUSR1", signal.SIGTERM)
#: The deadlines that are enforced at the moment, the outermost first.
_enforced: list[Deadline] = []


def _break_off(*_: Any) -> None:
    if any(deadline.passed for deadline in _enforced):
        raise BrokenOff


def _remind(seconds: float, done: threading.Event) -> None:
    """Tell the main thread when the time is over, and again: Python drops what is raised in its collector's callbacks."""
    while not done.wait(seconds):
        _thread.interrupt_main(_SIGNAL)
        seconds = AGAIN


@dataclass(frozen=True)
class Deadline:
    """A point in time, ``at`` on the clock of ``time.perf_counter``; by default never."""

    at: float = math.inf

    @classmethod
    def of(cls, limit: float | Deadline | None) -> Deadline:
        """In ``limit`` seconds from now (None: never); a deadline is itself."""
        if isinstance(limit, Deadline):
            return limit
        return cls() if limit is None else cls(time.perf_counter() + limit)

    @property
    def left(self) -> float:
        """Seconds that remain, not below zero; infinite without an end."""
        return max(self.at - time.perf_counter(), 0.0)

    @property
    def passed(self) -> bool:
        return time.perf_counter() >= self.at

    def beside(self, took: float, moment: float = BESIDE) -> Deadline:
        """For what is said beside an answer that took so many seconds."""
        return self.within(moment + MULTIPLE * took)

    def within(self, seconds: float) -> Deadline:
        """The same, and no more than so many seconds from now."""
        return Deadline(min(self.at, time.perf_counter() + seconds))

    def beyond(self, seconds: float) -> Deadline:
        """So many seconds later."""
        return Deadline(self.at + seconds)

    @property
    def latest(self) -> Deadline:
        """When whatever is under way is broken off: what notices the deadline itself has a moment for its last word."""
        return self if self.at == math.inf else self.beyond(GRACE + OVER * self.left)

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """What is inside ends by the deadline, at the latest after the step that it is in: raises :class:`BrokenOff`.

        In the main thread only: elsewhere the deadline holds as far as it is asked for.
        """
        before = signal.getsignal(_SIGNAL)
        main = threading.current_thread() is threading.main_thread()
        if self.at == math.inf or not main or before is None:  # what is not Python's could not be given back
            yield
            return
        signal.signal(_SIGNAL, _break_off)
        done = threading.Event()
        reminder = threading.Thread(target=_remind, args=(self.left, done), daemon=True)
        reminder.start()
        try:
            try:
                _enforced.append(self)
                if self.passed:  # the reminder may have told nobody
                    raise BrokenOff
                yield
            finally:
                done.set()
                reminder.join()  # it may be telling at this moment, which ends here
        finally:
            _enforced[:] = [deadline for deadline in _enforced if deadline is not self]
            signal.signal(_SIGNAL, before)

    def broken_off(self, work: Callable[[], Result], otherwise: Callable[[], Result]) -> Result:
        """What ``work`` gives, or ``otherwise`` where it does not end by the deadline."""
        try:
            with self.enforced():
                return work()
        except BrokenOff:
            if any(deadline.passed for deadline in _enforced):  # one around it is over as well
                raise
        return otherwise()


NEVER = Deadline()

__all__ = ["NEVER", "BrokenOff", "Deadline"]
