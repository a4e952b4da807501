"""Benchmarks as frozen records, measured in one way: `main(BENCHMARKS)` is the command line of every registry.

A ratio is paired and interleaved: a round times the reference and each phase one after the other, in process time; the table
gives the median of the rounds' ratios and their quartiles.  With `--against` a run is laid beside an earlier one: what is
named as moved has quartiles that do not meet and a median that differs by more than a quarter.

With `--minutes` each benchmark has its share of the time, and what it leaves is for those after it: fewer rounds where the
time is over (one at least), and no size of which a round would take longer than what is left.  Sizes that were not measured
are named.
"""

import argparse
import json
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import numpy as np

from mechlp.solving.solve import versions

STORED = Path(__file__).with_name("stored-run.json")
PEERS = ("linopy", "cvxpy", "pyoptinterface", "highsbox")
MOVED = 1.25
#: How many times longer than at the size before a round takes at the next one, at least.
GROWS = 8


@dataclass(frozen=True)
class Benchmark:
    """One thing measured at several sizes.

    ``build(size)`` is not timed and returns the work of each phase by name, without those whose package is missing; the
    first of ``phases`` is the reference of the others.  ``count(size)`` gives figures that are counted and not timed.
    ``growth``: the phase whose seconds are fitted as a power of the size.  ``limits``: ratios and counts asked for,
    by phase, from the size ``limits_from`` on.
    """

    name: str
    build: Callable[[int], Mapping[str, Callable[[], object]]]
    sizes: tuple[int, ...]
    phases: tuple[str, ...]
    rounds: int = 7
    count: Callable[[int], Mapping[str, float]] | None = None
    growth: str | None = None
    limits: tuple[tuple[str, float], ...] = ()
    limits_from: int = 0


@dataclass(frozen=True)
class Figure:
    """The median of one ratio or number with its quartiles; ``seconds``: the median time where it is one."""

    median: float
    low: float
    high: float
    seconds: float | None = None
    limit: float | None = None

    def moved(self, before: "Figure") -> bool:
        apart = self.low > before.high or self.high < before.low
        return apart and max(self.median, before.median) > MOVED * min(self.median, before.median)


def seconds(work: Callable[[], object]) -> float:
    """Process time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def spread(found: Sequence[float], **more: float | None) -> Figure:
    low, median, high = np.quantile(found, (0.25, 0.5, 0.75))
    return Figure(float(median), float(low), float(high), **more)


def limited(benchmark: Benchmark, size: int) -> dict[str, float]:
    return dict(benchmark.limits) if size >= benchmark.limits_from else {}


def timed(benchmark: Benchmark, size: int, until: float = math.inf) -> Iterator[tuple[str, Figure]]:
    """The reference's seconds, and the other phases' ratios to it; no round begins after ``until``, but the first."""
    works = benchmark.build(size)
    times: dict[str, list[float]] = {phase: [] for phase in benchmark.phases if phase in works}
    for _ in range(benchmark.rounds):
        for phase, taken in times.items():
            taken.append(max(seconds(works[phase]), 1e-9))
        if time.perf_counter() >= until:
            break
    reference, *others = times
    at = f"{benchmark.name}, {size}"
    limits = limited(benchmark, size)
    yield f"seconds of {reference}, {at}", spread(times[reference])
    for phase in others:
        ratios = [a / b for a, b in zip(times[phase], times[reference], strict=True)]
        taken = statistics.median(times[phase])
        yield (
            f"{phase}/{reference}, {at}",
            spread(ratios, seconds=taken, limit=limits.get(phase)),
        )


def measure(benchmark: Benchmark, share: float = math.inf) -> Iterator[tuple[str, Figure]]:
    """Every figure of one benchmark, by name, in about so many seconds."""
    fitted: list[float] = []
    until, count, one = time.perf_counter() + share, len(benchmark.sizes), 0.0
    for k, size in enumerate(benchmark.sizes):
        left = until - time.perf_counter()
        if k and GROWS * one > left:
            print(f"{benchmark.name}: no time for {', '.join(map(str, benchmark.sizes[k:]))}", flush=True)
            count = k
            break
        one, last = 0.0, k == count - 1
        # Half of what is left, at most, for each size before the last.
        for name, figure in timed(benchmark, size, time.perf_counter() + (left if last else left / 2)):
            one += figure.median if figure.seconds is None else figure.seconds
            if benchmark.growth and f"{benchmark.growth}/" in name:
                fitted.append(figure.seconds)
            elif benchmark.growth and name.startswith(f"seconds of {benchmark.growth},"):
                fitted.append(figure.median)
            yield name, figure
        for name, value in (benchmark.count(size) if benchmark.count else {}).items():
            limit = limited(benchmark, size).get(name)
            yield f"{name}, {benchmark.name}, {size}", Figure(value, value, value, limit=limit)
    if benchmark.growth and count > 1:
        slope = float(np.polyfit(np.log(benchmark.sizes[:count]), np.log(fitted), 1)[0])
        yield f"exponent of {benchmark.growth}, {benchmark.name}", Figure(slope, slope, slope)


def line(name: str, figure: Figure) -> str:
    """One figure in words."""
    digits = 4 if abs(figure.median) < 1 else 2
    shown = f"{name:70}{figure.median:>10.{digits}f}"
    if figure.low != figure.high:
        shown += f"  ({figure.low:.{digits}f} .. {figure.high:.{digits}f})"
    if figure.seconds is not None:
        shown += f"  {1000 * figure.seconds:.1f} ms"
    if figure.limit is not None:
        shown += f"  asked {figure.limit:g}" + ("  <- missed" if figure.median > figure.limit else "")
    return shown


def processor() -> str:
    """The processor's name, where the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    named = (x.partition(":")[2].strip() for x in lines if x.startswith("model name"))
    return next(named, platform.machine())


def installed() -> dict[str, str]:
    """Versions of the peers that are there."""
    found = {d.metadata["Name"]: d.version for d in metadata.distributions()}
    return {name: found[name] for name in PEERS if name in found}


def save(path: Path, figures: Mapping[str, Figure]) -> None:
    """Put the figures into a stored run, in place of those of the same name; other tables stay."""
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    kept = {k: v for k, v in stored.get("figures", {}).items() if k not in figures}
    stored |= {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "machine": f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {**versions(), **installed()},
        "figures": kept | {name: asdict(figure) for name, figure in figures.items()},
    }
    path.write_text(json.dumps(stored, indent=1), encoding="utf-8")


def compare(path: Path, figures: Mapping[str, Figure]) -> None:
    """Name what moved since an earlier run."""
    before = json.loads(path.read_text(encoding="utf-8"))
    print(f"\nMoved since the run of {before['when']} on {before['machine']}")
    known = {name: Figure(**figure) for name, figure in before.get("figures", {}).items()}
    moved = {n: (known[n], f) for n, f in figures.items() if n in known and f.moved(known[n])}
    for name, (old, new) in moved.items():
        print(f"{name:70}{old.median:>10.4f} ->{new.median:>10.4f}")
    if not moved:
        print(f"nothing of {len(figures)} figures")


def main(benchmarks: Sequence[Benchmark], about: str, after: Callable[[], None] | None = None) -> None:
    """Measure a registry from the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--list", action="store_true", help="name what is measured, and stop")
    parser.add_argument("--only", default="", help="benchmarks whose name has this word")
    parser.add_argument("--save", type=Path, help=f"write the figures into a stored run ({STORED.name})")
    parser.add_argument(
        "--against", type=Path, nargs="?", const=STORED, help=f"name what moved since ({STORED.name})"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="about so long for all together")
    options, _ = parser.parse_known_args()  # those of the other scripts come along
    figures: dict[str, Figure] = {}
    wanted = [b for b in benchmarks if options.only in b.name]
    end = time.perf_counter() + 60 * options.minutes
    for k, benchmark in enumerate(wanted):
        if options.list:
            print(
                f"{benchmark.name}: {', '.join(benchmark.phases)} at {', '.join(map(str, benchmark.sizes))}"
            )
            continue
        share = max(end - time.perf_counter(), 0.0) / (len(wanted) - k)
        for name, figure in measure(benchmark, share):
            print(line(name, figure), flush=True)
            figures[name] = figure
        if options.save:
            save(options.save, figures)
    if options.list:
        return
    if after and not options.only:
        after()
    if options.against:
        compare(options.against, figures)
