"""Is a simple mechanism ever beaten?  The best simple one against mechanisms measurable in cells, types uniform on [0, 1].

Čopič and Ponsatí (2006, section 3.3) leave open whether a mechanism that is not simple can be ex-ante better than every simple
one.  Floats search here; :mod:`mechlp.proof.continuum` proves both ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals
from ..program import Block, Family, Program, Term
from ..program.backend import propose
from ..program.form import form
from ..program.model import Columns
from ..proof.cells import CellMechanism
from ..proof.continuum import Comparison
from ..proof.invalid import InvalidCertificate
from ..proof.simple_continuum import first_best, simple_averages, simple_bound, simple_welfare
from ..solving.simple import MAX_STEPS, iterate

Floats = npt.NDArray[np.float64]
Progress = Callable[[str], None]
#: Share of the lottery over posted prices mixed in, so that no probability is zero; parts of a probability.
MIXED, PARTS = 2e-5, 10**12
#: Places within a cell where a distribution may have mass.
PLACES = 12
#: Squares a side of an upper end for which no distribution was found in time.
FEWEST = 20
#: Tolerance of that distribution: the last digits only make it rugged, and its tangents worse between the places.
SMOOTH = 1e-8


# -- the best simple mechanism ---------------------------------------------------------------------
def atoms_welfare(partition: Floats, power: float) -> Callable[[Floats], tuple[float, Floats]]:
    """Welfare on the continuum, and gradient, of the simple mechanism of atoms at the points of a partition: closed forms."""
    n, width = len(partition) - 1, np.diff(partition)
    k, last = np.arange(n)[:, None], np.arange(n)[None, :]
    used = k < last

    def value(f: Floats) -> tuple[float, Floats]:
        cumulated = [np.concatenate([[0], np.cumsum(part)]) for part in (f, f * partition)]
        mass, moment = (np.where(used, c[last + 1] - c[k + 1], 1) for c in cumulated)
        mass = np.maximum(mass, 1e-300)
        total, grad = 0.0, np.zeros((2, n, n))
        for sign, near, far, side in ((1, k, k + 1, width[None, :]), (-1, last + 1, last, width[:, None])):
            high, low = (np.maximum(sign * (moment - partition[at] * mass), 0) for at in (near, far))
            part = np.where(used, (high ** (power + 1) - low ** (power + 1)) / ((power + 1) * mass) * side, 0)
            slope = np.where(used, sign * (high**power - low**power) / mass * side, 0)
            total += part.sum()
            grad[0] += slope
            grad[1] += np.where(used, power * part / mass - moment / mass * slope, 0)
        sums = grad[:, :, ::-1].cumsum(axis=2)[:, :, ::-1].cumsum(axis=1)  # over k <= row, last >= column
        inside = np.arange(1, n)
        out = np.zeros(n + 1)
        out[1:n] = partition[inside] * sums[0, inside - 1, inside] + sums[1, inside - 1, inside]
        return total, out

    return value


def best_atoms(partition: Floats, power: float) -> Floats:
    """The best distribution over the inner points of a partition."""
    start = np.ones(len(partition))
    start[[0, -1]] = 0
    return iterate(atoms_welfare(partition, power), start, power)


def best_masses(power: float, n: int, steps: int = MAX_STEPS) -> Floats:
    """A symmetric distribution, shape ``(n, PLACES)``, that makes :func:`simple_bound` small.

    It is the best for the averages that the bound uses, among those with masses near where K is largest within its cells: at
    their middles, and further inside towards the ends of [0, 1].  Finer grids start from coarser ones.
    """
    above = np.triu(np.ones((n, n), dtype=bool))
    weights = np.where(above, 2 / n**2, 0)
    np.fill_diagonal(weights, 1 / n**2)
    size, middle = n * PLACES, PLACES // 2
    places = [
        k
        for k in range(1, size // 2 + 1)
        if k % PLACES == middle or (k < size // 4 and middle < k % PLACES <= middle + PLACES // 4)
    ]
    spread = np.zeros((len(places), size))
    for row, k in enumerate(places):
        spread[row, k] += 0.5
        spread[row, size - k] += 0.5
    rows = np.stack([simple_averages(mass.reshape(n, PLACES))[0][above] for mass in spread], axis=1)
    weigh = weights[above]

    def value(f: Floats) -> tuple[float, Floats]:
        average = np.maximum(rows @ f, 1e-30)
        return float(weigh @ average**power), (weigh * power * average ** (power - 1)) @ rows

    start = np.ones(len(places))
    if n >= 60:
        coarse = best_masses(power, n * 3 // 5, steps).sum(axis=1)
        at = (np.arange(len(coarse)) + 0.5) / len(coarse)
        start = np.exp(np.interp(np.array(places) / size, at, np.log(np.maximum(coarse, 1e-13))))
        start *= np.where(np.array(places) % PLACES == middle, 1, 1e-3)
    return (iterate(value, start, power, steps, SMOOTH) @ spread).reshape(n, PLACES)


# -- mechanisms measurable in cells ------------------------------------------------------------------
def cell_prices(partition: Sequence[Fraction], masses: Floats, apart: float = 2e-3) -> list[Fraction]:
    """The points of the partition, and the prices of the best simple mechanism (rounded, merged when close)."""
    grid = np.array([float(g) for g in partition])
    mass, moment = (np.concatenate([[0], np.cumsum(part)]) for part in (masses, masses * grid))
    start, stop = np.triu_indices(len(grid) - 1, 1)
    held = mass[stop + 1] - mass[start + 1]
    means = np.sort((moment[stop + 1] - moment[start + 1])[held > 0] / held[held > 0])
    kept: list[float] = []
    for mean in means:
        if np.abs(grid - mean).min() > apart and (not kept or mean - kept[-1] > apart):
            kept.append(float(mean))
    return sorted([*partition, *(Fraction(round(mean * 10**4), 10**4) for mean in kept)])


class CellProgram:
    """The float search for a mechanism measurable in cells: adjacent lies, and others as they are found to pay."""

    def __init__(
        self, partition: Sequence[Fraction], prices: Sequence[Fraction], power: float, margin: float
    ) -> None:
        self.g, self.p = (np.array([float(v) for v in values]) for values in (partition, prices))
        self.n, self.power, self.margin = len(self.g) - 1, power, margin
        cells = np.arange(self.n)
        low, high = self.g[cells + 1][:, None, None], self.g[cells][None, :, None]
        trades = cells[:, None] < cells[None, :]
        self.support = trades[..., None] & (self.p >= low - 1e-12) & (self.p <= high + 1e-12)
        ahead = self.p[None, :] - self.g[:, None]
        self.utility = [
            np.where(d > 1e-12, np.abs(d), 0) ** power for d in (ahead, -ahead)
        ]  # (points, prices)
        worth = np.where(ahead > 1e-12, np.abs(ahead), 0) ** (power + 1) / (power + 1)
        other = np.where(-ahead > 1e-12, np.abs(ahead), 0) ** (power + 1) / (power + 1)
        width = np.diff(self.g)
        self.objective = (worth[:-1] - worth[1:])[:, None, :] * width[None, :, None] + (
            other[1:] - other[:-1]
        )[None, :, :] * width[:, None, None]

    def solve(self, say: Progress, deadline: Deadline = NEVER, rounds: int = 8) -> Floats:
        """Probabilities ``(n, n, P)``; ArithmeticError when the float solver does not end."""
        cuts = [self._adjacent(agent) for agent in range(2)]
        for step in range(rounds):
            say(f"a mechanism measurable in cells, round {step + 1}")
            proposal = propose(form(self._program(cuts)), tight=True, time_limit=deadline)
            if proposal.outcome != "optimal":
                raise ArithmeticError(f"the float solver ended with: {proposal.outcome}")
            x = proposal.primal.reshape(self.n, self.n, len(self.p))
            found = [self._paying(agent, x) for agent in range(2)]
            if not any(len(new) for new in found):
                break
            cuts = [np.concatenate([old, new]) for old, new in zip(cuts, found, strict=True)]
        return np.asarray(x, dtype=np.float64)

    def _turned(self, agent: int, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """An array over cells with the agent's own first."""
        return x if agent == 0 else np.moveaxis(x, 1, 0)

    def _trades(self, agent: int) -> npt.NDArray[np.bool_]:
        cells = np.arange(self.n)
        return cells[:, None] < cells[None, :] if agent == 0 else cells[:, None] > cells[None, :]

    def _adjacent(self, agent: int) -> npt.NDArray[np.intp]:
        """Rows (type's cell, report, other's cell, type: a point of the partition) for reports one cell away."""
        trades = self._trades(agent)
        rows = []
        for step in (-1, 1):
            own, other = np.nonzero(trades)
            told = own + step
            fits = (told >= 0) & (told < self.n)
            own, told, other = own[fits], told[fits], other[fits]
            both = trades[told, other]
            far = own + (step < 0)
            rows.append(np.stack([own, told, other, far], axis=1)[both])
        return np.concatenate(rows)

    def _least(self, agent: int, rows: npt.NDArray[np.intp]) -> Floats:
        """What truth must be worth more: the margin times how far the type is from the cells between it and the report."""
        own, told, other, point = rows.T
        near = np.where(told < own, own, own + 1)
        far = np.abs(self.g[point] - self.g[np.where(told < own, told + 1, told)])
        trivial = self.utility[agent][point[:, None], np.arange(len(self.p))[None, :]]
        alive = (trivial * self._turned(agent, self.support)[own, other]).max(axis=1) > 0
        return np.where(alive & ((point != near) | (np.abs(told - own) > 1)), self.margin * far, 0)

    def _paying(self, agent: int, x: Floats) -> npt.NDArray[np.intp]:
        """Lies further away that pay at an end of the type's cell."""
        own_first, trades = self._turned(agent, x), self._trades(agent)
        value = np.einsum("vp,ijp->vij", self.utility[agent], own_first)
        found = []
        for end in (0, 1):
            at = np.arange(self.n) + end
            truth = value[at, np.arange(self.n)]
            own, told, other = np.nonzero(trades[:, None, :] & trades[None, :, :])
            far = np.abs(own - told) > 1
            rows = np.stack([own, told, other, own + end], axis=1)[far]
            gain = (truth[:, None, :] - value[at])[own, told, other][far]
            found.append(rows[gain < self._least(agent, rows) - 1e-9])
        return np.concatenate(found)

    def _program(self, cuts: Sequence[npt.NDArray[np.intp]]) -> Any:
        size, zero = len(self.p), Rationals.of(0)
        exact = lambda values: Rationals(np.rint(values * 2**45).astype(np.int64), 2**45)  # noqa: E731
        block = Block("x", self.support.shape, zero, Rationals(self.support.astype(np.int64)))
        columns = Columns((block,))["x"]
        families = [
            Family(
                "lottery", (self.n, self.n), (Term(columns, Rationals.of(1), (size,)),), "<=", Rationals.of(1)
            )
        ]
        for agent, rows in enumerate(cuts):
            own_first = self._turned(agent, columns)
            own, told, other, point = rows.T
            terms = [
                Term(own_first[cell, other], exact(self.utility[agent][point] * sign), (size,))
                for cell, sign in ((own, 1), (told, -1))
            ]
            least = exact(self._least(agent, rows))
            families.append(Family(f"lies {agent}", (len(rows),), tuple(terms), ">=", least))
            # The type between two cells is indifferent: the seller's upper end, the buyer's lower.
            trades, step = self._trades(agent), (1, -1)[agent]
            i, j = np.nonzero(trades)
            fits = (i + step >= 0) & (i + step < self.n)
            i, j = i[fits], j[fits]
            both = trades[i + step, j]
            i, j = i[both], j[both]
            border = self.utility[agent][i + (agent == 0)]
            equal = [
                Term(own_first[cell, j], exact(border * sign), (size,))
                for cell, sign in ((i, 1), (i + step, -1))
            ]
            families.append(Family(f"borders {agent}", (len(i),), tuple(equal), "=", zero))
        return Program(
            (block,), tuple(families), {"x": exact(self.objective)}, name="mechanisms measurable in cells"
        )


def rounded(
    power: Fraction, partition: Sequence[Fraction], prices: Sequence[Fraction], x: Floats
) -> CellMechanism:
    """A float mechanism with rational probabilities inside each cell, a little of the posted prices mixed in."""
    n = len(partition) - 1
    share = MIXED / (n - 1)
    inner, nearest = {}, []
    posted = np.array([price in partition for price in prices])
    for i in range(n - 1):
        for j in range(i + 1, n):
            row = {}
            for k in np.flatnonzero((x[i, j] > 0) | posted):
                price = prices[int(k)]
                weight = x[i, j, k] * (1 - MIXED) + (share if price in partition else 0)
                parts = Fraction(round(float(weight) * (1 - 1e-9) * PARTS), PARTS)
                if j == i + 1 and price == partition[j]:
                    nearest.append(parts)
                elif partition[i + 1] < price < partition[j] and parts > 0:
                    row[price] = parts
            if j > i + 1:
                inner[i, j] = row
    return CellMechanism(power, tuple(partition), tuple(nearest), inner)


# -- side by side ----------------------------------------------------------------------------------
#: What is said where time, and nothing else, may keep the ends apart.
OUT_OF_TIME = "the time limit ended the search: with more time the ends may be closer"


def compare_simple(
    power: Fraction,
    partition: Sequence[Fraction],
    *,
    squares: int = 150,
    margin: float = 1e-5,
    time_limit: float | Deadline | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Certified ends for the best simple and the best mechanism of all, at a power in (0, 1).

    ``squares`` a side for the upper end of simple mechanisms; a general mechanism is measurable in the cells of ``partition``.
    Where none can be certified the simple one's lower end stands for it.  What does not end in time (seconds, or a deadline)
    gives way to what is at hand: the posted price 1/2, and an even distribution for the upper end of simple mechanisms.
    """
    say, deadline = progress or (lambda phase: None), Deadline.of(time_limit)
    g = float(power)
    fine = [Fraction(k, 60) for k in range(61)]
    say("simple mechanisms: lower end")
    weights = deadline.broken_off(
        lambda: best_atoms(np.array([float(v) for v in fine]), g), lambda: np.eye(61)[30]
    )
    cells = np.rint(weights * 10**9).astype(int).tolist()
    cells[30] += 10**9 - sum(cells)
    atoms = tuple(Fraction(c, 10**9) for c in cells)
    least = simple_welfare(power, fine, atoms)
    say("simple mechanisms: upper end")
    even = np.full((min(squares, FEWEST), PLACES), 1 / (min(squares, FEWEST) * PLACES))
    masses = deadline.broken_off(lambda: best_masses(g, squares), lambda: even)
    most = simple_bound(power, masses)
    mechanism, reached = None, least

    def beyond() -> tuple[CellMechanism, Fraction]:
        on_cells = best_atoms(np.array([float(v) for v in partition]), g)
        prices = cell_prices(partition, on_cells)
        x = CellProgram(partition, prices, g, margin).solve(say, deadline)
        say("certify")
        found = rounded(power, partition, prices, x)
        return found, found.welfare()

    try:
        found = None if deadline.passed else deadline.latest.broken_off(beyond, lambda: None)
        if found is not None and found[1] > least:
            mechanism, reached = found
    except (ArithmeticError, InvalidCertificate) as error:
        say(f"no mechanism measurable in cells is certified: {error}")
    ends = (reached, first_best(power))
    rows = tuple(tuple(map(float, row)) for row in masses)
    notes = (OUT_OF_TIME,) if deadline.passed else ()
    return Comparison(power, (least, most), ends, atoms, rows, mechanism, notes)
