"""The search among alternatives that remembers what excludes a case: against trying every combination of them."""

import random
from fractions import Fraction as F
from itertools import product

import pytest
from test_implementation import random_question

from mechlp.proof.implementation.margins import Either, Row, System, met, refuted, with_rows
from mechlp.solving.implementation import margins
from mechlp.solving.implementation.margins import best, search


def system(seed):
    """One outcome for two agents, who are to gain, and choices among rows on their payoffs."""
    rng = random.Random(seed)
    question = random_question(seed, shape=(2, 2))
    cell = lambda: (rng.randrange(2), rng.randrange(2))  # noqa: E731
    row = lambda **more: Row(rng.randrange(2), ((0, cell(), F(1)),), F(rng.randint(1, 5), 2), **more)  # noqa: E731
    base = System(question, 1, (row(gain=0),))
    choices = [Either(tuple((row(most=bool(rng.randrange(2))),) for _ in range(2))) for _ in range(3)]
    return base, choices


def test_it_finds_a_point_exactly_where_some_combination_has_one(monkeypatch):
    """And its trees are checked, which know nothing of how they were found; each program is solved once at most."""
    solved, seen = [], set()
    monkeypatch.setattr(margins, "best", lambda *a, **k: solved.append(1) or best(*a, **k))
    for seed in range(5):
        base, choices = system(seed)
        wanted = False
        for rows in product(*(choice.alternatives for choice in choices)):
            found = best(with_rows(base, [row for own in rows for row in own]))
            wanted = wanted or (found.point is not None and (found.value is None or found.value > 0))
        solved.clear()
        point, tree = search(base, choices)
        assert (point is not None) == wanted and len(solved) <= 8  # of 15 nodes of the whole tree
        if point is None:
            refuted(base, choices, tree)
        else:
            assert met(base, choices, point) and max(base.check(point)) > 0
        seen.add(wanted)
    assert seen == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 4, 6, 11])
def test_instances_that_took_too_many_programs_are_decided(seed):
    question = random_question(seed, "ambiguous-monotonicity", shape=(2, 2), sets=True)
    found = question.solve(time_limit=300).findings[0]
    assert found.holds is False
