"""Monotonicity by its definitions (Guo 2018, 2.4.3 and 3.3.2), each existence of a reward function one float program with integers.

Nothing of mechlp's compilation: reward functions are lotteries at every report of everybody, and who does not gain is chosen by
integers.  What strict inequalities leave, the variable ``margin``, says whether there is a reward function; what is neither nearly
zero nor clearly above it is told apart by neither.
"""

from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

#: More than payoffs ever differ by, and from which margin on a strict inequality holds.
LARGE, ZERO, CLEAR = 20.0, 1e-7, 1e-4


class Unclear(Exception):
    """A margin that floats do not tell from zero."""


class Rewards:
    """Reward functions ``h: T -> lotteries`` and the integers that say who does not gain."""

    def __init__(self, question):
        environment = question.environment
        self.shape, self.n = environment.shape, environment.n
        self.cells = list(product(*map(range, self.shape)))
        self.utility = [
            np.array([[float(x) for x in u.ravel().fractions()]]).reshape(u.shape)
            for u in environment.utility
        ]
        self.outcomes = self.utility[0].shape[0]
        chances = question.choice.allocation
        self.f = {c: [float(chances[(a, *c)]) for a in range(self.outcomes)] for c in self.cells}
        self.count = 1 + len(self.cells) * self.outcomes  # margin, lotteries
        self.rows, self.lower = [], []
        for cell in self.cells:
            row = {self.place(cell, a): 1.0 for a in range(self.outcomes)}
            self.add(row, 1)
            self.add({k: -v for k, v in row.items()}, -1)

    def place(self, cell, a):
        return 1 + self.cells.index(cell) * self.outcomes + a

    def add(self, row, least):
        self.rows.append(row)
        self.lower.append(least)

    def integer(self):
        self.count += 1
        return self.count - 1

    def given(self, i, belief, said):
        """What agent i expects of h: ``belief`` maps profiles to chances, ``said`` to reports."""
        row = {}
        for cell, weight in belief.items():
            for a in range(self.outcomes):
                at = self.place(said(cell), a)
                row[at] = row.get(at, 0.0) + weight * self.utility[i][(a, *cell)]
        return row

    def now(self, i, belief, said):
        """What agent i expects of the function."""
        return sum(
            w * sum(self.f[said(c)][a] * self.utility[i][(a, *c)] for a in range(self.outcomes))
            for c, w in belief.items()
        )

    def gains(self, row, than, strict):
        self.add({**row, 0: -1.0} if strict else row, than)

    def unless(self, row, most, switch, strict=False):
        """``row <= most`` (less by the margin) where an integer is one."""
        own = {k: -v for k, v in row.items()}
        if strict:
            own[0] = own.get(0, 0.0) - 1.0
        own[switch] = -LARGE
        self.add(own, -most - LARGE)

    def exists(self):
        matrix = np.zeros((len(self.rows), self.count))
        for k, row in enumerate(self.rows):
            for at, value in row.items():
                matrix[k, at] = value
        cost = np.zeros(self.count)
        cost[0] = -1
        lotteries = 1 + len(self.cells) * self.outcomes
        whole = np.array([0.0] * lotteries + [1.0] * (self.count - lotteries))
        least = np.zeros(self.count)
        least[0] = -1
        found = milp(
            cost,
            constraints=LinearConstraint(matrix, self.lower, np.inf),
            integrality=whole,
            bounds=Bounds(least, np.ones(self.count)),
            options={"mip_rel_gap": 0, "time_limit": 60},
        )
        if found.status == 2:
            return False
        if found.status != 0 or ZERO < found.x[0] < CLEAR:
            raise Unclear
        return bool(found.x[0] >= CLEAR)


def truth(cell):
    return cell


def by(maps):
    return lambda cell: tuple(m[t] for m, t in zip(maps, cell, strict=True))


def coalitions_above(question, own):
    return [larger for larger in question.pattern if set(own) <= set(larger)]


# -- maxmin agents: Definition 3.3.2 for one function, every profile possible -------------------------------------------
def beliefs(question, i, k):
    """The vertices of what a type holds possible, over profiles."""
    shape = question.environment.shape
    rest = [j for j in range(len(shape)) if j != i]
    for vertex in question.environment.belief_sets[i][k].vertices:
        chances = [float(x) for x in vertex.ravel().fractions()]
        others = product(*(range(shape[j]) for j in rest))
        yield {
            tuple(k if j == i else o[rest.index(j)] for j in range(len(shape))): p
            for o, p in zip(others, chances, strict=True)
            if p
        }


def ambiguous_reward(question, own, types, strict, maps):
    """Whether the coalition of these types has a reward function by which all gain weakly, one strictly, at the deception."""
    h = Rewards(question)
    said = lambda cell: tuple(t if j in own else maps[j][t] for j, t in enumerate(cell))  # noqa: E731
    for i, k in zip(own, types, strict=True):
        held = list(beliefs(question, i, k))
        now = min(h.now(i, b, by(maps)) for b in held)
        for b in held:
            h.gains(h.given(i, b, said), now, i == strict)
    for larger in coalitions_above(question, own):
        for lies in product(*(product(range(h.shape[j]), repeat=h.shape[j]) for j in larger)):
            told = dict(zip(larger, lies, strict=True))
            reports = by([told.get(j, range(size)) for j, size in enumerate(h.shape)])
            for at in product(*(range(h.shape[j]) for j in larger)):
                _nobody_or_somebody(question, h, dict(zip(larger, at, strict=True)), reports)
    return h.exists()


def _nobody_or_somebody(question, h, members, reports):
    """Not all gain weakly and one strictly: some member has strictly less, or none has more, each by one of her beliefs."""
    none = None if len(members) == 1 else h.integer()
    less = []
    for i, k in members.items():
        held = list(beliefs(question, i, k))
        least = min(h.now(i, b, truth) for b in held)
        switches = []
        for b in held:
            row = h.given(i, b, reports)
            switches.append(h.integer())
            h.unless(row, least, switches[-1])
            if none is not None:
                less.append(h.integer())
                h.unless(row, least, less[-1], strict=True)
        chosen = dict.fromkeys(switches, 1.0)
        h.add(chosen if none is None else {**chosen, none: -1.0}, 1 if none is None else 0)
    if none is not None:
        h.add({**dict.fromkeys(less, 1.0), none: 1.0}, 1)


def ambiguous_refuted(question, maps):
    """Whether some coalition of types has a reward for revealing a deception."""
    shape = question.environment.shape
    return any(
        ambiguous_reward(question, own, types, strict, maps)
        for own in question.pattern
        for types in product(*(range(shape[j]) for j in own))
        for strict in own
    )


# -- interim: Definition 2.4.3, rewards that serve whatever added members report ----------------------------------------
def pooled(question, own, types):
    """The prior given the types of a coalition: what each member believes once these are known."""
    prior, shape = question.environment.beliefs.prior, question.environment.shape
    here = dict(zip(own, types, strict=True))
    cells = [c for c in product(*map(range, shape)) if all(c[j] == k for j, k in here.items())]
    total = sum(float(prior[c]) for c in cells)
    return {c: float(prior[c]) / total for c in cells}


def interim_reward(question, own, types, maps):
    """Whether the coalition of these types has a reward function by which all gain at the deception."""
    h, belief = Rewards(question), pooled(question, own, types)
    sent = {j: maps[j][k] for j, k in zip(own, types, strict=True)}
    said = lambda cell: tuple(sent[j] if j in sent else maps[j][t] for j, t in enumerate(cell))  # noqa: E731
    for i in own:
        h.gains(h.given(i, belief, said), h.now(i, belief, by(maps)), True)
    for larger in coalitions_above(question, own):
        added = [j for j in larger if j not in own]
        for report in product(*(range(h.shape[j]) for j in added)):
            told = {**sent, **dict(zip(added, report, strict=True))}
            reports = lambda cell, told=told: tuple(told.get(j, t) for j, t in enumerate(cell))  # noqa: E731
            for at in product(*(range(h.shape[j]) for j in larger)):
                held, switches = pooled(question, larger, at), []
                for i in larger:
                    switches.append(h.integer())
                    h.unless(h.given(i, held, reports), h.now(i, held, truth), switches[-1])
                h.add(dict.fromkeys(switches, 1.0), 1)
    return h.exists()


def interim_refuted(question, maps):
    """Whether some coalition of types has a reward for revealing a deception."""
    shape = question.environment.shape
    return any(
        interim_reward(question, own, types, maps)
        for own in question.pattern
        for types in product(*(range(shape[j]) for j in own))
    )


# -- verdicts -----------------------------------------------------------------------------------------------------------
def unacceptable(question):
    """The deceptions after which the function gives something else somewhere."""
    shape, h = question.environment.shape, Rewards(question)
    for maps in product(*(product(range(s), repeat=s) for s in shape)):
        if any(h.f[by(maps)(cell)] != h.f[cell] for cell in h.cells):
            yield maps
