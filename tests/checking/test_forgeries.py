"""Forged answers, each with a right checksum: what they claim is false, and verify refuses them."""

from pathlib import Path

import pytest

import mechlp
from mechlp.checking.verify import verify, verify_file

REPRO = Path(__file__).parents[1] / "data" / "repro"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        # a fair toss between the outcomes leaves both traders 0, so a mechanism exists
        ("toss", "lotteries over outcomes are allowed"),
        # each lie is deterred under one belief in the mechanism, and under another in the direction
        ("wald", "beliefs, that deter lies"),
        # `right` is better for b and not worse for a
        ("ws", "the gains of"),
        # the lottery of the first cell has a total of 2
        ("continuum-first-cell", "may exceed 1"),
        # masses of 1e200 leave the range of 64-bit integers
        ("continuum-huge-mass", "a mass that is not between 0 and 1"),
        # the general lower end is below that of simple mechanisms, and the status says `better`
        ("continuum-status", "a lower end above its upper end"),
    ],
)
def test_false_claims_are_refused(name, said):
    verdict = verify_file(REPRO / f"{name}-forged.json")
    assert not verdict.accepted
    assert said in verdict.problems[0]


@pytest.mark.parametrize(("name", "status"), [("toss", "feasible"), ("wald", "optimal")])
def test_what_is_true_of_them(name, status):
    answer = mechlp.read(REPRO / f"{name}.yaml").design.solve()
    assert answer.status == status
    assert verify(answer.to_json()).accepted


def test_objectives_are_compared_number_by_number():
    # o1 is worth 1000 at two of 64 profiles in one file, and 1 everywhere in the other
    assert verify_file(REPRO / "obj_other.json", REPRO / "obj_other.yaml").accepted
    verdict = verify_file(REPRO / "obj_other.json", REPRO / "obj_mine.yaml")
    assert not verdict.accepted
    assert "another problem" in verdict.problems[0]
