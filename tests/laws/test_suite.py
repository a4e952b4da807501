"""The suite of laws and the attack on certificates within CI's time; ``make laws`` runs both at length.

Both are cut into parts, each a test of its own, so that workers of pytest share them; the figures are added up and printed
at the end (conftest.py).
"""

import os
import random

import attack
import laws
import pytest
import run

#: Environments, and numbers altered of each of 100 answers; a run that only looks for faults takes fewer.
ENVIRONMENTS = int(os.environ.get("MECHLP_LAWS", "2000"))
ALTERED = int(os.environ.get("MECHLP_ALTERED", "8"))
#: Environments of a part, and parts of the answers.
PART, PARTS = 50, 10


@pytest.mark.parametrize("first", range(0, ENVIRONMENTS, PART))
def test_laws_hold_on_random_environments(first, record_property):
    seeds = range(first, min(first + PART, ENVIRONMENTS))
    total, broken = run.together(run.examine(seed, each=1) for seed in seeds)
    record_property("laws", dict(total))
    assert not broken
    assert total["accepted"] == len(seeds)
    assert run.comparisons(total) >= 2 * len(seeds)


def test_every_law_compares_something():
    """None is a law that cannot fail: each applies to one of the first environments."""
    waiting = [*laws.ALWAYS, *laws.SOMETIMES]
    for seed in range(100):
        rng = random.Random(seed)
        design = run.question(rng)
        answer = laws.solved(design)
        asked = design, laws.worth(design, answer), answer
        waiting = [law for law in waiting if not law(random.Random(seed), *asked)]
        if not waiting:
            break
    assert not waiting


@pytest.mark.parametrize("part", range(PARTS))
def test_altered_certificates_are_refused_or_harmless(part, record_property):
    names = attack.chosen(100, 0)[part::PARTS]
    assert len(names) == 100 // PARTS
    total, forgeries = attack.together(attack.one((name, 0, ALTERED)) for name in names)
    record_property("attack", dict(total))
    assert not forgeries
    assert total["refused"] > sum(total.values()) / 2


def test_a_broken_law_is_reported_with_its_seed(monkeypatch):
    def false(rng, design, found, answer):
        """Never holds."""
        return laws.equal(found, None, "nothing")

    monkeypatch.setattr(laws, "ALWAYS", (false,))
    counts, problem = run.examine(7)
    assert problem.startswith("seed 7, law false: nothing:")
    assert run.comparisons(counts) == 0
    assert run.idle(counts)
    with pytest.raises(laws.Broken, match="exceeds"):
        laws.at_most((0, 2), (0, 1), "something")


def test_an_altered_number_differs():
    rng = random.Random(0)
    for value in (True, 3, 0.5, "1/3", "0", "-7"):
        for _ in range(30):
            assert attack.altered(value, rng) != value
    paths = list(attack.places({"a": ["1/2", {"b": 3}], "sha256": "12", "name": "x1", "c": True}))
    assert paths == [("a", 0), ("a", 1, "b"), ("c",)]
