"""Ambiguous transfers, to certified answers: `python benchmarks/bench_ambiguous.py [--save FILE] [--against FILE]`.

* Two agents with six types each (60 lies): Theorem A's program with its 60 rules beside 60 separate programs of one lie and
  one rule each, all exact from compilation on.
* Three agents with five types each and three outcomes: seconds to a certified answer.
"""

import numpy as np
from registry import STORED, Benchmark, main

from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.program.solve import solve as solve_program
from mechlp.question.rules import NOBODY, Rules, lies
from mechlp.solving.compile import compile

BALANCED = {"bb": "ex-post", "allocation": "efficient-first"}
EXTRACTION = {"objective": "full-surplus-extraction", "allocation": "efficient-first"}
TWO = {"efficient, ex-post BB": BALANCED, "full surplus extraction": EXTRACTION}
#: Whether one belief is a mixture of two others, and what is asked.
THREE = {
    "efficient, ex-post BB": (False, BALANCED),
    "efficient, ex-post BB, dependent beliefs": (True, BALANCED),
    "full extraction, dependent beliefs": (True, EXTRACTION),
    "revenue, allocation chosen": (False, {"objective": "revenue"}),
}


def environment(shape, outcomes, seed, dependent=False):
    """Random payoffs in whole numbers and a positive common prior, far from independent.

    ``dependent``: the belief of agent 0's first type is a mixture of the next two's, who gain by posing as it.
    """
    dice = np.random.default_rng(seed)
    prior = dice.integers(1, 10, shape)
    utility = [dice.integers(-5, 10, (outcomes, *shape)) for _ in shape]
    if dependent:
        prior[0] = prior[1] + prior[2]
        utility[0][:, 1:3] += 10
    agents = tuple(Agent.of(f"agent{i}", [f"type{k}" for k in range(s)]) for i, s in enumerate(shape))
    names = tuple(f"outcome{a}" for a in range(outcomes))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    return Environment(agents, names, tuple(map(Rationals, utility)), beliefs)


def one_lie(design, k):
    """The rules of a program in which only lie k is punished, by the only rule."""
    labels = [NOBODY] * len(tuple(lies(design)))
    labels[k] = 0
    return Rules.assigned(design, labels)


def all_lies(asked):
    """One program a lie, and one program for all of them."""

    def build(types):
        design = Design(environment((types, types), 3, 1), ic="ambiguous-transfers", **asked)
        singles = [one_lie(design, k) for k in range(len(tuple(lies(design))))]

        def decide(rules):
            return solve_program(compile(design, rules=rules)).status

        return {
            "one program a lie": lambda: [decide(rules) for rules in singles],
            "one program": lambda: decide(Rules.of(design)),
        }

    return build


def three_agents(dependent, asked):
    """A certified answer."""

    def build(types):
        design = Design(environment((types,) * 3, 3, 2, dependent), ic="ambiguous-transfers", **asked)

        def certified():
            assert design.solve().certified, "not certified"

        return {"certified answer": certified}

    return build


BENCHMARKS = (
    *(
        Benchmark(
            f"all lies, {name}",
            all_lies(asked),
            (6,),
            ("one program a lie", "one program"),
            limits=(("one program", 3),),
        )
        for name, asked in TWO.items()
    ),
    *(
        Benchmark(f"three agents, {name}", three_agents(*how), (5,), ("certified answer",), rounds=3)
        for name, how in THREE.items()
    ),
)

if __name__ == "__main__":
    main(BENCHMARKS, f"Ambiguous transfers, to certified answers; figures are kept in {STORED.name}.")
