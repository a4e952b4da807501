"""Ambiguous and interim monotonicity against programs with integers that are written from the definitions."""

import itertools

import pytest
from monotone_by_integers import Unclear, ambiguous_refuted, interim_refuted, unacceptable
from test_implementation import random_question

from mechlp.environment.coalitions import pattern

#: Shapes of types, the larger coalitions, and how many random functions.
INSTANCES = [
    ((2, 2), (), 40),
    ((2, 2), ((0, 1),), 4),
    ((2, 2, 1), (), 12),
    ((2, 1, 2), ((0, 2),), 3),
    ((2, 2, 2), (), 4),
]


def verdict(question, refuted):
    """By the definitions: whether each unacceptable deception is refuted.  Raises Unclear."""
    return all(refuted(question, maps) for maps in unacceptable(question))


def agree(check, refuted, shape, larger, seeds, **more):
    """How often both say yes, and no; instances that floats or the time limit leave open are counted apart."""
    counts = {True: 0, False: 0, None: 0}
    for seed in range(seeds):
        question = random_question(seed, check, shape=shape, **more)
        question = question.asking(pattern=pattern(len(shape), list(larger)))
        found = question.solve(time_limit=120).findings[0]
        try:
            if found.holds is None:
                raise Unclear
            if found.holds is False:  # the deception that nobody refutes, by the definitions
                maps = tuple(map(tuple, found.witness["maps"]))
                assert maps in set(unacceptable(question)) and not refuted(question, maps), (seed, maps)
            else:
                assert verdict(question, refuted), seed
        except Unclear:
            counts[None] += 1
            continue
        counts[found.holds] += 1
    return counts


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "larger", "seeds"), INSTANCES)
def test_ambiguous_monotonicity_is_its_definition(shape, larger, seeds):
    counts = agree("ambiguous-monotonicity", ambiguous_refuted, shape, larger, seeds, sets=True)
    assert counts[None] <= seeds // 4 and counts[True] + counts[False] > 0


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "larger", "seeds"), INSTANCES)
def test_interim_monotonicity_is_its_definition(shape, larger, seeds):
    counts = agree("interim-monotonicity", interim_refuted, shape, larger, seeds)
    assert counts[None] <= seeds // 4 and counts[True] + counts[False] > 0


def test_both_programs_find_rewards_and_none():
    """The comparison above would show nothing if a program always said the same."""
    for refuted, more in ((ambiguous_refuted, {"sets": True}), (interim_refuted, {})):
        said = set()
        for seed, maps in itertools.product(range(3), [((0, 0), (0, 1)), ((1, 0), (0, 1))]):
            question = random_question(seed, shape=(2, 2), **more).asking(pattern=pattern(2, []))
            said.add(refuted(question, maps))
        assert said == {True, False}
