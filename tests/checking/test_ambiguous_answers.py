"""Answers with several rules: proofs a reader can add up, and forgeries that the checker refuses."""

import copy
import re
from collections import defaultdict
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.answer.answer import Answer
from mechlp.checking.verify import verify
from mechlp.cli import main
from mechlp.exact.saved import checksum
from mechlp.proof.cases import Case
from mechlp.proof.multipliers import Multipliers, RuleWeights
from mechlp.question.rules import Rules
from mechlp.report.cases import in_words
from mechlp.report.proof import latex

CONFIGS = Path(__file__).parents[2] / "configs"
NUMBER = re.compile(r"-?\d+(/\d+)?")
TAKEN = re.compile(r"(-?[\d/]+) x (truth|lie)\[(\w+): (\S+?)(?: -> (\S+))? \| rule (\d+)\]")
BALANCE = re.compile(r"(-?[\d/]+) x BB\[(.+) \| rule (\d+)\]")


def ambiguous(name, overrides=None, **ask):
    ask = {"ic": "ambiguous-transfers", **ask}
    return mechlp.read(CONFIGS / f"{name}.yaml", overrides=overrides or {}, ask=ask).design


def forged(data, change):
    """A copy with something changed and a checksum that fits."""
    out = copy.deepcopy(data)
    change(out)
    assert out != data
    out["sha256"] = checksum(out)
    return out


def numbers(node):
    """(container, key) of every exact number below a node."""
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        if isinstance(value, str) and NUMBER.fullmatch(value) and key != "lie":
            yield node, key
        yield from numbers(value)


# -- a page that can be added up by hand ----------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "ask", "left"),
    [
        ("guo-2018-example-a.1.1", {}, F(4)),  # 2 + 2, the cycle of the paper
        ("guo-2018-example-1.4.2-equal-beliefs", {}, F(1)),  # B - a
        ("myerson-satterthwaite", {"bb": "ex-post"}, None),
    ],
)
def test_the_printed_combination_adds_up(name, ask, left):
    """Nothing but the printed lines and the environment is used: transfers cancel, and what is left is negative."""
    overrides = {"m": "6"} if name.startswith("myerson") else {}
    design = ambiguous(name, overrides, **ask)
    answer = design.solve(relax=False)
    assert answer.status == "infeasible"
    lines = in_words(answer)
    environment, q = design.environment, design.lottery
    if q is None:  # a tie is worth the same to both together, not to each: only used without ties
        assert "transfers cancel" in " ".join(lines) or any("BB[" in line for line in lines)
        q = Rationals((environment.efficient & (np.cumsum(environment.efficient, axis=0) == 1)).astype(int))
    names = [a.name for a in environment.agents]
    on_t, constant, taken = defaultdict(F), F(0), 0
    for line in lines:
        if found := TAKEN.search(line):
            taken += 1
            weight, _, agent, own, report, rule = found.groups()
            i = names.index(agent)
            own_k = environment.agents[i].types.index(own)
            said = environment.agents[i].types.index(report) if report else own_k
            belief = environment.beliefs.conditional(i)[own_k].fractions()
            rest = [range(a.size) for k, a in enumerate(environment.agents) if k != i]
            for chance, others in zip(belief, np.ndindex(*map(len, rest)), strict=True):
                told, true = ((*others[:i], k, *others[i:]) for k in (said, own_k))
                on_t[rule, i, told] += F(weight) * chance
                for a in range(len(environment.outcomes)):
                    worth = environment.utility[i][(a, *true)]
                    constant += F(weight) * chance * q[(a, *told)] * worth
        elif found := BALANCE.search(line):
            weight, where, rule = found.groups()
            profile = tuple(
                a.types.index(part.split("=")[1])
                for a, part in zip(environment.agents, where.split(", "), strict=True)
            )
            for i in range(environment.n):
                on_t[rule, i, profile] -= F(weight)
    assert taken >= 4
    assert not any(on_t.values())
    assert -constant > 0 if left is None else -constant == left
    tex = latex(answer)
    assert tex.count(r"rule\ ") == sum("rule " in line for line in lines if " x " in line)


# -- forgeries ------------------------------------------------------------------------------------------
def refused_everywhere(saved, part, step=1):
    assert verify(saved).accepted
    count = len(list(numbers(part(saved))))
    assert count > 4
    for k in range(0, count, step):

        def change(data, k=k):
            node, key = list(numbers(part(data)))[k]
            node[key] = str(F(node[key]) + F(1, 1000003))

        assert not verify(forged(saved, change)).accepted, k


def test_a_side_bet_is_what_it_says():
    """psi, c, the proof that no smaller c does, and the refutation of one rule."""
    refused_everywhere(ambiguous("guo-2018-example-1.4.2").solve().to_json(), lambda d: d["fewest_rules"])


@pytest.fixture(scope="module")
def searched():
    """An answer whose least number of rules is proved by a search."""
    answer = ambiguous("public-good", objective="revenue", allocation="chosen", bb="none").solve()
    assert answer.fewest.assignments is not None
    assert answer.fewest.lower == answer.fewest.upper > 2
    saved = answer.to_json()
    assert verify(saved).accepted
    return saved


def test_a_search_is_what_it_says(searched):
    refused_everywhere(searched, lambda d: d["fewest_rules"]["fewer_are_not_enough"], step=37)
    tree = lambda d: d["fewest_rules"]["fewer_are_not_enough"]  # noqa: E731
    other = next(p["lie"] for p in searched["lies"] if p["lie"] != tree(searched)["lie"])
    assert not verify(forged(searched, lambda d: tree(d).update(lie=other))).accepted
    assert not verify(forged(searched, lambda d: tree(d)["cases"].pop())).accepted
    assert not verify(
        forged(searched, lambda d: d["fewest_rules"].update(fewer_are_not_enough=None))
    ).accepted


@pytest.mark.parametrize("by", [-1, 1])
@pytest.mark.parametrize("end", ["at_least", "at_most"])
def test_the_number_of_rules_is_what_it_says(searched, end, by):
    two = ambiguous("guo-2018-example-1.4.2").solve().to_json()
    for saved in (searched, two):
        change = lambda d: d["fewest_rules"].update({end: d["fewest_rules"][end] + by})  # noqa: E731
        assert not verify(forged(saved, change)).accepted


def test_labels_and_weights_of_a_refutation_are_what_they_say():
    saved = ambiguous("guo-2018-example-a.1.1").solve().to_json()
    refused_everywhere(saved, lambda d: d["certificate"])
    told = {row["name"] for row in saved["certificate"]["multipliers"]}
    for k, row in enumerate(saved["certificate"]["punishes"]):
        if row["name"] in told:
            for rule in (-1, (row["rule"] + 1) % 6):
                change = lambda d, k=k, rule=rule: d["certificate"]["punishes"][k].update(rule=rule)  # noqa: E731
                assert not verify(forged(saved, change)).accepted
    assert not verify(forged(saved, lambda d: d["certificate"]["punishes"].pop())).accepted


def test_a_refutation_of_one_rule_is_none_of_several():
    """The Bayesian refutation of Example 1.4.2 with all lies on one rule: every sum is right, and the claim is false."""
    design = ambiguous("guo-2018-example-1.4.2")
    y = design.asking(ic="bayesian").solve(relax=False).proof.multipliers
    labels = Rules.assigned(design, [0] * 8)
    owed = [ic.sum(axis=2) + ir for ic, ir in zip(y.ic, y.ir, strict=True)]
    lift = lambda a: a.reshape(1, *a.shape)  # noqa: E731
    zero = Rationals.zeros((1,))
    spread = RuleWeights(labels, tuple(map(lift, owed)), tuple(map(lift, y.ic)), zero)
    proof = Case(Multipliers(y.ic, y.ir, y.bb, spread), True)
    assert proof.bound(design) is None
    verdict = verify(Answer(design, "infeasible", True, proof=proof).to_json())
    assert not verdict.accepted
    assert "several lies" in verdict.problems[0]
    assert design.solve().status == "feasible"


# -- attitudes ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("agents", [2, 3, 5])
def test_optimism_pays_for_a_deficit_below_one_minus_one_over_n(agents):
    """n agents of one type, one outcome that costs them 1 together, balanced transfers: the switch is at (n-1)/n.

    At alpha = (n-1)/n, writing b(i) for the rule that agent i likes best, ``n alpha min + n (1-alpha) max`` is at most
    the sum of i's transfers under b(1), ..., b(n); over all i these add up to zero, so the types share no more than the
    deficit, which is less than their outside options; larger alphas are worse. Below, let i receive M in rule i and pay
    M/(n-1) in every other: that is worth ``M (1 - alpha - alpha/(n-1)) > 0`` to each, and grows with M.
    """
    ones = (1,) * agents
    environment = Environment(
        tuple(Agent.of(f"a{i}", ["x"]) for i in range(agents)),
        ("loss",),
        tuple(Rationals.of([F(-1, agents)]).reshape(1, *ones) for _ in range(agents)),
        Beliefs.common(Rationals.of([1]).reshape(*ones)),
    )
    critical = F(agents - 1, agents)
    design = Design(environment, ic="ambiguous-transfers", bb="ex-post", allocation="efficient")
    for alpha in (F(1), critical + F(1, 10**9), critical, critical - F(1, 10**6), F(0)):
        answer = design.asking(alpha=alpha).solve()
        assert answer.status == ("infeasible" if alpha >= critical else "feasible"), alpha
        assert answer.certified
        verdict = verify(answer.to_json())
        assert verdict.accepted, verdict.problems
        assert any("optimism" in note for note in answer.notes) == (alpha < critical)


def test_less_aversion_takes_a_larger_side_bet():
    """The same psi, and c divided by 2 alpha - 1."""
    pairs = [ambiguous("guo-2018-example-1.4.2", alpha=a).solve().fewest.pair for a in ("1", "3/4", "3/5")]
    assert all(p.psi.same(pairs[0].psi) for p in pairs)
    assert [p.c / pairs[0].c for p in pairs] == [1, 2, 5]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--alpha", "3/2"), "not between 0 and 1"),
        (("--alpha", "much"), "much"),
        (("--alpha", "1/2", "--ic", "bayesian"), "goes with ic: ambiguous-transfers"),
    ],
)
def test_wrong_alpha_on_the_command_line(arguments, said):
    path = CONFIGS / "guo-2018-example-1.4.2.yaml"
    result = CliRunner().invoke(
        main, ["solve", str(path), "--no-save", "--ic", "ambiguous-transfers", *arguments]
    )
    assert result.exit_code == 2
    assert said in result.output


@pytest.mark.parametrize("alpha", ["5/4", "-1/10", "brave"])
def test_wrong_alpha_in_a_file(tmp_path, alpha):
    text = (CONFIGS / "guo-2018-example-1.4.2.yaml").read_text()
    text = text.replace("ic: bayesian", f"ic: ambiguous-transfers, alpha: {alpha}")
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(mechlp.InvalidFile, match="alpha") as caught:
        mechlp.read(path)
    assert len(str(caught.value).splitlines()) == 1


def test_alpha_on_the_command_line_is_asked(tmp_path):
    path, out = CONFIGS / "guo-2018-example-1.4.2-equal-beliefs.yaml", tmp_path / "a.json"
    asked = ["solve", str(path), "--out", str(out), "--ic", "ambiguous-transfers", "--alpha", "3/4"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code in (0, 1)
    assert "3/4" in out.read_text()
    assert CliRunner().invoke(main, ["verify", str(out)]).exit_code == 0
