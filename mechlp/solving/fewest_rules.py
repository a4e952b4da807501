"""From one rule a lie to the fewest rules: one if a Bayesian mechanism does, two by a side bet, else a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..answer.answer import Answer
from ..deadline import NEVER, Deadline
from ..exact.numbers import Rationals
from ..mechanism.audit import audit
from ..mechanism.mechanism import Mechanism
from ..mechanism.payoffs import every_payoff, punishments
from ..program.solve import solve as solve_program
from ..proof.fewest import Assignment, Fewest, one_rule, worse
from ..question.design import Design
from ..question.rules import NOBODY, Lie, Rules, lies
from .compile import compile
from .two_rules import applies, two_rules

if TYPE_CHECKING:
    from .solve import _Run

#: Programs that the search for fewer rules may solve.
MAX_NODES = 400


def fewest_rules(run: _Run, found: Answer) -> Answer:
    """The answer with the fewest rules that were found, and a proof of how few there may be at least."""
    single = one_rule(run.design).solve(relax=False, time_limit=run.deadline)
    if single.rules and single.certified and single.value == found.value and single.status == found.status:
        return run.checked(replace(found, rules=single.rules, fewest=Fewest(1, 1)))
    refuted = single.proof if single.certified else None
    lower = 1 if refuted is None else 2
    rules, assignments, pair = found.rules, None, None
    twins = two_rules(run) if applies(run.design) and run.design.norm is None else None
    if twins is not None and audit(twins.rules, run.design).passed:
        rules, pair = twins.rules, twins.pair
    else:
        rules = pruned(run.design, rules, run.deadline)
    search = _Search(run, found)
    for count in range(2, len(rules) if lower == 2 and search.possible else 2):
        try:
            assignments = search.explore(count, {})
        except _Found as done:
            rules = done.rules
            break
        except _Stopped:
            break
        lower = count + 1
    fewest = Fewest(lower, len(rules), refuted, assignments, pair)
    return run.checked(replace(found, rules=tuple(rules), fewest=fewest))


def pruned(design: Design, rules: Sequence[Mechanism], deadline: Deadline = NEVER) -> tuple[Mechanism, ...]:
    """Rules that are not needed are dropped, one after the other, while there is time."""
    payoffs = every_payoff(design, rules).values()
    if not payoffs:
        return tuple(rules[:1])
    kept = list(range(len(rules)))
    # Integers over one denominator compare as the payoffs do.
    truth, told = Rationals.of(list(payoffs)).numerator.swapaxes(0, 1).astype(object)
    fear, hope = design.alpha.numerator, design.alpha.denominator - design.alpha.numerator

    def worth(payoffs: npt.NDArray[Any], kept: list[int]) -> npt.NDArray[Any]:
        among = payoffs[:, kept]
        return among.min(axis=1) * fear + among.max(axis=1) * hope

    least = worth(truth, kept)
    for k in range(len(rules)):
        if deadline.passed:
            break
        rest = [h for h in kept if h != k]
        if rest and np.all(worth(told, rest) <= worth(truth, rest)) and np.all(worth(truth, rest) >= least):
            kept = rest
    return tuple(rules[k] for k in kept)


class _Stopped(Exception):
    """The limit on programs or time was reached."""


@dataclass
class _Found(Exception):
    """Fewer rules do."""

    rules: tuple[Mechanism, ...]


@dataclass
class _Search:
    """Which of a few rules punishes which lie: depth first, a lie at a time, each leaf an exact refutation."""

    run: _Run
    answer: Answer
    nodes: int = 0

    @property
    def possible(self) -> bool:
        """Only where the rest of the question is one linear program."""
        return self.run.design.alpha == 1 and not self.run.design.deterministic

    def explore(self, count: int, taken: dict[Lie, int]) -> Assignment:
        """A proof that no ``count`` rules punish the lies as ``taken`` says.

        Raises
        ------
        _Found, _Stopped
        """
        self.nodes += 1
        if self.nodes > MAX_NODES or self.run.deadline.passed:
            raise _Stopped
        design, labels = self.run.design, self._labels(taken)
        program = compile(design, rules=labels)
        solution = solve_program(program, time_limit=self.run.deadline)
        if solution.status == "undecided":
            raise _Stopped
        refuted = solution.status == "infeasible"
        bounded = refuted or (solution.status == "optimal" and self.run.goal is not None)
        if bounded and worse(design, None if refuted else solution.value, self.answer.value):
            return Assignment(self.run.proof(program, solution, labels))
        rules = self.run.mechanism(program, solution.primal, count=labels.count)
        lie = self._unpunished(rules, taken)
        if lie is None:
            raise _Found(rules)
        used = max(taken.values(), default=NOBODY) + 1
        cases = tuple(self.explore(count, {**taken, lie: rule}) for rule in range(min(used + 1, count)))
        return Assignment(None, lie, cases)

    def _labels(self, taken: dict[Lie, int]) -> Rules:
        design = self.run.design
        return Rules.assigned(design, [taken.get(lie, NOBODY) for lie in lies(design)])

    def _unpunished(self, rules: tuple[Mechanism, ...], taken: dict[Lie, int]) -> Lie | None:
        """The lie that pays most; any that is open when the program only has no optimum; None when the rules do."""
        paying = [p for p in punishments(self.run.design, rules) if p.payoff > p.truth]
        if paying:
            return max(paying, key=lambda p: p.payoff - p.truth).lie
        if audit(rules, self.run.design).passed and self._reached(rules):
            return None
        return next((lie for lie in lies(self.run.design) if lie not in taken), None)

    def _reached(self, rules: tuple[Mechanism, ...]) -> bool:
        aim = self.run.goal
        return aim is None or aim.value(rules[0].allocation, rules[0].transfers) == self.answer.value
