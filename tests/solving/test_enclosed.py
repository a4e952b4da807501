"""Payoffs known between rational ends: against plain loops, against exact solutions inside the ends, and spoiled answers."""

import copy
import itertools
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest
from random_designs import blocks

import mechlp
from mechlp.checking.verify import verify
from mechlp.environment.model import Agent, Environment
from mechlp.exact.numbers import Rationals
from mechlp.exact.saved import checksum
from mechlp.files import read_text
from mechlp.mechanism.audit import audit
from mechlp.mechanism.ends import attained
from mechlp.mechanism.mechanism import Mechanism
from mechlp.question.design import Design, InvalidDesign
from mechlp.question.objective import goal


def random_design(rng):
    """Two agents, three outcomes, private values or not, ends a little or much apart."""
    shape, outcomes = (2, int(rng.integers(2, 4))), ("x", "y", "z")
    width = int(rng.choice([1, 40]))
    low, high = [], []
    for i in range(2):
        along = shape if rng.random() < 0.5 else tuple(s if k == i else 1 for k, s in enumerate(shape))
        cells = Rationals(rng.integers(-20, 21, (3, *along)), 10)
        gaps = Rationals(rng.integers(0, 3, (3, *along)) * (rng.random((3, *along)) < 0.7), 1000) * width
        low.append(cells.broadcast_to((3, *shape)))
        high.append((cells + gaps).broadcast_to((3, *shape)))
    prior = rng.integers(1, 5, shape)
    environment = Environment(
        tuple(Agent.of(f"a{i}", range(s)) for i, s in enumerate(shape)),
        outcomes,
        tuple(low),
        Rationals(prior, int(prior.sum())),
        utility_above=tuple(high),
    )
    return Design(
        environment,
        ic=str(rng.choice(["bayesian", "ex-post"])),
        ir=str(rng.choice(["interim", "ex-post", "none"])),
        bb=str(rng.choice(["none", "ex-post", "ex-post-weak", "ex-ante", "ex-ante-weak"])),
        transfers=str(rng.choice(["free", "none"])) if rng.random() < 0.6 else ((F(-3), F(3)),) * 2,
        objective=str(rng.choice(["surplus", "revenue", "feasibility"])),
    )


def inside(design, rng):
    """The same question with exact payoffs somewhere between the ends."""
    environment, utility = design.environment, []
    for low, high in zip(environment.utility, environment.utility_above):
        small = low.unrepeated()
        share = Rationals(rng.integers(0, 9, small.shape), 8)
        cells = small + share * (high.unrepeated() - small)
        utility.append(cells.broadcast_to(low.shape))
    return replace(design, environment=replace(environment, utility=tuple(utility), utility_above=None))


def least(environment, i, weights):
    """The least of a combination of payoffs, number by number: ``weights`` maps (outcome, profile) to a rational."""
    low, high = environment.utility[i], environment.utility_above[i]
    varies = [s > 1 for s in low.unrepeated().shape]
    numbers = {}
    for (a, profile), w in weights.items():
        name = tuple(k if v else 0 for k, v in zip((a, *profile), varies))
        numbers[name] = numbers.get(name, 0) + w
    return sum(w * (low if w > 0 else high)[name] for name, w in numbers.items())


def shortfalls(mechanism, design):
    """The largest violation of IC and of IR, by plain loops."""
    environment, (m, n) = design.environment, design.environment.shape
    q, t, prior, worst = (
        mechanism.allocation,
        mechanism.transfers,
        environment.designer,
        {"IC": F(0), "IR": F(0)},
    )

    def profile(i, own, other):
        return (own, other) if i == 0 else (other, own)

    def combination(i, own, others, lie, share):
        weights, paid = {}, F(0)
        for other in others:
            truth = profile(i, own, other)
            told = None if lie is None else profile(i, lie, other)
            for a in range(3):
                change = q[(a, *truth)] - (0 if told is None else q[(a, *told)])
                key = (a, truth)
                weights[key] = weights.get(key, 0) + share[other] * change
            paid += share[other] * (t[(i, *truth)] - (0 if told is None else t[(i, *told)]))
        return least(environment, i, weights) + paid

    for i in range(2):
        own_count, other_count = (m, n) if i == 0 else (n, m)
        for own in range(own_count):
            mass = sum(prior[profile(i, own, o)] for o in range(other_count))
            belief = {o: prior[profile(i, own, o)] / mass for o in range(other_count)}
            for kind, when, lies in (
                ("IC", design.ic == "bayesian", range(own_count)),
                ("IR", design.ir == "interim", [None]),
            ):
                if kind == "IR" and design.ir == "none":
                    continue
                groups = [tuple(range(other_count))] if when else [(o,) for o in range(other_count)]
                for lie, others in itertools.product(lies, groups):
                    share = belief if when else {others[0]: F(1)}
                    worst[kind] = max(worst[kind], -combination(i, own, others, lie, share))
    return worst


@pytest.mark.parametrize("seed", range(30))
def test_audit_takes_the_least_over_all_payoffs(seed):
    rng = np.random.default_rng(seed)
    design = random_design(rng)
    cells = rng.integers(0, 4, (3, *design.environment.shape)) + np.array([1, 0, 0]).reshape(3, 1, 1)
    allocation = Rationals(cells) / Rationals(cells.sum(axis=0))
    paid = Rationals(rng.integers(-5, 6, (2, *design.environment.shape)), 10)
    mechanism = Mechanism(design.environment, allocation, paid)
    found = {v.kind: v.amount for v in audit(mechanism, design).worst}
    for kind, amount in shortfalls(mechanism, design).items():
        assert found.get(kind, 0) == amount, kind


@pytest.mark.parametrize("block", blocks(8, 4))
def test_brackets_hold_for_every_payoff_between_the_ends(block):
    seen = set()
    for seed in range(12 * block, 12 * block + 12):
        rng = np.random.default_rng(seed)
        design = random_design(rng)
        answer = design.solve()
        seen.add(answer.status)
        assert verify(answer.to_json()).accepted or answer.status == "undecided"
        for _ in range(3):
            exact = inside(design, rng)
            best = exact.solve(relax=False)
            if answer.rules:
                assert audit(replace(answer.rules[0], environment=exact.environment), exact).passed
                if goal(exact) is not None and answer.value is not None:
                    aim = goal(exact)
                    reached = aim.value(answer.rules[0].allocation, answer.rules[0].transfers)
                    assert reached >= answer.value
            if answer.status in ("bracket", "optimal"):
                assert best.status == "optimal" and answer.value <= best.value <= answer.bound
            elif answer.status in ("infeasible", "unbounded"):
                assert best.status == answer.status
    assert seen & {"bracket", "optimal", "feasible"}


def auction(utility, ic):
    """One object, two bidders, prices 1 and 2; a price above the type is a loss of 1.  Revenue is wanted; no transfers."""
    loss = "- (1 if {0} < 2 else 0)"
    payoffs = {
        f"{name} at {price}": {
            name: utility.format(f"max({name} - {price}, 0)") + (loss.format(name) if price == 2 else "")
        }
        for name in ("ann", "bob")
        for price in (1, 2)
    }
    return mechlp.files.read_document(
        {
            "agents": {"ann": {"types": ["1", "2", "3"]}, "bob": {"types": ["1", "2", "3"]}},
            "outcomes": ["nobody", *payoffs],
            "payoffs": payoffs,
            "beliefs": {"prior": "uniform"},
            "transfers": "none",
            "require": {"ic": ic, "ir": "interim"},
            "objective": {"maximize": {"allocation": {name: name[-1] for name in payoffs}}},
        }
    ).design


def floats(design, power):
    """The same auction as a plain float program over the payoffs themselves (scipy), Bayesian or ex post."""
    from scipy.optimize import linprog

    u = lambda x: max(x, 0) ** power  # noqa: E731
    types = (1, 2, 3)
    worth = [[0] * 3] + [[0] * 3 for _ in range(4)]
    values = {0: [list(w) for w in worth], 1: [list(w) for w in worth]}
    for k, (i, p) in enumerate([(0, 1), (0, 2), (1, 1), (1, 2)]):
        for v, x in enumerate(types):
            values[i][k + 1][v] = u(x - p) - (p == 2 and x < 2)
    column = lambda a, s, b: (a * 3 + s) * 3 + b  # noqa: E731
    rows = []
    for i in range(2):
        for own, lie, other in itertools.product(range(3), range(3), range(3)):
            row = np.zeros(45)
            for o in range(3) if design.ic == "bayesian" else [other]:
                for a in range(5):
                    truth, told = ((own, o), (lie, o)) if i == 0 else ((o, own), (o, lie))
                    row[column(a, *truth)] -= values[i][a][own]
                    row[column(a, *told)] += values[i][a][own]
            rows.append(row)
        for own in range(3):
            row = np.zeros(45)
            for a, o in itertools.product(range(5), range(3)):
                row[column(a, *((own, o) if i == 0 else (o, own)))] -= values[i][a][own]
            rows.append(row)
    costs, sums = np.zeros(45), np.zeros((9, 45))
    for a, s, b in itertools.product(range(5), range(3), range(3)):
        costs[column(a, s, b)] = -(0, 1, 2, 1, 2)[a] / 9
        sums[s * 3 + b, column(a, s, b)] = 1
    found = linprog(
        costs, A_ub=np.array(rows), b_ub=np.zeros(len(rows)), A_eq=sums, b_eq=np.ones(9), method="highs"
    )
    return -found.fun


@pytest.mark.parametrize("ic", ["bayesian", "ex-post"])
@pytest.mark.parametrize(("utility", "power"), [("crra({0}, 1/2)", 1 / 2), ("({0}) ** (3/10)", 3 / 10)])
def test_risk_averse_bidders(ic, utility, power):
    design = auction(utility, ic)
    answer = design.solve()
    scale = 2 if "crra" in utility else 1  # x ** (1 - r) / (1 - r): losses weigh less beside it
    assert answer.status == "bracket" and answer.bound - answer.value < F(1, 10**6)
    if scale == 1:
        wanted = floats(design, power)
        assert float(answer.value) - 1e-9 <= wanted <= float(answer.bound) + 1e-9
    assert verify(answer.to_json()).accepted
    if scale == 2:
        assert answer.control is not None and answer.control.status == "optimal"
        assert answer.control.design.environment.exact


def test_risk_aversion_earns_more_than_risk_neutrality():
    # Maskin and Riley (1984): bidders who are averse to risk pay more; with prices as outcomes it can only help.
    averse, calm = (auction(f"cara({{0}}, {a})", "bayesian").solve() for a in ("2", "0"))
    assert averse.status == "bracket" and calm.status == "optimal"
    assert averse.control.value == calm.value
    assert averse.value >= calm.value - F(1, 10**6)


def test_an_irrational_outside_option_and_budget():
    answer = read_text(
        """
agents: {seller: [1, 2], buyer: [2, 3]}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {prior: uniform}
outside: {buyer: sqrt(buyer) / 4}
require: {ic: ex-post, ir: ex-post}
objective: revenue
"""
    ).design.solve()
    assert answer.status == "bracket" and answer.bound - answer.value < F(1, 10**6)
    assert verify(answer.to_json()).accepted


def test_what_is_impossible_and_what_is_least_at_an_irrational_payoff():
    """At most sqrt 2 is less than an outside option of 3/2; a seller of cost sqrt 2 who must sell is paid that."""
    text = """
agents: {a: [2]}
outcomes: [x]
payoffs: {x: {a: WORTH}}
outside: {a: OUT}
transfers: MONEY
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
"""
    none = text.replace("WORTH", "sqrt(a)").replace("OUT", "3/2").replace("MONEY", "none")
    answer = read_text(none).design.solve()
    assert answer.status == "infeasible" and verify(answer.to_json()).accepted
    paid = text.replace("WORTH", "-sqrt(a)").replace("OUT", "0").replace("MONEY", "free")
    answer = read_text(paid + "objective: {minimize: {transfers: {a: 1}}}\n").design.solve()
    assert answer.status == "bracket" and verify(answer.to_json()).accepted
    assert answer.bound**2 <= 2 <= answer.value**2 and answer.value - answer.bound < F(1, 10**6)


def test_which_outcome_is_efficient_is_decided_with_more_bits_where_it_takes_them():
    close = "agents: {a: [2], b: [1]}\noutcomes: [x, y]\npayoffs: {x: {a: sqrt(a)}, y: {a: 1414213562373095048801688724209698078570/10**39}}\n"
    design = read_text(
        close + "allocation: efficient\nobjective: feasibility\nrequire: {ic: ex-post, ir: none}"
    ).design
    assert design.environment.efficient[:, 0, 0].tolist() == [False, True]  # sqrt 2 is ...78569...
    with pytest.raises(mechlp.files.InvalidFile, match="not decided"):
        read_text(
            "agents: {a: [2], b: [8]}\noutcomes: [x, y]\npayoffs: {x: {a: 2*sqrt(a)}, y: {b: sqrt(b)}}\n"
            "allocation: efficient\nrequire: {ic: ex-post, ir: none}"
        ).design.solve()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"allocation": "deterministic"}, "exact payoffs"),
        ({"objective": "full-surplus-extraction"}, "equality"),
    ],
)
def test_what_takes_exact_payoffs_says_so(asked, said):
    design = auction("sqrt({0})", "bayesian")
    with pytest.raises(InvalidDesign, match=said):
        design.asking(**asked)


def test_altered_answers_are_refused():
    saved = auction("sqrt({0})", "bayesian").solve().to_json()
    assert verify(saved).accepted
    changes = {
        "value": lambda a: a.update(value=str(F(a["value"]) + F(1, 10**9))),
        "bound": lambda a: a.update(bound=str(F(a["bound"]) - F(1, 10**9))),
        "status": lambda a: a.update(status="optimal"),
        "multiplier": lambda a: max(a["certificate"]["multipliers"], key=lambda m: F(m["multiplier"])).update(
            multiplier="0"
        ),
        "payoffs": lambda a: a["problem"]["payoffs"]["ann at 1"].update(ann="sqrt(ann - 1) - 1/1000"),
    }
    for name, change in changes.items():
        spoiled = copy.deepcopy(saved)
        change(spoiled)
        spoiled["sha256"] = checksum(spoiled)
        assert not verify(spoiled).accepted, name


def test_the_ends_of_a_python_environment_are_written_and_read_back():
    design = random_design(np.random.default_rng(5))
    document = mechlp.files.document_of(design)
    assert mechlp.files.read_document(document).design.same(design)
    mechanism = Mechanism(
        design.environment,
        Rationals(np.ones((3, *design.environment.shape), dtype=int), 3),
        Rationals.zeros((2, *design.environment.shape)),
    )
    aim = goal(design.asking(objective="surplus"))
    assert attained(aim, mechanism) == aim.value(mechanism.allocation, mechanism.transfers)
