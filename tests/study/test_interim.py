"""Sets of interim payoffs: projections against a program written by hand, shapes without end, saved answers."""

import copy
import json
import random
import re
import time
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog

import mechlp
from mechlp import Agent, Design, Environment, InvalidDesign
from mechlp.checking.verify import verify
from mechlp.closed_forms.bargaining import Bargaining
from mechlp.exact.numbers import rational, text
from mechlp.exact.planar import dot
from mechlp.exact.saved import checksum
from mechlp.proof.interim import saved
from mechlp.proof.projection import Payoff
from mechlp.study.interim import Undecided, efficiency, projection, support

CONFIGS = Path(__file__).parents[2] / "configs"


def seen_from(design, first, second):
    axes = tuple(Payoff.named(design.environment, name) for name in (first, second))
    return projection(design, axes)


def one_good(first, second, chances, **asked):
    """Player 1's and 2's values for one good, independent with these chances; who gets it is chosen."""
    m, n = len(first), len(second)
    one = [[[v] * n for v in first], [[0] * n] * m]
    two = [[[0] * n] * m, [list(second)] * m]
    prior = [[F(a) * F(b) for b in chances[1]] for a in chances[0]]
    agents = (Agent.of("one", first), Agent.of("two", second))
    environment = Environment(agents, ("one", "two"), (one, two), prior)
    return Design(environment, **{"ir": "interim", "bb": "ex-ante", **asked})


def by_hand(first, second, chances, weights, ir):
    """The largest weighted sum of interim payoffs, by floats: columns q(t1, t2), T1 paid, T2 received."""
    p, r = (np.array([float(F(c)) for c in side]) for side in chances)
    m, n = len(first), len(second)
    size = m * n + m + n
    q = np.zeros((m, n, size))
    for i in range(m):
        for j in range(n):
            q[i, j, i * n + j] = 1
    paid, received = np.eye(size)[m * n : m * n + m], np.eye(size)[m * n + m :]
    wins, loses = np.einsum("j,ijk->ik", r, q), np.einsum("i,ijk->jk", p, q)
    rows, bounds = [], []
    for values, report in (
        (first, lambda v, k: (v * wins[k] - paid[k], 0.0)),
        (second, lambda v, k: (-v * loses[k] + received[k], float(v))),
    ):
        for t, v in enumerate(map(float, values)):
            truth, constant = report(v, t)
            for k in range(len(values)):
                lie, other = report(v, k)
                rows.append(lie - truth)
                bounds.append(constant - other)
            if ir:
                rows.append(-truth)
                bounds.append(constant)
    goal = sum(w * (float(v) * wins[k] - paid[k]) for k, (w, v) in enumerate(zip(weights[0], first)))
    goal = goal + sum(
        w * (-float(v) * loses[k] + received[k]) for k, (w, v) in enumerate(zip(weights[1], second))
    )
    shift = sum(w * float(v) for w, v in zip(weights[1], second))
    balance = p @ paid - r @ received
    limits = [(0, 1)] * (m * n) + [(None, None)] * (m + n)
    found = linprog(-goal, rows, bounds, [balance], [0], limits, method="highs")
    return None if found.status == 3 else -found.fun + shift


@pytest.mark.parametrize(
    ("first", "second", "chances"),
    [
        ([1, 4], [2, 6], (["3/5", "2/5"], ["1/2", "1/2"])),
        ([0, 3], [1, 2], (["1/3", "2/3"], ["1/4", "3/4"])),
        ([1, 5], [2, 3, 7], (["1/2", "1/2"], ["1/5", "1/2", "3/10"])),
    ],
)
@pytest.mark.parametrize("axes", [(0, 0), (0, 1), (None, None)])
def test_projection_agrees_with_a_program_by_hand(first, second, chances, axes):
    design = one_good(first, second, chances)
    names = [
        "one" if axes[0] is None else f"one:{first[0]}",
        "two" if axes[0] is None else f"two:{second[-1]}",
    ]
    if axes == (0, 1):
        names[1] = f"one:{first[1]}"
    seen = seen_from(design, *names)
    seen.check()
    assert seen.bounded and len(seen.vertices) >= 3
    rng = random.Random(5)
    weigh = [[w.float for w in axis.weights] for axis in seen.axes]
    for _ in range(12):
        d = (rng.randint(-5, 5), rng.randint(-5, 5))
        reach = max(float(dot((F(d[0]), F(d[1])), v)) for v in seen.vertices)
        weights = [d[0] * weigh[0][i] + d[1] * weigh[1][i] for i in (0, 1)]
        assert reach == pytest.approx(by_hand(first, second, chances, weights, True), abs=1e-6)


def test_known_polygon():
    """One good, types 1, 4 and 2, 6: vertices that simple mechanisms reach, each certified."""
    seen = seen_from(Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim"), "player1:1", "player1:4")
    seen.check()
    assert {(0, 0), (0, 3), (F(5, 2), F(11, 2)), (F(7, 2), 5), (F(16, 5), F(16, 5))} == set(seen.vertices)
    assert {e.normal for e in seen.edges if e.efficient} == {(1, 2)}
    assert [seen.efficient(v) for v in seen.vertices] == [
        v in ((F(7, 2), 5), (F(5, 2), F(11, 2))) for v in seen.vertices
    ]


def test_without_ir_the_set_contains_a_line():
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design()
    seen = seen_from(design, "player1:1", "player2:6")
    seen.check()
    assert seen.vertices == [] and {r for r, _ in seen.rays} == {(1, -1), (-1, 1)}
    chances = (["3/5", "2/5"], ["1/2", "1/2"])
    for edge in seen.edges:
        weights = [[float(edge.normal[0]), 0], [0, float(edge.normal[1])]]
        assert float(edge.bound) == pytest.approx(by_hand([1, 4], [2, 6], chances, weights, False))
    assert support(design, [[1, 0], [0, "1/2"]]).status == "unbounded"


def test_a_projection_needs_every_direction_decided(monkeypatch):
    """A mechanism that may not be the furthest in its direction is no border."""
    monkeypatch.setattr(
        "mechlp.study.interim.support", lambda *a, **k: replace(support(*a, **k), status="undecided")
    )
    with pytest.raises(Undecided, match="was not decided"):
        seen_from(one_good([1], [2], (["1"], ["1"]), ic="none"), "one:1", "two:2")


def test_degenerate_projections():
    point = one_good(
        [1, 4], [2, 6], (["1/2", "1/2"], ["1/2", "1/2"]), allocation="efficient", transfers="none", ic="none"
    )
    seen = seen_from(point, "one:1", "two:6")
    seen.check()
    assert seen.vertices == [(0, 6)] and seen.efficient((F(0), F(6)))
    balanced = one_good([1, 4], [2, 6], (["1/2", "1/2"], ["1/2", "1/2"]), allocation="efficient", ic="none")
    segment = seen_from(balanced, "one", "two")
    segment.check()
    assert len(segment.vertices) == 2 and {sum(v) for v in segment.vertices} == {F(9, 2)}
    nobody = one_good(
        [1, 4],
        [2, 6],
        (["1/2", "1/2"], ["1/2", "1/2"]),
        allocation="efficient",
        transfers="none",
        ic="bayesian",
    )
    assert seen_from(nobody, "one", "two") is None
    assert efficiency(nobody, [[0, 0], [0, 0]]).reachable is False


def test_2_by_4_types_take_seconds():
    design = one_good([1, 5], [2, 3, 6, 7], (["2/5", "3/5"], ["1/4", "1/4", "1/5", "3/10"]))
    started = time.process_time()  # other programs may run beside
    seen = seen_from(design, "one:1", "two:3")
    assert time.process_time() - started < 20
    seen.check()
    assert len(seen.vertices) >= 3


def test_the_catalogue_has_interim_frontiers():
    trade = mechlp.read(CONFIGS / "myerson-satterthwaite.yaml", overrides={"m": "3"}).design
    seen = seen_from(trade.asking(allocation="chosen"), "seller", "buyer")
    seen.check()
    assert any(e.efficient for e in seen.edges)
    # On the grid 0, 1/2, 1 efficient trade is possible, so the frontier reaches the first best 1/3 + 1/9.
    first_best = trade.environment.designer * trade.environment.surplus.max(axis=0)
    assert max(sum(v) for v in seen.vertices) == first_best.sum()
    auction = mechlp.read(
        CONFIGS / "myerson-auction.yaml", overrides={"m": "2"}, ask={"bb": "ex-ante-weak"}
    ).design
    seen = seen_from(auction, "bidder1:1", "bidder2:1/2")
    seen.check()
    assert seen.bounded and any(e.efficient for e in seen.edges)
    endless = seen_from(
        mechlp.read(CONFIGS / "myerson-auction.yaml", overrides={"m": "2"}).design, "bidder1", "bidder2"
    )
    endless.check()
    assert not endless.bounded and not any(e.efficient for e in endless.edges)


def test_efficiency_of_an_answer_and_of_what_dominates_it():
    design = one_good([1, 5], [2, 3, 7], (["1/2", "1/2"], ["1/5", "1/2", "3/10"]), objective="surplus")
    best = efficiency(design, design.solve().mechanism)
    assert best.reachable and best.weak
    wasteful = one_good([1, 5], [2, 3, 7], (["1/2", "1/2"], ["1/5", "1/2", "3/10"]), objective="feasibility")
    poor = efficiency(design, [[0, 1], [1, 1, 3]])
    assert poor.weak is False and poor.dominating is not None
    worst = [u for i in (0, 1) for u in poor.dominating.interim_payoff(i)]
    assert all(a >= b for a, b in zip(worst, [0, 1, 1, 1, 3]))
    assert efficiency(wasteful, poor.dominating).reachable


NUMBER = re.compile(r"-?\d+(/\d+)?")


def places(node, path=()):
    if isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if key not in ("problem", "sha256"):
                yield from places(value, (*path, key))
    elif isinstance(node, str) and NUMBER.fullmatch(node):
        yield path


@pytest.mark.parametrize("question", ["projection", "efficiency"])
def test_saved_answers_are_accepted_and_refused_when_altered(question):
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(ir="interim")
    found = (
        seen_from(design, "player1:1", "player2")
        if question == "projection"
        else efficiency(design, [["7/4", "5/2"], ["7/5", 3]])
    )
    data = json.loads(json.dumps(saved(found)))
    assert verify(data).accepted
    paths = list(places(data))
    for path in random.Random(1).sample(paths, 60):
        spoiled = copy.deepcopy(data)
        node = spoiled
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = text(rational(node[path[-1]]) + F(1, 1000003))
        spoiled["sha256"] = checksum(spoiled)
        assert not verify(spoiled).accepted, path


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        ({"ic": "ambiguous-transfers"}, "ambiguous-transfers"),
        ({"allocation": "deterministic"}, "chosen"),
    ],
)
def test_questions_without_an_answer(ask, said):
    design = Bargaining(1, 2, 4, 6, "2/5", "1/2").design(**ask)
    with pytest.raises(InvalidDesign, match=said):
        efficiency(design, [[0, 0], [0, 0]])


@pytest.mark.parametrize("name", ["seller", "player1:9", "player1:"])
def test_unknown_payoffs(name):
    with pytest.raises(InvalidDesign, match="payoff"):
        Payoff.named(Bargaining(1, 2, 4, 6, "2/5", "1/2").environment, name)
