"""Words that people bring from elsewhere are understood, or answered with what is meant here."""

import json
from fractions import Fraction as F

import pytest
from click.testing import CliRunner

import mechlp
from mechlp import InvalidDesign, InvalidFile
from mechlp.cli import main

PRIVATE = """agents:
  one: [0, 1, 2]
  two: [0, 1, 2]
outcomes: [none, first, second]
payoffs:
  first: {one: one}
  second: {two: PAYOFF}
beliefs: {prior: uniform}
require: {ic: NOTION, ir: interim, bb: none}
objective: revenue
"""


def text_of(notion="bayesian", payoff="two"):
    return PRIVATE.replace("NOTION", notion).replace("PAYOFF", payoff)


def said(text):
    with pytest.raises(InvalidFile) as caught:
        mechlp.read_text(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("word", "notion"),
    [
        *(
            (w, "ex-post")
            for w in ("dsic", "DSIC", "dominant-strategy", "strategy-proof", "strategyproof", "epic")
        ),
        *((w, "bayesian") for w in ("bic", "BIC", "interim")),
    ],
)
def test_notions_by_other_names(word, notion):
    assert mechlp.read_text(text_of(word)).design.ic == notion


def test_dominant_strategies_need_private_values():
    interdependent = "two + one/2"
    assert mechlp.read_text(text_of("epic", interdependent)).design.ic == "ex-post"
    message = said(text_of("dsic", interdependent))
    assert (
        message.startswith("text:9: require.ic: ") and "the payoff of two depends on others' types" in message
    )


def test_dominant_strategies_in_capitals_need_private_values_too():
    assert "the payoff of two depends on others' types" in said(text_of("DSIC", "two + one/2"))


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["--ic", "dsic"], ("ex-post", "interim", "none")),
        (["--ic", "strategy-proof", "--ir", "epir"], ("ex-post", "ex-post", "none")),
        (["--ic", "bic", "--bb", "wbb"], ("bayesian", "interim", "ex-post-weak")),
        (["--ic", "EPIC", "--objective", "welfare"], ("ex-post", "interim", "none")),
    ],
)
def test_the_command_line_understands_the_words_of_files(options, asked, tmp_path):
    path, out = tmp_path / "words.yaml", tmp_path / "answer.json"
    path.write_text(text_of())
    assert CliRunner().invoke(main, ["solve", str(path), *options, "--out", str(out)]).exit_code == 0
    design = mechlp.read_document(json.loads(out.read_text())["problem"]).design
    assert (design.ic, design.ir, design.bb) == asked
    assert design.wants.kind == ("surplus" if "welfare" in options else "revenue")


def test_the_command_line_keeps_the_premise_of_a_word_and_hints_at_what_was_meant(tmp_path):
    path = tmp_path / "words.yaml"
    path.write_text(text_of(payoff="two + one/2"))
    found = CliRunner().invoke(main, ["solve", str(path), "--ic", "dsic"])
    assert found.exit_code == 2 and "the payoff of two depends on others' types" in found.output
    found = CliRunner().invoke(main, ["solve", str(path), "--ic", "ex-pots"])
    assert found.exit_code == 2 and "did you mean 'ex-post'?" in found.output


def test_requirements_by_other_names():
    text = text_of().replace("ir: interim, bb: none", "ir: epir, bb: wbb").replace("revenue", "welfare")
    design = mechlp.read_text(text).design
    assert (design.ir, design.bb, design.wants.kind) == ("ex-post", "ex-post-weak", "surplus")


def test_python_says_what_a_word_is_here():
    design = mechlp.read_text(text_of()).design
    with pytest.raises(InvalidDesign, match="here this is 'ex-post' where values are private"):
        design.asking(ic="dsic")


def test_an_objective_that_is_none_lists_all_there_are_once():
    message = said(text_of().replace("objective: revenue", "objective: profit"))
    for name in ("feasibility", "revenue", "surplus", "full-surplus-extraction", "undominated"):
        assert message.count(f"'{name}'") == 1
    assert "keys (weighted-interim, maximize, minimize)" in message


def test_powers():
    assert "a power is written **, as in two**2" in said(text_of(payoff="two^2"))


@pytest.mark.parametrize(
    ("written", "quoted"),
    [
        ("{first: {one: max(one, 1)}}", 'one: "max(one, 1)"'),
        ("{first: {one: max(one, min(one, 2), 1), two: 3}}", 'one: "max(one, min(one, 2), 1)"'),
        ("{first: {one: [max(0, 1), 1, 2]}}", '"max(0, 1)"'),
    ],
)
def test_commas_inside_braces(written, quoted):
    message = said(text_of().replace("payoffs:\n  first: {one: one}", f"payoffs: {written}\nx:"))
    assert "a comma ends a value inside braces or brackets: quote it, " + quoted in message
    assert "unknown" not in message and message.startswith("text:5: ")


def test_commas_outside_braces_are_fine():
    block = text_of().replace("first: {one: one}", 'first:\n    one: max(one, 1)\n    two: "min(one, two)"')
    assert mechlp.read_text(block).design.environment.utility[0][1, 0, 0] == 1


def test_a_given_mechanism_is_not_silently_ignored(tmp_path):
    path = tmp_path / "given.yaml"
    path.write_text(text_of() + "given: {allocation: {lottery: {none: 1}}}\n")
    solved = CliRunner().invoke(main, ["solve", str(path), "--no-save"])
    assert solved.exit_code == 0
    assert "note: solve leaves `given:` aside; mechlp audit examines that mechanism" in solved.output
    assert "note: " not in CliRunner().invoke(main, ["efficient", str(path)]).output
    compared = text_of("ex-post").replace("interim", "none").replace("revenue", "undominated")
    path.write_text(compared + "transfers: none\ngiven: {allocation: {lottery: {none: 1}}}\n")
    assert "aside" not in CliRunner().invoke(main, ["solve", str(path), "--no-save", "--no-rates"]).output
    prices = "agents: {seller: [0, 1], buyer: [0, 1]}\noutcomes: prices\nprices: {grid: [1/2]}\n"
    assert "prices.mechanism" in said(prices + "given: {allocation: {lottery: {trade: 1}}}\n")


AUCTION = "agents: {one: [0, 1, 2], two: [0, 1, 2]}\noutcomes: single-good\nbeliefs: {prior: uniform}\nparameters: {r: 1}\n"


def test_a_given_mechanism_may_be_named_with_its_numbers():
    """The price 1 is paid by the lone type that bids 1 or more, and the second bid otherwise."""
    given = mechlp.read_text(AUCTION + "given: {mechanism: second-price, numbers: {reserve: r}}\n").given
    assert [t.tolist() for t in -given[1]] == [
        [[0, 0, 0], [1, F(1, 2), 0], [1, 1, 1]],
        [[0, 1, 1], [0, F(1, 2), 1], [0, 0, 1]],
    ]
    assert mechlp.read_text(AUCTION + "given: {mechanism: vickrey}\n").given[1][0].tolist()[2] == [0, -1, -1]
    rule = mechlp.read_text(AUCTION + "given: {allocation: efficient-first}\n").given[0]
    assert rule.sum() == 9 and rule[1].tolist() == [[0, 0, 0], [1, 1, 0], [1, 1, 1]]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("{mechanism: second-prize}", "did you mean 'second-price'"),
        ("{mechanism: second-price, numbers: {price: 1}}", "takes no number 'price'; it takes reserve"),
        ("{mechanism: second-price, numbers: {reserve: s}}", "given.numbers.reserve: "),
        ("{mechanism: posted-price, numbers: {price: 1}}", "is about trade"),
        (
            "{mechanism: pivot, allocation: efficient-first}",
            "give either mechanism (and its numbers), or allocation",
        ),
        ("{allocation: efficient}", "several efficient outcomes, and the rule is one: efficient-first"),
        ("{allocation: chosen}", "'chosen' is none: give efficient-first, a table, a lottery or a rule"),
        ("{allocation: efficient-first, numbers: {k: 1}}", "goes with given.mechanism"),
    ],
)
def test_a_given_mechanism_that_is_none(given, words):
    assert words in said(AUCTION + f"given: {given}\n")


def test_a_reduction_that_rests_on_another_says_so(tmp_path):
    path = tmp_path / "auction.yaml"
    path.write_text(text_of())
    found = CliRunner().invoke(main, ["solve", str(path), "--no-save", "--reduce", "private-values"])
    assert found.exit_code == 2 and "rests on interim-transfers" in found.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("objective: revenue", "objective: welfar", "did you mean 'welfare'?"),
        ("{prior: uniform}", "uniform", "beliefs: expected keys, as in {prior: uniform}, found 'uniform'"),
        ("{prior: uniform}", "{uniform: true}", "write it under prior, as in {prior: uniform}"),
        (
            "bb: none}",
            "bb: none, slack: 1/9}",
            "require.slack: unknown key: write ic: {notion: bayesian, slack: 1/100}",
        ),
        ("bb: none}", "bb: none, epsilon: 1/9}", "write ic: {notion: bayesian, slack: 1/100}"),
        ("objective: revenue", "capacity: {first: 1/4}", "capacity: unknown key: write constraints: "),
        ("objective: revenue", "misreports: {one: 1}", "misreports: unknown key: write may-report"),
        ("{one: one}", "{one: one if one = 1 else 0}", "is not a formula: what is equal is written =="),
        ("{one: one}", "{one: one is 1}", "what is equal is written =="),
        ("{one: one}", "{one: 25%}", "a percentage is written as a fraction, 25/100"),
    ],
)
def test_what_people_write_first_is_answered_with_what_is_meant_here(old, new, words):
    assert words in said(text_of().replace(old, new))


def test_one_mistake_is_said_once():
    """What rests on what could not be read is not complained of."""
    goods = "agents: {b: {types: {A: {from: 0, to: 1}}}}\noutcomes: goods\nbeliefs: {prior: uniform}\nobjective: revenue\n"
    assert said(goods).count("\n") == 0 and "a range needs" in said(goods)
    actions = "actions: {one: [a, a]}\npayoffs: {actions: {one: 1}}\nobjective: surplus\n"
    assert said(actions).count("\n") == 0 and "two actions have one name" in said(actions)
    each = AUCTION + "constraints: {c: {allocation: {one: 1}, at-most: 1, each: everybody}}\n"
    assert said(each).count("everybody") == 1 and said(each).count("expected") == 1


@pytest.mark.parametrize("table", ["[[3/10], [7/10]]", "[3/10, 7/10]"])
def test_who_has_one_type_may_be_left_out_of_tables(table):
    text = f"agents: {{state: [low, high], judge: [here]}}\noutcomes: [x, y]\npayoffs: {{x: {{judge: {table}}}}}\n"
    design = mechlp.read_text(f"{text}beliefs: {{prior: {{table: {table}}}}}\nobjective: surplus\n").design
    assert design.environment.beliefs.prior.tolist() == [[F(3, 10)], [F(7, 10)]]
    assert design.environment.utility[1][0].tolist() == [[F(3, 10)], [F(7, 10)]]
    assert "expected 2 entries, found 3" in said(text.replace(table, "[1, 2, 3]"))
