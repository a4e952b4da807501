"""A region with its proof beside a map of points: `python benchmarks/bench_parameters.py [--json]`.

Where Example 1.4.2 of Guo (2018) has a mechanism, over a and B from 0 to 2: the exact region, all of it proved, against the
certified answers of `mechlp map` at 17 x 17 points.  CPU seconds of one process; limit: a tenth of the map's.

Exits with 1 when the limit is not kept.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import mechlp
from mechlp.study import maps

GUO = Path(__file__).parents[1] / "configs" / "guo-2018-example-1.4.2.yaml"
SHARE, ROUNDS = 0.1, 5


def seconds(work):
    """CPU time of one call, and what it returned."""
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def main():
    reading = mechlp.read(GUO)
    reading.design.solve()  # what is loaded once is not counted
    regions = [seconds(lambda: mechlp.region(reading, over=["a=0:2", "B=0:2"])) for _ in range(ROUNDS)]
    axes = maps.axes_of(reading, ("a=0:2:17", "B=0:2:17"))
    mapped, found = seconds(lambda: maps.point_map(reading, axes, jobs=1))
    exact = regions[0][1]
    assert exact.exact
    assert all(exact.holds(a=p.at[0], B=p.at[1]) is p.possible for p in found), "region and map differ"
    taken = statistics.median(t for t, _ in regions)
    report = {"region": taken, "map": mapped, "share": taken / mapped, "limit": SHARE}
    if "--json" in sys.argv:
        print(json.dumps(report, indent=1))
    else:
        print(
            f"region {taken:.2f} s, map of {17 * 17} points {mapped:.2f} s: {taken / mapped:.3f} (limit {SHARE})"
        )
    return 0 if report["share"] <= SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
