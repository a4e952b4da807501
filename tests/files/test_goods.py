"""Goods to be assigned, against loops over who gets which good."""

import itertools
from fractions import Fraction as F

import pytest

import mechlp
from mechlp import Agent, InvalidEnvironment, InvalidFile
from mechlp.environment import goods

FILE = """agents:
  first: {types: {A: [0, 2], B: [1, 3]}}
  second: {types: {A: [1, 4], B: [2], C: [5, 7]}}
outcomes: goods
GOODS
"""


def environment_of(spec="", text=FILE):
    return mechlp.read_text(text.replace("GOODS", f"goods: {spec}" if spec else "")).design.environment


def by_hand(environment, items, worth, capacity=99, every=False):
    """Outcome label -> payoffs at every profile, from the owner of each item."""
    names = [a.name for a in environment.agents]
    out = {}
    for owners in itertools.product([None, *range(len(names))], repeat=len(items)):
        bundles = [[g for g, o in zip(items, owners, strict=True) if o == i] for i in range(len(names))]
        if max(map(len, bundles)) > capacity or (every and None in owners):
            continue
        label = " ".join(f"{n}:{'+'.join(b)}" for n, b in zip(names, bundles, strict=True) if b) or "nothing"
        out[label] = [
            [worth(i, b, k) for k in range(environment.agents[i].size)] for i, b in enumerate(bundles)
        ]
    return out


def value(environment, i, item, k):
    own = environment.agents[i].coordinates
    return own[item][k] if item in own else F(0)


@pytest.mark.parametrize(
    ("spec", "combine", "capacity", "every"),
    [
        ("", sum, 99, False),
        ("{values: unit-demand}", lambda held: max(held, default=F(0)), 99, False),
        ("{values: unit-demand, capacity: 1}", sum, 1, False),
        ("{capacity: 2, all-assigned: true}", sum, 2, True),
    ],
)
def test_every_assignment_is_an_outcome(spec, combine, capacity, every):
    environment = environment_of(spec)
    expected = by_hand(
        environment,
        "ABC",
        lambda i, bundle, k: combine([value(environment, i, g, k) for g in bundle]),
        capacity,
        every,
    )
    assert sorted(environment.outcomes) == sorted(expected)
    for a, label in enumerate(environment.outcomes):
        for i in (0, 1):
            own = [environment.utility[i][a].moveaxis(i, 0)[k, 0] for k in range(environment.agents[i].size)]
            assert own == expected[label][i]


def test_bundles_by_table_with_and_without_disposal():
    spec = "{items: [A, B], values: {first: {A: 1, A+B: first.A + 5}, second: additiv}}".replace(
        "additiv", "additive"
    )
    plain, free = environment_of(spec), environment_of(spec.replace("items", "free-disposal: true, items"))
    for environment, alone in ((plain, 0), (free, 0)):
        assert environment.outcomes[0] == "nothing"
        both = environment.outcomes.index("first:A+B")
        assert environment.utility[0][both, :, 0].tolist() == [5, 5, 7, 7]
        assert environment.utility[0][environment.outcomes.index("first:B"), 0, 0] == alone
    spec = "{items: {A: 2}, values: {first: {A: 3, 2A: 1}, second: {A: 1}}}"
    plain, free = environment_of(spec), environment_of(spec.replace("items", "free-disposal: true, items"))
    two = plain.outcomes.index("first:2A")
    assert (plain.utility[0][two, 0, 0], free.utility[0][two, 0, 0]) == (1, 3)
    two = plain.outcomes.index("second:2A")
    assert (plain.utility[1][two, 0, 0], free.utility[1][two, 0, 0]) == (0, 1)


def test_values_by_table_may_depend_on_others():
    environment = environment_of("{items: [A], values: {first: {A: first.A + second.C}, second: {A: 1}}}")
    assert environment.utility[0][environment.outcomes.index("first:A")].tolist() == [
        [a + c for a2, c in itertools.product((1, 4), (5, 7))] for a, b in itertools.product((0, 2), (1, 3))
    ]


def test_identical_units():
    text = "agents: {b: {copies: 2, types: [1, 2]}}\noutcomes: goods\ngoods: {units: 3}\n"
    environment = mechlp.read_text(text).design.environment
    assert len(environment.outcomes) == 10  # ways to give at most 3 units to two
    for a, label in enumerate(environment.outcomes):
        held = dict(part.split(":") for part in label.split(" ") if ":" in part)
        for i, name in enumerate(("b1", "b2")):
            assert environment.utility[i][a].moveaxis(i, 0)[1, 0] == 2 * int(held.get(name, 0))
    declining = text.replace("[1, 2]", "[[3, 2], [5, 1]]")
    environment = mechlp.read_text(declining).design.environment
    assert environment.utility[0][environment.outcomes.index("b1:3")][:, 0].tolist() == [5, 6]
    assert environment.utility[0][environment.outcomes.index("b1:1 b2:2")][:, 0].tolist() == [3, 5]
    table = text.replace("{units: 3}", "{units: 3, values: {b: {2: b**2}}, capacity: {b1: 2}}")
    environment = mechlp.read_text(table).design.environment
    assert "b1:3" not in environment.outcomes and "b2:3" in environment.outcomes
    assert environment.utility[0][environment.outcomes.index("b1:2 b2:1")][:, 0].tolist() == [1, 4]


def test_one_agent_gets_bundles():
    environment = environment_of(text="agents: {buyer: {types: {A: [1], B: [2]}}}\noutcomes: goods\n")
    assert dict(zip(environment.outcomes, environment.utility[0][:, 0].tolist(), strict=True)) == {
        "nothing": 0, "A": 1, "B": 2, "A+B": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("units", "caps", "every"),
    [([1, 1, 1], [3, 3], False), ([2, 1], [1, 2, 3], False), ([2, 2], [2, 1, 2], True), ([4], [1, 3], True)],
)
def test_assignments_by_counting(units, caps, every):
    found = goods.assignments(units, caps, every_unit=every)
    assert len(set(found)) == len(found)
    expected = 0
    for held in itertools.product(*(range(u + 1) for u in units for _ in caps)):
        rows = [held[k * len(caps) : (k + 1) * len(caps)] for k in range(len(units))]
        sold = [sum(row) for row in rows]
        fits = all(s <= u and (s == u or not every) for s, u in zip(sold, units, strict=True))
        expected += fits and all(sum(row[i] for row in rows) <= caps[i] for i in range(len(caps)))
    assert len(found) == expected


def test_too_many_are_refused_without_writing_them():
    with pytest.raises(InvalidEnvironment, match="more than 100,000 ways to give 200 units to 20 agents"):
        goods.assignments([10] * 20, [None] * 20)
    with pytest.raises(InvalidEnvironment, match="do not fit the capacities, 2 in all"):
        goods.assignments([3], [1, 1], every_unit=True)
    with pytest.raises(InvalidEnvironment, match="do not say what A, B is worth"):
        goods.unit_values(Agent.of("b", [1, 2]), ["A", "B"], [1, 1])


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("{values: additiv}", "did you mean 'additive'"),
        ("{items: [A, A]}", "two goods have the same name"),
        ("{items: {A: 0}}", "units of A must be a whole number"),
        ("{items: [A-1]}", "cannot name a good"),
        ("{items: [D]}", "do not say what D is worth"),
        ("{units: 2, items: [A]}", "is for one good"),
        ("{capacity: [1]}", "a number, or agent -> number"),
        (
            "{capacity: {first: 1, thrid: 2}}",
            "did you mean 'third'" if False else "no agent is named 'thrid'",
        ),
        ("{values: {first: additive}}", "the values of second are missing"),
        ("{values: {first: {A+D: 1}, second: additive}}", "no good is named 'D'"),
        ("{values: {first: {2A: 1}, second: additive}}", "2 units of A; there are 1"),
        ("{values: {first: {A+B: 1, B+A: 2}, second: additive}}", "this bundle appears twice"),
        ("{values: {first: {A: frst.A}, second: additive}}", "frst has no parts"),
        ("{all-assigned: true, capacity: 1}", "3 units do not fit the capacities, 2 in all"),
        ("{itms: [A]}", "did you mean 'items'"),
    ],
)
def test_mistakes(spec, words):
    with pytest.raises(InvalidFile) as caught:
        environment_of(spec)
    assert str(caught.value).startswith("text:5: goods") and words in str(caught.value), str(caught.value)


def test_goods_without_values_or_out_of_place():
    with pytest.raises(InvalidFile, match="which goods are there"):
        mechlp.read_text("agents: {b: [1]}\noutcomes: goods\n")
    with pytest.raises(InvalidFile, match="goes with `outcomes: goods`"):
        mechlp.read_text("agents: {b: [1]}\noutcomes: [x]\ngoods: {units: 1}\n")
