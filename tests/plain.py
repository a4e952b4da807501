"""Requirements and multipliers by plain loops over type profiles, from the definitions: an independent second reading.

Nothing of mechlp's audit, compiler or certificates is used; Fractions throughout.
"""

from fractions import Fraction
from itertools import product

from mechlp import Rationals


def profiles(e):
    return list(product(*map(range, e.shape)))


def swapped(t, i, report):
    return (*t[:i], report, *t[i + 1 :])


def beliefs(design, notion, i, own):
    """The beliefs of a type over full profiles: one (bayesian, ambiguous), every vertex (bewley, maxmin), none (no belief)."""
    e = design.environment
    here = [t for t in profiles(e) if t[i] == own]
    if notion in ("bewley", "maxmin"):
        others = [t[:i] + t[i + 1 :] for t in here]
        return [
            dict(zip(here, (vertex[rest] if rest else Fraction(vertex) for rest in others)))
            for vertex in e.belief_sets[i][own].vertices
        ]
    weights = {t: e.beliefs.weights[i][t] for t in here}
    total = sum(weights.values())
    return [{t: w / total for t, w in weights.items()}] if total else []


def payoff(rule, i, report, t):
    """What agent i gets at the true profile t when she reports, everyone else telling the truth."""
    e, said = rule.environment, swapped(t, i, report)
    worth = sum(e.utility[i][(a, *t)] * rule.allocation[(a, *said)] for a in range(len(e.outcomes)))
    return worth + rule.transfers[(i, *said)]


def expected(rule, belief, i, report):
    return sum((w * payoff(rule, i, report, t) for t, w in belief.items()), Fraction(0))


def money(e, i, own):
    """What a unit of money is worth to a type."""
    return Fraction(1) if e.money is None else e.money[i][own]


def _told(design, i, own):
    """The lies of a type that are possible."""
    told = None if design.misreports is None else design.misreports[i].possible
    return [r for r in range(design.environment.shape[i]) if r != own and (told is None or told[own, r])]


def _may_pay(design, i, own, report):
    """By how much a lie may pay more than truth."""
    return Fraction(0) if design.misreports is None else design.misreports[i].slack[own, report]


def incentives(design, rules):
    """Slack of every IC and IR requirement: {(kind, agent, type, report, state, others, rule): slack}, and which are equalities."""
    e, out, equal = design.environment, {}, set()
    for i in range(e.n):
        rest = list(product(*(range(s) for k, s in enumerate(e.shape) if k != i)))
        for own in range(e.shape[i]):
            if e.actions is not None:
                _obeyed(design, rules[0], out, i, own, rest)
            elif design.ic.startswith("ordinal"):
                _ranked(design, rules[0], out, i, own, rest)
            else:
                _asked(design, rules, out, i, own, _told(design, i, own), rest, design.ic)
            for key in [k for k in out if k[0] in ("IC", "obedience") and k[1:3] == (i, own) and k[3] != own]:
                out[key] += _may_pay(design, i, own, key[3])
            ir = design.ir
            if ir == "interim":
                ir = design.ic if design.ic in ("ambiguous-transfers", "bewley", "maxmin") else "bayesian"
            before = set(out)
            _asked(design, rules, out, i, own, [None], rest, ir)
            if design.ir_binds:
                equal |= set(out) - before
    return out, equal


def _asked(design, rules, out, i, own, reports, rest, notion):
    """One type's requirements: truth against reports, or against the outside option (report None)."""
    e = design.environment
    if notion == "none":
        return
    if notion == "ex-post":
        for k, rule in enumerate(rules):
            for others in rest:
                t = (*others[:i], own, *others[i:])
                for r in reports:
                    other = e.outside[i][t] if r is None else payoff(rule, i, r, t)
                    key = ("IR" if r is None else "IC", i, own, r, 0, others, k)
                    out[key] = payoff(rule, i, own, t) - other
        return
    held = beliefs(design, notion, i, own)

    def outside(belief):
        return sum((w * e.outside[i][t] for t, w in belief.items()), Fraction(0))

    for r in reports if held else ():
        kind = "IR" if r is None else "IC"
        if notion in ("bayesian", "bewley"):
            for k, rule in enumerate(rules):
                for state, belief in enumerate(held):
                    other = outside(belief) if r is None else expected(rule, belief, i, r)
                    out[kind, i, own, r, state, (), k] = expected(rule, belief, i, own) - other
            continue
        if notion == "maxmin":
            truth = min(expected(rules[0], b, i, own) for b in held)
            other = min(map(outside, held)) if r is None else min(expected(rules[0], b, i, r) for b in held)
            out[kind, i, own, r, 0, (), 0] = truth - other
            continue
        (belief,) = held
        truth = [expected(rule, belief, i, own) for rule in rules]
        if r is None and design.ir_binds:
            for k, worth in enumerate(truth):
                out[kind, i, own, r, 0, (), k] = worth - outside(belief)
            continue

        def mixed(values):
            return design.alpha * min(values) + (1 - design.alpha) * max(values)

        other = outside(belief) if r is None else mixed([expected(rule, belief, i, r) for rule in rules])
        out[kind, i, own, r, 0, (), 0] = mixed(truth) - other


def _ranked(design, rule, out, i, own, rest):
    """For each k, the chance of the k best outcomes (ties together) under truth, less that after a lie."""
    e = design.environment
    outcomes = range(len(e.outcomes))
    states = [{(*o[:i], own, *o[i:]): Fraction(1)} for o in rest]
    if design.ic == "ordinal-bayesian":
        states = beliefs(design, "bayesian", i, own)
    for state, belief in enumerate(states):
        at = next(iter(belief))
        for level in {e.utility[i][(a, *at)] for a in outcomes}:
            for r in _told(design, i, own):
                gap = sum(
                    w * (rule.allocation[(a, *t)] - rule.allocation[(a, *swapped(t, i, r))])
                    for t, w in belief.items()
                    for a in outcomes
                    if e.utility[i][(a, *at)] >= level
                )
                out["IC", i, own, r, state, level, 0] = gap


def _obeyed(design, rule, out, i, own, rest):
    """Truth and obedience against every lie with every plan of what to do after each recommendation, and, the report being true,
    against other actions after one recommendation."""
    e, acts = design.environment, design.environment.actions
    outcomes, count = range(len(e.outcomes)), acts.count(i)
    states = [{(*o[:i], own, *o[i:]): Fraction(1)} for o in rest]
    if design.ic != "ex-post":
        states = beliefs(design, "bewley" if design.ic == "bewley" else "bayesian", i, own)
    if design.ic == "none":
        return
    for (state, belief), r in product(enumerate(states), [own, *_told(design, i, own)]):
        if design.ic == "obedience" and r != own:
            continue
        for plan in product(range(count), repeat=count):
            if r == own and sum(did != told for told, did in enumerate(plan)) > 1:
                continue
            played = [int(acts.instead[i][a, plan[acts.own[i][a]]]) for a in outcomes]
            lie = sum(
                w
                * (
                    sum(
                        e.utility[i][(played[a], *t)] * rule.allocation[(a, *swapped(t, i, r))]
                        for a in outcomes
                    )
                    + rule.transfers[(i, *swapped(t, i, r))]
                )
                for t, w in belief.items()
            )
            kind = "obedience" if r == own else "IC"
            out[kind, i, own, r, state, plan, 0] = expected(rule, belief, i, own) - lie


def own_requirements(design, rule):
    """Slack of the constraints of one's own: {(name, where): slack, or how far an equality is missed}."""
    e, out = design.environment, {}

    def form(one):
        """The linear form at a profile, as a function of it."""
        chances = None if one.allocation is None else one.allocation.broadcast_to((len(e.outcomes), *e.shape))
        shares = [share.broadcast_to(e.shape) for share in one.transfers or ()]

        def at(t):
            total = sum(share[t] * rule.transfers[(i, *t)] for i, share in enumerate(shares))
            if chances is None:
                return total
            return total + sum(chances[(a, *t)] * rule.allocation[(a, *t)] for a in range(len(e.outcomes)))

        return at

    for one in design.constraints:
        at = form(one)
        if one.each == "profile":
            asked = {t: at(t) for t in profiles(e) if one.where is None or one.where[t]}
            bound = one.bound.broadcast_to(e.shape)
        elif one.each == "expected":
            asked = {(): sum(e.designer[t] * at(t) for t in profiles(e))}
            bound = one.bound
        else:
            i = [a.name for a in e.agents].index(one.each)
            held = {(own,): beliefs(design, "bayesian", i, own) for own in range(e.shape[i])}
            asked = {k: sum(w * at(t) for t, w in b[0].items()) for k, b in held.items() if b}
            bound = one.bound.broadcast_to((e.shape[i],))
        for where, value in asked.items():
            limit = bound.item() if where == () else bound[where]
            gap = value - limit
            out[one.name, where] = {">=": gap, "<=": -gap, "=": -abs(gap)}[one.sense]
    return out


def balance(design, rule):
    """Slack of budget balance by profile, or of the expected budget alone."""
    e = design.environment
    left = {t: -sum(rule.transfers[(i, *t)] for i in range(e.n)) for t in profiles(e)}
    if design.bb.startswith("ex-ante"):
        return {(): sum((e.designer[t] * v for t, v in left.items()), Fraction(0))}
    return left if design.bb.startswith("ex-post") else {}


def objective(design, rule):
    """What a rule is worth under the designer's prior; None where nothing is wanted."""
    e, wants, total = design.environment, design.wants, Fraction(0)
    if wants.kind in ("feasibility", "full-surplus-extraction"):
        return None
    if wants.kind == "weighted-interim":
        for i in range(e.n):
            for own in range(e.shape[i]):
                for belief in beliefs(design, "bayesian", i, own):
                    total += wants.interim[i][own] * money(e, i, own) * expected(rule, belief, i, own)
        return total
    for t in profiles(e):
        here = Fraction(0)
        if wants.kind == "revenue":
            here -= sum(rule.transfers[(i, *t)] for i in range(e.n))
        if wants.kind == "surplus":
            here += sum(
                money(e, i, t[i]) * e.utility[i][(a, *t)] * rule.allocation[(a, *t)]
                for i in range(e.n)
                for a in range(len(e.outcomes))
            )
        if wants.kind == "linear" and wants.allocation is not None:
            here += sum(wants.allocation[(a, *t)] * rule.allocation[(a, *t)] for a in range(len(e.outcomes)))
        if wants.kind == "linear" and wants.transfers is not None:
            here += sum(wants.transfers[i][t] * rule.transfers[(i, *t)] for i in range(e.n))
        total += here * (e.designer[t] if wants.kind != "linear" or wants.expected else 1)
    return total


def allowed(design, t):
    """The outcomes that an efficient, first efficient, given or free allocation may use at a profile."""
    e = design.environment
    outcomes = range(len(e.outcomes))
    if isinstance(design.allocation, Rationals):
        return [a for a in outcomes if design.allocation[(a, *t)] > 0]
    if not design.allocation.startswith("efficient"):
        return list(outcomes)
    if design.ir_binds and e.designer is not None and design.allocation == "efficient" and not e.designer[t]:
        return list(outcomes)
    worth = [sum(money(e, i, t[i]) * e.utility[i][(a, *t)] for i in range(e.n)) for a in outcomes]
    best = [a for a in outcomes if worth[a] == max(worth)]
    return best[:1] if design.allocation == "efficient-first" else best


def broken(design, rules):
    """{kind: the worst amount} of every requirement that a set of rules breaks; kinds as the audit names them."""
    e, worst = design.environment, {}
    outcomes = range(len(e.outcomes))

    def note(kind, shortfall):
        if shortfall > 0:
            worst[kind] = max(worst.get(kind, 0), shortfall)

    slacks, equal = incentives(design, rules)
    for key, slack in slacks.items():
        note(key[0], abs(slack) if key in equal else -slack)
    for rule in rules:
        for (name, _), slack in own_requirements(design, rule).items():
            note(name, -slack)
        for slack in balance(design, rule).values():
            note("BB", -slack if design.bb.endswith("weak") else abs(slack))
        for t in profiles(e):
            lottery = [rule.allocation[(a, *t)] for a in outcomes]
            note("lottery", abs(sum(lottery) - 1))
            note("lottery", -min(lottery))
            may = allowed(design, t)
            for a in outcomes:
                note("allocation rule", 0 if a in may else abs(lottery[a]))
                if isinstance(design.allocation, Rationals):
                    note("allocation rule", abs(lottery[a] - design.allocation[(a, *t)]))
            if isinstance(design.allocation, str) and design.allocation == "deterministic":
                note("deterministic allocation", abs(max(lottery) - 1))
            for i in range(e.n):
                low, high = (
                    bound[t] if isinstance(bound, Rationals) else bound for bound in design.transfer_bounds(i)
                )
                note("transfer bound", 0 if low is None else low - rule.transfers[(i, *t)])
                note("transfer bound", 0 if high is None else rule.transfers[(i, *t)] - high)
    if design.ic != "ambiguous-transfers":
        note("single rule", abs(len(rules) - 1))
        return worst
    own_allocation = isinstance(design.allocation, str) and design.allocation in ("chosen", "deterministic")
    for rule in rules[1:]:
        for cell in product(outcomes, *map(range, e.shape)):
            note(
                "same allocation",
                0 if own_allocation else abs(rule.allocation[cell] - rules[0].allocation[cell]),
            )
        if objective(design, rule) is not None:
            note("same value", abs(objective(design, rule) - objective(design, rules[0])))
    return worst
