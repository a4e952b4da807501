"""Multipliers prove what plain sums over requirements say, and nothing when a sign, a place or a case is wrong."""

import random
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import plain
import pytest
from maxmin_environments import environment as maxmin_environment
from random_designs import random_design
from small import NEVER, WHEN_HIGH, asked, buyer, mechanism, moved, trade, with_priors, with_sets

from mechlp import Agent, Design, Environment, InvalidDesign, Rationals
from mechlp.environment.belief_sets import BeliefSet
from mechlp.mechanism.mechanism import Mechanism
from mechlp.proof.bound import bound
from mechlp.proof.cases import Case
from mechlp.proof.direction import check_added, check_direction
from mechlp.proof.invalid import InvalidCertificate
from mechlp.proof.multipliers import Entry, Multipliers
from mechlp.proof.multipliers import entry as design_entry
from mechlp.question.constraints import Constraint

NOTHING = [[0, 0], [0, 0]]


def written(design, rows, refutes=False, **more):
    """A proof of one case from (kind, agent, type, report, state, others) -> multiplier."""
    entries = [
        Entry(kind, agent, own, report, state, others, F(value)).to_json(design)
        for (kind, agent, own, report, state, others), value in rows.items()
    ]
    return Case.from_json(design, {"refutes": refutes, "multipliers": entries, **more})


# -- against plain sums ---------------------------------------------------------------------------------
def small_design(rng):
    """A question of at most eight profiles with bounded transfers, so that any multipliers prove something."""
    while True:
        try:
            design = random_design(rng)
            if design.environment.num_profiles <= 6 and design.wants.kind != "full-surplus-extraction":
                bounds = tuple(
                    (F(-rng.randint(0, 2)), F(rng.randint(0, 2))) for _ in range(design.environment.n)
                )
                return design.asking(transfers=bounds)
        except InvalidDesign:
            continue


def bewley_design(rng):
    design = small_design(rng)
    e = maxmin_environment(rng)
    if e.num_profiles > 4:
        return bewley_design(rng)
    objective = rng.choice(["revenue", "surplus", "feasibility"])
    return Design(
        e, "bewley", rng.choice(["interim", "none"]), "none", "chosen", ((-1, 2), (-2, 1)), objective
    ).asking(bb=design.bb)


def some_multipliers(rng, design):
    """Random multipliers of the right signs on a third of the requirements."""
    e = design.environment
    rule = Mechanism(e, Rationals.zeros((len(e.outcomes), *e.shape)), Rationals.zeros((e.n, *e.shape)))
    slacks, _ = plain.incentives(design, [rule])
    rows = {}
    for key in slacks:
        if rng.random() < 0.34:
            rows[key[:-1]] = F(rng.randint(1, 4), rng.randint(1, 3))
    for cell in plain.balance(design, rule):
        if rng.random() < 0.5:
            low = 0 if design.bb.endswith("weak") else -3
            rows["BB", None, None, None, 0, cell] = F(rng.randint(low, 3), 2)
    return {key: value for key, value in rows.items() if value}


def combination(design, rows, rule):
    """``objective + sum of multipliers times slacks`` at a rule, by plain loops."""
    slacks, _ = plain.incentives(design, [rule])
    slacks = {key[:-1]: v for key, v in slacks.items()}
    slacks |= {("BB", None, None, None, 0, cell): v for cell, v in plain.balance(design, rule).items()}
    worth = plain.objective(design, rule) or F(0)
    sign = 1 if design.wants.maximize else -1
    return sign * worth + sum(y * slacks[key] for key, y in rows.items())


@pytest.mark.parametrize("make", [small_design, bewley_design])
def test_a_bound_is_the_most_that_the_combination_can_be(make):
    kinds = set()
    for seed in range(16):
        rng = random.Random(seed)
        design = make(rng)
        rows = some_multipliers(rng, design)
        kinds |= {row[0] for row in rows}
        e, sign = design.environment, 1 if design.wants.maximize else -1
        found = sign * bound(design, written(design, rows).multipliers)
        zero = Mechanism(e, Rationals.zeros((len(e.outcomes), *e.shape)), Rationals.zeros((e.n, *e.shape)))
        most = start = combination(design, rows, zero)

        def step(name, cell, rows=rows, design=design, zero=zero, start=start):
            unit = replace(zero, **{name: moved(getattr(zero, name), cell, 1)})
            return combination(design, rows, unit) - start

        for t in plain.profiles(e):
            gains = [step("allocation", (a, *t)) for a in range(len(e.outcomes))]
            if isinstance(design.allocation, Rationals):
                most += sum(g * design.allocation[(a, *t)] for a, g in enumerate(gains))
            else:
                most += max(gains[a] for a in plain.allowed(design, t))
            for i in range(e.n):
                low, high = design.transfer_bounds(i)
                slope = step("transfers", (i, *t))
                most += max(slope * low, slope * high)
        assert found == most, seed
    assert kinds == {"IC", "IR", "BB"}


# -- signs ----------------------------------------------------------------------------------------------
def optimal(**more):
    return Design(
        trade(), **{"ic": "bayesian", "ir": "interim", "bb": "ex-post-weak", "objective": "surplus", **more}
    )


@pytest.mark.parametrize("ic", ["bayesian", "ex-post"])
@pytest.mark.parametrize("part", ["ic", "ir", "bb"])
def test_negative_multipliers_on_inequalities_prove_nothing(ic, part):
    design = optimal(ic=ic, ir="interim" if ic == "bayesian" else "ex-post", transfers=((-9, 9),) * 2)
    y = design.solve().proof.multipliers
    assert Case(y).bound(design) is not None
    array = getattr(y, part)
    one = array[0] if isinstance(array, tuple) else array
    cell = (0, 0, 1) if part == "ic" else (0,) * one.ndim
    cell = (*cell, *(0,) * (one.ndim - len(cell)))
    below = moved(one, cell, -100)
    wrong = (below, *array[1:]) if isinstance(array, tuple) else below
    with pytest.raises(InvalidCertificate, match="negative multiplier"):
        Case(replace(y, **{part: wrong})).bound(design)


def test_equalities_take_multipliers_of_any_sign():
    design = optimal(bb="ex-post", transfers=((-9, 9),) * 2)
    y = design.solve().proof.multipliers
    lower = replace(y, bb=moved(y.bb, (0, 0, 0), -100))
    assert Case(lower).bound(design) > Case(y).bound(design)  # a proof, of a worse bound
    extraction = Design(buyer(), "none", "interim", objective="full-surplus-extraction", transfers=((-2, 9),))
    proof = extraction.solve().proof  # the third type would have to pay 3
    assert proof.bound(extraction) is None
    assert any(value < 0 for a in proof.multipliers.ir for value in a.fractions())
    with pytest.raises(InvalidCertificate, match="negative multiplier"):
        proof.bound(extraction.asking(objective="feasibility"))


def test_zero_multipliers_refute_nothing():
    design = optimal(bb="ex-post")
    zero = design.solve().proof.multipliers.scaled(F(0))
    with pytest.raises(InvalidCertificate, match="not refuted"):
        Case(zero, True).bound(design)


def test_a_refutation_must_be_strict():
    """Selling to the only type at her value: 0 is left, and a mechanism exists."""
    e = Environment([Agent.of("b", [1])], ["sell"], [[[1]]], [1])
    design = asked(e, ir="interim", transfers=((-1, -1),))
    assert design.solve().status == "feasible"
    with pytest.raises(InvalidCertificate, match="not refuted"):
        written(design, {("IR", 0, 0, None, 0, ()): 1}, True).bound(design)
    dear = design.asking(transfers=((-2, "-1000001/1000000"),))
    assert written(dear, {("IR", 0, 0, None, 0, ()): 1}, True).bound(dear) is None


def test_free_transfers_must_cancel_and_bounds_count_on_their_own_side():
    e = Environment([Agent.of("b", [1])], ["sell"], [[[1]]], [1])
    revenue = asked(e, ir="interim", objective="revenue")
    ir = ("IR", 0, 0, None, 0, ())
    assert written(revenue, {ir: 1}).bound(revenue) == 1
    for y in ("1/2", 2):
        with pytest.raises(InvalidCertificate, match="does not cancel"):
            written(revenue, {ir: y}).bound(revenue)
    from_below = revenue.asking(transfers=((-3, None),))
    assert written(from_below, {ir: "1/2"}).bound(from_below) == F(1, 2) + F(3, 2)
    with pytest.raises(InvalidCertificate, match="does not cancel"):
        written(from_below, {ir: 2}).bound(from_below)
    from_above = revenue.asking(transfers=((None, 5),))
    assert written(from_above, {ir: 2}).bound(from_above) == 2 + 5
    with pytest.raises(InvalidCertificate, match="does not cancel"):
        written(from_above, {ir: "1/2"}).bound(from_above)


# -- places ---------------------------------------------------------------------------------------------
def refuse(design, entry, said="names no requirement|do not match"):
    with pytest.raises(InvalidCertificate, match=said):
        Case.from_json(design, {"refutes": False, "multipliers": [entry]})


def test_a_multiplier_names_the_requirement_that_it_is_on():
    design = optimal()
    good = {"kind": "IC", "agent": 1, "type": 1, "report": 0, "name": "IC[b: 1 -> 0]", "multiplier": "1"}
    assert Case.from_json(design, {"refutes": False, "multipliers": [good]}).multipliers.ic[1][0, 1, 0] == 1
    for change in (
        {"agent": 2},
        {"agent": 0},
        {"agent": -2},
        {"type": 0, "report": 1},
        {"type": 2},
        {"report": -2},
        {"state": 1},
        {"rule": 1},
        {"others": [0]},
        {"kind": "IR"},
        {"kind": "BB"},
        {"multiplier": "much"},
        {"name": "IC[b: 0 -> 1]"},
        {"name": None},
    ):
        refuse(design, {**good, **change})
    balance = {"kind": "BB", "others": [0, 1], "name": "BB[s=0, b=1]", "multiplier": "1"}
    assert Case.from_json(design, {"refutes": False, "multipliers": [balance]}).multipliers.bb[0, 0, 1] == 1
    for change in ({"others": [1, 0]}, {"others": [0]}, {"others": [0, -1]}, {"rule": 1}):
        refuse(design, {**balance, **change})
    refuse(design.asking(bb="none"), balance)
    refuse(design.asking(ic="none"), good)


def test_no_multiplier_on_a_type_without_a_belief():
    e = Environment([Agent.of("b", [1, 2])], ["sell"], [[[1, 2]]], [1, 0])
    design = asked(e, ir="interim", transfers=((0, 0),))
    with pytest.raises(InvalidCertificate, match="undefined"):
        written(design, {("IR", 0, 1, None, 0, ()): 1}, True).bound(design)


# -- the designer's set ---------------------------------------------------------------------------------
def test_nature_stays_within_the_set():
    design = Design(with_priors(), "ex-post", "ex-post", objective="surplus")
    answer = design.solve()
    assert answer.status == "optimal"
    y = answer.proof.multipliers
    assert answer.proof.bound(design) == answer.value
    for outside in (["1/4", "1/4", "1/2", 0], ["1/2", 0, 0, "1/4"], [1, "-1/4", 0, "1/4"], ["3/4", 0, "1/4"]):
        with pytest.raises(InvalidCertificate, match="set"):
            Case(replace(y, nature=Rationals.of(outside))).bound(design)
    with pytest.raises(InvalidCertificate, match="without a prior"):
        Case(replace(y, nature=None)).bound(design)


@pytest.mark.parametrize("sense", ["<=", ">="])
def test_a_guarantee_has_multipliers_of_the_right_signs(sense):
    design = Design(with_priors("1/4", sense), "ex-post", "ex-post", objective="surplus")
    # trade for a price of 1 between low seller and high buyer: worth 1 at (0, 1) alone; nothing is sure
    m = mechanism(design.environment, WHEN_HIGH, [[[0, 1], [0, 1]], [[0, -1], [0, -1]]])
    answer = design.solve()
    worst = answer.worst_case
    assert worst.value(design, answer.mechanism) == answer.value
    turned = replace(worst, prices=worst.prices * -1 + 1)
    with pytest.raises(InvalidCertificate):
        turned.value(design, answer.mechanism)
    for point in (["1/4"] * 4, ["1/2", 0, 0, "1/2"], [1, 0, 0, 0]):
        inside = (
            (F(Rationals.of(point)[3]) <= F(1, 4)) if sense == "<=" else F(Rationals.of(point)[3]) >= F(1, 4)
        )
        if not inside:
            with pytest.raises(InvalidCertificate, match="does not belong"):
                replace(worst, point=Rationals.of(point)).value(design, m)


def test_a_guarantee_is_not_what_another_prior_gives():
    """Half a unit when both are high, minus one otherwise; the set fixes only the chance of the former to be 1/4 at most."""
    e = with_priors("1/4", "<=")
    design = Design(e, "none", "none", objective="revenue", transfers=((-1, 1),) * 2)
    paid = mechanism(e, t=[[[0, 0], [0, 0]], [[0, 0], [0, "1/2"]]])  # costs 1/2 if both are high
    answer = design.solve()
    from mechlp.proof.guarantee import WorstCase

    # rows: the total, the moment; both are priced
    right = WorstCase(Rationals.of(["3/4", 0, 0, "1/4"]), Rationals.of([0, "-1/2"]))
    assert right.value(design, paid) == F(-1, 8)
    assert answer.value == 2
    for point, prices in (
        (["3/4", 0, 0, "1/4"], [0, "-1/4"]),  # more than the payoff where both are high
        (["3/4", 0, 0, "1/4"], ["1/8", "-5/8"]),  # more than the payoff elsewhere
        (["3/4", 0, 0, "1/4"], [0, "1/2"]),  # the wrong sign
        ([1, 0, 0, 0], [0, "-1/2"]),  # not the worst prior
        (["3/4", 0, 0, "1/4"], ["-1/2", 0]),  # less than the prior gives
        (["1/2", 0, 0, "1/2"], [0, "-1/2"]),  # outside the set
        (["3/4", 0, 0, "1/4"], [0, "-1/2", 0]),  # a row too many
    ):
        with pytest.raises(InvalidCertificate):
            WorstCase(Rationals.of(point), Rationals.of(prices)).value(design, paid)


def test_the_least_expectation_weighs_every_row_of_the_set():
    """Means of two agents: prices on each row, against the vertices of the set."""
    from mechlp.environment.belief_sets import InvalidBeliefSet

    first, second = Rationals.of([[0, 0], [1, 1]]), Rationals.of([[0, 1], [0, 1]])
    both = BeliefSet.moment(first, "=", "1/2") & BeliefSet.moment(second, ">=", "1/3")
    payoff = Rationals.of([[0, 1], [1, 3]])  # 1 * first + 1 * second + (both high)
    assert both.floor(payoff, Rationals.of([0, 1, 1])) == F(1, 2) + F(1, 3)
    assert min((payoff * v).sum() for v in both.vertices) == F(5, 6)
    for wrong in ([0, 1, 2], [0, 2, 1], ["1/4", 1, 1], [0, 1, -1], [0, 1], [0, 1, 1, 0]):
        with pytest.raises(InvalidBeliefSet):
            both.floor(payoff, Rationals.of(wrong))
    assert both.admits(Rationals.of(["1/2", 0, "1/6", "1/3"]))
    for point in (["1/2", 0, "1/2", 0], ["1/3", 0, "1/6", "1/3"], ["1/3", "1/6", "1/3", "1/3"]):
        assert not both.admits(Rationals.of(point))


# -- cases ----------------------------------------------------------------------------------------------
def coin(maximize=True, allocation="deterministic"):
    """Two outcomes at one profile, worth 1 and 0 to two agents in turn; both must get at least 1/3: only a lottery can."""
    agents = [Agent.of("a", ["x"]), Agent.of("b", ["x"])]
    e = Environment(agents, ["left", "right"], [[[[1]], [[0]]], [[[0]], [[1]]]], [[1]])
    e = replace(e, outside=(Rationals.of([["1/3"]]),) * 2)
    return asked(e, ir="interim", transfers="none", allocation=allocation)


def test_cases_over_an_outcome_cover_both():
    design = coin()
    answer = design.solve(relax=False)
    assert answer.status == "infeasible"
    proof = answer.proof
    assert proof.bound(design) is None and proof.yes is not None
    with pytest.raises(InvalidCertificate):
        replace(proof, yes=proof.no, no=proof.yes).bound(design)  # each case has the other's multipliers
    with pytest.raises(InvalidCertificate, match="without multipliers"):
        replace(proof, no=None).bound(design)
    with pytest.raises(InvalidCertificate):
        proof.yes.bound(design)


def test_cases_over_an_outcome_say_nothing_about_lotteries():
    proof = coin().solve(relax=False).proof
    lotteries = coin(allocation="chosen")
    assert lotteries.solve().status == "feasible"
    with pytest.raises(InvalidCertificate, match="lotteries"):
        Case.from_json(lotteries, proof.to_json(coin())).bound(lotteries)


@pytest.mark.parametrize("maximize", [True, False])
def test_the_weakest_case_counts(maximize):
    """One outcome at each of two profiles: values 1 and 3 of the outcomes at the first."""
    from mechlp import Objective

    e = Environment([Agent.of("a", ["x"])], ["p", "q"], [[[0], [0]]], [1])
    aim = Objective.linear(allocation=[[1], [3]], maximize=maximize)
    design = asked(e, allocation="deterministic", transfers="none", objective=aim)
    leaf = written(design, {})
    proof = Case(None, False, 0, (0,), leaf, leaf)
    assert proof.bound(design) == (3 if maximize else 1)
    assert replace(proof, outcome=1).bound(design) == (3 if maximize else 1)
    # one side alone is worth what its outcome is
    from mechlp.proof.cases import branch, every_outcome

    sides = [leaf.bound(design, branch(every_outcome(design), 0, (0, 0), used)) for used in (True, False)]
    assert sides == [1, 3]


# -- maxmin ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def by_cases():
    """A maxmin refutation that goes through the beliefs under which a lie may be seen."""
    for seed in range(200):
        design = Design(
            maxmin_environment(random.Random(seed)), "maxmin", "interim", "ex-post", "efficient-first"
        )
        answer = design.solve(relax=False)
        if answer.status == "infeasible" and answer.proof.lie is not None:
            return design, answer.proof
    raise AssertionError("no such proof")


def leaves(proof):
    return [proof] if proof.multipliers is not None else [leaf for c in proof.beliefs for leaf in leaves(c)]


def test_a_maxmin_proof_goes_through_every_belief(by_cases):
    design, proof = by_cases
    assert proof.bound(design) is None
    with pytest.raises(InvalidCertificate, match="every belief"):
        replace(proof, beliefs=proof.beliefs[:1]).bound(design)
    with pytest.raises(InvalidCertificate, match="every belief"):
        replace(proof, beliefs=(*proof.beliefs, proof.beliefs[0])).bound(design)
    with pytest.raises(InvalidCertificate):
        replace(proof, beliefs=proof.beliefs[::-1]).bound(design)
    with pytest.raises(InvalidCertificate, match="every belief"):  # the same lie twice on one way
        replace(proof, beliefs=(proof, *proof.beliefs[1:])).bound(design)
    i, own, report = proof.lie
    others = [r for r in range(design.environment.shape[i]) if r not in (own, report)]
    other = (i, report, own) if not others else (i, own, others[0])
    with pytest.raises(InvalidCertificate):  # the cases are about another lie
        replace(proof, lie=other).bound(design)
    for leaf in leaves(proof):
        with pytest.raises(InvalidCertificate, match="belief of its case"):
            leaf.bound(design)


def test_a_bewley_or_bayesian_design_has_no_cases_over_beliefs(by_cases):
    design, proof = by_cases
    with pytest.raises(InvalidCertificate):
        proof.bound(design.asking(ic="bewley"))


def test_weights_over_beliefs_are_what_they_say(by_cases):
    design, proof = by_cases
    if proof.beliefs[0].multipliers is None:
        pytest.skip("the first case is not a leaf")
    taken = {proof.lie: 0}
    leaf = proof.beliefs[0]
    rules = leaf.multipliers.rules
    assert leaf.bound(design, None, taken) is None

    def fails(said, **changes):
        y = replace(leaf.multipliers, rules=replace(rules, **changes))
        with pytest.raises(InvalidCertificate, match=said):
            Case(y, True).bound(design, None, taken)

    def each(arrays, change):
        return tuple(change(a) for a in arrays)

    fails("add up", lies=each(rules.lies, lambda a: a * 2))
    fails("add up", truth=each(rules.truth, lambda a: a * 2))

    # as much more under one belief as less under another: sums stay, a sign turns
    def lean(a):
        if a.shape[1] < 2 or not a.numerator.any():
            return a
        at = np.argwhere(a.sum(axis=(0, 1)).numerator.reshape(a.shape[2:]) != 0)[0]
        a = moved(a, (0, 0, *map(int, at)), 10**6)
        return moved(a, (0, a.shape[1] - 1, *map(int, at)), -(10**6))

    fails("negative weight|evaluated under", lies=each(rules.lies, lean))
    fails("negative weight", truth=each(rules.truth, lean))
    rolled = each(rules.lies, lambda a: Rationals(np.roll(a.numerator, 1, axis=1), a.denominator))
    fails("evaluated under", lies=rolled)


def test_a_lie_counts_without_a_belief_only_where_types_hold_the_same_ones_possible():
    """``U(0) >= U(1) + gain`` needs that type 1 holds possible what type 0 does (question/gains.py)."""
    from mechlp.proof.multipliers import RuleWeights
    from mechlp.proof.rule_weights import check_rule_weights
    from mechlp.question.rules import NOBODY, Rules, lies

    low, high = (BeliefSet.finite([belief]) for belief in ([1, 0], [0, 1]))

    def weighed(own):
        e = replace(trade(), belief_sets=(own, (low, low)))
        design = Design(e, "maxmin", "interim", "none", Rationals.of(NEVER))
        labels = Rules.assigned(design, [NOBODY] * len(list(lies(design))))
        zero = Rationals.zeros((1, 2))
        ic = (Rationals.of([[[0, 1], [0, 0]]]), Rationals.zeros((1, 2, 2)))
        ir = (Rationals.of([[0, 1]]), zero)
        truth = (Rationals.of([[[1, 0]]]), zero.reshape(1, 1, 2))
        spread = RuleWeights(labels, truth, (Rationals.zeros((1, 1, 2, 2)),) * 2, Rationals.zeros((1,)))
        check_rule_weights(design, Multipliers(ic, ir, None, spread), False)

    weighed((low, low))
    with pytest.raises(InvalidCertificate, match="different beliefs"):
        weighed((low, high))


def test_weights_without_multipliers_and_multipliers_without_weights(by_cases):
    design, proof = by_cases
    leaf = leaves(proof)[0]
    with pytest.raises(InvalidCertificate, match="without weights"):
        bound(design, replace(leaf.multipliers, rules=None), wanted=False)


# -- directions -----------------------------------------------------------------------------------------
def way(e, t, q=None):
    zero = [[[0, 0], [0, 0]]] * 2
    return [mechanism(e, zero if q is None else q, t)]


def test_a_direction_keeps_each_requirement():
    e = trade()
    design = Design(e, "bayesian", "interim", "ex-post-weak", objective="surplus")
    up, down = [[1, 1], [1, 1]], [[-1, -1], [-1, -1]]
    check_direction(design.asking(ir="none"), way(e, [down, NOTHING]))
    check_direction(design.asking(ir="none"), way(e, [up, down]))
    for t, said in (
        ([up, NOTHING], "BB"),
        ([down, NOTHING], "IR"),
        ([NOTHING, [[-1, 0], [-1, 0]]], "IC|IR"),
    ):
        with pytest.raises(InvalidCertificate, match=said):
            check_direction(design, way(e, t))
    with pytest.raises(InvalidCertificate, match="IC"):
        check_direction(design.asking(ir="none", bb="none"), way(e, [NOTHING, [[0, 1], [0, 1]]]))
    with pytest.raises(InvalidCertificate, match="BB"):
        check_direction(design.asking(ir="none", bb="ex-post"), way(e, [down, NOTHING]))
    with pytest.raises(InvalidCertificate, match="BB"):
        check_direction(design.asking(ir="none", bb="ex-ante"), way(e, [down, NOTHING]))
    with pytest.raises(InvalidCertificate, match="transfer bound"):
        check_direction(asked(e, transfers=((0, 7), (None, None))), way(e, [up, NOTHING]))
    check_direction(asked(e, transfers=((0, None), (None, None))), way(e, [up, NOTHING]))
    floor = Constraint.of("floor", ">=", -3, transfers=[1, 0])
    check_direction(asked(e, constraints=(floor,)), way(e, [up, down]))
    with pytest.raises(InvalidCertificate, match="floor"):
        check_direction(asked(e, constraints=(floor,)), way(e, [down, up]))
    with pytest.raises(InvalidCertificate, match="lottery"):
        check_direction(asked(e), way(e, [up, NOTHING], [[[1, 0], [0, 0]], [[-1, 0], [0, 0]]]))


def test_a_direction_keeps_the_rule_that_praises_a_truth():
    """Agents who look at the best rule alone: each rule takes from one of two types, who cannot mimic one another.

    Added ten times to rules of which each has taken ten from the other type, it leaves nobody a rule that is worth the outside
    option, though it leaves each type a rule that is worth no less.
    """
    types = (Agent.of("a", ["left", "right"]),)
    worth = Rationals.of([[0, -1000], [-1000, 0]])
    e = Environment(types, ("l", "r"), (worth,), Rationals.of([F(1, 2), F(1, 2)]))
    design = Design(e, "ambiguous-transfers", "interim", "none", "efficient", objective="revenue", alpha=0)
    best, none = [[1, 0], [0, 1]], [[0, 0], [0, 0]]
    rules = [mechanism(e, best, [t]) for t in ([0, -10], [-10, 0])]
    left, right = (mechanism(e, none, [t]) for t in ([-1, 0], [0, -1]))
    check_added(design, rules, [right, left])
    with pytest.raises(InvalidCertificate, match="does not keep the rules"):
        check_added(design, rules, [left, right])


def test_a_direction_is_measured_from_nothing_not_from_the_outside_option():
    e = trade(outside=(Rationals.of([[5, 5], [5, 5]]), Rationals.of(0)))
    design = asked(e, ir="interim", transfers=((5, None), (None, None)))
    check_direction(design, way(e, [[[1, 1], [1, 1]], NOTHING]))  # 5 and more: one more each time
    with pytest.raises(InvalidCertificate, match=r"IR|transfer bound"):
        check_direction(design, way(e, [[[-1, -1], [-1, -1]], NOTHING]))


def test_a_lump_sum_goes_to_the_agent_whose_weights_add_up_to_more():
    from mechlp import Objective
    from mechlp.proof.lump_sum import lump_sum

    e = trade()
    weigh = lambda *w: Objective.weighted_interim([list(x) for x in w])  # noqa: E731
    design = asked(e, bb="ex-post", objective=weigh((1, 2), (1, 1)))
    found = lump_sum(design)
    assert (found.payer, found.receiver, found.gain, found.sums) == (1, 0, 1, (3, 2))
    answer = design.solve()
    assert answer.status == "unbounded"
    direction = found.direction(e)
    check_direction(design, [direction])
    assert plain.objective(design, direction) == found.gain
    assert lump_sum(design.asking(objective=weigh((1, 2), (2, 1)))) is None  # equal sums
    assert lump_sum(design.asking(ir="interim")) is None
    assert lump_sum(design.asking(transfers=((-1, 1),) * 2)) is None
    assert lump_sum(design.asking(objective="surplus")) is None
    outside = lump_sum(design.asking(bb="none", ir="interim"))
    assert (outside.payer, outside.receiver, outside.gain) == (None, 0, 3)
    assert plain.objective(design, outside.direction(e)) == 3
    assert lump_sum(design.asking(bb="none", ir="interim", objective=weigh((-1, -1), (0, 0)))) is None


# -- several beliefs, by hand ---------------------------------------------------------------------------
def test_a_bewley_proof_may_use_any_belief_and_no_other():
    e = with_sets([["1/2", "1/2"]], [[1, 0], [0, 1]])
    design = asked(
        e, ic="bewley", ir="interim", allocation=Rationals.of(NEVER), transfers=((None, None), ("-2", -1))
    )
    # The buyer pays at least 1: refuted by IR of any type under any belief.
    for own in (0, 1):
        for state in (0, 1):
            proof = written(design, {("IR", 1, own, None, state, ()): 1}, True)
            assert proof.bound(design) is None
    entry = Entry("IR", 1, 0, None, 1, (), F(1)).to_json(design)
    assert entry["name"] == "IR[b: 0 | belief 2]"
    refuse(design, {**entry, "state": 2})
    refuse(design, {**entry, "name": "IR[b: 0 | belief 1]"})


def test_an_entry_is_named_by_what_it_is_on():
    e = trade()
    expost = Design(e, "ex-post", "ex-post", "ex-ante")
    assert Entry("IC", 0, 1, 0, 0, (1,), F(2)).name(expost) == "IC[s: 1 -> 0 | b=1]"
    assert Entry("IR", 1, 1, None, 0, (0,), F(2)).name(expost) == "IR[b: 1 | s=0]"
    assert Entry("BB", None, None, None, 0, (), F(2)).name(expost) == "BB[expected]"
    several = Design(e, "ambiguous-transfers", "ex-post", "ex-post")
    assert Entry("BB", None, None, None, 0, (0, 1), F(2), 1).name(several) == "BB[s=0, b=1 | rule 2]"
    assert Multipliers((None, None), (None, None), None).size == 0
    by_rule = design_entry(several, "IR", 1, (2, 0, 1), F(1))
    assert (by_rule.type, by_rule.others, by_rule.rule) == (0, (1,), 2)
    assert by_rule.name(several) == "IR[b: 0 | s=1 | rule 3]"


# -- several rules --------------------------------------------------------------------------------------
def test_one_rule_punishes_one_lie_in_every_case():
    from mechlp.proof.multipliers import RuleWeights
    from mechlp.question.rules import Rules, lies

    design = Design(trade(), "ambiguous-transfers", "none", allocation="deterministic")
    count = len(list(lies(design)))
    zero = tuple(Rationals.zeros((1, 2, 2)) for _ in (0, 1))

    def leaf(labels):
        rules = Rules.assigned(design, labels)
        spread = RuleWeights(
            rules,
            tuple(Rationals.zeros((rules.count, 1, 2)) for _ in (0, 1)),
            tuple(Rationals.zeros((rules.count, 1, 2, 2)) for _ in (0, 1)),
            Rationals.zeros((rules.count,)),
        )
        return Case(Multipliers(zero, (None, None), None, spread), True)

    good, bad = leaf(list(range(count))), leaf([0] * count)
    Case(None, False, 0, (0, 0), good, good).check_labels(design)
    for proof in (bad, Case(None, False, 0, (0, 0), bad, good), Case(None, False, 0, (0, 0), good, bad)):
        with pytest.raises(InvalidCertificate, match="several lies"):
            proof.check_labels(design)


def test_a_direction_keeps_the_rule_that_deters_where_hope_counts_too():
    """Half fear, half hope: the lie of the low buyer is worth (0, 2) under the rules and (2, 0) in the direction, truth 1."""
    from mechlp.proof.direction import check_added

    e = trade(beliefs=[["1/2", 0], [0, "1/2"]])
    design = Design(e, "ambiguous-transfers", "none", allocation=Rationals.of(NEVER)).asking(alpha="1/2")

    def rules(first, second, q=NEVER):
        tables = [[NOTHING, [[1, lie], [-5, 5]]] for lie in (first, second)]
        return [mechanism(e, q, t) for t in tables]

    zero = [[[0, 0], [0, 0]]] * 2
    check_added(design, rules(0, 2), rules(0, 2, zero))
    with pytest.raises(InvalidCertificate, match=r"deter lies|punish lies"):
        check_added(design, rules(0, 2), rules(2, 0, zero))


def test_a_proof_about_few_rules_speaks_of_no_more():
    from answers import KINDS

    from mechlp.proof.fewest import Assignment

    design = KINDS["no rules"]()
    proof = design.solve(relax=False).proof
    assert proof.multipliers.count > 2
    for wrong in (proof, Case(None, False, 0, (0, 0), proof, proof)):
        with pytest.raises(InvalidCertificate, match="speaks of more"):
            Assignment(wrong).check(design, 2, None, {})


def test_labels_name_rules_that_there_are():
    from answers import answer
    from small import put, refused

    data = answer("no rules")
    for label in (99, -2, "0", None, 1.5):
        refused(data, put(("certificate", "punishes", 0, "rule"), label), "a rule that does not exist")
