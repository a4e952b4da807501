"""Runs of Coq on several exported answers at once."""

import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import mechlp
from mechlp.kernel.check import axioms, compiled
from mechlp.kernel.export import together

#: Forged answers.
REPRO = Path(__file__).parent / "data" / "repro"
#: Tests that need Coq 8.16 or later (Debian: coq) are skipped where it is absent, except in CI.
needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None and not os.environ.get("CI"), reason="needs Coq (apt-get install coq)"
)


def solved(design):
    """An answer, without what is only told beside the verdict."""
    return design.solve(examine=False) if isinstance(design, mechlp.Design) else design.solve()


def changed(one, old, new):
    """The same file with something else in it, once."""
    text, count = re.subn(old, new, one.text, count=1, flags=re.S)
    assert count == 1 and text != one.text
    return replace(one, text=text)


def accepted(answers, library):
    """Which of several exported answers Coq accepts: one run, which goes on after a refusal."""
    text = re.sub(
        r"^Print Assumptions .*$", "", together(answers).replace("\nEnd ", "\nAbort All.\nEnd "), flags=re.M
    )
    for name, one in answers.items():
        text += f'\nGoal True. idtac "@@". Abort.\nCheck {name}.{one.theorem}.\n'
    command = ["coqtop", "-q", "-color", "no", "-R", str(library), ""]
    run = subprocess.run(command, input=text, capture_output=True, text=True, timeout=600)
    said = re.split(r"^@@$", run.stdout, flags=re.M)
    assert len(said) == len(answers) + 1, run.stdout[-3000:] + run.stderr[-3000:]
    return {
        name
        for name, part in zip(answers, said[1:], strict=True)
        if f"{name}.{answers[name].theorem}" in part
    }


def rests_on(answers, library, place):
    """The axioms under several theorems, which coqc accepts: they are asked for once, of all together."""
    text = re.sub(r"^Print Assumptions .*$", "", together(answers), flags=re.M)
    text += (
        f"\nDefinition every_one := ({', '.join(f'{n}.{one.theorem}' for n, one in answers.items())}, I).\n"
    )
    (place / "every.v").write_text(text + "Print Assumptions every_one.\n")
    run = compiled(place / "every.v", library)
    assert run.returncode == 0, run.stderr
    return set(axioms(run.stdout))
