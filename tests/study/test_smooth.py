"""Smooth ambiguity: closed forms of the conditions, and the search for how far apart two rules must be."""

import json
import math
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp import InvalidDesign
from mechlp.cli import main
from mechlp.mechanism.payoffs import every_payoff
from mechlp.mechanism.smooth import Smooth, sign, smooth_audit
from mechlp.study.smooth import least_spread, two_rules_at

EXAMPLE = Path(__file__).parents[2] / "configs" / "guo-2018-example-1.4.2.yaml"
#: What the expectation of exp(-rho x) is over two payoffs g + s c and g - s c, divided by exp(-rho g), with x = rho s c.
CLOSED = {"rules": math.cosh, "mixtures": lambda x: math.sinh(x) / x}


@pytest.fixture(scope="module")
def answer():
    return mechlp.read(EXAMPLE, ask={"ic": "ambiguous-transfers"}).design.solve()


def root(belief, level):
    """x with CLOSED[belief](x) = level, by bisection in floats."""
    low, high = 1e-9, 700.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if CLOSED[belief](middle) < level else (low, middle)
    return high


@pytest.mark.parametrize(("belief", "c"), [("mixtures", 4.106), ("rules", 2.689)])
@pytest.mark.parametrize("rho", [F(1), F(1, 3), F(4)])
def test_a_lie_that_gains_b(belief, c, rho):
    """Truth is worth a, the lie a + B + c or a + B - c: exactly sinh(rho c)/(rho c) (cosh(rho c)) >= exp(rho B)."""
    a, gain = F(1), F(2)
    exact = root(belief, math.exp(rho * gain)) / float(rho)
    if rho == 1:
        assert exact == pytest.approx(c, abs=5e-4)
    attitude = Smooth(rho, belief)
    for nudge, holds in ((-1e-9, False), (1e-9, True)):
        c = F(exact + nudge)
        assert attitude.prefers([a, a], [a + gain + c, a + gain - c]) is holds


def test_three_rules_under_the_uniform_belief_over_mixtures():
    """The mean of exp over a triangle, by the integral's own closed form and at points that coincide."""
    attitude = Smooth(F(1), "mixtures")
    value = lambda xs: sum(float(c) * math.exp(k) for k, c in attitude.disutility(xs).items())  # noqa: E731
    x, y, z = 0.5, -1.0, 2.0
    e = lambda v: math.exp(-v)  # noqa: E731
    triangle = 2 * (e(x) / ((x - y) * (x - z)) + e(y) / ((y - x) * (y - z)) + e(z) / ((z - x) * (z - y)))
    assert value([F(1, 2), F(-1), F(2)]) == pytest.approx(triangle)
    dice = np.random.default_rng(0).dirichlet([1, 1, 1], 200_000)
    assert value([F(1, 2), F(-1), F(2)]) == pytest.approx(np.exp(-dice @ [x, y, z]).mean(), rel=0.01)
    assert value([F(1), F(1), F(1)]) == pytest.approx(math.exp(-1))
    assert value([F(1), F(3), F(1)]) == pytest.approx(np.exp(-dice @ [1, 3, 1]).mean(), rel=0.01)


def test_signs_are_exact():
    assert sign({F(1): F(0), F(2): F(0)}) == sign({}) == 0
    assert sign({F(1): F(1), F(1) + F(1, 10**200): F(-1)}) == -1  # beyond any double
    assert sign({F(10**6): F(1), F(0): F(-1)}) == 1
    assert sign({F(0): F(1), F(1, 10**30): F(-2), F(2, 10**30): F(1)}) == 1  # (1 - e^h)^2
    same = [F(1, 3), F(1, 3)]
    assert Smooth(F(1)).prefers(same, same[::-1]) is True


@pytest.mark.parametrize("belief", ["rules", "mixtures"])
@pytest.mark.parametrize("rho", [F(1, 100), F(1), F(50)])
def test_the_bracket_holds_the_closed_form(answer, belief, rho):
    """With psi worth s at a lie that gains g under eta, c is the largest root(exp(rho g)) / (rho |s|)."""
    spread = least_spread(answer, Smooth(rho, belief))
    design, eta, psi = answer.design, spread.eta, spread.psi
    needed = 0.0
    for (_, own, report), (truth, told) in every_payoff(design, two_rules_at(eta, psi, F(1))).items():
        gain, slope = sum(told) / 2 - truth[0], abs(told[0] - told[1]) / 2
        assert truth[0] == truth[1]
        if gain > 0 and own != report:
            needed = max(needed, root(belief, math.exp(float(rho * gain))) / float(rho * slope))
    assert spread.least and spread.c_no < spread.c <= spread.c_no * (1 + F(1, 2**19))
    assert float(spread.c_no) * (1 - 1e-9) <= needed <= float(spread.c) * (1 + 1e-9)
    assert smooth_audit(spread.rules, design, spread.attitude).passed is True
    below = smooth_audit(two_rules_at(eta, psi, spread.c_no), design, spread.attitude)
    assert below.passed is False and below.failed[0].startswith("IC[")
    assert spread.c > answer.fewest.pair.c  # types that only fear the worst rule need less


def test_smooth_types_never_need_less_and_tend_to_the_worst_rule(answer):
    cs = [least_spread(answer, Smooth(F(rho))).c for rho in (1, 10, 100, 10**4)]
    assert cs == sorted(cs, reverse=True)
    assert answer.fewest.pair.c < cs[-1] < answer.fewest.pair.c * F(1001, 1000)


def test_weights_matter(answer):
    even, uneven = (least_spread(answer, Smooth(F(1), "rules", w)) for w in ((), (F(9, 10), F(1, 10))))
    assert even.c < uneven.c and not uneven.least
    assert smooth_audit(even.rules, answer.design, uneven.attitude).passed is False


def test_other_requirements_are_audited_too(answer):
    first, second = answer.rules
    poorer = [type(r)(r.environment, r.allocation, r.transfers - 100) for r in (first, second)]
    report = smooth_audit(poorer, answer.design, Smooth(F(1)))
    assert report.passed is False
    assert any(f.startswith("BB") for f in report.failed) and any(f.startswith("IR[") for f in report.failed)


def test_where_one_rule_does_nothing_is_searched():
    design = mechlp.read(EXAMPLE, overrides={"B": "1/2"}, ask={"ic": "ambiguous-transfers"}).design
    spread = least_spread(design.solve(), Smooth(F(1)))
    assert spread.c == 0 and spread.c_no is None and spread.report.passed


@pytest.mark.parametrize(
    "wrong", [{"rho": 0}, {"rho": "x"}, {"rho": 1, "belief": "none"}, {"rho": 1, "weights": ("1/2", "1/3")}]
)
def test_wrong_attitudes(wrong):
    with pytest.raises(InvalidDesign):
        Smooth(**wrong)


def test_the_command(tmp_path):
    run = lambda *a: CliRunner().invoke(main, ["smooth", str(EXAMPLE), *map(str, a)])  # noqa: E731
    found = run("--rho", 1, "--json")
    assert found.exit_code == 0
    data, saved = json.loads(found.output), tmp_path / "two.json"
    assert F(data["fails_at"]) < F(data["c"])
    saved.write_text(found.output)
    assert run("--rho", 1, "--answer", saved).exit_code == 0
    weaker = run("--rho", "9/10", "--answer", saved)
    assert weaker.exit_code == 1 and "failed: IC[agent1: t2 -> t1]" in weaker.output
    assert "every larger one does" in run("--rho", 1).output
    for arguments in (["--rho", "0"], ["--rho", 1, "--weights", "1"], ["--rho", 1, "--answer", EXAMPLE]):
        refused = run(*arguments)
        assert refused.exit_code == 2 and refused.output.startswith("error: ")
