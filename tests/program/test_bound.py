"""Where exact arithmetic gives up, float multipliers become a rigorous bound."""

import random
from fractions import Fraction

import pytest

import mechlp
from mechlp.design.compile import compile
from mechlp.program.bound import shifted
from mechlp.program.form import form
from mechlp.program.highs import propose
from mechlp.program.kernel import Unsolved
from mechlp.program.solve import solve


def auction(m, prior="uniform", bb="none"):
    return mechlp.read_text(
        f"agents: {{s: {{types: {{from: 0, to: 1, count: {m}}}}}, b: {{types: {{from: 0, to: 1, count: {m}}}}}}}\n"
        f"outcomes: trade\ntrade: {{seller: s, buyer: b}}\nbeliefs: {{prior: {prior}}}\n"
        f"require: {{ic: bayesian, ir: interim, bb: {bb}}}\nobjective: surplus\n"
    ).design


def correlated(rng, m):
    weights = [[rng.randint(1, 99) for _ in range(m)] for _ in range(m)]
    total = sum(map(sum, weights))
    return f"{{table: {[[f'{w}/{total}' for w in row] for row in weights]}}}"


@pytest.mark.parametrize("bb", ["none", "ex-post-weak", "ex-ante"])
def test_the_bound_is_rigorous_and_close(bb):
    rng = random.Random(4)
    for prior in ("uniform", correlated(rng, 5)):
        program = compile(auction(5, prior, bb))
        canonical = form(program)
        best = -solve(program).value
        bound = shifted(canonical, propose(canonical).dual)
        assert bound is not None
        assert best - Fraction(1, 1000) < bound <= best


def test_spoiled_multipliers_bound_all_the_same():
    program = compile(auction(4))
    canonical, rng = form(program), random.Random(7)
    dual, best = propose(canonical).dual, -solve(program).value
    found = [shifted(canonical, dual * [1 + rng.gauss(0, 1e-3) for _ in dual]) for _ in range(10)]
    assert all(bound <= best for bound in found if bound is not None)
    assert any(bound is not None for bound in found)


def test_an_answer_names_its_bound(monkeypatch):
    best = auction(5, bb="ex-post-weak").solve().value

    def gives_up(*args, **options):
        raise Unsolved("too large")

    monkeypatch.setattr("mechlp.program.exact.BasicSystem.primal", gives_up)
    answer = auction(5, bb="ex-post-weak").solve(reduce=False)
    assert (answer.status, answer.certified, answer.exit_status) == ("undecided", False, 3)
    assert best <= answer.bound < best + Fraction(1, 1000)
    assert "the bound is rigorous" in answer.notes[0] and "bound: float multipliers" in answer.method
