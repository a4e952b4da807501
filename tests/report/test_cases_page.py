"""Proofs by cases are written out: what each case assumes, what its inequalities add up to, what follows from all of them."""

from fractions import Fraction as F

import answers
import pytest

from mechlp import Agent, Design, Environment, Rationals
from mechlp.checking.opened import opened
from mechlp.report import cases
from mechlp.report.html import section
from mechlp.report.sections import latex, sections


def compromise():
    """The left is for a, the right worth more to b, and a must have 1/3: 4/3 without lotteries, 7/3 with them."""
    agents = [Agent.of("a", ["x"]), Agent.of("b", ["x"])]
    outside = (Rationals.of([["1/3"]]), Rationals.of([["0"]]))
    payoffs = [[[[1]], [[0]], [["1/3"]]], [[[0]], [[3]], [[1]]]]
    e = Environment(agents, ["left", "right", "middle"], payoffs, [[1]], outside)
    return Design(
        e, "none", "interim", transfers="none", allocation="deterministic", objective="surplus"
    ).solve()


@pytest.fixture(scope="module")
def found():
    return {
        "none": opened(answers.answer("deterministic, infeasible")),
        "best": compromise(),
        "beliefs": opened(answers.answer("maxmin, infeasible")),
    }


@pytest.mark.parametrize("name", ["none", "best"])
def test_what_a_case_writes_out_adds_up_and_the_cases_cover_everything(found, name):
    answer = found[name]
    every = list(cases.leaves(answer.design, answer.proof))
    assert len(every) == answer.proof.leaves() > 1
    bounds = []
    for leaf in every:
        proof = leaf.written()
        left = {unknown.of: weight for weight, unknown in proof.total.terms}
        best = proof.total.constant + max(left.get(k, 0) for k in leaf.allowed[0].nonzero()[0])
        assert best == proof.bound
        if not leaf.refutes:
            bounds.append(proof.bound)
            continue
        assert (
            proof.bound < 0
            and sum(line.times * line.form.constant for line in proof.lines) == proof.total.constant
        )
    # every deterministic mechanism of these problems is one outcome, which one case allows
    assert sum(int(leaf.allowed[0].sum()) for leaf in every) == len(answer.design.environment.outcomes)
    assert (max(bounds) == answer.value == F(4, 3)) if name == "best" else not bounds


def test_pages_show_every_case_with_what_it_assumes_and_what_follows(found):
    for name, answer in found.items():
        titles = [one.title for one in sections(answer) if one.title.startswith("Case ")]
        assert titles == [f"Case {k + 1} of {answer.proof.leaves()}" for k in range(answer.proof.leaves())]
        tex, html = latex(answer), "".join("".join(section(one)) for one in sections(answer))
        for said in ("there is none" if name != "best" else "objective is at most 4/3",):
            assert said in tex and said in html
            assert said in "\n".join(cases.cases_in_words(answer.design, answer.proof, True))
        for leaf in cases.leaves(answer.design, answer.proof):
            assert leaf.assumed and all(line in html.replace("&gt;", ">") for line in leaf.assumed)
    assert "is not used at a=x, b=x" in latex(found["none"])
    assert "under belief 2 (" in latex(found["beliefs"]) and "belief 2 of" in latex(found["beliefs"])


def test_the_rest_is_counted(found, monkeypatch):
    monkeypatch.setattr(cases, "MOST_CASES", 1)
    left = found["none"].proof.leaves() - 1
    assert f"{left} more case" in latex(found["none"])
    assert latex(found["none"]).count("Case 2") == 0


@pytest.mark.parametrize("name", ["reduced form", "reduced form, grades"])
def test_a_proof_about_identical_bidders_is_written_out_and_its_last_column_adds_up(name):
    """At the rule each inequality holds, with equality where it has a number; what they allow adds up to the bound."""
    answer = opened(answers.answer(name))
    grid = next(
        p for one in sections(answer) if one.title == "Proof" for p in one.parts if hasattr(p, "rows")
    )
    assert [row[0] for row in grid.rows] == [row[0] for row in answer.proof.rows(answer.design)]
    allowed = sum(F(row[1]) * F(row[2].partition("<= ")[2] or 0) for row in grid.rows)
    assert allowed == answer.proof.bound(answer.design) == answer.value
    values = {
        f"U({t})": u for t, u in zip(answer.design.environment.agent.types, answer.rule.payoffs.fractions())
    }
    for k, row in enumerate(answer.rule.chances):
        grade = f"_{k + 1}" if len(answer.rule.chances) > 1 else ""
        names = zip(answer.design.environment.agent.types, row.fractions())
        values |= {f"x{grade}({t})": x for t, x in names}
    for *_, said, _ in grid.rows:
        left, _, right = said.replace("<=", ">=").partition(" >= ")
        assert evaluated(left, values) == evaluated(right, values), said


def evaluated(said, values):
    """``1/2 x(1) - U(2)`` with numbers for names."""
    total, sign, weight = F(0), 1, F(1)
    known = {f"v{k}": value for k, value in enumerate(values.values())}
    for k, name in enumerate(values):
        said = said.replace(name, f"v{k}")
    for word in said.split():
        if word in "+-":
            sign = 1 if word == "+" else -1
        elif word.lstrip("-") in known:
            total += sign * weight * (-1 if word[0] == "-" else 1) * known[word.lstrip("-")]
            weight = F(1)
        else:
            weight = F(word)
    return total if "v" in said else F(said)
