"""In what units a program is written decides nothing: same verdict, same multipliers, carried back exactly."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.program import Block, Family, Program, Term
from mechlp.program.form import form
from mechlp.program.solve import solve
from mechlp.program.units import Units

DATA = Path(__file__).resolve().parent.parent / "data"
EXPONENTS = (-30, -13, -9, 13, 30)


def design(power: int, **asked) -> Design:
    """Two agents of four types with a drawn prior and drawn payoffs, times a power of ten."""
    dice = np.random.default_rng(7)
    prior = dice.integers(1, 20, (4, 4))
    utility = tuple(Rationals(dice.integers(-10, 21, (3, 4, 4))) * Fraction(10) ** power for _ in range(2))
    agents = tuple(Agent.of(name, list(range(4))) for name in ("one", "two"))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    return Design(Environment(agents, ("x", "y", "z"), utility, beliefs), **asked)


@pytest.mark.parametrize(
    ("name", "value"), [("large", Fraction(37, 6) * 10**12), ("small", Fraction(37, 6) / 10**10)]
)
def test_two_goods_and_one_buyer_in_other_units(name, value):
    """The 6 x 6 grid is worth 37/6 when values are 0, 2, ..., 10."""
    answer = mechlp.read(DATA / f"units-{name}.yaml").design.solve(time_limit=600)
    assert (answer.status, answer.value, answer.certified) == ("optimal", value, True)


@pytest.mark.parametrize("power", EXPONENTS)
@pytest.mark.parametrize(
    "asked",
    [
        {"objective": "revenue"},
        {"objective": "surplus", "bb": "ex-post"},
        {"objective": "revenue", "ic": "ex-post", "ir": "ex-post"},
        {"objective": "feasibility", "ic": "ex-post", "ir": "ex-post", "bb": "ex-post"},
        {"objective": "revenue", "ir": "none"},
    ],
)
def test_a_common_scale_of_payoffs(power, asked):
    """Optimal, impossible and unbounded alike; what must give way grows with the scale."""
    one, other = design(0, **asked).solve(), design(power, **asked).solve(time_limit=600)
    scale = Fraction(10) ** power
    assert (other.status, other.certified) == (one.status, True)
    assert other.unique == one.unique
    assert other.value == (None if one.value is None else one.value * scale)
    amounts = [r.amount for r in one.relaxations]
    assert [r.amount for r in other.relaxations] == [None if a is None else a * scale for a in amounts]


def mixed(rows, columns, costs) -> Program:
    """``max x + y + z`` under ``x + y <= 1``, ``y + z <= 1``, ``x - z = 1/3``, each row and column in a unit of its own."""
    cells = [((0, 1), (1, 1)), ((1, 2), (1, 1)), ((0, 2), (1, -1))]
    families = []
    for k, ((places, entries), sense, rhs) in enumerate(
        zip(cells, ("<=", "<=", "="), (Fraction(1), Fraction(1), Fraction(1, 3)), strict=True)
    ):
        own = Rationals.of([rows[k] * columns[j] * e for j, e in zip(places, entries, strict=True)])
        term = Term(np.array(places, dtype=np.int32), own, (2,))
        families.append(Family(f"row {k}", (), (term,), sense, Rationals.of(rows[k] * rhs)))
    block = Block("x", (3,), Rationals.of(0), Rationals.of([1 / c for c in columns]))
    return Program((block,), tuple(families), {"x": Rationals.of([costs * c for c in columns])})


def test_rows_and_columns_each_in_a_unit_of_its_own():
    """The optimum is 5/3 (x = 1, y = 0, z = 2/3), and duality holds as written."""
    units = [Fraction(10) ** k for k in (25, -30, 3)]
    program = mixed(units, units[::-1], Fraction(10) ** -20)
    found = solve(program)
    assert found.status == "optimal"
    assert found.value == Fraction(5, 3) / 10**20
    canonical = form(program)
    assert canonical.feasible(found.primal)
    pulled = canonical.pull(found.dual / program.row_scales)
    assert (program.costs - pulled).same(found.reduced)


def test_numbers_near_one_are_left_alone():
    assert Units.of(form(mixed([Fraction(1)] * 3, [Fraction(1)] * 3, Fraction(1)))) is None
    found = Units.of(form(mixed([Fraction(10) ** 30] * 3, [Fraction(1)] * 3, Fraction(1))))
    assert found is not None and int(abs(found.form.matrix.data).max()) == 1
