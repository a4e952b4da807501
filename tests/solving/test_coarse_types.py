"""Auctions in reduced form that begin from a coarser grid of values: the same answer as without, in fewer rounds."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest

import mechlp
from mechlp import Agent, Rationals
from mechlp.checking.verify import verify
from mechlp.environment.symmetric import Symmetric
from mechlp.question.symmetric import SymmetricDesign
from mechlp.solving import coarse_types
from mechlp.solving.coarse_types import coarser, interpolated, ranks
from mechlp.solving.representative import Reduced

CONFIG = Path(__file__).parent.parent.parent / "configs" / "multidimensional-auction.yaml"
NEVER, ALWAYS = 10**9, 12
NORMAL = "{family: truncated-normal, mean: 1/2, deviation: 1/10}"


def graded(prior="trapezoid", objective="revenue", **parameters):
    text = CONFIG.read_text(encoding="utf-8").replace("bidder: trapezoid", f"bidder: {prior}")
    overrides = {k: str(v) for k, v in parameters.items()}
    return mechlp.read_text(text, overrides=overrides).design.asking(objective=objective)


def uneven(seed=3):
    """Values of two grades that differ, apart by different steps, types in any order, under a prior that is not symmetric."""
    rng = np.random.default_rng(seed)
    steps = [np.cumsum(rng.integers(1, 4, size)) for size in (6, 5)]
    types = rng.permutation([(a, b) for a in steps[0] for b in steps[1]])
    weights = rng.integers(1, 9, len(types))
    labels = tuple(f"{a}, {b}" for a, b in types)
    values, prior = Rationals(types.T.astype(np.int64), 7), Rationals(weights, int(weights.sum()))
    return SymmetricDesign(Symmetric(Agent("bidder", labels), 2, values, prior))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: graded(T=9),
        lambda: graded(T=6, N=3),
        lambda: graded(T=4, K=3),
        lambda: graded("{family: beta, alpha: 1, beta: 2}", T=7),
        lambda: graded(T=6, objective="surplus"),
        uneven,
    ],
)
def test_the_answer_is_that_of_the_plain_road(monkeypatch, ask):
    monkeypatch.setattr(coarse_types, "LEAST", NEVER)
    plain = ask().solve()
    monkeypatch.setattr(coarse_types, "LEAST", ALWAYS)
    answer = ask().solve()
    assert "coarser grid" in answer.timings and "coarser grid" not in plain.timings
    assert answer.certified and (answer.status, answer.value) == (plain.status, plain.value)
    assert verify(answer.to_json()).accepted


def test_every_second_value_of_each_grade_is_kept(monkeypatch):
    monkeypatch.setattr(coarse_types, "LEAST", ALWAYS)
    fine = uneven()
    coarse = coarser(fine)
    for k in (0, 1):
        own, kept = (sorted(set(d.environment.values[k].fractions())) for d in (fine, coarse))
        assert {own[0], own[-1]} < set(kept) < set(own)
    assert coarse.environment.prior.sum() == 1
    # Sixteenths 1, 2, ..., 2, 1 on nine values; one that is left out goes to the one below: 3, 4, 4, 4, 1.
    parts = [F(n, 16) for n in (3, 4, 4, 4, 1)]
    assert coarser(graded(T=8)).environment.prior.fractions() == [a * b for a in parts for b in parts]
    labels = dict(zip(fine.environment.agent.types, zip(*fine.environment.values.tolist(), strict=True), strict=True))
    given = zip(coarse.environment.agent.types, zip(*coarse.environment.values.tolist(), strict=True), strict=True)
    assert all(labels[name] == values for name, values in given)


def test_what_is_linear_between_coarse_types_is_interpolated_as_it_is(monkeypatch):
    monkeypatch.setattr(coarse_types, "LEAST", ALWAYS)
    fine = uneven()
    coarse = coarser(fine)
    plane = lambda design: design.environment.values.float.T @ (0.3, 0.5) + 0.1  # noqa: E731
    assert interpolated(coarse, plane(coarse), fine) == pytest.approx(plane(fine))


def test_sets_that_nearly_bind_are_those_of_the_highest_chances():
    reduced = Reduced(graded(T=4))
    best = reduced.values.float.max(axis=0)
    # Each best value wins as often as it can: every set binds.
    found = reduced.nearly_binding(best / 2)
    assert {tuple(s) for s in found} == {tuple(np.flatnonzero(best >= c)) for c in np.unique(best)}
    assert reduced.excess(best / 2)[1].max() <= reduced.excess(best)[1].max()


def test_no_coarser_grid():
    assert coarser(graded(T=5)) is None  # few types
    assert coarser(graded(T=300, K=1)) is None  # one grade: the sets of its highest values are all there is
    design = uneven()
    environment = design.environment
    corner = np.arange(environment.size - 1)
    weights = environment.prior.numerator[corner]
    cut = Symmetric(
        Agent("bidder", environment.agent.types[:-1]),
        2,
        environment.values[:, corner],
        Rationals(weights, int(weights.sum())),
    )
    assert ranks(environment) is not None and ranks(cut) is None
    linear = SymmetricDesign(environment, "linear", environment.values)
    assert coarser(linear) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ask", "rounds"),
    [
        (lambda: graded(T=50), 40),
        (lambda: graded(T=100), 60),
        (lambda: graded(T=12, K=3), 200),
        (lambda: graded(T=40, N=3), 40),
        (lambda: graded(NORMAL, T=40), 40),
    ],
)
def test_large_auctions_are_certified(ask, rounds):
    answer = ask().solve()
    assert answer.certified and answer.status == "optimal"
    said = next(note for note in answer.notes if note.startswith("row generation"))
    assert int(said.split()[2]) < rounds
