"""Each requirement broken on purpose, one way at a time: the audit names it and says by how much."""

import random
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import plain
import pytest
from random_designs import (
    random_ambiguous,
    random_constrained,
    random_design,
    random_games,
    random_misreports,
    random_money,
    random_ordinal,
)
from small import NEVER, WHEN_HIGH, asked, broken, buyer, mechanism, moved, trade, with_priors, with_sets

from mechlp import Agent, Beliefs, Design, Environment, InvalidDesign, Objective, Rationals
from mechlp.environment.belief_sets import BeliefSet
from mechlp.mechanism import audit
from mechlp.mechanism.mechanism import Mechanism

NOTHING = [[0, 0], [0, 0]]


def paid(by_buyer, to_seller=NOTHING):
    """Trade whenever the value is high; the tables say what the buyer pays and the seller gets."""
    return mechanism(trade(), WHEN_HIGH, [to_seller, [[-F(p) for p in row] for row in by_buyer]])


# -- IC and IR ------------------------------------------------------------------------------------------
def test_a_price_above_the_value_breaks_ir_and_ic_of_the_type_that_pays_it():
    m = paid([[0, 2], [0, 2]])
    for ic, ir in (("bayesian", "interim"), ("ex-post", "ex-post")):
        design = asked(trade(), ic=ic, ir=ir)
        # b = 1 gets 1 - 2, and 0 by reporting 0; the seller of cost 1 delivers for nothing
        assert broken(m, design) == {"IC": 1, "IR": 1}
        assert broken(m, design.asking(ir="none")) == {"IC": 1}
        assert broken(m, design.asking(ic="none")) == {"IR": 1}
    assert broken(m, asked(trade())) == {}


def test_a_price_below_zero_is_taken_by_the_type_that_should_not():
    m = paid([[0, "-1/3"], [0, "-1/3"]])
    assert broken(m, asked(trade(), ic="bayesian")) == {"IC": F(1, 3)}


def test_on_average_is_not_at_every_profile():
    m = paid([[0, 0], [0, "3/2"]])  # 0 or 3/2 as the cost is 0 or 1: 3/4 on average, of a value of 1
    design = asked(trade(), ic="bayesian")
    only_buyer = replace(trade(), utility=(Rationals.zeros((2, 2, 2)), trade().utility[1]))
    m = replace(m, environment=only_buyer)
    assert broken(m, replace(design, environment=only_buyer, ir="interim")) == {}
    assert broken(m, replace(design, environment=only_buyer, ic="ex-post")) == {"IC": F(1, 2)}
    assert broken(m, replace(design, environment=only_buyer, ic="none", ir="ex-post")) == {"IR": F(1, 2)}


def test_types_judge_by_their_own_belief():
    """The low buyer thinks the low seller sure, the high one the high seller: a bet that is fair on average tempts."""
    e = trade(beliefs=[["1/2", 0], [0, "1/2"]])
    bet = mechanism(
        e, NEVER, [NOTHING, [[1, 0], [-1, 0]]]
    )  # report 0: gets 1 from the low seller, pays 1 to the high
    # Type 1 (sure of seller 1) loses by reporting 0; type 0 wins and stays.
    assert broken(bet, asked(e, ic="bayesian", ir="interim")) == {}
    turned = mechanism(e, NEVER, [NOTHING, [[-1, 0], [1, 0]]])
    assert broken(turned, asked(e, ic="bayesian")) == {"IC": 1}
    assert broken(turned, asked(e, ir="interim")) == {"IR": 1}


def test_each_agent_has_beliefs_of_her_own():
    sure = Rationals.of([[1, 1], [0, 0]])  # the buyer is sure of the low seller
    fair = Rationals.of([[1, 1], [1, 1]])
    e = trade(beliefs=Beliefs((fair, sure)), designer=Rationals.of([["1/4", "1/4"], ["1/4", "1/4"]]))
    m = mechanism(e, NEVER, [NOTHING, [[-1, -1], [5, 5]]])
    assert broken(m, asked(e, ir="interim")) == {"IR": 1}
    assert broken(replace(m, transfers=m.transfers * -1), asked(e, ir="interim")) == {}
    other = mechanism(e, NEVER, [[[-1, 5], [-1, 5]], NOTHING])  # the seller is not sure
    assert broken(other, asked(e, ir="interim")) == {}


def test_outside_options_of_each_type_count():
    out = (Rationals.of([[0, 0], ["1/2", "1/2"]]), Rationals.of(0))
    e = trade(outside=out)
    design = asked(e, ir="interim")
    assert broken(mechanism(e), design) == {"IR": F(1, 2)}
    assert broken(mechanism(e, t=[[[0, 0], ["1/2", "1/2"]], NOTHING]), design) == {}
    assert broken(mechanism(e, t=[[["1/2", "1/2"], [0, 0]], NOTHING]), design) == {"IR": F(1, 2)}


def test_full_extraction_leaves_nothing_more_and_nothing_less():
    e = buyer()
    design = Design(e, "none", "interim", objective="full-surplus-extraction")
    sold = [[0, 0, 0], [1, 1, 1]]
    assert broken(mechanism(e, sold, [[-1, -2, -3]]), design) == {}
    assert broken(mechanism(e, sold, [[-1, -2, "-5/2"]]), design) == {"IR": F(1, 2)}
    assert broken(mechanism(e, sold, [[-1, -2, "-7/2"]]), design) == {"IR": F(1, 2)}


# -- several beliefs ------------------------------------------------------------------------------------
UNSURE = ([["1/2", "1/2"]], [[1, 0], [0, 1]])  # the seller holds one belief, the buyer two


def test_a_bewley_type_needs_every_belief():
    e = with_sets(*UNSURE)
    m = mechanism(e, NEVER, [NOTHING, [[0, 1], [0, "-1/4"]]])  # report 1: 1 or -1/4 by the seller's type
    design = asked(e, ic="bewley")
    assert broken(m, design) == {"IC": 1}  # type 0 gains under one belief, type 1 loses under the other
    assert broken(m, asked(e, ic="bewley", ir="interim"))["IR"] == F(1, 4)
    one = with_sets(UNSURE[0], [[1, 0]])
    assert broken(replace(m, environment=one), asked(one, ic="bewley", ir="interim")) == {"IC": 1}


def test_a_maxmin_type_compares_worst_cases():
    e = with_sets(*UNSURE)
    m = mechanism(e, NEVER, [NOTHING, [[0, 1], [0, "-1/4"]]])
    # the worst of report 1 is -1/4, of report 0 it is 0: type 1 gains 1/4 by a lie, type 0 stays
    assert broken(m, asked(e, ic="maxmin")) == {"IC": F(1, 4)}
    assert broken(m, asked(e, ic="maxmin", ir="interim")) == {"IC": F(1, 4), "IR": F(1, 4)}
    assert broken(m, asked(e, ic="bewley", ir="interim")) == {"IC": 1, "IR": F(1, 4)}


def test_maxmin_participation_compares_worst_cases_on_both_sides():
    e = with_sets([[1, 0], [0, 1]], UNSURE[1], outside=(Rationals.of([[0, 4], [0, 4]]), Rationals.of(0)))
    m = mechanism(e, t=[[[1, 3], [1, 3]], NOTHING])
    design = asked(e, ic="maxmin", ir="interim")
    assert broken(m, design) == {}
    assert broken(m, design.asking(ic="bewley")) == {"IR": 1}
    assert broken(replace(m, transfers=m.transfers - 2), design) == {"IR": 2 - 1 + 1}


def test_types_may_hold_different_numbers_of_beliefs():
    one, two = BeliefSet.finite([[1, 0]]), BeliefSet.finite([[1, 0], [0, 1]])
    e = replace(trade(), belief_sets=((one, two), (one, one)))
    worse = mechanism(e, t=[[[0, -1], [0, -1]], NOTHING])  # the seller loses 1 if the buyer is high
    design = asked(e, ic="bewley", ir="interim")
    assert broken(worse, design) == {"IR": 1}  # only the second type thinks of it
    e = replace(e, belief_sets=((one, one), (one, one)))
    assert broken(replace(worse, environment=e), replace(design, environment=e)) == {}


# -- several rules --------------------------------------------------------------------------------------
def test_the_worst_rule_deters_and_is_what_truth_is_worth():
    e = trade()
    design = Design(e, "ambiguous-transfers", "interim", "none", Rationals.of(NEVER))
    calm = mechanism(e, NEVER)
    tempting = mechanism(e, NEVER, [NOTHING, [[0, 2], [0, 2]]])
    assert broken([tempting], design) == {"IC": 2}
    assert broken([tempting, calm], design) == {}  # the worst of report 1 is 0
    poor = mechanism(e, NEVER, [NOTHING, [[-3, 0], [-3, 0]]])
    assert broken([calm, poor], design) == {"IC": 3, "IR": 3}
    hopeful = design.asking(alpha="1/4")  # 1/4 of the worst and 3/4 of the best
    assert broken([tempting, calm], hopeful) == {"IC": F(3, 2)}
    assert broken([calm, poor], hopeful) == {"IC": F(3, 4), "IR": F(3, 4)}


def test_full_extraction_holds_under_every_rule():
    e = buyer()
    design = Design(e, "ambiguous-transfers", "interim", objective="full-surplus-extraction")
    sold = [[0, 0, 0], [1, 1, 1]]
    fair, dear = (mechanism(e, sold, [[-1, -2, -p]]) for p in (3, 4))
    ic_free = broken([fair, fair], design)
    assert "IR" not in ic_free
    assert broken([fair, dear], design)["IR"] == 1


def test_rules_share_the_allocation_and_the_value():
    e = trade()
    once, other = mechanism(e, NEVER), mechanism(e, WHEN_HIGH)
    design = Design(e, "ambiguous-transfers", "none", allocation="efficient")
    assert "same allocation" in broken([once, other], design)
    chosen = Design(e, "ambiguous-transfers", "none", allocation="chosen")
    assert "same allocation" not in broken([once, other], chosen)
    richer = mechanism(e, NEVER, [[[-1, -1], [-1, -1]], NOTHING])
    assert broken([once, richer], chosen.asking(objective="revenue"))["same value"] == 1
    assert "same value" not in broken([once, richer], chosen)


def test_only_ambiguous_transfers_take_several_rules():
    m = mechanism(trade())
    assert broken([m, m], asked(trade())) == {"single rule": 1}
    assert broken([m, m, m], asked(trade())) == {"single rule": 2}


def test_every_rule_of_a_set_is_checked():
    e = trade()
    good, bad = mechanism(e), mechanism(e, t=[[[1, 0], [0, 0]], NOTHING])
    design = Design(e, "ambiguous-transfers", "none", "ex-post")
    assert "BB" not in broken([good, good], design)
    assert broken([good, bad], design)["BB"] == broken([bad, good], design)["BB"] == 1


# -- money ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("when", ["ex-post", "ex-ante"])
def test_a_deficit_and_burnt_money(when):
    e = trade()
    given = mechanism(e, t=[[[1, 1], [1, 1]], NOTHING])
    burnt = mechanism(e, t=[[[-2, -2], [-2, -2]], NOTHING])
    passed = mechanism(e, t=[[[1, 1], [1, 1]], [[-1, -1], [-1, -1]]])
    assert broken(given, asked(e, bb=when)) == broken(given, asked(e, bb=f"{when}-weak")) == {"BB": 1}
    assert broken(burnt, asked(e, bb=when)) == {"BB": 2}
    assert broken(burnt, asked(e, bb=f"{when}-weak")) == {}
    assert broken(passed, asked(e, bb=when)) == {}


def test_an_expected_budget_is_weighed_by_the_designers_prior():
    e = trade(beliefs=[["1/8", "3/8"], ["1/4", "1/4"]])
    swap = mechanism(e, t=[[[3, -1], [0, 0]], NOTHING])
    assert broken(swap, asked(e, bb="ex-ante")) == {}
    assert broken(swap, asked(e, bb="ex-post")) == {"BB": 3}
    assert broken(swap, asked(e, bb="ex-post-weak")) == {"BB": 3}
    assert broken(replace(swap, transfers=swap.transfers * -1), asked(e, bb="ex-post-weak")) == {"BB": 1}
    assert broken(mechanism(e, t=[[[3, 0], [0, 0]], NOTHING]), asked(e, bb="ex-ante-weak")) == {"BB": F(3, 8)}


def test_transfers_keep_to_their_bounds():
    e = trade()
    m = mechanism(e, t=[[[1, 0], [0, 0]], [[0, 0], [0, -2]]])
    assert broken(m, asked(e, transfers="none")) == {"transfer bound": 2}
    assert broken(m, asked(e, transfers=((None, "1/2"), (None, None)))) == {"transfer bound": F(1, 2)}
    assert broken(m, asked(e, transfers=((None, None), ("-1/2", None)))) == {"transfer bound": F(3, 2)}
    assert broken(m, asked(e, transfers=((0, 1), (-2, 0)))) == {}


# -- lotteries ------------------------------------------------------------------------------------------
def test_chances_are_not_negative_and_add_up_to_one():
    e = trade()
    assert broken(mechanism(e, [[["3/2", 1], [1, 1]], [["-1/2", 0], [0, 0]]]), asked(e)) == {
        "lottery": F(1, 2)
    }
    assert broken(mechanism(e, [[["1/2", 1], [1, 1]], [[0, 0], [0, 0]]]), asked(e)) == {"lottery": F(1, 2)}
    assert broken(mechanism(e, [[[1, 1], [1, 1]], [["1/4", 0], [0, 0]]]), asked(e)) == {"lottery": F(1, 4)}


def test_another_allocation_than_the_one_given():
    e = trade()
    half = [[["1/2", 1], [1, 1]], [["1/2", 0], [0, 0]]]
    assert broken(mechanism(e, half), asked(e, allocation=Rationals.of(NEVER))) == {
        "allocation rule": F(1, 2)
    }
    mixed = Rationals.of(half)
    assert broken(mechanism(e, half), asked(e, allocation=mixed)) == {}
    assert broken(mechanism(e, NEVER), asked(e, allocation=mixed)) == {"allocation rule": F(1, 2)}


def test_a_lottery_is_not_deterministic():
    e = trade()
    half = [[["1/3", 1], [1, 1]], [["2/3", 0], [0, 0]]]
    assert broken(mechanism(e, half), asked(e, allocation="deterministic")) == {
        "deterministic allocation": F(1, 3)
    }
    assert broken(mechanism(e, WHEN_HIGH), asked(e, allocation="deterministic")) == {}


def test_efficient_allocations_use_efficient_outcomes():
    e = trade()
    # efficient: trade at (0, 1); no trade at (1, 0); both at (0, 0) and (1, 1)
    good = [[[1, 0], [1, "1/2"]], [[0, 1], [0, "1/2"]]]
    assert broken(mechanism(e, good), asked(e, allocation="efficient")) == {}
    assert broken(mechanism(e, NEVER), asked(e, allocation="efficient")) == {"allocation rule": 1}
    assert broken(mechanism(e, good), asked(e, allocation="efficient-first")) == {"allocation rule": F(1, 2)}
    assert (
        broken(mechanism(e, [[[1, 0], [1, 1]], [[0, 1], [0, 0]]]), asked(e, allocation="efficient-first"))
        == {}
    )


# -- against plain loops over profiles ------------------------------------------------------------------
def some_mechanism(rng, e, design):
    """Any numbers, lotteries in two thirds of the cases, near the requirements in some."""
    shape = (len(e.outcomes), *e.shape)
    cells = np.empty(shape, dtype=object)
    for t in plain.profiles(e):
        may = plain.allowed(design, t) if rng.random() < 0.7 else range(shape[0])
        weights = [rng.randint(0, 2) if a in may else 0 for a in range(shape[0])]
        if not sum(weights):
            weights[rng.choice(list(may))] = 1
        total = sum(weights) if rng.random() < 0.9 else sum(weights) + 1
        for a in range(shape[0]):
            cells[(a, *t)] = F(weights[a], total)
    if rng.random() < 0.3 and not isinstance(design.allocation, str):
        cells = np.array(design.allocation.tolist(), dtype=object)
    steps = rng.choice([(0,), (-1, 0, 1), (-2, -1, 0, F(1, 3))])
    paid = [[rng.choice(steps) for _ in plain.profiles(e)] for _ in range(e.n)]
    return Mechanism(e, Rationals.of(cells), Rationals.of(paid).reshape(e.n, *e.shape))


def with_random_sets(rng):
    """The same questions where types hold several beliefs possible."""
    design = random_design(rng)
    e = design.environment

    def belief(rest):
        weights = [rng.randint(0, 2) for _ in range(int(np.prod(rest, dtype=int)))]
        weights[rng.randrange(len(weights))] += 1
        return Rationals.from_fractions([F(w, sum(weights)) for w in weights], rest)

    sets = []
    for i in range(e.n):
        rest = e.shape[:i] + e.shape[i + 1 :]
        own = [
            BeliefSet.finite([belief(rest).tolist() for _ in range(rng.randint(1, 3))])
            for _ in range(e.shape[i])
        ]
        sets.append(tuple(own))
    e = replace(e, belief_sets=tuple(sets))
    return replace(design, environment=e, ic=rng.choice(["maxmin", "bewley"]))


@pytest.mark.parametrize("make", [random_design, random_ambiguous, with_random_sets])
def test_the_audit_agrees_with_plain_loops(make):
    seen = {}
    for seed in range(250):
        rng = random.Random(seed)
        try:
            design = make(rng)
        except InvalidDesign:
            continue
        count = rng.randint(1, 3) if design.ambiguous else 1
        rules = [some_mechanism(rng, design.environment, design) for _ in range(count)]
        found = broken(rules, design)
        assert found == plain.broken(design, rules), seed
        for kind in found:
            seen[kind] = seen.get(kind, 0) + 1
    assert {"IC", "IR", "BB", "lottery", "allocation rule", "transfer bound"} <= set(seen)
    assert min(seen.values()) >= 4, seen


@pytest.mark.parametrize(
    ("make", "kinds"),
    [
        (random_constrained, {"own 0", "own 1"}),
        (random_games, {"obedience", "lottery"}),
        (random_misreports, {"IC", "transfer bound"}),
        (random_money, {"IC", "IR"}),
        (random_ordinal, {"IC"}),
    ],
)
def test_the_audit_of_what_else_may_be_asked_agrees_with_plain_loops(make, kinds):
    seen = {}
    for seed in range(40):
        rng = random.Random(seed)
        try:
            design = make(rng)
        except InvalidDesign:
            continue
        rule = some_mechanism(rng, design.environment, design)
        if (
            design.environment.actions is not None and design.transfers == "none"
        ):  # what none receives is not in a game
            rule = replace(rule, transfers=rule.transfers * 0)
        found = broken([rule], design)
        assert found == plain.broken(design, [rule]), seed
        for kind in found:
            seen[kind] = seen.get(kind, 0) + 1
    assert all(seen.get(kind, 0) >= 4 for kind in kinds), seen


def test_the_audit_names_the_place_and_counts_what_it_checks():
    e = trade()
    report = audit(paid([[0, 2], [0, 2]]), asked(e, ic="ex-post", ir="ex-post", bb="ex-post"))
    said = {v.kind: v.where for v in report.worst}
    assert said["IC"] == "[b: 1 -> 0 | s=0]"
    assert said["BB"] in ("[s=0, b=1]", "[s=1, b=1]")
    assert report.checked["IC"] == 16 and report.checked["IR"] == 8 and report.checked["BB"] == 4
    assert str(report).startswith("failed: ") and "violated by 1" in str(report)


def test_a_type_of_probability_zero_has_no_requirement_on_average():
    e = Environment([Agent.of("buyer", [1, 2])], ["sell"], [[[1, 2]]], [1, 0])
    m = Mechanism(e, Rationals.of([[1, 1]]), Rationals.of([[-1, -9]]))
    assert broken(m, asked(e, ic="bayesian", ir="interim")) == {}
    assert broken(m, asked(e, ic="ex-post", ir="ex-post")) == {"IC": 8, "IR": 7}


def test_one_small_step_is_a_violation():
    """No tolerance anywhere: 10**-40 too much breaks each kind of requirement."""
    e, step = buyer(), F(1, 10**40)
    design = Design(e, "bayesian", "interim", objective="revenue", transfers=((-2, 0),))
    best = design.solve().mechanism
    assert broken(best, design) == {}
    for k in range(3):
        for by in (-step, step):
            found = broken(replace(best, transfers=moved(best.transfers, (0, k), by)), design)
            if found:
                assert set(found.values()) == {step}
    assert broken(replace(best, transfers=moved(best.transfers, (0, 2), -step)), design)
    spilt = replace(best, allocation=moved(best.allocation, (0, 0), step))
    assert broken(spilt, design) == {"lottery": step}


def test_requirements_of_a_designer_with_several_priors_are_the_agents_own():
    e = with_priors()
    assert broken(mechanism(e, t=[[[1, 0], [0, 0]], NOTHING]), asked(e, bb="ex-post")) == {"BB": 1}


def test_an_agent_whom_nothing_concerns_is_audited_too():
    """All her payoffs are one zero, whatever the outcome and the types."""
    e = Environment(
        [Agent.of("a", [1]), Agent.of("guest", ["here"])],
        ["x", "y"],
        [Rationals.of([[[1]], [[0]]]), Rationals.zeros((2, 1, 1))],
        [[1]],
    )
    half = mechanism(e, [[["1/2"]], [["1/2"]]], [[[-1]], [[1]]])
    assert broken(half, Design(e, "bayesian", "interim", "ex-post")) == {"IR": F(1, 2)}
    assert Design(e, "bayesian", "interim", "ex-post", objective="surplus").solve().value == 1


def test_the_audit_names_the_belief_and_the_first_of_the_worst_places():
    e = with_sets([["1/2", "1/2"]], [[1, 0], [0, 1], ["1/2", "1/2"]])
    bewley = asked(e, ic="bewley", ir="interim")
    for own, other in ((0, 1), (1, 0)):
        lost = [[0, 0], [0, 0]]
        lost[1][own] = -1  # only the belief in the high seller sees it
        report = audit(mechanism(e, t=[NOTHING, lost]), bewley)
        assert {str(v) for v in report.worst} == {
            f"IC [b: {own} -> {other} | belief 2]: violated by 1",
            f"IR [b: {own} | belief 2]: violated by 1",
        }
    gift = mechanism(trade(), t=[[[1, 1], [1, 1]], NOTHING])
    assert [v.where for v in audit(gift, asked(trade(), bb="ex-post")).worst] == ["[s=0, b=0]"]
    both = mechanism(trade(), t=[[[-1, -1], [-1, -1]], [[-1, -1], [-1, -1]]])
    assert [v.where for v in audit(both, asked(trade(), ir="interim")).worst] == ["[s: 0]"]


def test_what_a_lie_is_worth_with_agents_of_different_sizes():
    """Every payoff at every report, read off the tables one by one."""
    rng = random.Random(3)
    shape = (2, 3, 4)
    cells = lambda *s: Rationals.of([rng.randint(-5, 5) for _ in range(int(np.prod(s)))]).reshape(*s)  # noqa: E731
    agents = [Agent.of(f"a{i}", [f"x{k}" for k in range(s)]) for i, s in enumerate(shape)]
    e = Environment(agents, ["p", "q"], [cells(2, *shape) for _ in agents])
    m = Mechanism(e, cells(2, *shape), cells(3, *shape))
    for i, size in enumerate(shape):
        truth = m.payoff(i)
        for report in range(size):
            told = m.misreport(i, report)
            for t in plain.profiles(e):
                others = t[:i] + t[i + 1 :]
                assert told[(t[i], *others)] == plain.payoff(m, i, report, t)
                assert report != t[i] or truth[t] == told[(t[i], *others)]


def test_an_ordinal_requirement_is_named_by_what_the_type_ranks_highest():
    # u ranks x, y, z; v ranks y, x, z
    e = Environment([Agent.of("a", ["u", "v"])], ["x", "y", "z"], [[[3, 2], [2, 3], [1, 1]]])
    design = Design(e, "ordinal", "none", transfers="none")
    best = Mechanism(e, Rationals.of([[1, 0], [0, 1], [0, 0]]), Rationals.zeros((1, 2)))
    assert audit(best, design).passed
    poor = Mechanism(e, Rationals.of([[0, 0], [1, 0], [0, 1]]), Rationals.zeros((1, 2)))  # v gets z, u gets y
    assert [str(v) for v in audit(poor, design).worst] == ["IC [a: v -> u | top 1 {y}]: violated by 1"]


# -- questions that make no sense, and questions that are the same ------------------------------------------
@pytest.mark.parametrize("ic", ["bayesian", "ex-post", "none"])
def test_an_attitude_to_ambiguous_rules_goes_with_ambiguous_rules(ic):
    assert Design(trade(), "ambiguous-transfers", alpha="1/2").alpha == F(1, 2)
    with pytest.raises(InvalidDesign, match="goes with ic: ambiguous-transfers"):
        Design(trade(), ic, alpha="1/2")


@pytest.mark.parametrize("kind", ["revenue", "surplus", "feasibility"])
def test_only_coefficients_are_minimized(kind):
    """The largest revenue must not pass for the least one."""
    with pytest.raises(InvalidDesign, match="not minimized; give its coefficients"):
        Design(trade(), objective=Objective(kind, maximize=False))


def test_a_limit_that_is_the_same_everywhere_is_one_number():
    one, other = (Design(trade(), transfers=((low, None), (-2, 1))) for low in (-1, [[-1, -1], [-1, -1]]))
    assert other.transfers == one.transfers and one.same(other)
    (varies, _), _ = Design(trade(), transfers=(([[-1, -1], [-1, -2]], None), (-2, 1))).transfers
    assert varies.tolist() == [[-1, -1], [-1, -2]]
