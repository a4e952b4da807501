"""Programs beyond 32-bit indices are refused before they are written."""

import tracemalloc

import pytest

import mechlp
from mechlp.program import TooLarge
from mechlp.proof.invalid import InvalidCertificate
from mechlp.question.rules import Rules
from mechlp.solving.compile import Compiler, compile
from mechlp.solving.plan import Plan
from mechlp.solving.reductions import full_size
from mechlp.solving.rows.setting import Setting

TRADE = """
parameters: {{m: {m}}}
agents:
  seller: {{types: {{from: 0, to: 1, count: m}}}}
  buyer: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: trade
trade: {{seller: seller, buyer: buyer}}
{beliefs}
require: {{ic: {ic}, ir: {ir}, bb: ex-post}}
objective: feasibility
"""
PRIOR = "beliefs: {prior: uniform}"
SETS = "beliefs: {sets: {seller: {mean: 1/2}, buyer: {mean: 1/2}}}"


def trade(m, ic, ir="interim", beliefs=PRIOR):
    return mechlp.read_text(TRADE.format(m=m, ic=ic, ir=ir, beliefs=beliefs)).design


@pytest.mark.parametrize(
    "asked", [("bayesian",), ("ex-post", "ex-post"), ("ambiguous-transfers",), ("maxmin", "interim", SETS)]
)
@pytest.mark.parametrize("m", [2, 5])
def test_the_entries_counted_beforehand_are_there(m, asked):
    design = trade(m, *asked)
    compiler = Compiler(Setting(design, Rules.of(design), Plan.whole(design)))
    counted, entries = compiler.least_entries(compiler.columns.blocks), compiler.program().nonzeros
    assert entries / 4 < counted <= entries


@pytest.mark.parametrize(
    ("asked", "m", "entries"),
    [
        # 2 agents x 28,560 rules x 120 types x (1 + 2 x 120) entries under truth, and 2 a profile and rule in lotteries
        (("ambiguous-transfers",), 120, 28_560 * (2 * 120 * 241 + 2 * 120**2)),
        (("ex-post", "ex-post"), 1000, 2 * 1000**3 * 3 + 2 * 1000**2),
    ],
)
def test_what_would_not_be_indexed_is_not_allocated(asked, m, entries):
    design = trade(m, *asked)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=f"at least {entries:,} entries"):
            compile(design)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100 * 2**20


def test_memory_is_refused_before_it_is_taken():
    """400 x 400 types without reductions: entries that 32 bits would number, and more memory than is taken."""
    design = trade(400, "bayesian")
    tracemalloc.start()
    try:
        with pytest.raises(
            TooLarge, match=r"would take \d+\.\d GB of memory or more \(.* entries\); at most 8 GB"
        ):
            design.solve(reduce=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200_000_000


def test_memory_of_identical_bidders_is_refused_before_it_is_taken():
    """A cell of Border's rows for each type and each set: 9,000 x 9,000, twice."""
    text = """
agents: {bidder: {copies: 2, types: {from: 1, to: 9000, count: 9000}}}
outcomes: graded-good
beliefs: {prior: uniform}
require: {ic: bayesian, ir: interim, bb: none}
objective: revenue
"""
    design = mechlp.read_text(text).design
    tracemalloc.start()
    try:
        with pytest.raises(
            TooLarge, match=r"would take 1\d\.\d GB of memory or more .* at most 8 GB .*use fewer types"
        ):
            design.solve()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 100_000_000


def test_an_impossibility_outlives_programs_that_are_too_large(monkeypatch):
    """Trade on 60 x 60 types: where no reduced program says what must give way, and the whole one is too large, the verdict stays."""

    def refused(*_):
        raise InvalidCertificate("not proved")

    whole = mechlp.read("configs/myerson-satterthwaite.yaml", overrides={"m": "60"}).design
    monkeypatch.setattr("mechlp.solving.giving_way.Relaxation.check", refused)
    monkeypatch.setattr("mechlp.program.model.MAX_BYTES", 100 * full_size(whole).entries // 2)
    answer = whole.solve()
    assert (answer.status, answer.certified) == ("infeasible", True)
    assert any("without reductions the program would take" in note for note in answer.notes)


def test_a_large_set_of_priors_is_read_at_once_and_refused_by_its_size():
    """3,000 x 3,000 type profiles: a linear program about them is for the solve, which knows what it would take."""
    design = mechlp.read("configs/zhang-2021-symmetric.yaml", overrides={"m": "3000"}).design
    with pytest.raises(TooLarge, match=r"would take \d+\.\d GB of memory or more .*9,000,000 columns"):
        design.solve()
