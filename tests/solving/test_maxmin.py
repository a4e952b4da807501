"""Maxmin and Bewley types: published cases, and every verdict against brute force over the beliefs under which lies are seen."""

import random
from dataclasses import replace
from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
from maxmin_environments import checked, environment
from oracle import simplex

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign, InvalidEnvironment, Rationals
from mechlp.environment.belief_sets import BeliefSet
from mechlp.exact.numbers import stack
from mechlp.mechanism.audit import audit
from mechlp.mechanism.mechanism import Mechanism
from mechlp.mechanism.payoffs import every_payoff
from mechlp.program import Block, Program, Term
from mechlp.program.solve import solve as solve_program
from mechlp.question.rules import NOBODY, Rules, lies
from mechlp.report.cases import in_words
from mechlp.report.proof import combination, open_lies
from mechlp.solving.compile import compile

TRADE = """
title: Trade with known means
parameters: {c_star: 1/4, v_star: 3/4, n: 5}
agents:
  seller: {types: {from: 0, to: 1, count: n}}
  buyer: {types: {from: 0, to: 1, count: n}}
outcomes: trade
trade: {seller: seller, buyer: buyer}
beliefs: {sets: {seller: SELLER, buyer: BUYER}}
allocation: efficient
require: {ic: maxmin, ir: interim, bb: ex-post-weak}
"""


def trade(seller="{mean: v_star}", buyer="{mean: c_star}", **parameters):
    text = TRADE.replace("SELLER", seller).replace("BUYER", buyer)
    return mechlp.read_text(text, overrides={k: str(v) for k, v in parameters.items()}).design


# D_n of the grid closed form: implementable if and only if it is at most zero (Wolitzky 2015, Theorem 2, on the grid).
@pytest.mark.parametrize(
    ("n", "c_star", "v_star", "gauge"),
    [
        (3, F(1, 2), F(1, 2), F(-1)),
        (4, F(1, 2), F(1, 2), F(-2, 3)),  # the means are off the grid
        (5, F(1, 2), F(1, 2), F(-2, 3)),
        (5, F(1, 4), F(3, 4), F(-2, 9)),
        (7, F(1, 3), F(5, 6), F(-59, 600)),
        (7, F(1, 6), F(5, 6), F(13, 150)),
        (9, F(1, 8), F(7, 8), F(127, 490)),
        (9, F(3, 8), F(7, 8), F(-32, 1225)),
        (11, F(1, 5), F(4, 5), F(431, 5040)),
    ],
)
def test_efficient_trade_with_known_means(n, c_star, v_star, gauge):
    answer = checked(trade(n=n, c_star=c_star, v_star=v_star))
    assert (answer.status == "feasible") == (gauge <= 0)


@pytest.mark.parametrize("n", [3, 6])
def test_with_wald_beliefs_efficient_trade_is_always_possible(n):
    """De Castro and Yannelis (2018)."""
    assert checked(trade("everything", "everything", n=n)).status == "feasible"
    assert checked(trade("everything", "everything", n=n).asking(bb="ex-post")).status == "feasible"


def brute_force(design):
    """(status, value): every assignment of a belief to every lie, each a linear program of naive rows."""
    e, number = design.environment, {}
    var = lambda *key: number.setdefault(key, len(number))  # noqa: E731
    profiles = list(product(*map(range, e.shape)))
    outcomes = range(len(e.outcomes))
    fixed = design.lottery

    def payoff(i, belief, own, report):
        """Coefficients and constant of the expected payoff."""
        coefficients, constant = {}, F(0)
        for other in range(e.shape[1 - i]):
            here = (own, other) if i == 0 else (other, own)
            said = (report, other) if i == 0 else (other, report)
            weight = belief[other]
            for a in outcomes:
                worth = weight * e.utility[i][(a, *here)]
                if fixed is None:
                    coefficients[var("q", a, said)] = coefficients.get(var("q", a, said), 0) + worth
                else:
                    constant += worth * fixed[(a, *said)]
            coefficients[var("t", i, said)] = coefficients.get(var("t", i, said), 0) + weight
        return coefficients, constant

    def above(i, own, coefficients, constant, sign):
        row = {k: sign * v for k, v in coefficients.items()}
        row[var("U", i, own)] = row.get(var("U", i, own), 0) - sign
        return (row, ">=", -sign * constant)

    rows, told = [], []
    for i in (0, 1):
        for own in range(e.shape[i]):
            beliefs = [v.fractions() for v in e.belief_sets[i][own].vertices]
            rows += [above(i, own, *payoff(i, b, own, own), 1) for b in beliefs]
            if design.ir == "interim":
                rows.append(({var("U", i, own): 1}, ">=", 0))
            told += [
                [above(i, own, *payoff(i, b, own, r), -1) for b in beliefs]
                for r in range(e.shape[i])
                if r != own
            ]
    for t in profiles:
        if design.bb.startswith("ex-post"):
            rows.append(({var("t", i, t): 1 for i in (0, 1)}, "<=" if design.bb.endswith("weak") else "=", 0))
        if fixed is None:
            rows.append(({var("q", a, t): 1 for a in outcomes}, "=", 1))
            rows += [({var("q", a, t): 1}, ">=", 0) for a in outcomes]
    wanted = {}
    if design.wants.kind == "revenue":
        wanted = {var("t", i, t): -e.designer[t] for i in (0, 1) for t in profiles}
    costs = [wanted.get(k, F(0)) for k in range(len(number))]
    found = [simplex([*rows, *choice], costs) for choice in product(*told)]
    if any(status == "unbounded" for status, _ in found):
        return "unbounded", None
    values = [value for status, value in found if status == "optimal"]
    if not values:
        return "infeasible", None
    return ("optimal", max(values)) if wanted else ("feasible", None)


def agree(seeds):
    seen = set()
    for seed in seeds:
        dice = random.Random(seed)
        e = environment(dice)
        free = dice.random() < 0.4 and e.shape == (2, 2)
        design = Design(
            e,
            "maxmin",
            "interim",
            dice.choice(["ex-post", "ex-post", "ex-post-weak"]),
            "chosen" if free else "efficient-first",
            objective=dice.choice(["feasibility", "revenue"]) if free else "feasibility",
        )
        answer = checked(design)
        assert (answer.status, answer.value) == brute_force(design), seed
        seen.add(answer.status)
    return seen


def test_agrees_with_brute_force_over_beliefs():
    assert agree(range(25)) == {"feasible", "infeasible", "optimal"}


@pytest.mark.slow
def test_agrees_with_brute_force_over_beliefs_on_three_hundred():
    agree(range(1000, 1300))


def test_a_refined_set_orders_the_notions():
    """Ex post implies Bewley, and a Bewley mechanism is Bayesian under every belief of the set; the values fall in this order."""
    order = 0
    for seed in range(12):
        e = environment(random.Random(seed))
        expost = checked(Design(e, "ex-post", "ex-post", "none", "efficient-first"))
        bewley = checked(Design(e, "bewley", "interim", "none", "efficient-first"))
        if expost.exists:
            order += 1
            assert bewley.exists
            assert checked(Design(e, "maxmin", "interim", "none", "efficient-first")).exists
        for k in range(2) if bewley.exists else ():
            pick = lambda own, k=k: (own.vertices[min(k, len(own.vertices) - 1)].tolist(),)  # noqa: E731
            one = tuple(tuple(BeliefSet.finite(pick(own)) for own in sets) for sets in e.belief_sets)
            single = Environment(e.agents, e.outcomes, e.utility, None, (), e.designer, belief_sets=one)
            assert audit(bewley.rules, Design(single, "maxmin", "interim", "none", "efficient-first")).passed
    assert order


def test_a_single_belief_is_bayesian():
    prior = Rationals.of([["1/8", "3/8"], ["3/8", "1/8"]])
    half = [[F(1, 4), F(3, 4)], [F(3, 4), F(1, 4)]]
    sets = tuple(tuple(BeliefSet.finite([row]) for row in half) for _ in (0, 1))
    agents = (Agent.of("a", [0, 1]), Agent.of("b", [0, 2]))
    utility = ([[[0, 0], [0, 0]], [[0, 0], [1, 1]]], [[[0, 0], [0, 0]], [[-1, 1], [-1, 1]]])
    e = Environment(agents, ("no", "yes"), utility, prior, belief_sets=sets)
    for ask in ({"objective": "revenue"}, {"allocation": "efficient-first", "bb": "ex-post"}):
        values = {ic: checked(Design(e, ic, **ask)) for ic in ("bayesian", "maxmin", "bewley")}
        assert len({(a.status, a.value) for a in values.values()}) == 1


def test_an_undecided_search_reports_a_bracket():
    e = trade(n=11, c_star=F(1, 5), v_star=F(7, 10)).environment
    prior = Rationals(np.ones(e.shape, dtype=np.int64), 121)
    e = Environment(e.agents, e.outcomes, e.utility, None, (), prior, belief_sets=e.belief_sets)
    answer = Design(e, "maxmin", "interim", "none", "chosen", objective="revenue").solve(time_limit=1)
    assert answer.status in ("undecided", "optimal")
    if answer.status == "undecided":
        assert answer.exit_status == 3
        assert any("not decided" in note for note in answer.notes)
        if answer.value is not None and answer.bound is not None:
            assert answer.value <= answer.bound


@pytest.mark.parametrize(
    ("seller", "said"),
    [
        ("{mean: 2}", "lies outside her types"),
        ("{moments: [{of: buyer, equals: 1/2}, {of: buyer, at-most: 1/4}]}", "no distribution satisfies it"),
        ("{list: [[1/2, 1/2]]}", "expected 5 entries"),
        ("{list: [[1, 1, 0, 0, 0]]}", "sums to 2"),
        ("{variance: 1/8}", "needs the mean"),
        ("{contamination: 1/10}", "no prior"),
        ("{around: [1, 0, 0, 0, 0], contamination: 3}", "must lie in"),
        ("[everything, everything]", "a list of 5"),
        ("{meen: 1/2}", "did you mean 'mean'"),
        ("{}", "empty"),
        ("{moments: [{of: buyer}]}", "exactly one of"),
    ],
)
def test_wrong_sets_are_refused_with_place_and_reason(seller, said):
    with pytest.raises(mechlp.InvalidFile) as error:
        trade(seller)
    assert said in str(error.value)
    assert "beliefs.sets.seller" in str(error.value)
    assert ":9:" in str(error.value)


def test_what_has_no_sets_is_no_maxmin_design():
    e = Environment((Agent.of("a", [0, 1]),), ("x",), ([[0, 0]],), [F(1, 2), F(1, 2)])
    with pytest.raises(InvalidDesign, match="belief sets"):
        Design(e, "maxmin")
    with pytest.raises(InvalidEnvironment, match="one a type"):
        Environment((Agent.of("a", [0, 1]),), ("x",), ([[0, 0]],), belief_sets=((BeliefSet.everything(()),),))


def test_a_sets_kinds_in_files():
    for seller in (
        "{around: [1/5, 1/5, 1/5, 1/5, 1/5], variation: 1/10}",
        "{around: uniform, contractions: true}",
        "{mean: 1/2, variance: 1/8}",
        "{quantiles: {1/2: 1/2}}",
        "{support: buyer >= seller}",
        "{range: [1/4, 1]}",
        "{mean: 1/2, quantiles: {0: 1/4}}",
    ):
        e = trade(seller).environment
        saved = mechlp.files.document_of(trade(seller).asking(ic="bewley"))
        again = mechlp.files.read_document(saved).design.environment
        assert all(
            {tuple(v.fractions()) for v in one.vertices} == {tuple(v.fractions()) for v in other.vertices}
            for one, other in zip(e.belief_sets[0], again.belief_sets[0])
        )


def test_a_printed_refutation_adds_up():
    """The page spells out worst cases and beliefs; added up from the definitions with these weights, a contradiction is left."""
    design = trade(n=5, c_star=F(1, 4), v_star=1)
    e, answer = design.environment, checked(design)
    made = combination(design, answer.proof.multipliers)
    lines = in_words(answer)
    left_open = open_lies(design, answer.proof.multipliers, made.entries)
    assert any("whatever the transfers" in line for line in lines) == bool(left_open)
    # Coefficients on transfers and on the allocation, profile by profile; constants from IR (zero) and from open lies.
    transfers = {(i, *t): F(0) for i in (0, 1) for t in np.ndindex(*e.shape)}
    outcomes = {(a, *t): F(0) for a in (0, 1) for t in np.ndindex(*e.shape)}
    for share in made.shares:
        belief = e.belief_vertices[share.agent][0][share.rule, share.type]
        said = share.type if share.report is None else share.report
        for other in range(e.shape[1 - share.agent]):
            here, there = ((k, other) if share.agent == 0 else (other, k) for k in (share.type, said))
            weight = share.value * belief[other]
            transfers[(share.agent, *there)] += weight
            for a in (0, 1):
                outcomes[(a, *there)] += weight * e.utility[share.agent][(a, *here)]
    for entry in made.balance:
        for i in (0, 1):
            transfers[(i, *entry.others)] -= entry.value
    assert not any(transfers.values())
    best = sum(max(outcomes[(a, *t)] for a in (0, 1) if e.efficient[(a, *t)]) for t in np.ndindex(*e.shape))
    gains = sum(entry.value * design.gains[entry.agent].gain[entry.type, entry.report] for entry in left_open)
    assert best - gains == made.total < 0
    assert made.contradiction in lines[-1]


# Efficient trade on the grid 0, 1/3, 2/3, 1 with three beliefs a side: the least D such that transfers of up to D times the gains
# from trade suffice (a mixed-integer program's values), what pairs of beliefs bound, and what a linear program bounds.
FINITE = [
    (
        [["0.15", "0.3", "0.3", "0.25"], ["0.1", "0.2", "0.5", "0.2"], ["0.1", "0.2", "0.5", "0.2"]],
        [["0.3", "0.2", "0.25", "0.25"], ["0.3", "0.2", "0.15", "0.35"], ["0.35", "0.25", "0.2", "0.2"]],
        -0.41520467836257313,
        -0.41520467836257313,
    ),
    (
        [["0.3", "0.2", "0.15", "0.35"], ["0.15", "0.25", "0.3", "0.3"], ["0.2", "0.2", "0.35", "0.25"]],
        [["0.2", "0.4", "0.15", "0.25"], ["0.3", "0.2", "0.35", "0.15"], ["0.3", "0.25", "0.15", "0.3"]],
        -0.37549514860846883,
        -0.3754951486084726,
    ),
]


@pytest.mark.parametrize(("costs", "values", "exact", "bound"), FINITE)
def test_the_least_share_of_the_gains_with_listed_beliefs(costs, values, exact, bound):
    listed = lambda rows: "{list: [" + ", ".join("[" + ", ".join(r) + "]" for r in rows) + "]}"  # noqa: E731
    design = trade(listed(values), listed(costs), n=4).asking(bb="ex-post")
    e = design.environment
    gains = np.array([[max(F(v - c, 3), F(0)) for v in range(4)] for c in range(4)], dtype=object)

    def least(labels):
        """The program of the labels, with D times the gains from trade in place of a balanced budget."""
        program = compile(design, rules=Rules.assigned(design, labels))
        blocks = (*program.blocks, Block("D", ()))
        at = np.array(program.num_columns, dtype=np.int32)
        budget = Term(at, Rationals.of(gains.tolist()).reshape(1, 4, 4))
        families = [
            replace(f, terms=(*f.terms, budget), sense=">=") if f.name == "BB" else f
            for f in program.families
        ]
        program = Program(blocks, tuple(families), {"D": Rationals.of(1)}, maximize=False)
        solution = solve_program(program)
        assert solution.status == "optimal"
        return solution.value, mechanism(program, solution)

    def mechanism(program, solution):
        q = program.values("q", solution.primal).moveaxis(-1, 1)[0]
        return Mechanism(e, q, stack([program.values(f"t {i}", solution.primal)[0] for i in (0, 1)]))

    told = list(lies(design))
    best = [None]

    def explore(seen):
        value, m = least([seen.get(lie, NOBODY) for lie in told])
        if best[0] is not None and value >= best[0]:
            return value
        payoffs = every_payoff(design, [m])
        paying = [lie for lie in told if lie not in seen and min(payoffs[lie][1]) > min(payoffs[lie][0])]
        if not paying:
            best[0] = value
            return value
        lie = max(paying, key=lambda d: min(payoffs[d][1]) - min(payoffs[d][0]))
        order = sorted(range(len(e.belief_sets[lie[0]][lie[1]].vertices)), key=lambda k: payoffs[lie][1][k])
        for belief in order:
            explore({**seen, lie: belief})
        return value

    assert float(explore({})) == pytest.approx(bound, abs=1e-9)
    assert float(best[0]) == pytest.approx(exact, abs=1e-5)


def test_a_bewley_proof_names_its_beliefs():
    answer = checked(trade().asking(ic="bewley"))
    lines = in_words(answer)
    assert answer.status == "infeasible"
    rows = [line for line in lines if " x IC[" in line or " x IR[" in line]
    assert rows
    assert all(" | belief " in row for row in rows)
    named = {tuple(row.split("[")[1].replace(" ->", ":").split(": ")[:2]) for row in rows}
    assert sum(line.strip().startswith("belief ") for line in lines) >= len(named)


@pytest.mark.slow
def test_known_means_on_a_grid_of_many_types():
    """With means 1/4 and 3/4 no efficient mechanism exists from 17 types on, though the program's float solve is imprecise."""
    answer = trade(n=25, c_star=F(1, 4), v_star=F(3, 4)).solve(relax=False, time_limit=3600)
    assert (answer.status, answer.certified) == ("infeasible", True)
