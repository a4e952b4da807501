"""Laws that answers obey whatever the environment, each a comparison of exact numbers between two questions.

A law takes a source of chance, a question and what the question is worth, and returns how many comparisons it made (zero
where it does not apply).  What a question is worth is a pair: -1 impossible, 0 possible, 1 without end; and the value, turned
so that more is better.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F

import maxmin_environments
import numpy as np
import plain
from oracle import decide

from mechlp import Agent, Beliefs, Design, InvalidDesign, Objective, Rationals
from mechlp.checking.verify import verify
from mechlp.deadline import NEVER
from mechlp.environment.belief_sets import BeliefSet
from mechlp.files import document_of, read_document
from mechlp.mechanism.relaxed import kind_of
from mechlp.proof.rates import name_of, on, together, undefined, with_weight
from mechlp.question.constraints import Constraint
from mechlp.question.misreports import Misreports
from mechlp.question.objective import goal
from mechlp.solving.rates import Examined, whole

CLASSICAL = ("bayesian", "ex-post", "none")


class Broken(AssertionError):
    """A law that does not hold; the message says which, and where."""


def equal(one, other, what):
    if one != other:
        raise Broken(f"{what}: {one} and {other}")
    return 1


def at_most(less, more, what):
    if not less <= more:
        raise Broken(f"{what}: {less} exceeds {more}")
    return 1


def solved(design, **options):
    """A certified answer, its mechanism read again by plain loops."""
    answer = design.solve(relax=False, fewest=False, **options)
    equal(answer.certified, True, f"certified, {answer.notes}")
    if answer.rules:
        equal(plain.broken(design, answer.rules), {}, "requirements that the mechanism breaks")
    return answer


def worth(design, answer=None):
    """(rank, value), more being better."""
    answer = solved(design) if answer is None else answer
    rank = {"infeasible": -1, "feasible": 0, "optimal": 0, "unbounded": 1}[answer.status]
    sign = 1 if design.wants.maximize else -1
    return rank, F(0) if answer.value is None else sign * answer.value


def array(a):
    return np.array(a.tolist(), dtype=object)


def rational(a):
    return Rationals.of(np.asarray(a).tolist())


# -- the answer itself ----------------------------------------------------------------------------------
def accepted(rng, design, found, answer):
    """``verify`` accepts every answer."""
    verdict = verify(answer.to_json())
    return equal((verdict.accepted, verdict.problems), (True, ()), "verify")


def primal_is_dual(rng, design, found, answer):
    """A value is what the mechanism is worth by plain loops, and the bound that the multipliers prove."""
    if answer.status != "optimal":
        return 0
    if not design.robust:
        for rule in answer.rules:
            equal(plain.objective(design, rule), answer.value, "the value of a rule")
    return equal(answer.proof.bound(design), answer.value, "primal and dual")


def as_the_oracle(rng, design, found, answer):
    """A textbook simplex on rows written by plain loops decides the same."""
    decided = (*CLASSICAL, "ambiguous-transfers", "ordinal", "ordinal-bayesian")
    if (
        design.ic not in decided
        or design.deterministic
        or design.robust
        or design.environment.actions is not None
    ):
        return 0
    return equal((answer.status, answer.value), decide(design), "the oracle")


def without_reductions(rng, design, found, answer):
    """Reductions change no verdict and no value."""
    again = design.solve(relax=False, fewest=False, reduce=False)
    return equal(worth(design, again), found, "without reductions")


def written_and_read(rng, design, found, answer):
    """The file of a question is read back as the same question."""
    document = document_of(design)
    again = read_document(document).design
    equal(design.same(again), True, "the question read back")
    return equal(document_of(again.asking()), document, "the file written again")


# -- the same environment in other words ----------------------------------------------------------------
def rearranged(design, grid, vectors=lambda i: slice(None), outcomes=slice(None)):
    """The question with types permuted: ``grid`` maps an array over the type grid, ``vectors(i)`` orders types of agent i."""
    e, wants = design.environment, design.wants
    over = lambda a: rational(np.stack([grid(x) for x in array(a)])[outcomes])  # noqa: E731
    cells = lambda a: None if a is None else rational(grid(array(a)))  # noqa: E731
    labels = tuple(
        Agent(a.name, tuple(np.array(a.types, dtype=object)[vectors(i)])) for i, a in enumerate(e.agents)
    )
    environment = replace(
        e,
        agents=labels,
        outcomes=tuple(np.array(e.outcomes, dtype=object)[outcomes]),
        utility=tuple(map(over, e.utility)),
        outside=tuple(map(cells, e.outside)),
        beliefs=None if e.beliefs is None else Beliefs(tuple(cells(w) for w in weights(e))),
        designer=cells(e.designer),
        belief_sets=None,
    )
    objective = replace(
        wants,
        interim=None
        if wants.interim is None
        else tuple(rational(array(w)[vectors(i)]) for i, w in enumerate(wants.interim)),
        allocation=None if wants.allocation is None else over(wants.allocation),
        transfers=None if wants.transfers is None else tuple(map(cells, wants.transfers)),
    )
    allocation = design.allocation if isinstance(design.allocation, str) else over(design.allocation)
    return design.asking(environment=environment, objective=objective, allocation=allocation)


def weights(e):
    return [w.broadcast_to(e.shape) for w in e.beliefs.weights]


def plain_environment(design):
    """Neither belief sets nor a designer's set, which the rearrangements below leave out."""
    return design.environment.belief_sets is None and design.environment.designer_set is None


def ties_broken(design):
    """Whether the order of outcomes matters."""
    return isinstance(design.allocation, str) and design.allocation == "efficient-first"


def other_types(rng, design, found, answer):
    """The order of types does not matter."""
    if not plain_environment(design):
        return 0
    orders = [rng.sample(range(s), s) for s in design.environment.shape]
    turned = rearranged(design, lambda a: a[np.ix_(*orders)], lambda i: orders[i])
    return equal(worth(turned), found, f"types in the order {orders}")


def other_outcomes(rng, design, found, answer):
    """The order of outcomes does not matter, but where ties go to the first."""
    if not plain_environment(design) or ties_broken(design):
        return 0
    order = rng.sample(range(len(design.environment.outcomes)), len(design.environment.outcomes))
    return equal(worth(rearranged(design, lambda a: a, outcomes=order)), found, f"outcomes {order}")


def other_agents(rng, design, found, answer):
    """The order of agents does not matter."""
    e, wants = design.environment, design.wants
    if not plain_environment(design) or e.n < 2:
        return 0
    order = rng.sample(range(e.n), e.n)
    grid = lambda a: None if a is None else rational(array(a).transpose(order))  # noqa: E731
    over = lambda a: rational(array(a).transpose([0, *(1 + k for k in order)]))  # noqa: E731
    pick = lambda seq: None if seq is None else tuple(seq[k] for k in order)  # noqa: E731
    environment = replace(
        e,
        agents=pick(e.agents),
        utility=tuple(map(over, pick(e.utility))),
        outside=tuple(map(grid, pick(e.outside))),
        beliefs=None if e.beliefs is None else Beliefs(tuple(map(grid, pick(weights(e))))),
        designer=grid(e.designer),
    )
    objective = replace(
        wants,
        interim=pick(wants.interim),
        allocation=None if wants.allocation is None else over(wants.allocation),
        transfers=None if wants.transfers is None else tuple(map(grid, pick(wants.transfers))),
    )
    turned = design.asking(
        environment=environment,
        objective=objective,
        allocation=design.allocation if isinstance(design.allocation, str) else over(design.allocation),
        transfers=design.transfers if isinstance(design.transfers, str) else pick(design.transfers),
    )
    return equal(worth(turned), found, f"agents in the order {order}")


def other_units(rng, design, found, answer):
    """Utilities and money in another unit: values in that unit."""
    e, wants, c = design.environment, design.wants, F(rng.choice([2, 3, 7, 1000]), rng.choice([1, 5]))
    environment = replace(e, utility=tuple(u * c for u in e.utility), outside=tuple(o * c for o in e.outside))
    if wants.allocation is not None:
        wants = replace(wants, allocation=wants.allocation * c)
    transfers = design.transfers
    if not isinstance(transfers, str):
        transfers = tuple(tuple(None if b is None else b * c for b in pair) for pair in transfers)
    scaled = design.asking(environment=environment, objective=wants, transfers=transfers)
    return equal(worth(scaled), (found[0], c * found[1]), f"units of {c}")


def shifted(rng, design, found, answer):
    """What a type gets whatever happens, in the mechanism and outside, changes no choice."""
    e, wants = design.environment, design.wants
    own_only = e.belief_sets is not None
    given = []
    for i in range(e.n):
        shape = tuple(s if k == i or not own_only else 1 for k, s in enumerate(e.shape))
        cells = [F(rng.randint(-3, 3), rng.choice([1, 2])) for _ in range(int(np.prod(shape)))]
        given.append(Rationals.from_fractions(cells, shape).broadcast_to(e.shape))
    environment = replace(
        e,
        utility=tuple(u + g for u, g in zip(e.utility, given)),
        outside=tuple(o + g for o, g in zip(e.outside, given)),
    )
    more = F(0)
    if wants.kind == "surplus" and not design.robust:
        more = sum(((e.designer * g).sum() for g in given), F(0))
    if wants.kind == "surplus" and design.robust:
        return 0
    if wants.kind == "weighted-interim":
        for i, g in enumerate(given):
            for own in range(e.shape[i]):
                for belief in plain.beliefs(design, "bayesian", i, own):
                    more += wants.interim[i][own] * sum(w * g[t] for t, w in belief.items())
    rank, value = found
    wanted = (rank, value + more if rank == 0 and goal(design) is not None else value)
    return equal(worth(design.asking(environment=environment)), wanted, "utilities shifted")


def turned_around(rng, design, found, answer):
    """The least of an objective is minus the most of its negative."""
    wants = design.wants
    if wants.kind != "linear":
        return 0
    objective = replace(
        wants,
        maximize=not wants.maximize,
        allocation=None if wants.allocation is None else wants.allocation * -1,
        transfers=None if wants.transfers is None else tuple(t * -1 for t in wants.transfers),
    )
    return equal(worth(design.asking(objective=objective)), found, "the objective turned around")


# -- more types and agents ------------------------------------------------------------------------------
def duplicated(rng, design, found, answer):
    """A type that is there twice, with its probability split, changes nothing."""
    e, wants = design.environment, design.wants
    if design.ic not in CLASSICAL or not plain_environment(design) or design.deterministic:
        return 0
    i = rng.randrange(e.n)
    k, share = rng.randrange(e.shape[i]), F(rng.randint(1, 3), 4)
    order = [*range(e.shape[i]), k]

    def grid(a, axis=i):
        return np.take(a, order, axis=axis)

    def split(a, axis=i):
        out = np.moveaxis(np.take(a, order, axis=axis), axis, 0)
        out[k], out[-1] = out[k] * share, out[-1] * (1 - share)
        return np.moveaxis(out, 0, axis)

    over = lambda a: rational(grid(array(a), i + 1))  # noqa: E731
    agents = list(e.agents)
    agents[i] = Agent(agents[i].name, (*agents[i].types, "again"))
    # The agent's own belief does not depend on how often her type is there; what others believe is split.
    beliefs = (
        None
        if e.beliefs is None
        else Beliefs(
            tuple(
                rational(split(array(w)) if j != i or e.beliefs.prior is not None else grid(array(w)))
                for j, w in enumerate(weights(e))
            )
        )
    )
    environment = replace(
        e,
        agents=tuple(agents),
        utility=tuple(map(over, e.utility)),
        outside=tuple(rational(grid(array(o))) for o in e.outside),
        beliefs=beliefs,
        designer=None if e.designer is None else rational(split(array(e.designer))),
    )
    cells = grid if wants.expected else split
    interim = wants.interim
    if interim is not None:
        interim = tuple(rational(split(array(w), 0)) if j == i else w for j, w in enumerate(interim))
    objective = replace(
        wants,
        interim=interim,
        allocation=None
        if wants.allocation is None
        else rational(np.stack([cells(x) for x in array(wants.allocation)])),
        transfers=None
        if wants.transfers is None
        else tuple(rational(cells(array(t))) for t in wants.transfers),
    )
    allocation = design.allocation if isinstance(design.allocation, str) else over(design.allocation)
    twice = design.asking(environment=environment, objective=objective, allocation=allocation)
    return equal(worth(twice), found, f"type {k} of agent {i} twice")


def joined(design, bounds):
    """One more agent, of one type, whom nothing concerns, and whose transfer is within bounds."""
    e, wants = design.environment, design.wants
    last = lambda a: None if a is None else a.reshape(*a.shape, 1)  # noqa: E731
    zero = Rationals.zeros((len(e.outcomes), *e.shape, 1))
    environment = replace(
        e,
        agents=(*e.agents, Agent("guest", ("here",))),
        utility=(*map(last, e.utility), zero),
        outside=(*map(last, e.outside), zero[0]),
        beliefs=None
        if e.beliefs is None
        else Beliefs((*map(last, weights(e)), last(rational(np.ones(e.shape, dtype=int))))),
        designer=last(e.designer),
    )
    if e.beliefs is not None and e.beliefs.prior is not None:
        environment = replace(environment, beliefs=Beliefs.common(last(e.beliefs.prior)))
    objective = replace(
        wants,
        interim=None if wants.interim is None else (*wants.interim, Rationals.of([3])),
        allocation=last(wants.allocation),
        transfers=None
        if wants.transfers is None
        else (*map(last, wants.transfers), Rationals.zeros((*e.shape, 1))),
    )
    own = [design.transfer_bounds(i) for i in range(e.n)]
    allocation = design.allocation if isinstance(design.allocation, str) else last(design.allocation)
    return design.asking(
        environment=environment, objective=objective, allocation=allocation, transfers=(*own, bounds)
    )


def guest(rng, design, found, answer):
    """An agent of one type whom nothing concerns and who gets no money changes nothing."""
    if not plain_environment(design):
        return 0
    return equal(worth(joined(design, (0, 0))), found, "one more agent of one type")


def receiver(rng, design, found, answer):
    """Who may only receive makes a balanced budget a weak one."""
    if not plain_environment(design) or design.ir_binds or design.environment.designer is None:
        return 0
    when = rng.choice(["ex-post", "ex-ante"]) if design.bb == "none" else design.bb.removesuffix("-weak")
    wants = design.wants if design.wants.kind in ("feasibility", "surplus") else Objective.surplus()
    weak = design.asking(bb=f"{when}-weak", objective=wants)
    exact = joined(weak.asking(bb=when), (0, None))
    return equal(worth(exact), worth(weak), "money burnt, and money given away")


# -- requirements ---------------------------------------------------------------------------------------
def stronger(rng, design):
    """One requirement more, or a stronger one."""
    full = design.wants.kind == "full-surplus-extraction"
    steps = []
    if design.ic == "none" and design.environment.beliefs is not None:
        steps += [{"ic": "bayesian"}, {"ic": "ex-post"}]
    if design.ic == "bayesian":
        steps.append({"ic": "ex-post"})
    if not full and design.ir == "none":
        steps += [{"ir": "interim"}, {"ir": "ex-post"}]
    if not full and design.ir == "interim" and design.ic in CLASSICAL:
        steps.append({"ir": "ex-post"})
    steps += {
        "none": [] if full else [{"bb": "ex-ante-weak"}, {"bb": "ex-post-weak"}],
        "ex-ante-weak": [{"bb": "ex-ante"}, {"bb": "ex-post-weak"}],
        "ex-post-weak": [{"bb": "ex-post"}],
        "ex-ante": [{"bb": "ex-post"}],
        "ex-post": [],
    }[design.bb]
    if design.transfers == "free":
        steps += [{"transfers": "none"}, {"transfers": ((F(-2), F(2)),) * design.environment.n}]
    if isinstance(design.allocation, str):
        more = {
            "chosen": ["efficient"] if full else ["efficient", "deterministic"],
            "efficient": ["efficient-first"],
        }
        small = len(design.environment.outcomes) ** design.environment.num_profiles <= 16
        options = [
            a
            for a in more.get(design.allocation, [])
            if a != "deterministic" or (small and not design.ambiguous)
        ]
        steps += [{"allocation": a} for a in options]
    rng.shuffle(steps)
    for change in steps:
        try:
            return change, design.asking(**change)
        except InvalidDesign:
            continue
    return None, None


def a_requirement_more(rng, design, found, answer):
    """What is asked in addition never helps."""
    change, more = stronger(rng, design)
    return 0 if more is None else at_most(worth(more), found, f"also asking {change}")


def notions(rng, design, found, answer):
    """A Bayesian mechanism is a set of one rule; with ambiguous transfers nothing is lost."""
    e = design.environment
    if design.ic == "ambiguous-transfers":
        return at_most(worth(design.asking(ic="bayesian")), found, "one rule")
    if design.ic == "ex-post":
        if e.beliefs is None:
            return 0
        return at_most(found, worth(design.asking(ic="bayesian")), "ex post and Bayesian")
    defined = not design.deterministic and design.wants.kind != "weighted-interim"
    if design.ic == "bayesian" and e.num_profiles * sum(e.shape) <= 10 and defined:
        return at_most(found, worth(design.asking(ic="ambiguous-transfers")), "one rule and several")
    return 0


def several_beliefs(rng, design, found, answer):
    """Ex post implies Bewley implies maxmin; Bewley implies Bayesian under each mixture of the beliefs."""
    e = design.environment
    if e.belief_sets is None or design.ic != "bewley":
        return 0
    expost = design.asking(ic="ex-post", ir="none" if design.ir == "none" else "ex-post")
    count = at_most(worth(expost), found, "ex post and Bewley")
    if design.wants.kind == "feasibility" or not design.deterministic:
        count += at_most(found, worth(design.asking(ic="maxmin")), "Bewley and maxmin")
    cells = []
    for i in range(e.n):
        rows = []
        for own in range(e.shape[i]):
            vertices = array(e.belief_sets[i][own].vertices)
            mix = [F(rng.randint(0, 2)) for _ in vertices]
            mix[rng.randrange(len(mix))] += 1
            rows.append(sum(m * v for m, v in zip(mix, vertices)) / sum(mix))
        cells.append(rational(np.moveaxis(np.stack(rows), 0, i)))
    bayesian = replace(e, beliefs=Beliefs(tuple(cells)), belief_sets=None)
    asked = design.asking(ic="bayesian", environment=bayesian)
    return count + at_most(found, worth(asked), "Bewley and Bayesian")


def one_belief(rng, design, found, answer):
    """Where each type holds one belief possible, every notion is the Bayesian one."""
    e = design.environment
    if design.ic != "bayesian" or e.beliefs is None or e.n < 2 or design.ir == "ex-post" or design.ir_binds:
        return 0
    if design.wants.kind == "weighted-interim" or any(
        e.beliefs.mass(i)[k] == 0 for i in range(e.n) for k in range(e.shape[i])
    ):
        return 0
    sets = []
    for i in range(e.n):
        rows = e.beliefs.conditional(i).reshape(e.shape[i], *np.delete(e.shape, i))
        sets.append(tuple(BeliefSet.finite([rows[k].tolist()]) for k in range(e.shape[i])))
    single = replace(e, belief_sets=tuple(sets))
    ic = rng.choice(["bewley", "maxmin"])
    if design.deterministic and ic == "maxmin":
        return 0
    return equal(worth(design.asking(ic=ic, environment=single)), found, f"one belief, {ic}")


def unattractive(design, relaxed, by):
    """The question in which lies must lose so much: each such requirement a constraint, written from the definition of IC and
    divided by the designer's prior, under which constraints take expectations; None where that is no single row."""
    e, asked = design.environment, []
    if design.ic not in ("bayesian", "bewley", "ex-post") or e.designer is None:
        return None
    for i in (kind_of(key)[1] for key in relaxed.keys):
        rest = list(np.ndindex(*np.delete(e.shape, i)))
        points = [{(*others[:i], 0, *others[i:]): F(1)} for others in rest]
        for own, report in ((s, r) for s in range(e.shape[i]) for r in range(e.shape[i]) if s != r):
            held = points if design.ic == "ex-post" else plain.beliefs(design, design.ic, i, own)
            for state, belief in enumerate(held):
                place = (0, own, report, *rest[state]) if held is points else (state, own, report)
                if relaxed.cell in (None, place):
                    asked.append(loses(e, i, own, report, belief, by, f"lie {len(asked)}"))
    if not asked or None in asked:
        return None
    return design.asking(constraints=(*design.constraints, *asked))


def loses(e, i, own, report, belief, by, name):
    """What a type expects of the truth is worth more to it, by so much, than what it expects of a lie."""
    chances = np.full((len(e.outcomes), *e.shape), F(0), dtype=object)
    paid = [np.full(e.shape, F(0), dtype=object) for _ in e.agents]
    for t, weight in belief.items():
        t = plain.swapped(t, i, own)
        for said, sign in ((t, 1), (plain.swapped(t, i, report), -1)):
            if weight and not e.designer[said]:
                return None
            if weight:
                share = sign * weight / e.designer[said]
                paid[i][said] += share
                for a in range(len(e.outcomes)):
                    chances[(a, *said)] += share * e.utility[i][(a, *t)]
    transfers = [p.tolist() for p in paid]
    return Constraint.of(name, ">=", by, allocation=chances.tolist(), transfers=transfers, each="expected")


def moved(design, relaxed, by):
    """The question in which a requirement gives way by so much, in the words of questions; None where they do not say it."""
    e, (kind, agent), cell = design.environment, kind_of(relaxed.keys[0]), relaxed.cell
    of_each_rule = kind in ("least", "most") or (kind == "IR" and design.ir == "ex-post")
    if design.ambiguous and cell is not None and of_each_rule:
        return None  # a question asks it of every rule alike
    if kind == "IC" and by < 0:
        return unattractive(design, relaxed, -by)
    if kind == "IC" and not design.pessimistic:
        single = cell is not None
        if single and (len(cell) > 3 or design.ic_notion.states(e, agent).size > 1):
            return None
        told = design.misreports or (Misreports.of(a.size) for a in e.agents)
        tables = [(one.possible, array(one.slack)) for one in told]
        for key in relaxed.keys:
            tables[kind_of(key)[1]][1][cell[1:] if single else ...] += by
        return design.asking(misreports=[Misreports.of(len(s), p, rational(s)) for p, s in tables])
    if kind == "IR" and len(relaxed.keys) == 1 and design.ir_notion.states(e, agent).size == 1:
        outside = [np.moveaxis(array(a.broadcast_to(e.shape)), i, 0) for i, a in enumerate(e.outside)]
        outside[agent][slice(None) if cell is None else cell[1:]] -= by
        back = tuple(rational(np.moveaxis(a, 0, i)) for i, a in enumerate(outside))
        return design.asking(environment=replace(e, outside=back))
    if kind in ("least", "most"):
        ends = [list(design.transfer_bounds(i)) for i in range(e.n)]
        for key in relaxed.keys:
            (side, i), sign = kind_of(key), -1 if key.startswith("least") else 1
            end = array(Rationals.of(ends[i][side == "most"]).broadcast_to(e.shape))
            end[... if cell is None else cell[1:]] += sign * by
            ends[i][side == "most"] = rational(end)
        return design.asking(transfers=tuple(map(tuple, ends)))
    if kind == "BB" and design.transfers != "none" and not design.ambiguous:
        once = design.bb.startswith("ex-ante")
        bound = np.full(() if once else e.shape, F(0), dtype=object)
        bound[... if cell is None else cell[1:]] += by
        sense = "<=" if design.bb.endswith("weak") else "="
        paid = [1] * e.n
        balance = Constraint.of(
            "subsidy", sense, bound.tolist(), transfers=paid, each="expected" if once else "profile"
        )
        return design.asking(bb="none", constraints=(*design.constraints, balance))
    return None


def small_move(design, relaxed, by):
    """The moved question; None where it is not in their words, or is refused as it is written (a least above a most)."""
    try:
        return moved(design, relaxed, by)
    except InvalidDesign:
        return None


def a_small_change(rng, design, found, answer):
    """A one-sided rate predicts a small change exactly."""
    if answer.status != "optimal" or undefined(design, answer.proof.multipliers):
        return 0
    examined = Examined(answer, *whole(answer, NEVER))
    every = [*together(design, examined.weights), *with_weight(examined.weights)]
    told = {}
    for one, way in ((r, w) for r in every for w in (1, -1) if small_move(design, r, F(w, 10**6))):
        told.setdefault((kind_of(one.keys[0])[0], way), []).append((one, way))
    if not told:
        return 0
    relaxed, way = rng.choice(told[rng.choice(sorted(told))])  # every kind, given way and tightened, alike
    one = examined.one(relaxed, way, NEVER)
    equal(one is None, False, f"no rate of {name_of(design, relaxed)}")
    by = way * one.up_to * F(rng.randint(1, 4), 4) or F(way, 10**6)
    after = moved(design, relaxed, by)
    there = worth(after, after.solve(relax=False, fewest=False))
    name = f"{name_of(design, relaxed)} moved by {by}"
    if one.rate is None:
        return equal(there, (-1, 0), name)
    most = on(examined.weights, relaxed)
    at_most(*((one.rate, most) if way > 0 else (most, one.rate)), f"{name}: a rate and a multiplier")
    return 1 + equal(there, (0, found[1] + by * one.rate), name)


#: Asked of every environment, and asked of some.
ALWAYS = (accepted, primal_is_dual)
SOMETIMES = (
    as_the_oracle,
    without_reductions,
    written_and_read,
    other_types,
    other_outcomes,
    other_agents,
    other_units,
    shifted,
    turned_around,
    duplicated,
    guest,
    receiver,
    a_requirement_more,
    notions,
    several_beliefs,
    one_belief,
    a_small_change,
)


#: Asked of some questions with requirements that the others do not carry from one environment to another.
OF_ANY = (as_the_oracle, without_reductions, written_and_read, turned_around, a_requirement_more)


def sometimes(design):
    """The laws that are asked of some questions like this one."""
    e = design.environment
    further = design.constraints or design.misreports or e.actions is not None or e.money is not None
    varying = any(isinstance(end, Rationals) for i in range(e.n) for end in design.transfer_bounds(i))
    return OF_ANY if further or varying or design.ic.startswith("ordinal") else SOMETIMES


def believers(rng):
    """A question about types who hold several beliefs possible."""
    e = maxmin_environments.environment(rng)
    while e.num_profiles > 4 or len(e.outcomes) > 2:
        e = maxmin_environments.environment(rng)
    ic = rng.choice(["bewley", "bewley", "maxmin"])
    return Design(
        e,
        ic,
        rng.choice(["interim", "none"]),
        rng.choice(["ex-post", "ex-post-weak", "none"]),
        rng.choice(["chosen", "efficient-first"]),
        rng.choice(["free", "free", "none"]),
        rng.choice(["feasibility", "revenue", "surplus"]),
    )


def minimised(rng, design):
    """In a tenth of the cases a linear objective to be minimised, over bounded transfers."""
    e = design.environment
    if rng.random() < 0.9 or design.ir_binds:
        return design
    cells = [F(rng.randint(-2, 2)) for _ in range(len(e.outcomes) * e.num_profiles)]
    aim = Objective.linear(
        Rationals.from_fractions(cells, (len(e.outcomes), *e.shape)), maximize=False, expected=False
    )
    return design.asking(objective=aim)
