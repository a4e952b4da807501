"""Trade at prices by its marginals: O(P) columns a profile in the place of one for each pair of prices.

A trader sees her own price alone, so ex-post requirements and welfare are linear in the chances that the seller gets, and that
the buyer pays, each price; lotteries over pairs with these marginals exist iff what is received lies below what is paid
(Strassen 1965).  Blocks ``received`` and ``paid`` ``(m, n, P)``, and ``ahead``: how far one distribution is ahead of the other.
Points are carried back to lotteries over outcomes, multipliers are those of the ordinary requirements.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..environment.prices import Prices
from ..exact.numbers import Rationals, maximum, minimum
from ..mechanism.mechanism import Mechanism
from ..program import Block, Columns, Family, Program, Solution, Term
from ..program.model import TooLarge
from ..proof.multipliers import Multipliers
from ..question.design import Design
from ..question.objective import goal, stakes_of
from .rows.keys import Kind, key

#: Most entries of the rows of incentive compatibility.
MAX_ENTRIES = 40_000_000
#: Bits of rounded chances.
BITS = 44
Floats = npt.NDArray[np.float64]
SIDES = ("received", "paid")


def applies(design: Design) -> bool:
    """Whether a design is about ex-post requirements on lotteries over trades at prices that are free to choose."""
    return (
        design.environment.prices is not None
        and design.environment.possible is not None
        and bool(np.all(design.environment.possible[0]))  # they may always part without a trade
        and (design.ic, design.ir, design.bb, design.transfers) == ("ex-post", "ex-post", "none", "none")
        and isinstance(design.allocation, str)
        and design.allocation == "chosen"
        and design.wants.kind in ("surplus", "undominated")
        and not design.constraints
        and design.misreports is None
    )


class Marginals:
    """The program of the marginals (an :class:`~mechlp.solving.enclosed.Image`), and the ways back."""

    def __init__(self, design: Design) -> None:
        assert design.environment.prices is not None
        self.design, self.prices = design, design.environment.prices
        self.program = self._program()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Types of the seller, types of the buyer, prices."""
        m, n = self.design.environment.shape
        return m, n, len(self.prices.grid)

    def worth(self, agent: int) -> Rationals:
        """What each price is worth to each type of a trader: shape ``(types, P)``, or ``(m, n, P)`` cut to the own type."""
        prices: Prices = self.prices
        own = prices.received if agent == 0 else prices.paid
        first = np.array([1 + int(np.flatnonzero(own == p)[0]) for p in range(len(prices.grid))])
        array = self.design.environment.utility[agent].unrepeated()[first]
        array = array.broadcast_to((len(first), *self.design.environment.shape)).moveaxis(agent + 1, 1)
        return array[:, :, 0].moveaxis(0, 1)

    # -- the program ----------------------------------------------------------------------------
    def _program(self) -> Program:
        (m, n, size), design = self.shape, self.design
        entries = 2 * size * m * n * (m + n)
        if entries > MAX_ENTRIES:
            raise TooLarge(
                f"{m} x {n} types and {size} prices: {entries:,} entries of incentive compatibility "
                f"({entries * 12 / 2**30:.1f} GiB in floats alone); at most {MAX_ENTRIES:,} are accepted: "
                "use fewer types or prices"
            )
        one, zero, inside = Rationals.of(1), Rationals.of(0), Rationals(self.prices.support.astype(np.int64))
        between = np.ones(size + 1, dtype=np.int64)
        between[[0, -1]] = 0
        blocks = [Block(name, (m, n, size), zero, inside) for name in SIDES]
        blocks.append(Block("ahead", (m, n, size + 1), zero, Rationals(between)))
        columns = Columns(blocks)
        received, paid, ahead = (columns[name] for name in (*SIDES, "ahead"))
        balance = (
            Term(received, one),
            Term(paid, -one),
            Term(ahead[..., :-1], one),
            Term(ahead[..., 1:], -one),
        )
        families = [
            Family("order of prices", (m, n, size), balance, "=", zero),
            Family("lottery", (m, n), (Term(received, one, (size,)),), "<=", one),
        ]
        aim = goal(design)
        assert aim is not None
        assert design.environment.designer is not None
        stakes = stakes_of(design, design.environment.designer)
        objective = {}
        for agent, name in enumerate(SIDES):
            cells = columns[name] if agent == 0 else np.moveaxis(columns[name], 1, 0)
            own, other = (m, n) if agent == 0 else (n, m)
            worth = self.worth(agent)
            told = worth.reshape(own, 1, 1, size)
            terms = (Term(cells[:, None], told, (size,)), Term(cells[None, :], -told, (size,)))
            families.append(Family(key(Kind.IC, agent), (own, own, other), terms, ">=", zero))
            by_type = worth.reshape(own, 1, size)
            if design.environment.status_quo is not None:
                least = design.environment.outside[agent].moveaxis(agent, 0)
                truth = (Term(cells, by_type, (size,)),)
                families.append(Family(key(Kind.IR, agent), (own, other), truth, ">=", least))
            stake = stakes[agent].moveaxis(agent, 0).reshape(own, other, 1)
            objective[name] = (stake * by_type).moveaxis(0, agent)
        return Program(
            tuple(blocks), tuple(families), objective, constant=aim.constant, name="trade at prices"
        )

    # -- the ways back --------------------------------------------------------------------------
    def mechanism(self, columns: Floats) -> Mechanism:
        """Exact lotteries near float ones: mass off the support dropped, the order of the two prices and the mass mended."""
        m, n, size = self.shape
        flat = columns[: 2 * m * n * size].reshape(2, m, n, size)
        sides = []
        for side in flat:
            cells = np.rint(np.where(self.prices.support, np.clip(side, 0, 1), 0) * 2**BITS).astype(np.int64)
            sides.append(Rationals(np.cumsum(cells, axis=2), 2**BITS))
        got, given = sides
        given = minimum(minimum(given, got), 1)
        got = minimum(got, given[:, :, -1:])
        steps = [
            Rationals(np.diff(s.numerator, axis=2, prepend=0), s.denominator).reduced() for s in (got, given)
        ]
        return self.lotteries(steps[0], steps[1])

    def lotteries(self, received: Rationals, paid: Rationals) -> Mechanism:
        """The mechanism with these marginals."""
        environment = self.design.environment
        allocation = self.prices.lottery(received, paid)
        return Mechanism(environment, allocation, Rationals.zeros((2, *environment.shape)))

    def exact(self, solution: Solution) -> Mechanism:
        """The mechanism of an exact solution."""
        assert solution.primal is not None
        sides = [self.program.values(name, solution.primal).reduced() for name in SIDES]
        return self.lotteries(sides[0], sides[1])

    def multipliers(self, solution: Solution) -> Multipliers:
        """Duals as multipliers >= 0 on IC and, where a mechanism must leave nobody worse off, on that."""
        assert solution.dual is not None
        m, n = self.design.environment.shape
        sign = -1 if solution.status != "infeasible" else 1
        ic, ir = [], []
        for agent, own in enumerate((m, n)):
            part = self.program.multipliers(key(Kind.IC, agent), solution.dual) * sign
            lies = Rationals((1 - np.eye(own, dtype=np.int64)).reshape(own, own, 1))
            part = (maximum(part, 0) * lies).reduced()
            ic.append(part.reshape(1, *part.shape))
            if self.design.environment.status_quo is None:
                ir.append(Rationals.zeros((1, own, (n, m)[agent])))
            else:
                floor = maximum(self.program.multipliers(key(Kind.IR, agent), solution.dual) * sign, 0)
                ir.append(floor.reduced().reshape(1, *floor.shape))
        return Multipliers(tuple(ic), tuple(ir), None)
