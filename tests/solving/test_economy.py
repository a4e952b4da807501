"""Exchange among maxmin agents: core and value (Guo 2018, section 3.6)."""

import itertools
import random
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import put, refused
from test_implementation import CASES, checked, holds

import mechlp
from mechlp import Agent, Environment, Rationals
from mechlp.cli import main
from mechlp.files import document_of, read_document
from mechlp.question.economy import Exchange
from mechlp.question.premises import InvalidDesign

CONFIGS = Path(__file__).parents[2] / "configs"


def economy(coefficients, endowments, *checks, consumption=None):
    """``coefficients[i][k]`` are those of type k of agent i, or a list of forms of which the least counts."""
    forms = [
        np.array(
            [
                [[*map(F, form), F(0)] for form in (own if isinstance(own[0], list) else [own])]
                for own in agent
            ]
        )
        for agent in coefficients
    ]
    agents = [Agent.of(f"a{i}", list(range(len(own)))) for i, own in enumerate(coefficients)]
    shape = tuple(a.size for a in agents)
    environment = Environment(agents, ["consumption"], [Rationals.zeros((1, *shape))] * len(agents))
    goods = tuple(["bread", "wine", "salt"][: len(endowments[0])])
    utilities = tuple(Rationals.of(np.moveaxis(f, 0, 1).tolist()) for f in forms)
    given = None if consumption is None else Rationals.of(consumption)
    return Exchange(environment, goods, Rationals.of(endowments), utilities, given, checks)


def spread(question, rows):
    """The same consumption at all types."""
    shape = question.environment.shape
    cells = [[np.broadcast_to(np.array(F(x), dtype=object), shape).tolist() for x in row] for row in rows]
    return question.asking(consumption=Rationals.of(cells))


# -- the value ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("share", "expected"), [(2, True), (1, False)])
def test_the_value_of_one_agent_is_her_endowment(share, expected):
    """Of linear utilities and of others."""
    for own in ([1], [[1], [2]]):
        asked = spread(economy([[own]], [[2]]), [[share]]).asking(checks=("maximin-value", "maximin-core"))
        assert [f.holds for f in checked(asked).findings] == [expected, expected]


def test_the_published_economy_has_no_value():
    data, expected = CASES["value_nonexistence"]["data"], CASES["value_nonexistence"]["expected"]
    answer = checked(economy(data["a"], data["e"], "maximin-value-exists"))
    found = answer.finding("maximin-value-exists")
    assert found.holds is expected["maximin_value_exists"]
    for cell, saved in zip([(0, 0), (1, 0)], found.witness["values"], strict=True):
        ((ratio, first, second),) = expected["value_lambda_ratio_U1_U2"][str(cell)]
        weights = [sum(map(F, own)) for own in saved["pieces"]]
        assert weights[1] / weights[0] == F(ratio)
        said = next(w for w in found.words if f"a0={cell[0]}" in w and "weights" in w)
        assert f"utilities {first} and {second}" in said


def test_the_config_is_the_published_economy():
    design = mechlp.read(CONFIGS / "guo-2018-maximin-value.yaml").design
    assert holds(checked(design), "maximin-value-exists") is False
    data = CASES["value_nonexistence"]["data"]
    mine = economy(data["a"], data["e"], "maximin-value-exists")
    assert all(a.same(b) for a, b in zip(mine.utilities, design.utilities, strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_the_value_of_two_is_the_best_product_of_gains(seed):
    """The Nash solution by another road: the largest product over a fine grid of allocations is no larger."""
    rng = random.Random(seed)
    forms = 1 + seed % 2
    own = [[[[rng.randint(1, 5) for _ in range(2)] for _ in range(forms)]] for _ in range(2)]
    question = economy(own, [[1, 2], [2, 1]], "maximin-value-exists")
    found = checked(question).finding("maximin-value-exists")
    assert found.holds  # with one type each what types have cannot differ
    saved = found.witness["values"][0]
    x = Rationals.of(saved["consumption"])
    base = [question.worth(i, 0, question.endowments[i]) for i in range(2)]
    gains = [question.worth(i, 0, x[i]) - base[i] for i in range(2)]
    steps = [F(k, 4) for k in range(13)]
    for bread, wine in itertools.product(steps, repeat=2):
        first, second = Rationals.of([bread, wine]), Rationals.of([3 - bread, 3 - wine])
        other = [question.worth(i, 0, y) - base[i] for i, y in enumerate((first, second))]
        assert min(other) < 0 or other[0] * other[1] <= gains[0] * gains[1]


def test_a_given_function_is_a_value_or_not():
    question = economy(
        [[[2, 1]], [[4, 4]]], [[1, 1], [1, 1]], "maximin-value", consumption=[[[[1]], [[1]]]] * 2
    )
    found = checked(question).finding("maximin-value")
    assert found.holds is False and "7/2 and 9" in found.words[0]
    value = spread(question, [["7/4", 0], ["1/4", 2]])
    assert holds(checked(value), "maximin-value")


def test_three_agents():
    """In a circle everybody owns what another likes: symmetric, so the symmetric allocation is the value, with equal weights."""
    circle = [[[1, 4, 2]], [[2, 1, 4]], [[4, 2, 1]]]
    own = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    question = economy(circle, own, "maximin-value", "maximin-core", consumption=[[[[[0]]]] * 3] * 3)
    best = spread(question, [[0, 1, 0], [0, 0, 1], [1, 0, 0]]).asking(checks=("maximin-core",))
    assert holds(checked(best), "maximin-core")
    pairs = economy(
        [[[1, 2]], [[2, 1]], [[2, 1]]],
        [[1, 0], [0, 1], [0, 1]],
        "maximin-value",
        consumption=[[[[[1]]], [[[0]]]], [[[[0]]], [[[1]]]], [[[[0]]], [[[1]]]]],
    )
    found = checked(pairs).finding("maximin-value")  # nobody trades, and there is much to gain
    assert found.holds is False and len(found.witness["orders"]) == 36


def test_weights_of_three_are_found():
    """Identical agents who own the same: endowments are the value, with equal weights."""
    question = economy([[[1, 2]]] * 3, [[1, 1]] * 3, "maximin-value", consumption=[[[[[1]]], [[[1]]]]] * 3)
    found = checked(question).finding("maximin-value")
    assert found.holds
    assert len(set(found.witness["weights"][0]["weights"])) == 1


# -- the core -----------------------------------------------------------------------------------------------
def test_the_config_is_a_core_allocation():
    answer = checked(mechlp.read(CONFIGS / "guo-2018-maximin-core.yaml").design)
    assert answer.status == "holds"


@pytest.mark.parametrize("seed", range(6))
def test_what_blocks_is_found(seed):
    """Two agents, linear: a function is in the core iff nobody is below her endowment and no exchange of goods helps both."""
    rng = random.Random(seed)
    own = [[[rng.randint(1, 4), rng.randint(1, 4)] for _ in range(2)] for _ in range(2)]
    question = economy(own, [[2, 0], [0, 2]], "maximin-core", consumption=[[[[0] * 2] * 2] * 2] * 2)
    bread = [rng.choice([0, 1, 2]) for _ in range(2)]
    given = spread(question, [bread, [2 - bread[0], 2 - bread[1]]]).asking(checks=("maximin-core",))

    def blocked():
        for k in itertools.product(range(2), repeat=2):
            have = [question.worth(i, k[i], question.endowments[i]) for i in range(2)]
            get = [given.secured(i, k[i]) for i in range(2)]
            if any(g < h for g, h in zip(get, have, strict=True)):
                return True
            rates = [F(own[i][k[i]][0], own[i][k[i]][1]) for i in range(2)]  # bread for wine
            gives = [2 - bread[0], 2 - bread[1]]
            if rates[0] > rates[1] and gives[0] > 0 and bread[1] > 0:
                return True  # agent 0 would give wine for bread
            if rates[0] < rates[1] and bread[0] > 0 and gives[1] > 0:
                return True
        return False

    assert holds(checked(given), "maximin-core") is not blocked()


def test_utilities_of_several_forms_and_an_endowment_that_is_better():
    question = economy(
        [[[[1, 2], [2, 1]]], [[[1, 1]]]], [[1, 1], [1, 1]], "maximin-rationality", "maximin-core",
        consumption=[[[[2]], [[0]]], [[[0]], [[2]]]],
    )  # fmt: skip
    answer = checked(question)
    assert holds(answer, "maximin-rationality") is False  # min(2, 4) is less than 3
    assert holds(answer, "maximin-core") is False
    assert holds(checked(spread(question, [[1, 1], [1, 1]])), "maximin-core")


# -- files --------------------------------------------------------------------------------------------------
def test_an_economy_is_written_and_read_again():
    for name in ("value", "core"):
        design = mechlp.read(CONFIGS / f"guo-2018-maximin-{name}.yaml").design
        again = read_document(document_of(design.asking())).design
        assert again.same(design) and design.same(again)
        assert not design.same(design.asking(endowments=design.endowments * 2))


FILE = """
agents: {a: [1, 2], b: [1]}
outcomes: economy
economy:
  goods: [x, y]
  endowments: {a: {x: 1}, b: {y: 1}}
  utilities: {a: {x: a, y: 1}, b: [{x: 1, y: 2}, {x: 2, y: 1, constant: 1}]}
  consumption: {a: {y: 1}, b: {x: 1}}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("a: {x: a, y: 1}", "a: {x: a}", "must be positive"),
        ("a: {x: a, y: 1}", "a: {x: a, z: 1}", "no good is named 'z'"),
        ("a: {x: 1}, b: {y: 1}}", "a: {x: 1}}", "endowments of b are missing"),
        ("a: {x: 1}, b", "a: {x: 0}, b", "a has nothing"),
        ("consumption: {a: {y: 1}", "consumption: {a: {y: 2}", "more than there is"),
        ("outcomes: economy", "outcomes: [x]", "goes with `outcomes: economy`"),
        (
            "  consumption: {a: {y: 1}, b: {x: 1}}\n",
            "coalitions: {checks: [maximin-core]}",
            "give economy.consumption",
        ),
        (
            "outcomes: economy",
            "outcomes: economy\ncoalitions: {checks: [robust-ic]}",
            "finitely many outcomes",
        ),
        (
            "outcomes: economy",
            "outcomes: economy\nrequire: {ic: bayesian}\nbeliefs: {prior: uniform}",
            "has no use for beliefs, require .*: leave them out",
        ),
        ("outcomes: economy", "outcomes: economy\nmoney: {a: 2}", "money: `outcomes: economy` has no use for money .*: leave it out"),
        ("outcomes: economy", "outcomes: economy\ncoalitions: singletons", "named: in an economy all coalitions can form"),
        ("outcomes: economy", "outcomes: economy\ncoalitions: {size: 1}", "size: in an economy all coalitions can form"),
    ],
)
def test_mistakes_are_told(old, new, said):
    with pytest.raises(ValueError, match=said):
        mechlp.read_text(FILE.replace(old, new))


def test_the_sets_of_core_and_value_allocations_are_implemented_by_their_premises():
    """The margins that the corollaries rest on, from linear utilities: what is owned, at what it is worth."""
    reading = mechlp.read(CONFIGS / "guo-2018-maximin-value.yaml")
    question = reading.design.asking(checks=("core-implementation", "value-implementation"))
    answer = checked(question)
    assert [f.holds for f in answer.findings] == [True, True]
    owned = [own.fractions() for own in question.endowments]
    worth = {
        (i, j, k): sum(
            F(c) * e for c, e in zip(question.utilities[i][0, k].fractions(), owned[j], strict=False)
        )
        for i in range(2)
        for j in range(2)
        for k in range(question.environment.shape[i])
    }
    least = min(w for (i, j, _), w in worth.items() if i == j)
    assert answer.findings[0].witness["margin"] == str(least)
    assert answer.findings[1].witness["further"] == str(min(w for (i, j, _), w in worth.items() if i != j))
    refused(answer.to_json(), put(("findings", 0, "witness", "margin"), "100"))


def test_what_is_not_decided_says_why():
    forms = [[[[1, 2], [2, 1]]]] * 3
    given = [[[[[1]]], [[[1]]]]] * 3
    answer = economy(forms, [[1, 1]] * 3, "maximin-value", consumption=given).solve()
    assert answer.exit_status == 3 and "linear" in answer.findings[0].words[0]
    with pytest.raises(InvalidDesign, match="two agents"):
        economy(forms, [[1, 1]] * 3, "maximin-value-exists")


@pytest.mark.parametrize(
    "command", [["check"], ["audit"], ["compare"], ["region", "--over", "g=1:2"], ["efficient"]]
)
def test_other_commands_say_why_not(command, tmp_path):
    path = tmp_path / "economy.yaml"
    path.write_text("parameters: {g: 1}\n" + FILE.replace("y: 1}, b: [", "y: g}, b: ["))
    name, *rest = command
    result = CliRunner().invoke(main, [name, str(path), *rest])
    assert result.exit_code == 2 and "economy" in result.output
    shown = CliRunner().invoke(main, ["show", str(path)])
    assert shown.exit_code == 0 and "min(x + 2 y; 2 x + y + 1)" in shown.output
    found = CliRunner().invoke(main, ["implement", str(path), "--no-save", "--check", "maximin-rationality"])
    assert found.exit_code == 1 and "a of type 2 has 1 in the worst case, and 2" in found.output


def test_forgeries_are_refused():
    data = mechlp.read(CONFIGS / "guo-2018-maximin-core.yaml").design.solve().to_json()
    refused(data, lambda d: d["findings"][1]["witness"]["prices"].pop())
    refused(data, put(("findings", 1, "witness", "prices", 0, 0), ["0", "0", "0"]), "more than its price")
    refused(data, put(("problem", "economy", "consumption", "a", "bread"), "1/2"))
    value = mechlp.read(CONFIGS / "guo-2018-maximin-value.yaml").design.solve().to_json()
    refused(value, put(("findings", 0, "witness", "values", 0, "consumption"), [["2", "0"], ["0", "2"]]))
    refused(value, put(("findings", 0, "witness", "values", 0, "pieces"), [["1"], ["1"]]))
