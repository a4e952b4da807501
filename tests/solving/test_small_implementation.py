"""Full implementation in the smallest environments, one agent and single types among them, against the definitions."""

from fractions import Fraction as F
from itertools import chain, combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_implementation import checked, holds

from mechlp import Agent, Beliefs, Environment, Rationals
from mechlp.environment.coalitions import pattern
from mechlp.question.implementation import Choice, Feasible, Implementation
from mechlp.question.premises import InvalidDesign

SHAPES = [(1,), (2,), (3,), (1, 1), (1, 2), (2, 1), (2, 2)]


def question(shape, payoffs, gives, *checks, **more):
    """Two outcomes: payoffs ``[agent][outcome, *grid]``, and the outcome that the function gives at each profile."""
    n = len(shape)
    environment = Environment(
        [Agent.of(f"a{i}", list(range(s))) for i, s in enumerate(shape)],
        ["x", "y"],
        [Rationals(u) for u in payoffs],
    )
    allocation = Rationals((np.arange(2).reshape(-1, *[1] * n) == gives[None]).astype(int))
    choice = Choice(allocation, Rationals.zeros((n, *shape)))
    free = Feasible((F(0),) * n, (F(0),) * n)
    return Implementation(environment, choice, free, pattern(n, []), checks, **more)


@st.composite
def instances(draw, shapes=SHAPES):
    shape = draw(st.sampled_from(shapes))
    count = int(np.prod(shape))
    numbers = st.lists(st.integers(0, 2), min_size=2 * count, max_size=2 * count)
    payoffs = [np.array(draw(numbers)).reshape(2, *shape) for _ in shape]
    gives = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    return shape, payoffs, np.array(gives).reshape(shape)


def implementable(shape, payoffs, gives):
    """Whether every unacceptable deception (sets of reports, the truth among them) contains a report that its sender refutes.

    With two outcomes a reward is a chance of y: an interval, at an end of which the gain under all beliefs is largest.
    """
    cells = list(product(*map(range, shape)))

    def refutes(i, true, report, others, behind):
        at = lambda k, rest: (*rest[:i], k, *rest[i:])  # noqa: E731
        worth = lambda p, cell: payoffs[i][(0, *cell)] * (1 - p) + payoffs[i][(1, *cell)] * p  # noqa: E731
        low, high = F(0), F(1)
        for k in range(shape[i]):  # no type wants it where the others report so
            x, y = (int(payoffs[i][(o, *at(k, others))]) for o in (0, 1))
            most = (x, y)[gives[at(k, others)]] - x
            if y > x:
                high = min(high, F(most, y - x))
            elif y < x:
                low = max(low, F(most, y - x))
            elif most < 0:
                return False
        gain = lambda p: min(  # noqa: E731
            worth(p, at(true, o)) - worth(int(gives[at(report, others)]), at(true, o)) for o in behind
        )
        ends = [low, high]
        for a, b in combinations(
            behind, 2
        ):  # the least of two lines is largest at an end, or where they cross
            here, there = (
                [worth(p, at(true, o)) - worth(int(gives[at(report, others)]), at(true, o)) for p in (0, 1)]
                for o in (a, b)
            )
            slope = (here[1] - here[0]) - (there[1] - there[0])
            if slope:
                ends.append(F(int(there[0] - here[0]), int(slope)))
        return low <= high and max(gain(p) for p in ends if low <= p <= high) > 0

    def refuted(deception):
        for i, true in ((i, k) for i, s in enumerate(shape) for k in range(s)):
            rest = [j for j in range(len(shape)) if j != i]
            everything = list(product(*(range(shape[j]) for j in rest)))
            for report in deception[i][true]:

                def fits(told, types, rest=rest):
                    return all(r in deception[j][k] for j, r, k in zip(rest, told, types, strict=True))

                behind = {told: [o for o in everything if fits(told, o)] for told in everything}
                if all(refutes(i, true, report, told, types) for told, types in behind.items() if types):
                    return True
        return False

    def supersets(k, size):
        others = [r for r in range(size) if r != k]
        return [
            {k, *more}
            for more in chain.from_iterable(combinations(others, c) for c in range(len(others) + 1))
        ]

    maps = [list(product(*(supersets(k, s) for k in range(s)))) for s in shape]
    for deception in product(*maps):
        reports = (
            (t, r) for t in cells for r in product(*(own[k] for own, k in zip(deception, t, strict=True)))
        )
        if any(gives[t] != gives[r] for t, r in reports) and not refuted(deception):
            return False
    return True


@settings(max_examples=6)
@given(instances(SHAPES[:2]))
def test_robust_monotonicity_of_one_agent_is_its_definition(instance):
    answer = checked(question(*instance, "robust-monotonicity"))
    assert holds(answer, "robust-monotonicity") is implementable(*instance)


@pytest.mark.slow
@settings(max_examples=40)
@given(instances())
def test_robust_monotonicity_is_its_definition(instance):
    answer = checked(question(*instance, "robust-monotonicity"))
    assert holds(answer, "robust-monotonicity") is implementable(*instance)


def test_where_nothing_is_a_reward_nobody_refutes():
    """Each type is given what it likes least: at no lottery is neither better off, so no deception is refuted."""
    payoffs = [np.array([[0, 1], [1, 0]])]
    answer = checked(question((2,), payoffs, np.array([0, 1]), "robust-monotonicity"))
    assert holds(answer, "robust-monotonicity") is False


def test_weights_of_an_update_add_up_to_one():
    payoffs = [np.zeros((2, 2), int)]
    with pytest.raises(InvalidDesign, match="add up to 2, expected 1"):
        question((2,), payoffs, np.array([0, 1]), update=Rationals.of([1, 1]))


def test_where_only_single_agents_form_no_coalition_is_spoken_of():
    payoffs = [np.zeros((2, 2, 2), int)] * 2
    answer = question((2, 2), payoffs, np.zeros((2, 2), int), "robust-ic", "ambiguous-equilibrium").solve()
    assert [f.words[0] for f in answer.findings] == [
        "no agent alone gains: every agent, type profile and lie was compared",
        "no agent alone gains by any other messages",
    ]


def constant(outcome):
    """A function of one agent of one type, and so a mechanism with one message."""
    return Choice(Rationals([[1 - outcome], [outcome]]), Rationals.zeros((1, 1)))


def test_chapter_two_is_about_one_function_of_a_set():
    """The direct mechanism leads to f alone, and y is worse than f (not than g = y): neither says anything about g."""
    agents = [Agent.of("a", [0])]
    environment = Environment(agents, ["x", "y"], [Rationals([[1], [0]])], Beliefs.common(Rationals([1])))
    checks = ("interim-full-implementation", "ambiguous-full-implementation", "robust-implementation")
    free = Feasible((F(0),), (F(0),))
    more = {"functions": (("g", constant(1)),)}
    answer = checked(Implementation(environment, constant(0), free, pattern(1, []), checks, **more))
    assert [f.holds for f in answer.findings] == [True, False, True]


@pytest.mark.parametrize("kind", ["", "-unpooled"])
def test_a_type_of_probability_zero_believes_what_the_update_says(kind):
    """Type 1 of the first agent would rather report 0, whatever the other's type; by the prior she does not occur."""
    first = np.array([[[1, 1], [1, 1]], [[0, 0], [0, 0]]])
    asked = question(
        (2, 2), [first, 0 * first], np.array([[0, 0], [1, 1]]), update=Rationals(np.ones((2, 2), int)) / 4
    )
    beliefs = Beliefs.common(Rationals([[1, 1], [0, 0]]) / 2)
    known = Environment(asked.environment.agents, ["x", "y"], asked.environment.utility, beliefs)
    answer = checked(
        asked.asking(environment=known, checks=(f"interim-ic{kind}", f"interim-equilibrium{kind}"))
    )
    assert [f.holds for f in answer.findings] == [False, False]
    with pytest.raises(InvalidDesign, match="Bayes' rule does not say"):
        asked.asking(environment=known, checks=(f"interim-ic{kind}",), update=None).solve()


def test_sure_beliefs_may_leave_a_coalition_of_some_without_a_reward():
    """The beliefs of the multipliers are served by a reward; sure ones are not, and leave a deception unrefuted."""
    shape = (2, 2, 1)
    first, second, third = "10011100", "11011010", "11100101"
    payoffs = [Rationals([*map(int, row)]).reshape(2, *shape) for row in (first, second, third)]
    agents = [Agent.of(f"a{i}", list(range(s))) for i, s in enumerate(shape)]
    gives = np.array([0, 1, 0, 0]).reshape(shape)
    paid = np.broadcast_to(np.array([-1, 1, 0]).reshape(3, 1, 1, 1), (3, *shape))
    choice = Choice(Rationals(np.stack([1 - gives, gives])), Rationals(paid.copy()))
    limits = Feasible((F(-1),) * 3, (F(1),) * 3, "strong")
    environment = Environment(agents, ["x", "y"], payoffs)
    asked = Implementation(environment, choice, limits, pattern(3, [(0, 2)]), ("robust-monotonicity",))
    assert holds(checked(asked), "robust-monotonicity") is False
