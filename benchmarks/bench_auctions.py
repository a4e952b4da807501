"""Auctions in reduced form, to a certified answer: `python benchmarks/bench_auctions.py [--large]`.

One object in two grades, two bidders, types on a (T+1) x (T+1) grid; then one grade, up to 20 bidders.  With --large also
T = 40, 50 and 80, three bidders, and three grades at T = 12 (a certified bracket where ten minutes do not suffice).
`--json FILE` saves the figures.
"""

import argparse
import json
import platform
from pathlib import Path

import mechlp

CONFIG = Path(__file__).parent.parent / "configs" / "multidimensional-auction.yaml"
SIZES = [(2, 2, 5), (2, 2, 10), (2, 2, 20), (3, 2, 10), (2, 3, 6), (5, 1, 50), (20, 1, 50)]
LARGE = [(2, 2, 40), (3, 2, 40), (2, 2, 50), (2, 3, 12), (2, 2, 80)]
LIMIT = 600


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="also larger sizes")
    parser.add_argument("--json", type=Path, help="save the figures here")
    options, _ = parser.parse_known_args()  # those of the other benchmarks come along
    figures = []
    print(
        f"{'N':>3} {'K':>2} {'T':>3} {'types':>6} {'seconds':>8} {'float':>7} {'exact':>6} {'audit':>6}  answer"
    )
    for n, k, t in SIZES + LARGE * options.large:
        overrides = {"N": str(n), "K": str(k), "T": str(t)}
        answer = mechlp.read(CONFIG, overrides=overrides).design.solve(time_limit=LIMIT)
        assert answer.certified
        spent = answer.timings
        exact = spent.get("exact arithmetic", 0) + spent.get("bracket", 0)
        said = f"{float(answer.value):.9f}"
        said += "" if answer.value == answer.bound else f" .. bound {float(answer.bound):.9f}"
        print(
            f"{n:>3} {k:>2} {t:>3} {answer.design.environment.size:>6,} {spent['total']:>8.2f} "
            f"{spent['float solves']:>7.2f} {exact:>6.2f} {spent['audit']:>6.2f}  {answer.status} {said}",
            flush=True,
        )
        figures.append(
            {"N": n, "K": k, "T": t, "status": answer.status, "value": said, "seconds": dict(spent)}
        )
    if options.json:
        about = {"machine": platform.platform(), "versions": dict(answer.versions)}
        options.json.write_text(json.dumps({**about, "figures": figures}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
