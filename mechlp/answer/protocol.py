"""What every kind of answer says, whatever the question."""

from __future__ import annotations

from typing import Any

from ..shown import Tabled

#: Every status of an answer, and the exit status of a program that ends with it: 0 a mechanism exists, or has the property
#: asked about; 1 it is proved that none exists, or that it has not; 3 undecided.
EXIT = {
    "feasible": 0,
    "optimal": 0,
    "unbounded": 0,
    "bracket": 0,
    "undominated": 0,
    "holds": 0,
    "fails": 1,
    "infeasible": 1,
    "dominated": 1,
    "undecided": 3,
}


def exists(status: str) -> bool | None:
    """What a status says of a mechanism of the kind asked about: there is one, there is none, None when that is open."""
    return {0: True, 1: False}.get(EXIT.get(status, 3))


class BaseAnswer(Tabled):
    """An answer; the kinds are frozen dataclasses with ``design``, ``status``, ``value``, ``bound`` and ``method``.

    ``value`` is attained by a mechanism and ``bound`` exceeded by none; both are exact, None where there is none.
    A kind is registered with :mod:`mechlp.report.pages`, which shows it, and read by :mod:`mechlp.checking.verify`.
    """

    status: Any
    #: How many rules are announced, where several may be.
    fewest: Any = None

    @property
    def exit_status(self) -> int:
        """See :data:`EXIT`."""
        return EXIT[self.status]

    @property
    def exists(self) -> bool | None:
        """Whether a mechanism exists; None when that is open."""
        return exists(self.status)

    def to_json(self) -> dict[str, Any]:
        """The whole answer: exact strings, self-contained (the problem is embedded), with a checksum."""
        raise NotImplementedError
