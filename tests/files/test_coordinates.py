"""Types that are vectors: the grid, formulas, priors of their own, tables of observations, writing back, and mistakes."""

import io
import itertools
from fractions import Fraction as F

import numpy as np
import pytest
from rich.console import Console

import mechlp
from mechlp import Agent, InvalidEnvironment, InvalidFile
from mechlp.files import document_of, read_document
from mechlp.report.environment import environment_page
from mechlp.report.page import answer_page

FILE = """agents:
  buyer: {types: {A: [0, 1/2, 1], B: {from: 1, to: 2, count: 2}, kind: [calm, keen]}}
  seller: [0, 1]
outcomes: [keep, sell]
payoffs:
  sell:
    buyer: buyer.A*seller + (buyer.B if buyer.kind == keen else 0)
    seller: -seller
beliefs: {prior: PRIOR}
objective: surplus
"""
POINTS = list(itertools.product([F(0), F(1, 2), F(1)], [F(1), F(2)], ["calm", "keen"]))


def design_of(prior="uniform", text=FILE):
    return mechlp.read_text(text.replace("PRIOR", prior)).design


def test_every_combination_is_a_type_on_one_axis():
    environment = design_of().environment
    assert environment.shape == (12, 2)
    assert environment.agents[0].types[:3] == (
        "A=0, B=1, kind=calm",
        "A=0, B=1, kind=keen",
        "A=0, B=2, kind=calm",
    )
    assert environment.profile_label((3, 1)) == "buyer=(A=0, B=2, kind=keen), seller=1"
    for k, (a, b, kind) in enumerate(POINTS):
        for s in (0, 1):
            assert environment.utility[0][1, k, s] == a * s + (b if kind == "keen" else 0)


def test_coordinates_are_independent_with_priors_of_their_own():
    prior = design_of(
        "{product: {buyer: {A: {weights: [1, 2, 1]}, B: [1/3, 2/3], kind: uniform}, seller: [1/4, 3/4]}}"
    ).environment.beliefs.prior
    chances = ([F(1, 4), F(1, 2), F(1, 4)], [F(1, 3), F(2, 3)], [F(1, 2), F(1, 2)])
    for k, (x, y, z) in enumerate(itertools.product(*chances)):
        assert prior[k, 1] == x * y * z * F(3, 4)
    by_type = design_of(
        "{product: {buyer: {weights: buyer.A + buyer.B}, seller: uniform}}"
    ).environment.beliefs.prior
    total = sum(a + b for a, b, _ in POINTS)
    assert by_type[0, 0] == F(1) / total / 2
    correlated = design_of("{weights: buyer.A*seller + 1}").environment.beliefs.prior
    assert correlated[11, 1] / correlated[0, 0] == 2


def test_lists_of_vectors_with_and_without_names():
    named = design_of(
        text=FILE.replace(
            "{types: {A: [0, 1/2, 1], B: {from: 1, to: 2, count: 2}, kind: [calm, keen]}}",
            "[{A: 1, B: 2, kind: keen}, {A: 0, B: 1, kind: calm}]",
        )
    ).environment
    assert named.agents[0].types == ("A=1, B=2, kind=keen", "A=0, B=1, kind=calm")
    assert named.utility[0][1].tolist() == [[2, 3], [0, 0]]
    listed = mechlp.read_text(
        'agents: {b: [[0, 1], [1/2, 3]]}\noutcomes: [x]\npayoffs: {x: {b: "b[0] - 2*b[1]"}}\n'
    ).design.environment
    assert listed.agents[0].types == ("(0, 1)", "(1/2, 3)")
    assert listed.utility[0].tolist() == [[F(-2), F(-11, 2)]]


def test_dimensions_are_coordinates_without_names():
    environment = mechlp.read_text(
        "agents: {b: {types: {from: 0, to: 1, count: 2, dimensions: 3}}}\noutcomes: [x]\n"
        'payoffs: {x: {b: "b[0] + 10*b[1] + 100*b[2]"}}\nbeliefs: {prior: {product: {b: [1/4, 3/4]}}}\n'
    ).design.environment
    assert environment.utility[0][0].tolist() == [
        a + 10 * b + 100 * c for a, b, c in itertools.product((0, 1), repeat=3)
    ]
    assert environment.beliefs.prior[7] == F(27, 64)


def test_copies_are_named_in_formulas_about_themselves_and_others():
    environment = mechlp.read_text(
        "agents: {b: {copies: 2, types: {v: [1, 2], s: [0, 5]}}}\noutcomes: [none, one]\n"
        "payoffs: {one: {b: b.v + b1.s - b2.s}}\n"
    ).design.environment
    points = list(itertools.product((1, 2), (0, 5)))
    for i in (0, 1):
        for j, k in np.ndindex(4, 4):
            assert environment.utility[i][1, j, k] == points[(j, k)[i]][0] + points[j][1] - points[k][1]


def test_observed_vectors_have_a_column_a_coordinate(tmp_path):
    path = tmp_path / "file.yaml"
    path.write_text(FILE.replace("PRIOR", "{data: seen.csv}"))
    (tmp_path / "seen.csv").write_text(
        "seller,buyer.kind,buyer.A,buyer.B\n1,keen,0.5,2\n0,calm,1,1\n1,keen,1/2,2\n1,calm,0,1\n"
    )
    prior = mechlp.read(path).design.environment.beliefs.prior
    expected = np.zeros((12, 2), dtype=int)
    for a, b, kind, s in (
        (F(1, 2), 2, "keen", 1),
        (1, 1, "calm", 0),
        (F(1, 2), 2, "keen", 1),
        (0, 1, "calm", 1),
    ):
        expected[POINTS.index((a, b, kind)), s] += 1
    assert prior.tolist() == [[F(int(c), 4) for c in row] for row in expected]
    (tmp_path / "seen.csv").write_text("seller,buyer.A,buyer.B\n1,0,1\n")
    with pytest.raises(InvalidFile, match=r"seen\.csv:1: .*expected buyer\.A, buyer\.B, buyer\.kind, seller"):
        mechlp.read(path)


def test_a_design_with_vectors_is_written_and_read_back():
    design = design_of().asking()
    assert design.document is None
    again = read_document(document_of(design)).design
    assert again.environment.agents == design.environment.agents
    assert list(again.environment.agents[0].coordinates) == ["A", "B", "kind"]
    for mine, theirs in zip(design.environment.utility, again.environment.utility, strict=True):
        assert mine.same(theirs)


def test_python_makes_the_same_agents():
    grid = Agent.grid("buyer", {"A": [0, F(1, 2), 1], "B": [1, 2], "kind": ["calm", "keen"]})
    assert grid == design_of().environment.agents[0]
    assert Agent.of("b", [(0, 1), ("1/2", 3)]).types == ("(0, 1)", "(1/2, 3)")
    assert Agent.of("b", [{"A": 1, "B": 0}]).types == ("A=1, B=0",)
    with pytest.raises(InvalidEnvironment, match="every type has the coordinates A, B"):
        Agent.of("b", [{"A": 1, "B": 0}, {"A": 1}])
    with pytest.raises(InvalidEnvironment, match="either all are vectors"):
        Agent.of("b", [(0, 1), 2])


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("buyer.A*", "buyer.C*", 7, "unknown name 'buyer.C'"),
        ("buyer.A*", "seller.A*", 7, "seller has no parts; known parts: buyer.A, buyer.B, buyer.kind"),
        ("buyer.A*", "buyer*", 7, "is a label, not a number"),
        ("== keen", "== kean", 7, "did you mean 'keen'"),
        ("A: [0, 1/2, 1]", "A: [0, 1/2, 1/2]", 2, "the type 'A=1/2, B=1, kind=calm' appears twice"),
        ("A: [0, 1/2, 1]", "A: 5", 2, "expected a list of types"),
        ("A: [0, 1/2, 1]", "A: {from: 0, to: 1}", 2, "from, to and count"),
        ("A: [0, 1/2, 1]", "1A: [0, 1]", 2, "cannot be used in formulas"),
        ("A: [0, 1/2, 1]", "from: 0", 2, "unknown key"),
        ("A: [0, 1/2, 1]", "A: {a: [0], b: [1]}", 2, "expected a list, or {from: , to: , count: }"),
        ("seller: [0, 1]", "seller: [[0, 1], [1]]", 3, "every type has the coordinates 0, 1"),
        ("seller: [0, 1]", "seller: [0, [1]]", 3, "expected a single value, found a list of 1"),
        (
            "uniform",
            "{product: {buyer: {A: uniform, B: uniform}, seller: uniform}}",
            9,
            "marginal of buyer.kind is missing",
        ),
        (
            "uniform",
            "{product: {buyer: {A: [1, 1], B: uniform, kind: uniform}, seller: uniform}}",
            9,
            "expected 3 entries",
        ),
        (
            "uniform",
            "{product: {buyer: {A: zipf, B: uniform, kind: uniform}, seller: uniform}}",
            9,
            "no family is named",
        ),
    ],
)
def test_mistakes(old, new, line, words):
    with pytest.raises(InvalidFile) as caught:
        mechlp.read_text(FILE.replace("PRIOR", "uniform").replace(old, new, 1))
    assert f"text:{line}: " in str(caught.value) and words in str(caught.value)


def test_pages_keep_vectors_apart():
    design = mechlp.read_text(
        "agents: {b: {types: {A: [0], B: [1, 2]}}}\noutcomes: goods\nbeliefs: {prior: uniform}\n"
    ).design
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(environment_page(design.environment))
    console.print(answer_page(design.asking(objective="revenue").solve()))
    shown = console.export_text()
    assert "A=0, B=1; A=0, B=2" in shown
    assert "A=0, B=1: 0; A=0, B=2: 0" in shown
