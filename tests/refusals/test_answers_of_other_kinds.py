"""Forged answers about interim payoffs, prices, interim rules, and types in a continuum: refused, for the reason named."""

import json
from dataclasses import replace
from fractions import Fraction as F

import numpy as np
import pytest
from answers import answer, bidders, examined, prices
from small import add, at, put, refused

import mechlp
from mechlp import Rationals
from mechlp.answer.answer import verdict
from mechlp.checking.verify import verify
from mechlp.closed_forms.bargaining import Bargaining
from mechlp.files import read_document
from mechlp.mechanism.audit import audit
from mechlp.mechanism.mechanism import Mechanism
from mechlp.proof.invalid import InvalidCertificate
from mechlp.question.objective import Objective
from mechlp.study.interim import efficiency


# -- interim payoffs: comparisons -----------------------------------------------------------------------
def place(data, kind):
    return next(k for k, c in enumerate(data["comparisons"]) if c["kind"] == kind)


@pytest.mark.parametrize("name", ["efficient payoffs", "dominated payoffs", "payoffs out of reach"])
def test_a_verdict_on_payoffs_follows_from_comparisons(name):
    data = answer(name)
    for key in ("reachable", "weakly_efficient", "strongly_efficient"):
        for said in {True, False, None} - {data[key]}:
            refused(data, put((key,), said), "does not follow")
    for k in range(len(data["comparisons"])):
        refused(data, lambda d, k=k: d["comparisons"].pop(k))
        refused(data, put(("comparisons", k, "kind"), "weakly"))
        refused(data, put(("comparisons", k, "status"), "undecided"))
        refused(data, put(("comparisons", k, "certificate"), None))
        refused(data, put(("comparisons", k, "agent"), 0))
        if data["comparisons"][k]["status"] == "optimal":
            refused(data, put(("comparisons", k, "mechanism"), None), "no mechanism")
            refused(data, add(("comparisons", k, "value"), "1/9"))
            refused(data, add(("comparisons", k, "value"), "-1/9"))
            refused(data, put(("comparisons", k, "status"), "infeasible"))
            refused(data, put(("comparisons", k, "status"), "unbounded"))


def test_payoffs_examined_are_those_of_every_comparison_and_of_the_mechanism():
    data = answer("efficient payoffs")
    agents = list(data["examined"])
    refused(data, add(("examined", agents[0], 0), "1/9"))
    refused(data, add(("comparisons", 0, "targets", agents[0], 0, 0), "1/9"))
    shift = lambda d: [  # noqa: E731
        add(path, "1/9")(d)
        for path in (
            ("examined", agents[0], 0),
            *(("comparisons", k, "targets", agents[0], 0, 0) for k in range(len(d["comparisons"]))),
        )
    ]
    refused(data, shift)
    refused(data, add(("mechanism", "transfers", agents[0], 0, 0), 1))


def test_mixtures_of_targets_are_lotteries():
    data = answer("dominated payoffs")
    agent = next(iter(data["examined"]))
    for k in range(len(data["comparisons"])):
        for mix in (["2"], ["1/2"], ["1", "0"], []):
            refused(data, put(("comparisons", k, "mix", agent), mix))


def test_comparisons_need_weights_of_their_kind():
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim")
    seen = set()
    for payoffs in ([["7/4", "5/2"], ["7/5", 3]], [[0, 3], [2, 6]]):
        for found in efficiency(design, payoffs).comparisons:
            found.check()
            if found.value is None:
                continue
            seen.add(found.kind)
            scaled = tuple(w * 2 + 1 for w in found.weights)
            with pytest.raises(InvalidCertificate):
                replace(found, weights=scaled).check()
            with pytest.raises(InvalidCertificate, match="weights"):
                replace(found, weights=found.weights[:1]).check()
            if found.kind == "weak":
                lopsided = (Rationals.of([1, -1]), Rationals.of([3, -1]))
                with pytest.raises(InvalidCertificate, match="weights"):
                    replace(found, weights=lopsided).check()
                with pytest.raises(InvalidCertificate, match="weights"):
                    replace(found, weights=tuple(w * F(1, 2) for w in found.weights)).check()
            if found.kind == "strong":
                with pytest.raises(InvalidCertificate, match="weights"):
                    replace(found, weights=tuple(w * 0 + F(99, 100) for w in found.weights)).check()
                some = tuple(w * 0 + Rationals.of([9, "1/2"]) for w in found.weights)
                with pytest.raises(InvalidCertificate, match="weights that do not bound"):
                    replace(found, weights=some).check()
            if found.kind == "distance":
                with pytest.raises(InvalidCertificate, match="weights"):
                    replace(found, weights=tuple(w * 0 + F(1, 3) for w in found.weights)).check()
                if found.value:
                    with pytest.raises(InvalidCertificate):
                        replace(found, weights=tuple(w * -1 for w in found.weights)).check()
    assert {"distance", "weak"} <= seen


def test_a_mechanism_that_makes_a_type_worse_off_is_no_gain_for_all():
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim", objective="surplus")
    best = efficiency(design, design.solve().mechanism)
    strong = best.comparison("strong")
    strong.check()
    poor = efficiency(design, [[0, 3], [2, 6]]).comparison("weak")
    with pytest.raises(InvalidCertificate, match=r"worse off|attains"):
        replace(strong, mechanism=poor.mechanism).check()
    broken = replace(
        strong.mechanism, transfers=strong.mechanism.transfers + Rationals.of([1, 0]).reshape(2, 1, 1)
    )
    with pytest.raises(InvalidCertificate, match="breaks a requirement"):
        replace(strong, mechanism=broken).check()


def test_what_all_gain_is_what_the_least_lucky_agent_gains():
    from mechlp.solving.interim import compare_payoffs

    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim", bb="ex-ante-weak")
    found = compare_payoffs(design, [[0, 0], [0, 0]], "weak")
    found.check()
    assert found.value > 0
    for agent in (0, 1):
        less = Rationals.of([F(agent == i, -100) for i in (0, 1)]).reshape(2, 1, 1)
        poorer = replace(found.mechanism, transfers=found.mechanism.transfers + less)
        with pytest.raises(InvalidCertificate, match="attains"):
            replace(found, mechanism=poorer).check()


def test_payoffs_out_of_reach_need_weights_that_show_it():
    """The strong comparison with payoffs that no mechanism gives is infeasible, by weights alone."""
    from mechlp.solving.interim import compare_payoffs

    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim")
    targets = tuple(Rationals.of([u]) for u in ([50, 50], [50, 50]))
    found = compare_payoffs(design, targets, "strong")
    assert found.status == "infeasible" and any(bool(np.any(w != 0)) for w in found.weights)
    found.check()
    for weights in (
        tuple(w * -1 for w in found.weights),
        tuple(w * 0 for w in found.weights),
    ):
        with pytest.raises(InvalidCertificate):
            replace(found, weights=weights).check()
    with pytest.raises(InvalidCertificate):
        replace(found, targets=tuple(t * 0 + 1 for t in targets)).check()
    with pytest.raises(InvalidCertificate, match="refute nothing"):
        replace(found, kind="weak").check()
    with pytest.raises(InvalidCertificate):
        replace(found, weights=()).check()


# -- other beliefs --------------------------------------------------------------------------------------
def robust():
    """Two pieces a player: one that is beaten, one that is not."""
    from mechlp.study.interim import robustness

    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design()
    found = robustness(design, [[["7/4", "5/2"], [4, 6]], [["7/5", 3]]], complete=True)
    found.check()
    return found


def test_robust_efficiency_looks_at_every_pair_of_pieces():
    found = robust()
    assert len(found.pairs) == 2
    with pytest.raises(InvalidCertificate, match="missing"):
        replace(found, pairs=found.pairs[:1]).check()
    with pytest.raises(InvalidCertificate, match="missing"):
        replace(found, pairs=(found.pairs[0],) * 2).check()
    swapped = tuple(replace(p, pieces=q.pieces) for p, q in zip(found.pairs, found.pairs[::-1]))
    with pytest.raises(InvalidCertificate, match="other beliefs"):
        replace(found, pairs=swapped).check()
    for k, pair in enumerate(found.pairs):
        strong = replace(pair.weak, kind="strong")
        for wrong in (replace(pair, weak=strong), replace(pair, gains=(pair.weak,))):
            pairs = tuple(wrong if j == k else p for j, p in enumerate(found.pairs))
            with pytest.raises(InvalidCertificate):
                replace(found, pairs=pairs).check()
    verdicts = [pair.passed for pair in found.pairs]
    assert found.passed == (False not in verdicts)
    assert found.gap == max(pair.gap for pair in found.pairs if pair.gap is not None)
    assert replace(found, pairs=()).passed is None


def test_robust_efficiency_is_proved_only_by_pieces_that_cover_all_beliefs():
    from mechlp.study.interim import robustness

    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design()
    good = robustness(design, [[[9, 9]], [[9, 9]]], complete=True)
    good.check()
    assert good.passed and good.proved and "proved" in good.in_words()
    sample = replace(good, complete=False)
    assert sample.passed and not sample.proved and "evidence" in sample.in_words()
    bad = robustness(design, [[[0, 0]], [[0, 0]]], complete=False)
    assert bad.passed is False and bad.proved and "not robustly" in bad.in_words()


def test_upper_contours_have_margins_that_are_proved():
    from mechlp.study.interim import upper_contour

    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design()
    inside = [[2, 3], [2, 6]]
    pieces = [[[1, 1], [3, 2]], [[9, 0], [0, 9]]]
    found = upper_contour(design, inside, 0, pieces, complete=False)
    found.check()
    assert found.margins[0] == 1  # at least one more than the first corner in both types
    for changed in (
        {"margins": (found.margins[0] + 1, *found.margins[1:])},
        {"margins": (found.margins[0] - 1, *found.margins[1:])},
        {"mixes": (found.mixes[0] * 2, *found.mixes[1:])},
        {"weights": (found.weights[0] * 2, *found.weights[1:])},
        {"mixes": (Rationals.of([2, -1]), *found.mixes[1:])},
        {"weights": (Rationals.of([2, -1]), *found.weights[1:])},
        {"weights": (found.weights[0] * 0 + F(1, 2), found.weights[1] * 0 + F(1, 3))},
    ):
        with pytest.raises(InvalidCertificate):
            replace(found, **changed).check()
    assert found.member == (found.reached.value == 0)
    far = upper_contour(design, [[90, 90], [90, 90]], 0, pieces, complete=True)
    assert far.member is False
    low = upper_contour(design, inside, 0, [[[50, 50]]], complete=False)
    assert low.reached.value != 0 or low.member is None
    assert low.reached.value != 0 or replace(low, complete=True).member is False
    reached = replace(found.reached, value=F(0))
    nowhere = replace(found, reached=reached, pieces=(), margins=(), mixes=(), weights=())
    assert nowhere.member is None
    assert replace(nowhere, complete=True).member is False


# -- interim payoffs: projections -----------------------------------------------------------------------
def test_borders_and_corners_of_a_projection():
    data = answer("frontier")
    assert len(data["edges"]) >= 4
    for k in range(len(data["edges"])):
        refused(data, lambda d, k=k: d["edges"].pop(k))
        refused(data, add(("edges", k, "bound"), "1/9"))
        refused(data, add(("edges", k, "bound"), "-1/9"))
        refused(data, add(("edges", k, "normal", 0), "1/9"))
        refused(data, put(("edges", k, "certificate"), None))
        refused(data, put(("edges", k, "certificate"), data["edges"][k - 1]["certificate"]))
        rows = data["edges"][k]["certificate"]["multipliers"]
        if rows:
            refused(data, lambda d, k=k: d["edges"][k]["certificate"]["multipliers"].pop())
            refused(data, add(("edges", k, "certificate", "multipliers", 0, "multiplier"), "1/9"))
    for k in range(len(data["points"])):
        refused(data, lambda d, k=k: d["points"].pop(k))
        refused(data, add(("points", k, "at", 0), "1/9"))
        refused(
            data, put(("points", k, "mechanism"), data["points"][k - 1]["mechanism"]), "payoffs of its point"
        )
        agent = next(iter(data["points"][k]["mechanism"]["transfers"]))
        refused(data, add(("points", k, "mechanism", "transfers", agent, 0, 0), 100))
    refused(data, lambda d: d["vertices"].pop(), "vertices")
    refused(data, lambda d: d["vertices"].reverse(), "vertices")
    refused(data, put(("points",), []))
    refused(data, put(("payoffs",), data["payoffs"][::-1]))
    refused(data, put(("question",), "something"), "unknown question")


def test_a_projection_without_end_has_directions():
    data = answer("frontier without end")
    assert data["rays"]
    for k in range(len(data["rays"])):
        refused(data, lambda d, k=k: d["rays"].pop(k))
        refused(data, add(("rays", k, "along", 0), "1/9"))
        agent = next(iter(data["rays"][k]["transfers"]["transfers"]))
        refused(data, add(("rays", k, "transfers", "transfers", agent, 0, 0), 1))
    bounded = answer("frontier")
    refused(bounded, put(("rays",), data["rays"]))


# -- prices ---------------------------------------------------------------------------------------------
def lotteries(name):
    data = answer(name)
    return data, [("rules", 0, "lotteries", cell) for cell in data["mechanism"]["lotteries"]]


def test_lotteries_over_prices():
    data, cells = lotteries("prices")
    cell = cells[0]
    refused(data, put((*cell, "at"), {"1/2": "2"}))
    refused(data, put((*cell, "at"), {"1/2": "-1"}))
    refused(data, put((*cell, "at"), {"1": "1"}))
    refused(data, put((*cell, "at"), {"1/3": "1"}))
    refused(
        data, put(cell, {"received": {"1": "1"}, "paid": {"0": "1"}})
    )  # the seller gets more than the buyer pays
    refused(data, lambda d: d["rules"][0]["lotteries"].pop(cell[-1]))
    refused(data, lambda d: d["mechanism"]["lotteries"].pop(cell[-1]), "mechanism")
    refused(data, put(("rules",), []))
    nothing = {"lotteries": {}}
    refused(data, lambda d: d.update(rules=[nothing], mechanism=nothing), "attains 0")
    refused(data, put(("rules", 0, "lotteries", "5,5"), {"at": {"1": "1"}}))


@pytest.mark.parametrize("name", ["prices", "prices, irrational", "a dominated lottery", "simple mechanisms"])
def test_ends_of_a_price_answer(name):
    data = answer(name)
    refused(data, add(("value",), "1/1000"))
    refused(data, add(("bound",), "-1/1000"))
    refused(data, put(("bound",), None))
    for status in {
        "optimal",
        "bracket",
        "undominated",
        "dominated",
        "undecided",
        "feasible",
        "infeasible",
        "x",
    } - {data["status"]}:
        refused(data, put(("status",), status))


def test_multipliers_of_a_price_answer():
    for name in ("prices", "prices, irrational", "a dominated lottery"):
        data = answer(name)
        refused(data, put(("certificate",), None))
        rows = data["certificate"]["multipliers"]
        assert rows
        for k in range(len(rows)):
            refused(data, put(("certificate", "multipliers", k, "multiplier"), "-1"), "negative")
            refused(data, put(("certificate", "multipliers", k, "agent"), 2))
            if name == "prices":
                refused(data, lambda d, k=k: d["certificate"]["multipliers"].pop(k))
        if name != "prices":  # there the first best is reached, which takes no multiplier
            refused(data, put(("certificate", "multipliers"), []))


def test_a_posted_price_is_feasible_and_says_so():
    data = answer("a posted price")
    assert data["status"] == "feasible"
    for status in ("infeasible", "optimal", "undominated"):
        refused(data, put(("status",), status))
    refused(
        data,
        lambda d: d["problem"]["prices"].update(mechanism={"lottery": {"0": "1/2", "1": "1/2", "1/2": "1"}}),
    )


def test_simple_mechanisms_draw_prices_by_a_lottery():
    data = answer("simple mechanisms")
    at_ = ("mechanism", "distribution")
    refused(data, add((*at_, "0"), "1/9"), "distribution")
    refused(data, lambda d: (add((*at_, "0"), "-1")(d), add((*at_, "1"), 1)(d)), "distribution")
    refused(data, lambda d: d["mechanism"]["distribution"].update({"0": "1", "1/2": "0", "1": "0"}))


def test_simple_mechanisms_attain_what_they_are_said_to():
    data = answer("simple mechanisms")
    less = F(data["value"]) - F(1, 100)
    status = verdict(read_document(data["problem"]).design, less, F(data["bound"]))
    said = {
        "value": str(less),
        "value_float": float(less),
        "status": status,
        "certified": status != "undecided",
    }
    refused(data, lambda d: d.update(said), "the value claimed")


def test_dominance_needs_a_mechanism_that_gains():
    data = answer("a dominated lottery")
    refused(data, lambda d: d.update(value=None, value_float=None))
    refused(data, lambda d: d.update(mechanism=None, rules=[]))
    undominated = answer("an undominated price")
    refused(undominated, put(("status",), "dominated"))
    refused(undominated, put(("bound",), "1/2"))


def price_lottery(received, paid):
    e = prices().environment
    cells = [np.full((3, 3, 3), F(0), dtype=object) for _ in (0, 1)]
    for side, entries in zip(cells, (received, paid)):
        for cell, chance in entries.items():
            side[cell] = F(chance)
    return Mechanism(e, e.prices.lottery(*map(Rationals.of, cells)), Rationals.zeros((2, 3, 3)))


@pytest.mark.parametrize(
    ("received", "paid", "kinds"),
    [
        ({(1, 2, 2): 1}, {(1, 2, 2): 1}, {"IC"}),  # the seller of cost 0 would say 1/2
        ({(0, 1, 0): 1}, {(0, 1, 0): 1}, {"IC"}),  # the buyer of value 1 would say 1/2
        ({(0, 2, 1): 2}, {(0, 2, 1): 2}, {"lottery"}),
        ({(2, 0, 1): 1}, {(2, 0, 1): 1}, {"IR"}),
        ({(0, 0, 1): 1}, {(0, 0, 1): 1}, {"IR"}),
        ({(0, 1, 0): 1, (0, 2, 1): 1}, {(0, 1, 0): 1, (0, 2, 1): 1}, {"IC"}),
    ],
)
def test_the_audit_of_prices_names_what_is_broken(received, paid, kinds):
    found = {v.kind for v in audit(price_lottery(received, paid), prices()).worst}
    assert kinds <= found, found


@pytest.mark.parametrize(
    ("received", "paid", "said"),
    [
        ({(0, 2, 2): 1}, {(0, 2, 0): 1}, "prices"),
        ({(0, 2, 1): -1}, {(0, 2, 1): -1}, "negative"),
        ({(0, 2, 1): 1}, {}, "prices"),
    ],
)
def test_what_is_no_lottery_over_pairs_of_prices_is_none(received, paid, said):
    with pytest.raises(ValueError, match=said):
        price_lottery(received, paid)


def test_nobody_worse_off_than_under_the_floor():
    floor = price_lottery(*[{(0, 1, 1): 1, (0, 2, 1): 1, (1, 1, 1): 1, (1, 2, 1): 1}] * 2)
    asked = prices().asking(objective=Objective.undominated(floor.allocation))
    assert audit(floor, prices()).passed and audit(floor, asked).passed
    nothing = price_lottery({}, {})
    assert audit(nothing, prices()).passed
    report = audit(nothing, asked)
    assert not report.passed and {v.kind for v in report.worst} == {"IR"}
    assert max(v.amount for v in report.worst) == F(1, 2)


# -- reduced form ---------------------------------------------------------------------------------------
def test_interim_rules_break_each_requirement():
    data = answer("reduced form")
    assert data["interim_rule"]["contracts"] == [["0", "0"], ["3/4", "-3/2"]]
    contract = ("interim_rule", "contracts")
    for changed, said in (
        ([["0", "0"], ["3/4", "-7/4"]], "IR"),
        ([["0", "0"], ["3/4", "-5/8"]], "IC"),
        ([["0", "0"], ["1", "-2"]], "Border"),
        ([["-1/4", "1/4"], ["3/4", "-3/2"]], "chance"),
        ([["0", "0"], ["1/2", "-1"]], "attains"),
        ([["0", "0"]], ""),
        ([["0"], ["3/4"]], "do not fit"),
    ):
        refused(data, put(contract, changed), said)
    refused(data, put(("interim_rule", "takes"), [1, 0]))
    refused(data, put(("interim_rule", "takes"), [0, 0]), "attains")
    refused(data, put(("interim_rule", "takes"), [0, -1]))
    refused(data, put(("interim_rule", "takes"), [0]))


def test_flows_prove_what_they_say():
    data = answer("reduced form")
    c = "certificate"
    refused(data, put((c, "multipliers"), ["1/2"]), "prove the bound")
    refused(data, put((c, "multipliers"), ["2"]))
    refused(data, put((c, "multipliers"), ["-1"]), "negative")
    refused(data, lambda d: d[c].update(types=[], reports=[], multipliers=[]))
    refused(data, put((c, "types"), [0]))
    refused(data, lambda d: d[c].update(types=[0], reports=[1]))
    refused(data, put((c, "types"), [5]), "does not have")
    refused(data, put((c, "reports"), [-1]), "does not have")
    refused(data, put((c, "reports"), []), "different lengths")
    for key, by in (("value", "1/9"), ("value", "-1/9"), ("bound", "-1/9"), ("bound", "1/9")):
        refused(data, add((key,), by))
    refused(data, lambda d: (add(("value",), "1/9")(d), add(("bound",), "1/9")(d)))
    for status in ("feasible", "undecided", "infeasible", "unbounded"):
        refused(data, put(("status",), status))
    refused(data, put(("certified",), False), "not certified")


def test_a_bracket_of_interim_rules_is_that_of_the_rule_and_of_the_proof():
    """No less than the rule attains, and no more than the multipliers prove, though both are true."""
    data = answer("reduced form")
    less, more = F(data["value"]) - F(1, 4), F(data["bound"]) + F(1, 4)
    said = {"value": str(less), "value_float": float(less), "status": "undecided"}
    refused(data, lambda d: d.update(said), "the value claimed")
    refused(data, lambda d: d.update(bound=str(more), status="undecided"), "the bound claimed")


def test_a_bracket_of_interim_rules_is_undecided():
    from mechlp.exact.saved import checksum

    data = answer("reduced form")
    data["certificate"]["multipliers"] = ["1/2"]
    verdict = verify({**data, "sha256": checksum(data)})
    proved = next(word for word in " ".join(verdict.problems).split() if "/" in word).rstrip(",")
    assert F(proved) > F(data["bound"])
    data.update(bound=proved, status="undecided")
    assert verify({**data, "sha256": checksum(data)}).accepted
    data["status"] = "optimal"
    assert not verify({**data, "sha256": checksum(data)}).accepted


def test_more_copies_or_other_types_are_another_problem():
    data = answer("reduced form")
    other = bidders(3).solve().to_json()
    refused(data, put(("problem",), other["problem"]))
    refused(data, put(("problem",), bidders(2, (1, 3)).solve().to_json()["problem"]))


# -- a continuum of types -------------------------------------------------------------------------------
def test_ends_and_status_of_a_continuum_answer():
    data = answer("a continuum of types")
    assert data["status"] == "undecided"
    refused(data, put(("status",), "better"))
    for name in ("simple", "general"):
        refused(data, add((name, 0), "1/1000"))
        refused(data, add((name, 1), "-1/1000"))
    refused(data, put(("power",), "3/4"))
    for power in ("0", "1", "-1/2", "3/2", "1/100000007"):
        refused(data, put(("power",), power))
    refused(data, put(("atoms", 0), "1/9"))
    refused(data, lambda d: (add(("atoms", 0), "-1")(d), add(("atoms", 1), 1)(d)))
    refused(data, lambda d: d["atoms"].pop())
    for mass in (float("nan"), 1e200, -1.0, "x"):
        refused(data, put(("masses", 0, 0), mass))


def test_a_comparison_is_about_the_power_and_the_cells_of_the_file(tmp_path):
    from mechlp.checking.verify import verify_file

    data = answer("a continuum of types")
    saved, asked = tmp_path / "a.json", tmp_path / "a.yaml"
    types = ["0", "1/3", "2/3", "1"]

    def differs(power, mechanism):
        listed = ", ".join(types)
        asked.write_text(
            f"agents: {{seller: [{listed}], buyer: [{listed}]}}\noutcomes: prices\n"
            f"prices: {{grid: [{listed}], power: {power}}}\nobjective: surplus\n"
        )
        saved.write_text(json.dumps({**data, "mechanism": mechanism}))
        verdict = verify_file(saved, asked)
        said = "another problem" in str(verdict)
        assert verdict.accepted == (mechanism is None and not said)
        return said

    assert not differs(data["power"], None)
    assert differs("3/4", None)
    assert not differs(data["power"], {"partition": types})
    assert differs(data["power"], {"partition": ["0", "1/4", "2/3", "1"]})
    assert differs("3/4", {"partition": types})


def test_payoffs_given_by_hand_must_fit():
    with pytest.raises((mechlp.InvalidDesign, ValueError)):
        examined([[0, 1, 2], [1, 2]])
    assert at(answer("efficient payoffs"), "reachable") is True


def test_another_mechanism_is_better_only_beyond_the_bound_for_simple_ones():
    from mechlp.proof.continuum import Comparison

    ends = {"power": F(1, 2), "atoms": (), "masses": (), "mechanism": None}
    open_ = Comparison(simple=(F(1), F(3)), general=(F(2), F(4)), **ends)
    assert open_.gap == -1 and open_.to_json()["status"] == "undecided" and "better" not in open_.in_words()
    sure = Comparison(simple=(F(1), F(3)), general=(F(7, 2), F(4)), **ends)
    assert sure.gap == F(1, 2) and sure.to_json()["status"] == "better" and "better" in sure.in_words()


def test_efficiency_is_decided_by_every_comparison_and_dominated_by_what_is_better():
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim", objective="surplus")
    best, poor = efficiency(design, design.solve().mechanism), efficiency(design, [[0, 3], [2, 6]])
    assert best.decided and best.dominating is None
    open_ = replace(
        best, comparisons=(replace(best.comparisons[0], status="undecided"), *best.comparisons[1:])
    )
    assert not open_.decided and open_.reachable is None
    low = efficiency(design, [[0, 0], [0, 0]])
    for found in (poor, low):
        better = found.dominating
        if found.weak is False and found.comparison("weak").value > 0:
            worth = [u for i in (0, 1) for u in better.interim_payoff(i)]
            assert all(a >= b for a, b in zip(worth, [u for p in found.payoffs for u in p.fractions()]))
    assert any(found.dominating is not None for found in (poor, low))
