"""Assembly of the Bayesian program, beside a fresh copy of the finished arrays: `python benchmarks/bench_assembly.py`.

Paired and interleaved: each round times a copy of the arrays into fresh memory and an assembly, and the table gives
the median of the ratios.  Prints also the exact assembly and the time to a certified answer at small sizes.
"""

import statistics
import time

import numpy as np

import mechlp
from mechlp.design.compile import compile

TEXT = """
parameters: {{m: {m}}}
agents:
  seller: {{types: {{from: 0, to: 1, count: m}}}}
  buyer: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: trade
trade: {{seller: seller, buyer: buyer}}
beliefs: {{prior: uniform}}
objective: revenue
"""


def seconds(work):
    """Wall time of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def fresh_copy(arrays):
    """The finished arrays into fresh memory."""
    return [np.array(a, copy=True) for a in (arrays.indptr, arrays.indices, arrays.data)]


def main(rounds=7):
    """Print the table."""
    print(f"{'m':>4} {'entries':>10} {'copy ms':>8} {'assembly/copy':>14} {'exact/copy':>11}")
    for m in (20, 40, 80):
        program = compile(mechlp.read_text(TEXT.format(m=m)).design)
        arrays = program.arrays()
        copies, floats, exacts = [], [], []
        for _ in range(rounds):
            copies.append(seconds(lambda arrays=arrays: fresh_copy(arrays)))
            floats.append(seconds(program.arrays) / copies[-1])
            exacts.append(seconds(program.integers) / copies[-1])
        print(
            f"{m:>4} {program.nonzeros:>10,} {1000 * statistics.median(copies):>8.2f} "
            f"{statistics.median(floats):>14.1f} {statistics.median(exacts):>11.1f}"
        )
    print("\nto a certified answer, seconds")
    for m in (4, 8, 12):
        answer = mechlp.read_text(TEXT.format(m=m)).design.solve()
        print(f"{m:>4} {answer.timings['total']:.2f}  {answer.status} {answer.value}")


if __name__ == "__main__":
    main()
