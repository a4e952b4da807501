"""The time by which an answer is wanted: one object, handed down to all that works on the answer."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass


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

    def within(self, seconds: float) -> Deadline:
        """The same, and no more than so many seconds from now."""
        return Deadline(min(self.at, time.perf_counter() + seconds))

    def beyond(self, seconds: float) -> Deadline:
        """So many seconds later."""
        return Deadline(self.at + seconds)


NEVER = Deadline()

__all__ = ["NEVER", "Deadline"]
