"""What comes back from a linear program: an exact solution, or exact multipliers that refute it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

from ..exact.numbers import Rationals

if TYPE_CHECKING:
    from .highs import Basis

Status = Literal["optimal", "infeasible", "unbounded", "undecided"]


@dataclass(frozen=True)
class Solution:
    """An exactly checked verdict on a :class:`~mechlp.program.model.Program`.

    Sign convention, for ``max`` and ``min`` alike: ``dual`` is the derivative of the optimal value with
    respect to the right-hand side of the *stored* row.  So for ``max`` it is ``<= 0`` on ``>=`` rows and
    ``>= 0`` on ``<=`` rows, for ``min`` the reverse; ``reduced = costs - A' dual``.

    * ``optimal``: ``primal`` (one entry a column) is feasible, ``dual`` and ``reduced`` are
      sign-correct, and both give ``value``.
    * ``infeasible``: ``dual`` holds refuting multipliers, ``>= 0`` on ``>=`` rows, ``<= 0`` on ``<=`` rows,
      free on ``=`` rows: ``(A' dual) . x >= rhs . dual`` must hold for every feasible x, yet even the best
      x within the column bounds falls short.
    * ``unbounded``: ``primal`` is feasible and ``ray`` is a direction that stays feasible and improves.
    * ``undecided``: nothing is proved beyond ``bound`` (when given: no feasible point has a better
      value); ``primal``, when given, is exactly feasible with value ``value``; ``dual``, when given, is sign-correct and
      prices every free column exactly.  For programs with
      integer columns ``optimal`` is never claimed: see ``bound``.
    """

    status: Status
    value: Fraction | None = None
    bound: Fraction | None = None
    primal: Rationals | None = None
    dual: Rationals | None = None
    reduced: Rationals | None = None
    ray: Rationals | None = None
    method: str = ""
    timings: Mapping[str, float] = field(default_factory=dict)
    #: Of ``optimal``, where the point is that of a basis.
    basis: Basis | None = field(default=None, repr=False, compare=False)
