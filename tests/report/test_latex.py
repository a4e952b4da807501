"""LaTeX of every kind of answer compiles, and says what the answer says."""

import os
import re
import shutil
import subprocess
from fractions import Fraction as F

import answers
import pytest

from mechlp.checking.opened import opened
from mechlp.report.latex import HEAD
from mechlp.report.sections import latex, sections
from mechlp.report.tex import in_text
from mechlp.report.written_out import written_out


@pytest.fixture(scope="module")
def documents():
    return {name: latex(opened(answers.answer(name))) for name in answers.KINDS}


def test_latex_of_every_kind_of_answer_compiles(documents, tmp_path):
    if shutil.which("pdflatex") is None and not os.environ.get("CI"):
        pytest.skip("there is no pdflatex here (Debian: texlive-latex-recommended)")
    bodies = [text.removeprefix(HEAD).partition("\\end{document}")[0] for text in documents.values()]
    assert len(bodies) == len(answers.KINDS) > 50
    (tmp_path / "all.tex").write_text(HEAD + "\\clearpage\n".join(bodies) + "\\end{document}\n", "ascii")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
    assert ran.returncode == 0, ran.stdout[-2000:]
    wide = [float(w) for w in re.findall(r"Overfull \\hbox \(([\d.]+)pt too wide\)", ran.stdout)]
    assert max(wide, default=0) < 60, wide


def test_a_feasible_answer_has_its_mechanism(documents):
    assert r"FEASIBLE: a mechanism exists" in documents["feasible"]
    assert r"\toprule" in documents["feasible"] and "Mechanism" in documents["feasible"]


@pytest.mark.parametrize("name", ["infeasible, published", "optimal revenue", "budgets", "a quota", "least"])
def test_inequalities_written_out_add_up(name):
    """Times each inequality, what is written adds up to what is left; at the mechanism each inequality holds."""
    answer = opened(answers.answer(name))
    design = answer.design
    wanted = answer.status != "infeasible"
    proof = written_out(design, answer.proof.multipliers, wanted=wanted)
    total, constant = {}, F(0)
    for line in proof.lines:
        constant += line.times * line.form.constant
        for weight, unknown in line.form.terms:
            total[unknown] = total.get(unknown, 0) + line.times * weight
    left = {unknown: weight for weight, unknown in proof.total.terms}
    if not wanted:
        assert {u: w for u, w in total.items() if w} == left and constant == proof.total.constant
        assert proof.bound < 0
        return
    rule = answer.rules[0]
    value = lambda u: (rule.allocation if u.kind == "q" else rule.transfers)[(u.of, *u.profile)]  # noqa: E731
    for line in proof.lines:
        slack = line.form.constant + sum(w * value(u) for w, u in line.form.terms)
        assert slack == 0  # complementary slackness: a requirement with a multiplier binds
    sign = 1 if proof.maximize else -1
    reached = proof.total.constant + sum(w * value(u) for u, w in left.items())
    assert reached == sign * answer.value == sign * proof.bound


def test_the_first_inequality_of_guo_is_the_one_on_paper():
    """IC of t1 in Example 1.4.2: her belief is (1/5, 2/5, 2/5), and the allocation is worth as much after the lie."""
    answer = opened(answers.answer("infeasible, published"))
    said = next(one.written for one in sections(answer) if one.written is not None).lines[0]
    assert said.name == "IC[agent1: t1 -> t2]" and said.form.constant == 0
    weights = {u.profile: w for w, u in said.form.terms}
    belief = {0: F(1, 5), 1: F(2, 5), 2: F(2, 5)}
    assert weights == {(own, s): sign * p for own, sign in ((0, 1), (1, -1)) for s, p in belief.items()}


def test_names_become_plain_ascii():
    assert in_text("\u010copi\u010d, P\u0119ski & c_star") == r"\v{C}opi\v{c}, P\k{e}ski \& c\_star"
    assert in_text("\u03b8 \u0394 \u4e2d") == r"$\theta$ $\Delta$ [U+4E2D]"
    assert in_text("1 -> 2 | x <= {3}") == r"1 $\to$ 2 $\mid$ x $\le$ \{3\}"
