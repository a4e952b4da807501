"""Many values of a parameter at once: `python benchmarks/bench_parameters.py [--json]`.

* Where Example 1.4.2 of Guo (2018) has a mechanism, over a and B from 0 to 2: the exact region, all of it proved, against the
  certified answers at 17 x 17 points, solved one by one.  Limit: a tenth.
* A sweep of 1,000 cells along a parameter of payoffs, where neighbours share a basis, against separate solves without what is
  examined beside a verdict (every fifth of them is timed): existence in the same example, over B, and the best revenue from
  a buyer with two values, over one of them.  Limit: an eighth.
* The same over the chance of that value: an optimum is a function of the chance, which is proved on intervals.  Limit: an eighth.
* The map of those 17 x 17 points.  No limit.

CPU seconds of one process.  Exits with 1 when a limit is not kept.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import mechlp
from mechlp.files import read_document
from mechlp.study.axes import axes, cells
from mechlp.study.cellwise import changed

GUO = Path(__file__).parents[1] / "configs" / "guo-2018-example-1.4.2.yaml"
SELLING = """
title: Selling to one buyer
parameters: {low: 1, high: 3, x: 1/2}
agents: {buyer: [a, b]}
outcomes: [keep, sell]
payoffs: {sell: {buyer: [low, high]}}
beliefs: {prior: {table: [x, 1 - x]}}
require: {ic: bayesian, ir: interim}
objective: revenue
"""
REGION, SWEEP, ROUNDS, EVERY = 0.1, 0.125, 5, 5


def seconds(work):
    """CPU time of one call, and what it returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def separate(reading, over, every=1):
    """CPU time of separate solves, in all, and some of the cells with their answers."""
    along = axes(over, reading.document)
    names, at = [a.name for a in along], cells(along)
    some = at[::every]
    taken, answers = seconds(lambda: [solved(reading, names, one) for one in some])
    return taken * len(at) / len(some), dict(zip(some, answers, strict=True))


def solved(reading, names, at):
    design = read_document(changed(reading.document, names, at)).design
    return design.solve(**design.bare, **design.verdict)


def region(reading):
    over = ["a=0:2:17", "B=0:2:17"]
    regions = [seconds(lambda: mechlp.region(reading, over=["a=0:2", "B=0:2"])) for _ in range(ROUNDS)]
    apart, answers = separate(reading, over)
    exact = regions[0][1]
    assert exact.exact
    assert all(exact.holds(a=a, B=b) is answer.exists for (a, b), answer in answers.items()), "they differ"
    return statistics.median(t for t, _ in regions), apart


def sweep(reading, over, every=EVERY):
    swept, found = seconds(lambda: mechlp.sweep(reading, over, jobs=1))
    apart, answers = separate(reading, over, every)
    known = {point.at: (point.status, point.value) for point in found}
    assert all(known[at] == (a.status, a.value) for at, a in answers.items()), "they differ"
    return swept, apart


def main():
    reading, selling = mechlp.read(GUO), mechlp.read_text(SELLING)
    reading.design.solve(), selling.design.solve()  # what is loaded once is not counted
    report = {}
    for name, limit, work in (
        ("region against 289 points", REGION, lambda: region(reading)),
        ("existence in 1,000 cells", SWEEP, lambda: sweep(reading, "B=1/2:2:1000")),
        ("best revenue in 1,000 cells", SWEEP, lambda: sweep(selling, "high=1:4:1000")),
        ("beliefs in 1,000 cells", SWEEP, lambda: sweep(selling, "x=1/10:9/10:1000")),
        ("map of 289 points", None, lambda: sweep(reading, ["a=0:2:17", "B=0:2:17"], 1)),
    ):
        taken, apart = work()
        report[name] = {"taken": taken, "separate": apart, "share": taken / apart, "limit": limit}
        if "--json" not in sys.argv:
            bound = "" if limit is None else f" (limit {limit})"
            print(f"{name}: {taken:.2f} s against {apart:.2f} s, {taken / apart:.3f}{bound}")
    if "--json" in sys.argv:
        print(json.dumps(report, indent=1))
    return 1 if any(r["limit"] and r["share"] > r["limit"] for r in report.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
