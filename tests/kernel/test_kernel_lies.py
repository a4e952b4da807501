"""Where some lies are impossible, or may pay, the theorem says so, and its proof uses no other lie."""

import random
import re
from dataclasses import replace

import numpy as np
import pytest
from coq_runs import accepted, needs_coq, solved
from random_designs import random_misreports

from mechlp.kernel.export import exported

pytestmark = needs_coq


@pytest.fixture(scope="module")
def answers():
    """Exported answers of each notion whose proofs take several lies."""
    seeds = {"bayesian": (380, 384), "ex-post": (81, 93)}
    found = {}
    for ic, some in seeds.items():
        for seed in some:
            answer = solved(random_misreports(random.Random(seed)))
            assert answer.design.ic == ic and answer.design.misreports is not None
            assert sum(np.count_nonzero(y.numerator) for y in answer.proof.multipliers.ic) > 1
            found[f"{answer.status}_{seed}"] = exported(answer)
    return found


def test_lies_that_are_impossible_or_may_pay(library, standalone, answers):
    assert all(map(standalone, answers.values()))
    false = {}
    for name, one in answers.items():
        told = re.search(r"Definition can_report := flags.*?\.\n", one.text, flags=re.S).group()
        pays = re.search(r"Definition may_gain := gains.*?\.\n", one.text, flags=re.S).group()
        false[f"{name}_truth"] = replace(one, text=one.text.replace(told, told.replace("true", "false")))
        much = re.sub(r"\(?\d+(#\d+\))?", "1000", pays)
        false[f"{name}_pays"] = replace(one, text=one.text.replace(pays, much))
    assert not any(map(standalone, false.values()))
    name, one = next(iter(answers.items()))
    assert "_IC_among env M can_report may_gain" in one.text
    plain = one.text.replace("bayesian_IC_among env M can_report may_gain", "bayesian_IC env M", 1)
    plain = plain.replace("ex_post_IC_among env M can_report may_gain", "ex_post_IC env M", 1)
    assert accepted({"true": one, "every_lie": replace(one, text=plain)}, library) == {"true"}
