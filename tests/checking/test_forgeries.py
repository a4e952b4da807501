"""Forged answers, each with a right checksum: what they claim is false, and verify refuses them."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from answers import answer
from small import add, at, put, refused

import mechlp
from mechlp.checking.verify import verify, verify_file
from mechlp.exact.decimals import nearest
from mechlp.exact.saved import json_text
from mechlp.proof.invalid import InvalidCertificate

REPRO = Path(__file__).parents[1] / "data" / "repro"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # a fair toss between the outcomes leaves both traders 0, so a mechanism exists
        ("toss", "lotteries over outcomes are allowed"),
        # each lie is deterred under one belief in the mechanism, and under another in the direction
        ("wald", "beliefs, that deter lies"),
        # `right` is better for b and not worse for a
        ("ws", "the gains of"),
        # the lottery of the first cell has a total of 2
        ("continuum-first-cell", "may exceed 1"),
        # masses of 1e200 leave the range of 64-bit integers
        ("continuum-huge-mass", "a mass that is not between 0 and 1"),
        # the general lower end is below that of simple mechanisms, and the status says `better`
        ("continuum-status", "a lower end above its upper end"),
    ],
)
def test_false_claims_are_refused(name, said):
    verdict = verify_file(REPRO / f"{name}-forged.json")
    assert not verdict.accepted
    assert said in verdict.problems[0]


@pytest.mark.parametrize(("name", "status"), [("toss", "feasible"), ("wald", "optimal")])
def test_what_is_true_of_them(name, status):
    answer = mechlp.read(REPRO / f"{name}.yaml").design.solve()
    assert answer.status == status
    assert verify(answer.to_json()).accepted


def test_objectives_are_compared_number_by_number():
    # o1 is worth 1000 at two of 64 profiles in one file, and 1 everywhere in the other
    assert verify_file(REPRO / "obj_other.json", REPRO / "obj_other.yaml").accepted
    verdict = verify_file(REPRO / "obj_other.json", REPRO / "obj_mine.yaml")
    assert not verdict.accepted
    assert "another problem" in verdict.problems[0]


# -- forgeries by kind of answer ------------------------------------------------------------------------
def several(*changes):
    def change(data):
        for one in changes:
            one(data)

    return change


def claimed(value, name="value"):
    """A number with the float that fits it."""
    return several(put((name,), value), put((f"{name}_float",), nearest(Fraction(value))))


def taken(other, *names):
    """Fields of another answer."""
    return lambda data: data.update({name: answer(other)[name] for name in names})


def exchanged(one, other):
    """Two places change their contents."""

    def change(data):
        a, b = at(data, *one), at(data, *other)
        put(one, b)(data), put(other, a)(data)

    return change


def renamed(*path):
    """A name that nothing has."""
    return lambda data: at(data, *path[:-1]).update({"nobody": at(data, *path[:-1]).pop(path[-1])})


def times(factor, *path):
    """Every number of a table multiplied."""

    def scaled(node):
        return [scaled(one) for one in node] if isinstance(node, list) else str(Fraction(node) * factor)

    def change(data):
        node = at(data, *path)
        node.update({name: scaled(table) for name, table in node.items()})

    return change


REVENUE, WAYS = "optimal revenue", "infeasible, with what must give way"
EMPTY = {"value": None, "value_float": None, "bound": None, "bound_float": None, "certificate": None}
FORGERIES = {
    # a value, a bound and their floats
    "a better value": (REVENUE, claimed("3/2"), "attains"),
    "a better value under a better bound": (
        REVENUE,
        several(claimed("3/2"), claimed("3/2", "bound")),
        "attains",
    ),
    "a bound below the value": (REVENUE, claimed("1", "bound"), "prove the bound"),
    "a float of another value": (REVENUE, put(("value_float",), 1.5), "value float"),
    "a float of another bound": (REVENUE, put(("bound_float",), 1e308), "bound float"),
    "a value in other words": (REVENUE, put(("value",), "8/6"), "value: not what"),
    "ends that are reversed": ("undecided", several(claimed("4/3"), claimed("0", "bound")), ""),
    "no number": (REVENUE, put(("value",), float("nan")), "not a finite number"),
    "a number beyond all": (REVENUE, put(("value",), "1e400000"), "exponent"),
    "an infinite multiplier": (
        REVENUE,
        put(("certificate", "multipliers", 0, "multiplier"), "inf"),
        "names no requirement",
    ),
    "a value that is true": (REVENUE, put(("value",), True), "not a number"),
    # statuses
    "an optimum that is no claim": (REVENUE, put(("status",), "feasible"), "claims a"),
    "an optimum without end": (
        REVENUE,
        lambda d: d.update(status="unbounded", **EMPTY),
        "direction is missing",
    ),
    "an optimum that does not exist": (REVENUE, lambda d: d.update(status="infeasible", **EMPTY), ""),
    "undecided, and certified": ("undecided", put(("certified",), True), "certified"),
    "optimal, and not certified": (REVENUE, put(("certified",), False), "not certified"),
    "a status that nobody knows": (REVENUE, put(("status",), ["optimal"]), ""),
    # another question's mechanism, proof or problem
    "another question's mechanism": (
        REVENUE,
        taken("optimal surplus", "mechanism", "rules", "interim_payoffs"),
        "",
    ),
    "another question's proof": (REVENUE, taken("optimal surplus", "certificate"), ""),
    "another question's problem": (REVENUE, taken("optimal surplus", "problem"), ""),
    "fewer requirements, the same proof": (REVENUE, put(("problem", "require", "ir"), "none"), ""),
    "another objective, the same mechanism": (REVENUE, put(("problem", "objective"), "surplus"), ""),
    "an objective that is not in the file": (
        "feasible",
        put(("problem", "objective"), "revenue"),
        "objective",
    ),
    "a refutation of another problem": ("infeasible ex post", taken(WAYS, "problem"), ""),
    # names
    "a type that nobody has": (REVENUE, renamed("interim_payoffs", "buyer", "1"), "interim payoffs"),
    "an agent that is not there": (REVENUE, renamed("interim_payoffs", "buyer"), "interim payoffs"),
    "an outcome that is not there": (REVENUE, renamed("rules", 0, "allocation", "sell"), ""),
    "a requirement by another name": (
        REVENUE,
        put(("certificate", "multipliers", 0, "name"), "IR[buyer:3]"),
        "",
    ),
    "a word inside the proof": (REVENUE, put(("certificate", "remark"), "so it is"), "certificate: not what"),
    "a multiplier twice": (
        REVENUE,
        lambda d: d["certificate"]["multipliers"].append(d["certificate"]["multipliers"][0]),
        "",
    ),
    # what must give way
    "less gives way": (WAYS, put(("relaxations", 0, "amount"), "1/4"), "makes it possible"),
    "more gives way": (WAYS, put(("relaxations", 0, "amount"), "1"), "do not prove it"),
    "another proof that no less does": (
        WAYS,
        add(("relaxations", 0, "no_less", "multipliers", 0, "multiplier"), "1/7"),
        "",
    ),
    "another way's name": (WAYS, exchanged(("relaxations", 0, "what"), ("relaxations", 2, "what")), ""),
    "nothing need give way": (WAYS, put(("relaxations", 0, "amount"), "0"), ""),
    "a way that exists does not help": (
        WAYS,
        lambda d: d["relaxations"][0].update(amount=None, rules=[]),
        "alone does not help",
    ),
    # directions, the worst prior, few rules
    "a direction that costs": ("unbounded", times(-1, "direction", 0, "transfers"), "direction"),
    "no direction at all": ("unbounded", times(0, "direction", 0, "transfers"), "does not improve"),
    "a prior that is not possible": (
        "several priors",
        add(("worst_case", "distribution", 0, "probability"), "1/4"),
        "",
    ),
    "one rule is enough": ("two rules", put(("fewest_rules", "at_most"), 1), ""),
    "more rules are needed": ("two rules", put(("fewest_rules", "at_least"), 3), ""),
    # prices
    "a better posted price": ("prices", put(("best_posted_price", 1), "1/4"), "best posted price"),
    "a control that is better": (
        "prices, irrational",
        put(("risk_neutral_control", "status"), "infeasible"),
        "control",
    ),
    "a chance above one": ("simple mechanisms", add(("mechanism", "distribution", "1/2"), 1), "distribution"),
    "it dominates": ("an undominated price", put(("status",), "dominated"), ""),
    # identical bidders, interim payoffs
    "another value of an interim rule": ("reduced form", claimed("2"), "attains"),
    "bidders that are fewer": ("reduced form", put(("problem", "representative", "copies"), 1), ""),
    "strongly efficient": ("dominated payoffs", put(("strongly_efficient",), True), ""),
    "out of reach": ("efficient payoffs", put(("reachable",), False), ""),
    "payoffs of another mechanism": ("efficient payoffs", taken("dominated payoffs", "examined"), ""),
    "a corner that is not reached": ("frontier without end", put(("points", 0, "at", 0), "99"), ""),
    # trees
    "a proof that goes down for ever": (
        REVENUE,
        put(("certificate",), json.loads('{"yes":' * 400 + "1" + "}" * 400)),
        "",
    ),
    "a table that is a number": (REVENUE, put(("rules", 0, "transfers", "buyer"), 7), ""),
    "a problem that is a list": (REVENUE, put(("problem",), [1]), ""),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forgeries(name):
    of, change, said = FORGERIES[name]
    refused(answer(of), change, said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"status": "optimal"', '"status": "infeasible", "status": "optimal"', "written twice"),
        ('"value_float": 1.3333333333333333', '"value_float": 1e400', "no number"),
        ('"value_float": 1.3333333333333333', '"value_float": NaN', "no number"),
        ('"value_float": 1.3333333333333333', f'"value_float": {"9" * 5000}', "5000 digits"),
        ('"notes": []', f'"notes": {"[" * 99999}{"]" * 99999}', "nested too deeply"),
        ('"notes": []', r'"notes": ["\ud83d\ude00\ud800"]', "half of a character"),
    ],
)
def test_files_that_say_two_things_or_none(old, new, said, tmp_path):
    path, content = tmp_path / "a.json", json_text(answer("optimal revenue"))
    path.write_text(content)
    assert verify_file(path).accepted and old in content
    path.write_text(content.replace(old, new))
    with pytest.raises(InvalidCertificate, match=said):
        verify_file(path)
