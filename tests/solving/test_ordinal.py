"""Ordinal incentive compatibility: lotteries compared by stochastic dominance, against plain loops and known rules.

Random serial dictatorship for three agents and three houses is strategy-proof; the probabilistic serial rule is only weakly so
(Bogomolnaia and Moulin 2001, Propositions 1 and 2).
"""

import json
from fractions import Fraction as F
from itertools import permutations, product

import numpy as np
import pytest
from random_designs import first, random_ordinal
from small import forged

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign, Rationals
from mechlp.checking.verify import verify
from mechlp.mechanism import Mechanism, audit
from mechlp.solving.compile import compile
from mechlp.solving.reductions import reduce

HOUSES = range(3)
RANKINGS = list(permutations(HOUSES))
ASSIGNMENTS = list(permutations(HOUSES))
PROFILES = list(product(range(6), repeat=3))


def houses():
    """Three agents, each of them with one of the six strict rankings; outcomes are assignments."""
    spell = lambda order: "".join("xyz"[h] for h in order)  # noqa: E731
    agents = tuple(Agent.of(f"a{i}", list(map(spell, RANKINGS))) for i in range(3))
    utility = np.zeros((3, 6, 6, 6, 6), dtype=np.int64)
    for (a, assigned), profile, i in product(enumerate(ASSIGNMENTS), PROFILES, range(3)):
        utility[(i, a, *profile)] = 2 - RANKINGS[profile[i]].index(assigned[i])
    prior = Rationals.of(F(1, 216)).broadcast_to((6, 6, 6))
    return Environment(agents, tuple(map(spell, ASSIGNMENTS)), tuple(map(Rationals, utility)), prior)


def serial_dictatorship(profile):
    """Chances of assignments when agents choose in a random order."""
    chances = dict.fromkeys(ASSIGNMENTS, F(0))
    for order in permutations(range(3)):
        left, got = set(HOUSES), {}
        for i in order:
            got[i] = next(h for h in RANKINGS[profile[i]] if h in left)
            left.remove(got[i])
        chances[got[0], got[1], got[2]] += F(1, 6)
    return chances


def shares(profile):
    """Probabilistic serial: all eat the best house that is left, at the same speed, until a unit of time is over."""
    eaten, left = [[F(0)] * 3 for _ in range(3)], [F(1)] * 3
    while any(left):
        wish = [next(h for h in RANKINGS[profile[i]] if left[h]) for i in range(3)]
        time = min(left[h] / wish.count(h) for h in set(wish))
        for i, h in enumerate(wish):
            eaten[i][h] += time
            left[h] -= time
    return eaten


def decomposed(matrix):
    """A lottery over assignments with these shares (Birkhoff 1946)."""
    chances, left = dict.fromkeys(ASSIGNMENTS, F(0)), [list(row) for row in matrix]
    while any(map(any, left)):
        assigned = next(a for a in ASSIGNMENTS if all(left[i][a[i]] for i in range(3)))
        part = min(left[i][assigned[i]] for i in range(3))
        chances[assigned] += part
        for i in range(3):
            left[i][assigned[i]] -= part
    return chances


def table(rule):
    out = np.empty((6, 6, 6, 6), dtype=object)
    for profile in PROFILES:
        out[(slice(None), *profile)] = [rule(profile)[a] for a in ASSIGNMENTS]
    return Rationals.from_fractions(list(out.ravel()), out.shape)


def best(chances, profile, i, k):
    """The chance of one of the k best houses of agent i."""
    return sum(c for a, c in chances.items() if RANKINGS[profile[i]].index(a[i]) < k)


def gains(rule):
    """What lies add to the chance of the k best houses: ((profile, agent, report), (k = 1, k = 2)), by plain loops."""
    for profile, i, report in product(PROFILES, range(3), range(6)):
        if report != profile[i]:
            truth, lie = rule(profile), rule((*profile[:i], report, *profile[i + 1 :]))
            yield (
                (profile, i, report),
                tuple(best(lie, profile, i, k) - best(truth, profile, i, k) for k in (1, 2)),
            )


@pytest.fixture(scope="module")
def environment():
    return houses()


@pytest.mark.parametrize("ic", ["ordinal", "ordinal-bayesian"])
def test_random_serial_dictatorship_is_strategy_proof(environment, ic):
    answer = Design(environment, ic, "ex-post", "none", table(serial_dictatorship), "none").solve(relax=False)
    assert answer.status == "feasible" and answer.certified
    states, others = 2, 36 if ic == "ordinal" else 1
    assert answer.audit.checked["IC"] == 3 * states * 6 * 6 * others
    assert verify(answer.to_json()).accepted


def test_the_probabilistic_serial_rule_is_not_strategy_proof(environment):
    found = [(lie, gain) for lie, gain in gains(lambda p: decomposed(shares(p))) if max(gain) > 0]
    assert len(found) == 72
    assert all(min(gain) < 0 for _, gain in found), "no lie ever dominates truth"
    assert found[0][1][1] == max(max(gain) for _, gain in found) == F(1, 12)
    design = Design(environment, "ordinal", "ex-post", "none", table(lambda p: decomposed(shares(p))), "none")
    rule = Mechanism(environment, design.allocation, Rationals.zeros((3, 6, 6, 6)))
    (worst,) = audit(rule, design).worst
    (profile, i, report), _ = found[0]
    assert worst.kind == "IC" and worst.amount == F(1, 12)
    named = [f"a{k}={environment.agents[k].types[profile[k]]}" for k in range(3) if k != i]
    own, said = (environment.agents[i].types[k] for k in (profile[i], report))
    assert (
        worst.where
        == f"[a{i}: {own} -> {said} | top 4 {{{', '.join(_top(profile, i, 2)[:3])}, ...}}, "
        + (", ".join(named) + "]")
    )
    answer = design.solve()
    assert answer.status == "infeasible" and answer.certified and verify(answer.to_json()).accepted
    (eased,) = [r for r in answer.relaxations if r.what == "ic"]
    assert eased.amount == F(1, 12)


def _top(profile, i, k):
    own = RANKINGS[profile[i]]
    return ["".join("xyz"[h] for h in a) for a in ASSIGNMENTS if own.index(a[i]) < k]


def test_it_is_strategy_proof_in_expectation(environment):
    """Where all rankings are as likely, nobody gains: the lies that do are outweighed."""
    rule = table(lambda p: decomposed(shares(p)))
    answer = Design(environment, "ordinal-bayesian", "none", "none", rule, "none").solve(relax=False)
    expected = {}
    for (profile, i, report), gain in gains(lambda p: decomposed(shares(p))):
        key = i, profile[i], report
        expected[key] = tuple(x + y / 36 for x, y in zip(expected.get(key, (0, 0)), gain, strict=True))
    assert all(max(gain) <= 0 for gain in expected.values())
    assert answer.status == "feasible" and verify(answer.to_json()).accepted


VOTE = """
agents: {a: [xyz, yxz, zyx], b: [xyz, yxz, zyx]}
outcomes: [x, y, z]
payoffs:
  x: {a: 2*(a == xyz) + (a == yxz), b: 2*(b == xyz) + (b == yxz)}
  y: {a: (a == xyz) + 2*(a == yxz) + (a == zyx), b: (b == xyz) + 2*(b == yxz) + (b == zyx)}
  z: {a: 2*(a == zyx), b: 2*(b == zyx)}
beliefs: {prior: uniform}
require: {ic: ordinal, ir: none, bb: none}
transfers: none
allocation: chosen
objective: surplus
"""


def vote(**changes):
    return mechlp.read_text(VOTE).design.asking(**changes)


def test_a_vote_is_answered_proved_and_written():
    answer = vote().solve()
    assert answer.status == "optimal" and answer.certified
    assert answer.value <= vote(ic="none").solve().value
    assert answer.value <= vote(ic="ordinal-bayesian").solve().value
    data = answer.to_json()
    names = [row["name"] for row in data["certificate"]["multipliers"]]
    assert names and all(name.startswith("IC[") and "top " in name for name in names)
    assert verify(data).accepted
    for k, row in enumerate(data["certificate"]["multipliers"]):
        for value in ("-1", str(F(row["multiplier"]) + 1000)):
            change = lambda d, k=k, v=value: d["certificate"]["multipliers"][k].update(multiplier=v)  # noqa: E731
            assert not verify(forged(data, change)).accepted
    row = {**data["certificate"]["multipliers"][0], "state": 7}
    assert not verify(forged(data, lambda d: d["certificate"]["multipliers"].append(row))).accepted
    labels = [compile(vote()).row_label(k) for k in range(18)]
    assert "IC[a: xyz -> yxz | top 1 {x}, b=xyz]" in labels


def test_the_best_deterministic_rule_is_found_by_trying_them_all():
    answer = vote(allocation="deterministic").solve()
    design, best = vote(), None
    u = [x.tolist() for x in design.environment.utility]
    cells = list(product(range(3), repeat=2))
    for rule in product(range(3), repeat=9):
        chosen = dict(zip(cells, rule, strict=True))
        honest = all(
            u[0][chosen[s, t]][s][t] >= u[0][chosen[r, t]][s][t]
            and u[1][chosen[s, t]][s][t] >= u[1][chosen[s, r]][s][t]
            for s, t in cells
            for r in range(3)
        )
        if honest:
            total = sum(u[0][chosen[c]][c[0]][c[1]] + u[1][chosen[c]][c[0]][c[1]] for c in cells)
            best = total if best is None else max(best, total)
    assert answer.certified and answer.value == F(best, 9) and verify(answer.to_json()).accepted


def plain(design, rule):
    """The worst slack of IC, by plain loops over types, reports, profiles and upper contour sets."""
    e, least = design.environment, F(0)
    for i in range(e.n):
        for own, report in product(range(e.shape[i]), repeat=2):
            sums = {}
            for t in product(*map(range, e.shape)):
                if t[i] != own:
                    continue
                said = (*t[:i], report, *t[i + 1 :])
                values = sorted({e.utility[i][(a, *t)] for a in range(len(e.outcomes))}, reverse=True)
                for k, value in enumerate(values):
                    upper = [a for a in range(len(e.outcomes)) if e.utility[i][(a, *t)] >= value]
                    slack = sum(rule[(a, *t)] - rule[(a, *said)] for a in upper)
                    if design.ic == "ordinal":
                        least = min(least, slack)
                    else:
                        weight = e.beliefs.weights[i][t]
                        sums[k] = sums.get(k, 0) + weight * slack
                        sums["mass"] = sums.get("mass", 0) + (weight if k == 0 else 0)
            mass = sums.pop("mass", 0)
            least = min([least, *(s / mass for s in sums.values())]) if mass else least
    return least


@pytest.mark.parametrize("seed", range(40))
def test_the_audit_agrees_with_plain_loops(seed):
    design = first(random_ordinal, seed)
    e, rng = design.environment, np.random.default_rng(seed)
    weights = Rationals(rng.integers(1, 5, (len(e.outcomes), *e.shape)))
    rule = weights / weights.sum(axis=0)
    report = audit(Mechanism(e, rule, Rationals.zeros((e.n, *e.shape))), design)
    found = [v.amount for v in report.worst if v.kind == "IC"]
    assert -max(found, default=F(0)) == plain(design, rule)


def test_what_makes_no_sense_is_refused():
    with pytest.raises(
        InvalidDesign, match="a transfer that depends on the report would escape it: take transfers: none"
    ):
        vote(transfers="free")
    common = VOTE.replace("z: {a: 2*", "z: {a: 3*(b == zyx) + 2*")
    with pytest.raises(InvalidDesign, match="how 'a' ranks outcomes depends on others' types"):
        mechlp.read_text(common).design.asking(ic="ordinal-bayesian")
    assert mechlp.read_text(common).design.solve().certified


@pytest.mark.parametrize("ic", ["ordinal", "ordinal-bayesian"])
def test_reductions_about_payoffs_do_not_apply(ic):
    found = reduce(vote(ic=ic), True)
    assert set(found.names) <= {"row-generation", "symmetric-agents"}
    for name in ("adjacent", "interim-transfers", "private-values", "ex-ante-balance"):
        with pytest.raises(InvalidDesign):
            reduce(vote(ic=ic), [name])


def test_interchangeable_agents_are_folded():
    whole, folded = vote().solve(), vote().solve(reduce=["symmetric-agents"])
    assert (
        folded.certified
        and folded.value == whole.value
        and verify(json.loads(json.dumps(folded.to_json()))).accepted
    )
