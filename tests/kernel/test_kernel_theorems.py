"""Answers as theorems: the kernel of Coq accepts true ones, and refuses those that were tampered with.

These tests need Coq 8.16 or later (Debian: coq).  Where it is absent they are skipped, except in CI.
"""

import json
import os
import random
import re
import subprocess
from dataclasses import replace
from fractions import Fraction as F
from functools import wraps
from pathlib import Path

import pytest
from answers import answer as saved_kind
from click.testing import CliRunner
from coq_runs import REPRO, accepted, needs_coq, rests_on, solved
from random_designs import _numbers, random_ambiguous, random_constrained, random_design, random_misreports
from small import forged as forged_copy
from small import put

import mechlp
from mechlp import Objective, Rationals
from mechlp.cli import main
from mechlp.kernel.check import AXIOMS, allowed, axioms, build, check, compiled
from mechlp.kernel.covered import NotCovered
from mechlp.kernel.export import (
    LIBRARY,
    SOURCES,
    exported,
    from_document,
    identifier,
    saved_answer,
    write_files,
)
from mechlp.proof.invalid import InvalidCertificate

pytestmark = needs_coq
SHIPPED = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
#: What has no definition in the library yet.
OPEN = re.compile(
    r"copic-ponsati-2006-(example|posted|proposition-5)|guo-2018-maximin|wolitzky-2015-least-d\.|-continuum"
)
#: Traders on many types, which coqc takes some ten seconds for: the extracted checker alone reads them here.
LONG = re.compile(r"simple_is_beaten")


@pytest.fixture(scope="module")
def stated(shipped):
    """Every shipped environment that has a statement, exported under its own question."""
    names = [path.stem for path in SHIPPED if not OPEN.search(path.name)]
    return {identifier(Path(name)): exported(from_document(shipped(name))) for name in names}


def test_shipped_environments_are_theorems(library, standalone, stated, tmp_path):
    assert len(stated) >= 33
    assert all(map(standalone, stated.values()))
    short = {name: one for name, one in stated.items() if not LONG.search(name)}
    powers = {name: one for name, one in short.items() if allowed(one) != AXIOMS}
    assert rests_on({n: one for n, one in short.items() if n not in powers}, library, tmp_path) <= AXIOMS
    assert len(powers) == 2
    assert rests_on(powers, library, tmp_path) <= AXIOMS | {"Classical_Prop.classic"}


@pytest.mark.slow
def test_the_longest_shipped_environments_are_theorems(library, stated, tmp_path):
    long = {name: one for name, one in stated.items() if LONG.search(name)}
    assert len(long) == 2
    assert "Classical_Prop.classic" in rests_on(long, library, tmp_path)


def test_random_questions_are_theorems(library, standalone, tmp_path):
    rng, answers, statuses = random.Random(7), {}, set()
    makers = [random_design, random_design, random_misreports, random_constrained, random_ambiguous]
    while len(answers) < 30:
        maker = makers[len(answers) % len(makers)]
        try:
            answer = solved(maker(rng))
            answers[f"random_{len(answers)}"] = exported(answer)
            statuses.add(answer.status)
        except mechlp.InvalidDesign:  # of which NotCovered is one
            continue
    assert {"infeasible", "feasible", "optimal"} <= statuses
    assert rests_on(answers, library, tmp_path) <= AXIOMS
    assert all(map(standalone, answers.values()))


# -- what was tampered with ---------------------------------------------------------------------------------
GUO, AUCTION = "guo-2018-example-1.4.2", "myerson-auction"


@pytest.fixture(scope="module")
def honest(shipped):
    """Saved answers: a refutation, and an optimum."""
    return {name: shipped(name) for name in (GUO, AUCTION)}


def another(rng, text):
    """Another number."""
    return str(F(text) + rng.choice([-1, 1]) * F(1, rng.randint(1, 50)))


def multiplier(rng, data):
    row = rng.choice(data["certificate"]["multipliers"])
    row["multiplier"] = another(rng, row["multiplier"])


def sign(rng, data):
    row = rng.choice(data["certificate"]["multipliers"])
    row["multiplier"] = str(-F(row["multiplier"]))


def moved(by):
    def change(rng, data):
        data["value"] = data["bound"] = str(F(data["value"]) + by * F(1, rng.randint(2, 10**6)))

    return change


def paid(rng, data):
    """A transfer of the mechanism."""
    own = rng.choice(list(data["rules"][0]["transfers"].values()))
    row = rng.choice(own)
    place = rng.randrange(len(row))
    row[place] = another(rng, row[place])


def of_environment(change):
    @wraps(change)
    def changed(rng, data):
        answer = from_document(data)
        environment = change(rng, answer.design.environment)
        return replace(answer, design=replace(answer.design, environment=environment, document=None))

    return changed


@of_environment
def prior(rng, environment):
    """Mass moves between two profiles; every type's belief with it."""
    table = environment.designer.numerator.copy()
    one, other = rng.sample(range(table.size), 2)
    flat = table.reshape(-1)
    flat[one], flat[other] = flat[one] + 1, flat[other] - 1
    weights = Rationals(table) / environment.designer.denominator
    return replace(environment, beliefs=mechlp.Beliefs.common(weights), designer=weights)


@of_environment
def utility(rng, environment):
    """What an outcome that is carried out is worth, everywhere."""
    arrays = list(environment.utility)
    i, a = rng.randrange(environment.n), rng.randrange(1, len(environment.outcomes))
    bump = Rationals.of([F(int(k == a), rng.randint(2, 9)) for k in range(len(environment.outcomes))])
    full = arrays[i].broadcast_to((len(environment.outcomes), *environment.shape))
    weight = Rationals.of(
        [[F(1 + k * rng.randint(1, 3)) for k in range(environment.shape[1])]] * environment.shape[0]
    )
    arrays[i] = full + bump.reshape(-1, 1, 1) * weight
    return replace(environment, utility=tuple(arrays))


KINDS = {
    GUO: [multiplier, sign],  # a refutation may survive other payoffs and beliefs
    AUCTION: [multiplier, sign, utility, prior, moved(1), moved(-1), paid],
}


def test_a_hundred_tampered_files_are_refused(library, standalone, honest):
    rng, tampered = random.Random(11), {}
    while len(tampered) < 92:
        name = rng.choice(list(KINDS))
        change = rng.choice(KINDS[name])
        data = json.loads(json.dumps(honest[name]))
        for row in data["certificate"]["multipliers"]:
            row.setdefault("name", "")
        answer = change(rng, data)
        tampered[f"{change.__name__}_{len(tampered)}"] = exported(answer or from_document(data))
    assert not any(map(standalone, tampered.values()))
    for name, data in honest.items():  # the statement asks less, or more, than what is checked
        one = exported(from_document(data))
        conjuncts = re.search(r"Prop :=\n  (.*?)\.\n", one.text, flags=re.S).group(1).split(" /\\\n  ")
        for k in range(len(conjuncts)):
            weaker = " /\\\n  ".join(conjuncts[:k] + conjuncts[k + 1 :])
            text = one.text.replace(" /\\\n  ".join(conjuncts), weaker, 1)
            tampered[f"weakened_{identifier(Path(name))}_{k}"] = replace(one, text=text)
    assert len(tampered) >= 100
    true = {f"true_{k}": exported(from_document(data)) for k, data in enumerate(honest.values())}
    assert accepted({**tampered, **true}, library) == set(true)


def changed(data, change):
    """A copy of a saved answer with something else in it."""
    data = json.loads(json.dumps(data))
    change(data)
    return exported(from_document(data))


def moved_end(name, by):
    return lambda data: data.update({name: str(F(data[name]) + by * F(1, 10**6))})


def test_tampered_prices_and_identical_bidders_are_refused(library, standalone):
    place = SHIPPED[0].parent
    prices = solved(
        mechlp.read(place / "copic-ponsati-2006-ex-ante-optimum.yaml", overrides={"m": "4"}).design
    ).to_json()
    bidders = solved(
        mechlp.read(place / "multidimensional-auction.yaml", overrides={"T": "3"}).design
    ).to_json()
    lotteries = list(prices["mechanism"]["distribution"])
    tampered = {
        "more_welfare": changed(prices, moved_end("value", 1)),
        "less_welfare": changed(prices, moved_end("bound", -1)),
        "another_lottery": changed(
            prices, lambda d: d["mechanism"]["distribution"].update({lotteries[0]: "9/10"})
        ),
        "more_revenue": changed(bidders, moved_end("value", 1)),
        "less_revenue": changed(bidders, moved_end("bound", -1)),
        "doubled_multipliers": changed(
            bidders,
            lambda d: d["certificate"].update(
                multipliers=[str(2 * F(y)) for y in d["certificate"]["multipliers"]]
            ),
        ),
        "negative_multiplier": changed(
            bidders, lambda d: d["certificate"]["multipliers"].__setitem__(0, "-1/7")
        ),
        "more_chances": changed(
            bidders, lambda d: d["interim_rule"]["contracts"][-1].__setitem__(0, "99/100")
        ),
        "lower_payments": changed(bidders, lambda d: d["interim_rule"]["contracts"][-1].__setitem__(2, "0")),
    }
    true = {"prices": exported(from_document(prices)), "bidders": exported(from_document(bidders))}
    assert accepted({**tampered, **true}, library) == set(true)
    assert not any(map(standalone, tampered.values()))
    assert all(map(standalone, true.values()))


def test_forged_answers_are_refused(library):
    data = json.loads((REPRO / "toss-forged.json").read_text())
    checked = check(exported(from_document(data)), library=library)
    assert not checked.accepted
    assert checked.exit_status == 1


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("continuum-first-cell", "mechlp continuum comparison"),
        ("continuum-huge-mass", "mechlp continuum comparison"),
        ("continuum-status", "mechlp continuum comparison"),
    ],
)
def test_forged_answers_without_a_statement_are_not_exported(file, why):
    with pytest.raises(NotCovered, match=why):
        exported(saved_answer(REPRO / f"{file}-forged.json"))


def test_an_answer_to_another_question_is_a_theorem_about_that_one(library):
    """What is proved is about the problem in the file; that this is your problem, its data show."""
    other = from_document(json.loads((REPRO / "obj_other.json").read_text()))
    mine = replace(other, design=mechlp.read(REPRO / "obj_mine.yaml").design)
    assert accepted({"other": exported(other), "mine": exported(mine)}, library) == {"other"}


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("contours", "the upper contours of a mechanism"),
        ("robustness", "robust efficiency"),
        ("an announcement", "what an informed agent announces"),
    ],
)
def test_questions_about_interim_payoffs_that_have_no_statement_are_refused_by_name(kind, why):
    with pytest.raises(NotCovered, match=f"does not cover {why}"):
        from_document(saved_kind(kind))


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [("simple mechanisms", ("mechanism", "distribution", "0"), "-9"), ("reduced form", ("certificate", "types", 0), 99)],
)
def test_what_does_not_fit_its_problem_is_no_theorem_and_no_failure(kind, path, value):
    forged_one = forged_copy(saved_kind(kind), put(path, value))
    with pytest.raises(InvalidCertificate, match="not fit its own problem"):
        exported(from_document(forged_one))


def test_efficient_allocations_where_money_differs_in_worth_are_not_stated_as_efficient_in_money():
    """What is worth 3 to a, who makes 3 of a unit of money, or 2 to b, is worth one unit or two: a has it, and in money b would."""
    worth = [[[3], [0]], [[0], [2]]]
    utility = [Rationals.of(u).reshape(2, 1, 1) for u in worth]
    agents, prior = [mechlp.Agent.of(name, [0]) for name in "ab"], Rationals.of([[1]])
    environment = mechlp.Environment(agents, ["to a", "to b"], utility, prior).with_money([3, 1])
    answer = solved(mechlp.Design(environment, ic="none", ir="none", bb="none", allocation="efficient"))
    assert answer.status == "feasible" and answer.mechanism.outcome((0, 0)) == {"to a": 1}
    with pytest.raises(NotCovered, match="surplus is not counted in money"):
        exported(answer)


def test_what_the_command_line_says(library, tmp_path, monkeypatch):
    answer, place = tmp_path / "guo.answer.json", tmp_path / "proof"
    config = SHIPPED[0].parent / f"{GUO}.yaml"
    assert mechlp_command("solve", config, "--out", answer, "--no-rates")[0] == 1
    status, said = mechlp_command("export", answer, "--proof", "coq", "--out", place)
    assert status == 0 and "~ exists M : mechanism, asks M." in said
    assert {"Economics.v", "Mechlp.v", "Extract.v", "reader.ml", "guo.v", "Makefile"} <= {
        p.name for p in place.iterdir()
    }
    text = (place / "guo.v").read_text()
    assert "agent 1 = agent2; types 0 = s1, 1 = s2, 2 = s3" in text
    assert "Print Assumptions no_mechanism." in text
    status, said = mechlp_command("export", config, "--proof", "coq", "--out", place)
    assert status == 2 and "solve the problem" in said
    other = SHIPPED[0].parent / "copic-ponsati-2006-posted-price.yaml"
    assert mechlp_command("solve", other, "--out", answer, "--no-rates")[0] in (0, 1)
    status, said = mechlp_command("verify", answer, "--kernel")
    assert status == 2 and "does not cover" in said
    monkeypatch.setenv("PATH", "")
    mechlp_command("solve", config, "--out", answer, "--no-rates")
    status, said = mechlp_command("verify", answer, "--kernel")
    assert status == 2 and "apt-get install coq" in said


def test_make_compiles_each_part_after_those_it_needs_and_what_is_unchanged_once(tmp_path, monkeypatch, shipped):
    """With a compiler that says what it is asked, and refuses a file before what that requires."""
    fake, place, said = tmp_path / "coqc", tmp_path / "proof", tmp_path / "said"
    fake.write_text(
        f'#!/bin/sh\nfor f in $(sed -n "s/^Require [IE][a-z]* \\(.*\\)\\.$/\\1/p" $4); do test -e $f.vo || exit 1; done\n'
        f'echo $4 >> {said}; touch ${{4}}o\n'
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    def made(answer, *targets):
        write_files(exported(answer), "answer", place)
        said.write_text("")
        subprocess.run(["make", "-C", place, *targets], check=True, capture_output=True)
        return said.read_text().split()

    answer = from_document(shipped("guo-2018-example-1.4.2"))
    assert made(answer) == [*(f"{part}.v" for part in exported(answer).library), "answer.v"]
    assert made(answer) == []
    assert made(replace(answer, design=answer.design.asking(ir="none"))) == ["answer.v"]
    assert made(answer, "Extract.vo")[-1] == "Extract.v"
    assert {path.stem for path in place.glob("*.vo")} == {*LIBRARY, "Extract", "answer"}
    assert identifier(Path("Extract.answer.json")) == "answer_Extract"


def mechlp_command(*words):
    run = CliRunner().invoke(main, [str(w) for w in words])
    return run.exit_code, run.output


def test_names_cannot_leave_their_comments():
    agents = (mechlp.Agent.of('a *) Axiom false : False. (* "', ["x", "y"]),)
    environment = mechlp.Environment(
        agents, ("o",), (Rationals.zeros((1, 2)),), Rationals.of([F(1, 2), F(1, 2)])
    )
    text = exported(solved(mechlp.Design(environment))).text
    assert text.count("*)") == text.count("(*") and '"' not in text
    assert "* ) Axiom false" in text


@pytest.fixture(scope="module")
def parameters(library):
    build(library, ["Parameters"])
    return library


def test_guo_1_4_2_is_a_theorem_for_all_parameters(parameters, tmp_path, root):
    text = (SOURCES / "Guo142.v").read_text()
    stated = "forall a B : Q, (0 < a)%Q -> (0 <= B)%Q -> ((B <= a)%Q <-> exists M : mechanism, asks a B M)"
    assert f"Theorem exists_iff : {stated}." in text
    assert stated in (root / "README.md").read_text()
    (tmp_path / "Guo142.v").write_text(text)
    run = compiled(tmp_path / "Guo142.v", parameters)
    assert run.returncode == 0, run.stderr
    assert set(axioms(run.stdout)) <= AXIOMS
    for true, false in (
        ("(B <= a)%Q <->", "(B <= 2 * a)%Q <->"),
        ("a - 2 * B", "a - B"),
    ):
        assert true in text
        (tmp_path / "Guo142.v").write_text(text.replace(true, false, 1))
        assert compiled(tmp_path / "Guo142.v", parameters).returncode != 0


def test_the_library_is_checked_again_by_itself(library):
    """By coqchk, which is another program than coqc; Coq's own library is taken as it is."""
    own = LIBRARY
    command = [
        "coqchk",
        "-silent",
        "-o",
        "-R",
        str(library),
        "",
        *(w for name in own for w in ("-norec", name)),
    ]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    said = run.stdout + run.stderr
    assumed = said.partition("* Axioms:")[2].partition("* Constants")[0].split()
    assert "Coq.Reals.ClassicalDedekindReals.sig_forall_dec" in assumed
    assert not [name for name in assumed if not name.startswith("Coq.")]
    assert "type-in-type: <none>" in said


@pytest.mark.parametrize("seed", [0, 2])
def test_least_values_of_ambiguous_rules(standalone, seed):
    rng = random.Random(seed)
    design, wanted = random_ambiguous(rng), random.Random(seed)
    e = design.environment
    paid = [_numbers(wanted, e.shape, 0, 1) for _ in e.agents]
    least = Objective.linear(_numbers(wanted, (len(e.outcomes), *e.shape)), paid, maximize=False)
    answer = solved(design.asking(objective=least))
    assert answer.status == "optimal" and standalone(one := exported(answer))
    assert "Theorem least_value" in one.text and not standalone(
        exported(replace(answer, value=answer.value + F(1, 100)))
    )
