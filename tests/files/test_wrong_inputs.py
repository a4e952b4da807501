"""Every mistake in a problem file gives one clear message with its place, and no traceback."""

import time

import pytest
from click.testing import CliRunner

import mechlp
from mechlp.cli import main

GOOD = """title: Trade
parameters: {tax: 1/10, m: 2}
agents:
  seller: [1/4, 1/2]
  buyer: {types: {from: 0, to: 1, count: m}}
  broker: [low, high]
outcomes: [keep, trade]
payoffs:
  trade:
    seller: -seller
    buyer: buyer - tax
beliefs: {prior: uniform}
outside: {seller: 0}
allocation: efficient
transfers: free
require: {ic: bayesian, ir: interim, bb: ex-post}
objective: revenue
secondary: none
"""

# (what is replaced, by what, the line of the mistake or None, words of the message)
WRONG = [
    ("title: Trade", "title: [a, b]", 1, "expected a single value"),
    ("title: Trade", "titel: Trade", 1, "did you mean 'title'"),
    ("tax: 1/10", "tax: 1/0", 2, "divides by zero"),
    ("tax: 1/10", "tax: nan", 2, "unknown name 'nan'"),
    ("tax: 1/10", "tax: inf", 2, "unknown name 'inf'"),
    ("tax: 1/10", "tax: 1e99999", 2, "exponent"),
    ("tax: 1/10", "tax: [1]", 2, "expected a single value"),
    ("tax: 1/10", "tax: 1, tax: 2", 2, "twice"),
    ("tax: 1/10", "2tax: 1", 2, "cannot be used in formulas"),
    ("tax: 1/10", "lambda: 1", 2, "reserved word"),
    ("broker: [low, high]", "\n  ".join(f"broker{k}: [x]" for k in range(40)), 3, "at most 30"),
    ("tax: 1/10", "seller: 1, tax: 1", 4, "both an agent and a parameter"),
    ("parameters: {tax: 1/10, m: 2}", "parameters: 7", 2, "expected keys"),
    ("m: 2", "m: 0", 5, "whole number from 1"),
    ("m: 2", "m: 5/2", 5, "whole number"),
    ("m: 2", "m: 10**30", 3, "far too many cells"),
    ("m: 2", "m: 1000000", 5, "whole number from 1 to 100,000"),
    ("m: 2", "m: 100000.5", 5, "whole number"),
    ("seller: [1/4, 1/2]", "seller: []", 4, "at least one"),
    ("seller: [1/4, 1/2]", "seller: {}", 4, "missing"),
    ("seller: [1/4, 1/2]", "seller: 5", 4, "list of types"),
    ("seller: [1/4, 1/2]", "seller: [1/4, 1/4]", 4, "twice"),
    ("seller: [1/4, 1/2]", "seller: [1/4, [1/2]]", 4, "expected a single value"),
    ("seller: [1/4, 1/2]", "seller: {types: [1, 2], copies: 0}", 4, "copies"),
    ("seller: [1/4, 1/2]", "seller: {types: [1, 2], copes: 2}", 4, "did you mean 'copies'"),
    ("seller: [1/4, 1/2]", "seller: [1/4, 1/2]\n  buyer: [1]", 6, "twice"),
    ("from: 0, to: 1", "from: 1, to: 1", 5, "range"),
    ("from: 0, to: 1,", "from: 0,", 5, "from, to and count"),
    ("from: 0, to: 1", "from: 0, to: x", 5, "unknown name 'x'"),
    ("outcomes: [keep, trade]", "", None, "outcomes: this key is missing"),
    ("outcomes: [keep, trade]", "outcomes: []", 7, "list of outcome names"),
    ("outcomes: [keep, trade]", "outcomes: [keep, keep, trade]", 7, "two outcomes are named 'keep'"),
    ("outcomes: [keep, trade]", "outcomes: auction", 7, "trade, single-good, graded-good or public-good"),
    ("outcomes: [keep, trade]", "outcomes: single-good", 7, "needs numeric types"),
    ("  trade:\n", "  trad:\n", 9, "did you mean 'trade'"),
    ("    seller: -seller", "    seler: -seller", 10, "did you mean 'seller'"),
    ("-seller", "-seler", 10, "did you mean 'seller'"),
    ("-seller", "broker", 10, "label"),
    ("-seller", "seller < broker", 10, "number is compared with a label"),
    ("-seller", "1 if broker == hgh else 0", 10, "did you mean 'high'"),
    ("-seller", "__import__('os').system('true')", 10, "not allowed"),
    ("-seller", "seller.__class__", 10, "not allowed"),
    ("-seller", "(lambda: 1)()", 10, "not allowed"),
    ("-seller", "'[x for x in (1, 2)]'", 10, "not allowed"),
    ("-seller", "exec('1')", 10, "not allowed"),
    ("-seller", "open('/etc/passwd')", 10, "not allowed"),
    ("-seller", "9**9**9", 10, "exponent"),
    ("-seller", "10**64**2", 10, "exponent"),
    ("-seller", "(seller - 2)**tax", 10, "exponent"),
    ("-seller", "1/(seller - 1/4)", 10, "divides by zero"),
    ("-seller", "seller +", 10, "not a formula"),
    ("-seller", "1 if seller", 10, "not a formula"),
    ("-seller", "seller % 2", 10, "not allowed"),
    ("-seller", "seller @ 2", 10, "not allowed"),
    ("-seller", "max()", 10, "at least one"),
    ("-seller", "abs(1, 2)", 10, "one value"),
    ("-seller", "min(seller, key=1)", 10, "not allowed"),
    ("-seller", "True + 1", 10, "not a number"),
    ("-seller", "1j", 10, "not a number"),
    ("-seller", "-" * 500 + "1", 10, "nested too deeply"),
    ("-seller", "(" * 300 + "1" + ")" * 300, 10, "not a formula"),
    ("-seller", "1+" * 2000 + "1", 10, "too long"),
    ("-seller", "[1, 2]", 10, "expected a list of 2"),
    ("-seller", "[[[1, 2], [1]], [[1, 2], [1, 2]]]", 10, "expected 2 entries, found 1"),
    ("-seller", "[[[1, 2], [1, 2]], [[1, 2], [1, x]]]", 10, "unknown name 'x'"),
    ("-seller", "{a: 1}", 10, "nested lists"),
    ("prior: uniform", "prior: uniforn", 12, "'uniform'"),
    (
        "prior: uniform",
        "prior: {table: [[[1/4, 1/4], [1/4, 1/4]], [[0, 0], [0, 1/4]]]}",
        12,
        "sums to 5/4, expected 1",
    ),
    (
        "prior: uniform",
        "prior: {table: [[[1/2, 1/2], [1/4, -1/4]], [[0, 0], [0, 0]]]}",
        12,
        "negative probability -1/4",
    ),
    ("prior: uniform", "prior: {table: [[[1/2, 1/2], [0, 0]]]}", 12, "expected 2 entries, found 1"),
    ("prior: uniform", "prior: {product: {seller: uniform}}", 12, "marginal of buyer, broker is missing"),
    (
        "prior: uniform",
        "prior: {product: {seller: [1/2, 1/3], buyer: uniform, broker: uniform}}",
        12,
        "sums to 5/6",
    ),
    (
        "prior: uniform",
        "prior: {product: {seller: {family: zipf}, buyer: uniform, broker: uniform}}",
        12,
        "no family",
    ),
    (
        "prior: uniform",
        "prior: {product: {seller: {family: power}, buyer: uniform, broker: uniform}}",
        12,
        "exponent",
    ),
    ("prior: uniform", "prior: {mixture: {weight: 2}}", 12, "[0, 1]"),
    (
        "prior: uniform",
        "per-type: {seller: [[[1/4, 1/4], [1/4, 1/4]], [[1, 0], [0, 0]]]}",
        12,
        "beliefs of buyer, broker are missing",
    ),
    ("prior: uniform", "per-type: {seller: [[[1/4, 1/4], [1/4, 1/4]], [[1, 0], [0, 1]]]}", 12, "sums to 2"),
    ("prior: uniform", "prior: uniform, per-type: {}", 12, "not both"),
    ("prior: uniform", "priors: uniform", 12, "did you mean 'prior'"),
    ("beliefs: {prior: uniform}\n", "", None, "needs beliefs"),
    ("outside: {seller: 0}", "outside: {seler: 0}", 13, "did you mean 'seller'"),
    ("outside: {seller: 0}", "outside: {seller: [1, 2, 3]}", 13, "expected 2 entries, found 3"),
    ("allocation: efficient", "allocation: eficient", 14, "did you mean 'efficient'"),
    (
        "allocation: efficient",
        "allocation: {table: [[[keep, keep], [keep, trad]], [[keep, keep], [keep, keep]]]}",
        14,
        "did you mean 'trade'",
    ),
    ("allocation: efficient", "allocation: {lottery: {keep: 1/2}}", 14, "sum to 1/2, expected 1"),
    ("allocation: efficient", "allocation: {rule: {trade: buyer > 2}}", 14, "no condition of the rule holds"),
    ("allocation: efficient", "allocation: {}", 14, "exactly one"),
    ("transfers: free", "transfers: fre", 15, "did you mean 'free'"),
    ("transfers: free", "transfers: {limit: -1}", 15, "must not be negative"),
    ("transfers: free", "transfers: {lower: 2, upper: 1}", 15, "exceeds"),
    ("transfers: free", "transfers: {seler: {limit: 1}}", 15, "did you mean 'seller'"),
    ("ic: bayesian", "ic: bayes", 16, "did you mean 'bayesian'"),
    ("bb: ex-post", "bb: strong", 16, "expected 'ex-post'"),
    ("objective: revenue", "objective: revnue", 17, "did you mean 'revenue'"),
    ("objective: revenue", "objective: full-surplus-extraction", None, "bb: none"),
    (
        "objective: revenue",
        "objective: {weighted-interim: {seller: [1, 2, 3]}}",
        17,
        "expected 2 entries, found 3",
    ),
    ("objective: revenue", "objective: {weighted-interim: {seller: buyer}}", 17, "own may appear"),
    ("objective: revenue", "objective: {maximize: {}}", 17, "needs allocation or transfers"),
    ("objective: revenue", "objective: {maximize: {allocation: {trad: 1}}}", 17, "did you mean 'trade'"),
    ("secondary: none", "secondary: 2-norm", 18, "expected 'none'"),
    ("secondary: none", "secondary: !!python/object/apply:os.system [true]", 18, "tag"),
    ("secondary: none", "secondary: &x none\nsource: *x", 19, "aliases"),
    ("secondary: none", "secondary: none\n---\ntitle: b", 20, "more than one YAML document"),
    ("secondary: none", "secondary: [none", 19, "not YAML"),
    ("secondary: none", "? [a]\n: b", 18, "a key must be a name"),
    ("secondary: none", "source: " + "[" * 100, 18, "nested more than"),
]


def test_the_file_that_is_spoiled_below_is_good():
    assert mechlp.read_text(GOOD).design.environment.shape == (2, 2, 2)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"), WRONG, ids=[f"{k}-{w[3][:30]}" for k, w in enumerate(WRONG)]
)
def test_wrong_input(tmp_path, old, new, line, words):
    assert old in GOOD
    path = tmp_path / "wrong.yaml"
    path.write_text(GOOD.replace(old, new, 1))
    started = time.process_time()  # other programs may run beside
    result = CliRunner().invoke(main, ["solve", str(path), "--no-save"])
    assert time.process_time() - started < 5
    assert result.exit_code == 2, result.output
    assert words in result.output, result.output
    if line is not None:
        assert f"wrong.yaml:{line}:" in result.output, result.output
    assert "Traceback" not in result.output
    assert "defect" not in result.output


def test_all_mistakes_are_reported_at_once():
    spoiled = (
        GOOD.replace("-seller", "-seler")
        .replace("buyer - tax", "byer")
        .replace("prior: uniform", "prior: {table: [1]}")
    )
    with pytest.raises(mechlp.InvalidFile) as caught:
        mechlp.read_text(spoiled)
    assert [p.line for p in caught.value.problems] == [10, 11, 12]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00binary", "UTF-8"),
        (b"a: \x00", "not YAML"),
        (b"- 1\n- 2", "at the top"),
        (b"just text", "at the top"),
    ],
)
def test_files_that_are_no_problems(tmp_path, content, words):
    path = tmp_path / "f.yaml"
    path.write_bytes(content)
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 2
    assert words in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "nowhere.yaml"], "no such file"),
        (["solve", "."], "folder"),
        (["show", "GOOD", "--set", "tx=1"], "did you mean 'tax'"),
        (["show", "GOOD", "--set", "tax"], "NAME=VALUE"),
        (["show", "GOOD", "--set", "tax=abc"], "unknown name"),
        (["solve", "GOOD", "--ic", "nash"], "bayesian"),
        (["export", "GOOD", "--out", "a.txt"], ".mps, .lp"),
        (["verify", "GOOD"], "not JSON"),
        (["verify", "nowhere"], "cannot be read"),
        (["new", "aucton"], "auction"),
        (["solve", "GOOD", "--time-limit", "-1"], "0.01"),
        (["solve"], "FILE"),
        (["slove", "GOOD"], "slove"),
    ],
)
def test_wrong_commands(tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yaml").write_text(GOOD)
    result = CliRunner().invoke(main, ["good.yaml" if a == "GOOD" else a for a in arguments])
    assert result.exit_code == 2, result.output
    assert words in result.output


AUCTION = """parameters: {N: 2}
agents:
  bidder: {copies: N, types: {from: 0, to: 1, count: 3, dimensions: 2}}
outcomes: graded-good
beliefs: {prior: {product: {bidder: trapezoid}}}
objective: revenue
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("copies: N", "copies: 0", 3, "from 1 to 1,000"),
        ("copies: N, ", "", 2, "with copies"),
        ("dimensions: 2", "dimensions: 9", 3, "dimensions must be a whole number from 1 to 8"),
        ("count: 3", "count: 300", 3, "300^2 = 90,000 types"),
        ("{from: 0, to: 1, count: 3, dimensions: 2}", "[low, high]", 3, "numbers, not 'low'"),
        ("graded-good", "single-good", 3, "go with outcomes: graded-good"),
        ("trapezoid", "[1/2, 1/2]", 5, "expected 3 entries, found 2"),
        ("trapezoid", "[1/2, 1/2, 1/2]", 5, "sums to 3/2"),
        ("trapezoid", "[1/2, 0, 1/2]", 5, "positive probability"),
        ("{product: {bidder: trapezoid}}", "{table: [1]}", 5, "uniform, or a product"),
        ("objective", "require: {bb: ex-post}\nobjective", 6, "bb: none"),
        ("objective: revenue", "objective: full-surplus-extraction", 6, "feasibility, revenue, surplus"),
        ("objective", "transfers: none\nobjective", 6, "transfers: free"),
        ("objective", "outside: {bidder: 1}\nobjective", 6, "left out"),
    ],
)
def test_wrong_graded_goods(tmp_path, old, new, line, words):
    path = tmp_path / "wrong.yaml"
    path.write_text(AUCTION.replace(old, new, 1))
    result = CliRunner().invoke(main, ["solve", str(path), "--no-save"])
    assert result.exit_code == 2, result.output
    assert f"wrong.yaml:{line}: " in result.output and words in result.output, result.output


@pytest.mark.parametrize(
    "command",
    [["check"], ["compare"], ["smooth", "--rho", "1"], ["export", "--out", "a.lp"]],
)
def test_what_needs_the_whole_grid_says_so(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auction.yaml").write_text(AUCTION)
    result = CliRunner().invoke(main, [command[0], "auction.yaml", *command[1:]])
    assert result.exit_code == 2
    assert "whole type grid" in result.output.replace("\n", " ")


def test_graded_goods_solve_show_and_verify(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "auction.yaml").write_text(AUCTION)
    solved = CliRunner().invoke(main, ["solve", "auction.yaml", "-v"])
    assert solved.exit_code == 0 and "OPTIMAL: revenue" in solved.output and "Border[" in solved.output
    checked = CliRunner().invoke(main, ["verify", "auction.answer.json", "--environment", "auction.yaml"])
    assert checked.exit_code == 0, checked.output
    other = AUCTION.replace("trapezoid", "uniform")
    (tmp_path / "auction.yaml").write_text(other)
    checked = CliRunner().invoke(main, ["verify", "auction.answer.json", "--environment", "auction.yaml"])
    assert checked.exit_code == 1 and "another problem" in checked.output
    shown = CliRunner().invoke(main, ["show", "auction.yaml"])
    assert shown.exit_code == 0 and "(0, 1/2)" in shown.output
    assert '"representative"' in CliRunner().invoke(main, ["show", "auction.yaml", "--json"]).output


def test_a_billion_profiles_are_refused_with_their_size():
    text = (
        "agents:\n"
        + "".join(f"  a{k}: {{types: {{from: 0, to: 1, count: 1000}}}}\n" for k in range(3))
        + "outcomes: [x, y]\n"
    )
    with pytest.raises(
        mechlp.InvalidFile, match=r"1000 x 1000 x 1000 type profiles x 1 outcomes = 1,000,000,000 cells"
    ):
        mechlp.read_text(text)
