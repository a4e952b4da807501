"""Every command that may work long takes a time limit, keeps to it, and says what it did not come to."""

import json
from fractions import Fraction as F
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import mechlp
from mechlp.answer.bargaining import Zones
from mechlp.beliefs import conditions, examine
from mechlp.beliefs.conditions import LATE
from mechlp.cli import main
from mechlp.deadline import Deadline
from mechlp.mechanism.smooth import Smooth
from mechlp.proof.efficiency import Efficiency
from mechlp.study.continuum import compare_simple
from mechlp.study.counterexamples import counterexample
from mechlp.study.smooth import least_spread

CONFIGS = Path(__file__).parents[1] / "configs"
#: These only read, print or write what is there, or evaluate a formula at a bounded size.
SHORT = {"cite", "closed-form", "completion", "doctor", "new", "schema", "show", "zones"}
TAKES_PROGRAMS = ("convex independence", "identifiability", "NCP*", "weak NCP*")


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


def test_every_command_that_works_long_takes_a_time_limit():
    without = {
        name
        for name in main.list_commands(None)
        if "--time-limit" not in {o for p in main.get_command(None, name).params for o in p.opts}
    }
    assert without == SHORT


def test_conditions_without_time_are_not_examined_and_theorems_about_them_not_known():
    """What takes no program is decided at once: types with equal beliefs are found without any time."""
    environment = mechlp.read(CONFIGS / "cremer-mclean-auction.yaml").design.environment
    found, whole = examine(environment, time_limit=0), examine(environment)
    late = {f.condition for f in found.findings if f.words == LATE}
    assert late == set(TAKES_PROGRAMS)
    assert all(found.holds(c) is None and whole.holds(c) is not None for c in TAKES_PROGRAMS)
    assert {c: found.holds(c) for c in ("BDP", "positive pairs", "NCP**")} == {
        "BDP": True,
        "positive pairs": True,
        "NCP**": False,
    }
    said = {t.source.split(" (")[0]: (t.holds, t.missing) for t in found.theorems}
    assert said["Crémer and McLean"] == (None, "whether convex independence holds was not decided")
    assert said["Kosenok and Severinov"][0] is None
    assert [t.holds for t in found.theorems if "1.4" in t.source] == [True] * 3  # Guo's need BDP alone


def test_one_condition_that_fails_settles_what_needs_two():
    """Independent types are identifiable and not convexly independent: the second alone refutes Kosenok and Severinov's."""
    environment = mechlp.read(CONFIGS / "myerson-satterthwaite.yaml", overrides={"m": "2"}).design.environment
    found = examine(environment)
    assert found.holds("convex independence") is False
    assert [t.holds for t in found.theorems if t.source.startswith("Kosenok")] == [False]


def test_check_says_what_it_did_not_examine(monkeypatch):
    """A condition that takes for ever is broken off, and what is known of the others stays."""

    def for_ever(*asked):
        while True:
            pass

    file = CONFIGS / "cremer-mclean-auction.yaml"
    whole = run("check", file, "--condition", "convex independence", "--time-limit", 600)
    assert whole.exit_code == 0 and LATE not in whole.output
    monkeypatch.setattr(conditions, "_identifiability", for_ever)
    cut = run("check", file, "--condition", "identifiability", "--time-limit", 1.5, "--json")
    assert cut.exit_code == 3
    body = json.loads(cut.stdout)
    assert body["conditions"]["identifiability"] is None and body["conditions"]["BDP"] is True


def test_a_comparison_in_the_continuum_has_both_ends_at_any_time():
    """Without time: the posted price 1/2 below, an even distribution above; both hold for what more time finds."""
    power, partition = F(4, 5), [F(k, 4) for k in range(5)]
    cut = compare_simple(power, partition, time_limit=0)
    low, high = cut.simple
    assert low <= F("0.16196893") and F("0.16199037") <= high  # README's ends
    assert cut.mechanism is None and cut.status == "undecided"
    data = json.loads(json.dumps(cut.to_json()))
    assert ["the time limit ended the search" in note for note in data["notes"]] == [True]
    assert mechlp.verify(data).accepted and mechlp.verify(data).reported == ("notes",)


@pytest.mark.parametrize(
    "arguments",
    [
        ("frontier", CONFIGS / "myerson-satterthwaite.yaml", "--set", "m=12", "--payoffs", "seller", "buyer"),
        ("smooth", CONFIGS / "myerson-satterthwaite.yaml", "--set", "m=12", "--rho", 1),
        ("rents", CONFIGS / "wolitzky-2015-bilateral-trade.yaml", "--set", "n=30"),
    ],
    ids=lambda a: a[0],
)
def test_without_time_nothing_is_decided(arguments):
    found = run(*arguments, "--time-limit", 0.01)
    assert found.exit_code == 3 and "undecided" in found.output.lower()
    told = json.loads(run(*arguments, "--time-limit", 0.01, "--json").stdout)
    assert told["status"] == "undecided" and told["notes"]


def test_a_search_for_a_counterexample_keeps_to_its_time():
    environment = mechlp.read(CONFIGS / "guo-2018-example-1.4.2-equal-beliefs.yaml").design.environment
    found = counterexample(environment, examine(environment), "1.4.2", time_limit=0)
    assert found.answer is None


def test_a_bracket_for_two_rules_is_as_narrow_as_the_time_allows():
    design = mechlp.read(CONFIGS / "guo-2018-example-1.4.1.yaml").design.asking(ic="ambiguous-transfers")
    answer = design.solve()
    cut, whole = (least_spread(answer, Smooth("1", "rules", ()), time_limit=t) for t in (0, 600))
    assert cut is None or cut.c >= whole.c
    assert whole is not None and (whole.c_no is None or whole.c - whole.c_no <= whole.c / 2**20)


def test_no_number_is_no_time_limit():
    done = run("check", CONFIGS / "guo-2018-example-1.4.1.yaml", "--time-limit", "nan")
    assert done.exit_code == 2 and "no number of seconds" in done.stderr


def test_a_belief_at_which_the_file_is_no_problem_is_named():
    file = CONFIGS / "peski-2023-a1.yaml"
    for option in ("--contour", "--revise"):
        done = run("efficient", file, option, "player2:p2=2", "--no-save")
        assert done.exit_code == 2 and "with p2=2 the file is no problem: assume.probabilities" in done.stderr


# -- what is written, and what is not ---------------------------------------------------------------
WRITES = {"--out", "--csv", "--table", "--plot", "--store", "--html", "--parquet", "--type-space"}


def test_a_dash_is_no_file_to_write(tmp_path, monkeypatch):
    """Standard output has what is printed: `--csv -` does not write a file that is named so."""
    monkeypatch.chdir(tmp_path)
    asked = 0
    commands = {name: main.get_command(None, name) for name in main.list_commands(None)}
    asked = [(name, p.opts[-1]) for name, own in commands.items() for p in own.params if isinstance(p.type, click.Path) and WRITES & set(p.opts)]
    for name, option in asked:
        said = run(name, f"{option}=-", "x")
        assert said.exit_code == 2 and "give the name of a file" in said.output, (name, option)
    assert len(asked) >= 20 and not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [("frontier", "--payoffs", "player1", "player2"), ("audit",)])
def test_what_is_undecided_says_that_no_file_was_written(words, tmp_path, monkeypatch):
    monkeypatch.setattr(Deadline, "of", classmethod(lambda cls, limit: cls(0.0)))
    command, *options = words
    option, target = ("--table" if command == "audit" else "--out"), tmp_path / "found.out"
    said = run(command, CONFIGS / "peski-2023-a1.yaml", *options, option, target)
    assert said.exit_code == 3 and f"{target} was not written" in said.stderr and not target.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("efficient", "peski-2023-a1", "--over", "p1=1/3:2/3:2", "--over", "p2=1/3:2/3:2"), "a map (--over) is printed"),
        (("continuum", "copic-ponsati-2006-simple-is-beaten", "--powers", "1/2,4/5"), "several (--powers) are printed"),
        (("frontier", "guo-2018-example-1.4.2", "--payoffs", "agent1", "agent2"), "was not written: there is no set"),
    ],
    ids=lambda words: words[0],
)
def test_where_nothing_is_saved_a_file_that_was_named_is_spoken_of(words, said, tmp_path):
    command, name, *rest = words
    found = run(command, CONFIGS / f"{name}.yaml", *rest, "--out", tmp_path / "found.json")
    assert found.exit_code in (1, 2) and said in found.stderr and not list(tmp_path.iterdir())


@pytest.mark.parametrize(("kind", "words"), [(Zones, ("zones", "a1")), (Efficiency, ("efficient", CONFIGS / "peski-2023-a1.yaml"))])
def test_zones_and_payoffs_that_are_undecided_say_so_too(kind, words, tmp_path, monkeypatch):
    target = tmp_path / "found.json"
    assert run(*words, "--out", target).exit_code == 0 and target.exists()
    target.unlink()
    monkeypatch.setattr(kind, "decided", property(lambda self: False))
    for json_too in ((), ("--json",)):
        assert f"{target} was not written" in run(*words, "--out", target, *json_too).stderr and not target.exists()
