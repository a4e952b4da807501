"""Auctions in reduced form, to a certified answer: `python benchmarks/bench_auctions.py [--large]`.

One object in two grades, two bidders, types on a (T+1) x (T+1) grid; then one grade, up to 20 bidders, and values that are
beta, normal, or correlated between grades.  With --large also T = 40, 50, 80 and 100, three bidders, three grades at T = 12,
and the other priors at T = 40.
`--json FILE` saves the figures.
"""

import argparse
import json
import platform
from dataclasses import replace
from pathlib import Path

import mechlp
from mechlp import Rationals

CONFIG = Path(__file__).parent.parent / "configs" / "multidimensional-auction.yaml"
SIZES = [(2, 2, 5), (2, 2, 10), (2, 2, 20), (3, 2, 10), (2, 3, 6), (5, 1, 50), (20, 1, 50)]
LARGE = [(2, 2, 40), (3, 2, 40), (2, 2, 50), (2, 3, 12), (2, 2, 80), (2, 2, 100)]
#: Of one value; each takes the place of the uniform prior of the file.
TRAPEZOID = "trapezoid"
PRIORS = {
    "beta": "{family: beta, alpha: 1, beta: 2}",
    "normal": "{family: truncated-normal, mean: 1/2, deviation: 1/5}",
    "narrow": "{family: truncated-normal, mean: 1/2, deviation: 1/10}",
}
CORRELATED = "correlated"
LIMIT = 600


def read(prior, n, k, t):
    """The auction with a prior of that name."""
    text = CONFIG.read_text(encoding="utf-8")
    assert f"bidder: {TRAPEZOID}" in text
    text = text.replace(f"bidder: {TRAPEZOID}", f"bidder: {PRIORS.get(prior, TRAPEZOID)}")
    design = mechlp.read_text(text, overrides={"N": str(n), "K": str(k), "T": str(t)}).design
    if prior != CORRELATED:
        return design
    values = design.environment.values.numerator
    weights = t**k + 4 * values.prod(axis=0)  # proportional to 1 + 4 v_1 ... v_k
    both = Rationals(weights, int(weights.sum()))
    return replace(design, environment=replace(design.environment, prior=both))


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also larger sizes")
    parser.add_argument("--json", type=Path, help="save the figures here")
    options, _ = parser.parse_known_args()  # those of the other benchmarks come along
    figures = []
    print(
        f"{'prior':10} {'N':>3} {'K':>2} {'T':>3} {'types':>6} {'seconds':>8} {'float':>7} {'exact':>6} {'audit':>6}  answer"
    )
    sizes = [(TRAPEZOID, *size) for size in SIZES + LARGE * options.large]
    sizes += [(prior, 2, 2, t) for t in (20, *(40,) * options.large) for prior in (*PRIORS, CORRELATED)]
    for prior, n, k, t in sizes:
        answer = read(prior, n, k, t).solve(time_limit=LIMIT)
        assert answer.certified
        spent = answer.timings
        exact = spent.get("exact arithmetic", 0) + spent.get("bracket", 0)
        said = f"{float(answer.value):.9f}"
        said += "" if answer.value == answer.bound else f" .. bound {float(answer.bound):.9f}"
        print(
            f"{prior:10} {n:>3} {k:>2} {t:>3} {answer.design.environment.size:>6,} {spent['total']:>8.2f} "
            f"{spent['float solves']:>7.2f} {exact:>6.2f} {spent['audit']:>6.2f}  {answer.status} {said}",
            flush=True,
        )
        figures.append(
            {
                "prior": prior,
                "N": n,
                "K": k,
                "T": t,
                "status": answer.status,
                "value": said,
                "seconds": dict(spent),
            }
        )
    if options.json:
        about = {"machine": platform.platform(), "versions": dict(answer.versions)}
        options.json.write_text(json.dumps({**about, "figures": figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
