"""The suite of laws and the attack on certificates within CI's time; ``make laws`` runs both at length."""

import os

import attack
import laws
import pytest
import run

#: Environments, and numbers altered of each of 100 answers; a run that only looks for faults takes fewer.
ENVIRONMENTS = int(os.environ.get("MECHLP_LAWS", "2000"))
ALTERED = int(os.environ.get("MECHLP_ALTERED", "8"))
WORKERS = int(os.environ.get("MECHLP_WORKERS", str(os.cpu_count() or 1)))


def test_laws_hold_on_random_environments(capsys):
    total, broken = run.run(ENVIRONMENTS, 0, WORKERS, each=1)
    with capsys.disabled():
        print()
        for line in run.report(ENVIRONMENTS, 0, total, broken, 0):
            print(line)
    assert not broken
    assert total["accepted"] == ENVIRONMENTS
    assert run.comparisons(total) >= 2 * ENVIRONMENTS
    assert ENVIRONMENTS < 500 or not run.idle(total)


def test_altered_certificates_are_refused_or_harmless():
    total, forgeries, count = attack.run(100, 0, ALTERED, WORKERS)
    assert not forgeries
    assert count == 100
    assert total["refused"] > sum(total.values()) / 2


def test_a_broken_law_is_reported_with_its_seed(monkeypatch):
    def false(rng, design, found, answer):
        """Never holds."""
        return laws.equal(found, None, "nothing")

    monkeypatch.setattr(laws, "ALWAYS", (false,))
    counts, problem = run.examine(7)
    assert problem.startswith(
        "seed 7, law false: (false) nothing" if "(false)" in problem else "seed 7, law false"
    )
    assert run.comparisons(counts) == 0
    assert run.idle(counts)
    with pytest.raises(laws.Broken, match="exceeds"):
        laws.at_most((0, 2), (0, 1), "something")


def test_an_altered_number_differs():
    import random

    rng = random.Random(0)
    for value in (True, 3, 0.5, "1/3", "0", "-7"):
        for _ in range(30):
            assert attack.altered(value, rng) != value
    paths = list(attack.places({"a": ["1/2", {"b": 3}], "sha256": "12", "name": "x1", "c": True}))
    assert paths == [("a", 0), ("a", 1, "b"), ("c",)]
