"""Random environments of agents who hold several beliefs possible, and answers that are looked at once more."""

from fractions import Fraction as F

from mechlp import Agent, Environment, Rationals
from mechlp.checking.verify import verify
from mechlp.environment.belief_sets import BeliefSet
from mechlp.mechanism.audit import audit


def environment(dice):
    """Two agents with two or three types, lists of beliefs, private or interdependent values."""
    shape = dice.choice([(2, 2), (2, 2), (2, 3)])
    outcomes = dice.randint(2, 3)
    number = lambda: F(dice.randint(-4, 4), dice.choice([1, 1, 2]))  # noqa: E731
    utility = [
        Rationals.of(
            [[[number() for _ in range(shape[1])] for _ in range(shape[0])] for _ in range(outcomes)]
        )
        for _ in (0, 1)
    ]

    def belief(size):
        weights = [dice.randint(0, 3) for _ in range(size)]
        weights[dice.randrange(size)] += 1
        return [F(w, sum(weights)) for w in weights]

    sets = []
    for i in (0, 1):
        listed = lambda i=i: BeliefSet.finite([belief(shape[1 - i]) for _ in range(2)])  # noqa: E731
        common = listed()
        alike = dice.random() < 0.6
        sets.append(tuple(common if alike or shape[i] == 3 else listed() for _ in range(shape[i])))
    prior = Rationals.of([[F(1, shape[0] * shape[1])] * shape[1]] * shape[0])
    agents = tuple(Agent.of(f"a{i}", [f"x{k}" for k in range(s)]) for i, s in enumerate(shape))
    names = tuple(f"o{a}" for a in range(outcomes))
    return Environment(agents, names, tuple(utility), None, (), prior, belief_sets=tuple(sets))


def checked(design, **options):
    """A certified answer whose mechanism passes the audit, and which verify accepts."""
    answer = design.solve(**options)
    assert answer.certified, answer.notes
    assert not answer.rules or audit(answer.rules, design).passed
    verdict = verify(answer.to_json())
    assert verdict.accepted, verdict.problems
    return answer
