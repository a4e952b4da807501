"""The suite of laws: so many random environments, what each law compared, and the seed of whatever is broken.

    python tests/laws/run.py --environments 10000 --seed 0

Environment number k is made from the seed ``(--seed) + k`` alone, so ``--environments 1 --seed S`` repeats one.
"""

import argparse
import os
import random
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[k]) for k in (0, 1, 2)]

import laws  # noqa: E402
from random_designs import (  # noqa: E402
    first,
    random_ambiguous,
    random_constrained,
    random_design,
    random_games,
    random_misreports,
    random_money,
    random_ordinal,
)

#: The most cells of a mechanism.
CELLS = 36


def small(make):
    """Questions whose mechanisms have few cells."""

    def smaller(rng):
        while True:
            design = first(make, rng.getrandbits(64))
            e = design.environment
            if e.num_profiles * (len(e.outcomes) + e.n) <= CELLS:
                return design

    return smaller


#: What else may be asked: requirements of one's own, recommended actions, possible lies with slack and limits by report,
#: the value of money, rankings.
FURTHER = (random_constrained, random_games, random_misreports, random_money, random_ordinal)


def question(rng):
    """Three in five classical, the others about several rules, several beliefs, or what else may be asked."""
    kind = rng.random()
    if kind < 0.6:
        return laws.minimised(rng, small(random_design)(rng))
    if kind < 0.8:
        return small(rng.choice(FURTHER))(rng)
    return small(random_ambiguous)(rng) if kind < 0.9 else laws.believers(rng)


def examine(seed, each=2):
    """Comparisons by law, and what is broken: one environment, ``each`` laws beside those that are asked of all."""
    rng, counts = random.Random(seed), Counter()
    law = question
    try:
        design = question(rng)
        answer = laws.solved(design)
        found = laws.worth(design, answer)
        counts[f"status {answer.status}"] = 1
        for law in laws.ALWAYS:
            counts[law.__name__] += law(rng, design, found, answer)
        chosen = (
            (law, made)
            for law in rng.sample(laws.sometimes(design), len(laws.sometimes(design)))
            if (made := _applied(law, rng, design, found, answer))
        )
        for law, made in islice(chosen, each):
            counts[law.__name__] += made
    except Exception as error:
        name = getattr(law, "__name__", "")
        shown = "" if isinstance(error, laws.Broken) else traceback.format_exc(limit=-3)
        return counts, f"seed {seed}, law {name}: {error}\n{shown}".rstrip()
    return counts, None


def _applied(law, rng, design, found, answer):
    try:
        return law(rng, design, found, answer)
    except laws.Broken as error:
        raise laws.Broken(f"({law.__name__}) {error}") from None


def together(examined):
    """(comparisons by law, what is broken) of many environments."""
    total, broken = Counter(), []
    for counts, problem in examined:
        total.update(counts)
        if problem is not None:
            broken.append(problem)
    return total, broken


def run(seeds, each=2, workers=1):
    """The same of the environments with these seeds, on several processes."""
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        return together(pool.map(partial(examine, each=each), seeds, chunksize=10))


def report(environments, seed, total, broken, seconds):
    """The figures, line by line."""
    statuses = {k.removeprefix("status "): v for k, v in total.items() if k.startswith("status ")}
    yield f"seed {seed}, {environments:,} environments, {seconds:.0f} s: " + ", ".join(
        f"{v:,} {k}" for k, v in sorted(statuses.items())
    )
    for law in (*laws.ALWAYS, *laws.SOMETIMES):
        yield f"{total[law.__name__]:>8,} comparisons  {law.__name__:<20} {law.__doc__.splitlines()[0]}"
    made = comparisons(total)
    yield f"{made:>8,} comparisons in all, {len(broken)} broken"
    yield from broken


def comparisons(total):
    return sum(v for k, v in total.items() if not k.startswith("status "))


def idle(total):
    """Laws that compared nothing: a suite that cannot fail."""
    return [law.__name__ for law in (*laws.ALWAYS, *laws.SOMETIMES) if not total[law.__name__]]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--environments", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--each", type=int, default=2, help="laws asked of each, beside those asked of all")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    start = time.perf_counter()
    seeds = range(asked.seed, asked.seed + asked.environments)
    total, broken = run(seeds, asked.each, asked.workers)
    for line in report(asked.environments, asked.seed, total, broken, time.perf_counter() - start):
        print(line, flush=True)
    without = idle(total)
    if without and asked.environments >= 500:
        print(f"laws that compared nothing: {', '.join(without)}")
    return int(bool(broken) or not comparisons(total) or bool(without and asked.environments >= 500))


if __name__ == "__main__":
    sys.exit(main())
