"""General environments: `bench_general.py [--save FILE [--fresh]] [--only WORD] [--limit SECONDS] [--minutes N]`.

For each problem, seconds of wall-clock time to a certified answer over those of the fastest of HiGHS' own roads on the same
whole program, handed over by `passModel`: the simplex method with and without presolve, the interior point method with
crossover.  Rounds are interleaved, and the table gives medians.  A problem is a family of agents, prior, values and
requirements, drawn with a fixed seed, or one of the published ones.  Nothing beside the answer is asked (what must
give way where nothing is feasible, whether the optimum is the only one).

A road is stopped when another has been faster, and every road at the limit, half of it where no other has ended; an answer may
take as long as the limit, and longer where a road took long.  The limit is less where all that are left would not end within the
minutes.  The smallest problem of each family comes first, so that all are there, then the next larger ones; what the small
leave is for the large, and what no minute is left for is named.  With `--save` each problem is written down when it is done, and
the same command goes on from there after an interruption.
"""

import argparse
import itertools
import json
import math
import os
import platform
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import highspy
import numpy as np

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.program.versions import versions
from mechlp.solving.compile import compile
from mechlp.solving.reductions import full_size

ROOT = Path(__file__).resolve().parent.parent
STORED = Path(__file__).with_name("stored-run.json")
ROADS = {
    "ipx, crossover": {"solver": "ipx"},
    "simplex": {"solver": "simplex"},
    "simplex, no presolve": {"solver": "simplex", "presolve": "off"},
}
#: Multiples of the fastest road's seconds that an answer may take beyond the limit; seconds of a problem that are enough rounds.
PATIENCE, ENOUGH = 6, 5.0
#: Limits that a problem takes where no road ends.
ROADS_AND_ANSWER = 3
#: A bare road below this many seconds is compared by the difference.
SHORT = 0.1
DECIDED = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kInfeasible,
    highspy.HighsModelStatus.kUnbounded,
    highspy.HighsModelStatus.kUnboundedOrInfeasible,
)


@dataclass(frozen=True)
class Problem:
    """Types of each agent, the prior's kind, whose types values depend on, and what is required."""

    sizes: tuple[int, ...]
    prior: str
    private: bool
    ic: str
    bb: str
    seed: int = 0

    @property
    def family(self) -> object:
        return len(self.sizes), self.ic, self.bb

    @property
    def name(self) -> str:
        values = "private" if self.private else "interdependent"
        return f"{'x'.join(map(str, self.sizes))} {self.prior} {values} {self.ic} {self.bb}"

    def design(self) -> Design:
        dice, n = np.random.default_rng(self.seed), len(self.sizes)
        weights = dice.integers(1, 20, self.sizes)
        if self.prior == "product":
            weights = math.prod(dice.integers(1, 20, _along(self.sizes, i)) for i in range(n))
        elif self.prior == "banded":
            cells = np.indices(self.sizes)
            weights = np.where(np.ptp(cells, axis=0) <= max(1, max(self.sizes) // 5), weights, 0)
        shapes = [_along(self.sizes, i) if self.private else self.sizes for i in range(n)]
        utility = [
            Rationals(np.broadcast_to(dice.integers(-10, 21, (3, *shape)), (3, *self.sizes)).copy())
            for shape in shapes
        ]
        agents = tuple(Agent.of(f"agent{i}", list(range(m))) for i, m in enumerate(self.sizes))
        beliefs = Beliefs.common(Rationals(weights, int(weights.sum())))
        environment = Environment(agents, ("x", "y", "z"), tuple(utility), beliefs)
        ir = "interim" if self.ic == "bayesian" else "ex-post"
        aim = "surplus" if self.bb.startswith("ex-post") else "revenue"
        return Design(environment, ic=self.ic, ir=ir, bb=self.bb, objective=aim)


def _along(sizes: tuple[int, ...], i: int) -> tuple[int, ...]:
    return tuple(m if k == i else 1 for k, m in enumerate(sizes))


@dataclass(frozen=True)
class Published:
    """A problem from a file."""

    path: str
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def family(self) -> object:
        return self.path

    @property
    def name(self) -> str:
        return " ".join([Path(self.path).stem, *(f"{k}={v}" for k, v in self.parameters)])

    def design(self) -> Design:
        return mechlp.read(ROOT / self.path, overrides=dict(self.parameters)).design


def problems() -> list[Problem | Published]:
    """Every IC x BB for two, three and four agents; priors and values in turn; and the published ones."""
    kinds = itertools.cycle(itertools.product(("dense", "banded", "product"), (False, True)))
    sizes = (
        (8, 8),
        (16, 16),
        (30, 30),
        (60, 60),
        (4, 4, 4),
        (8, 8, 8),
        (12, 12, 12),
        (3, 3, 3, 3),
        (5, 5, 5, 5),
    )
    out: list[Problem | Published] = []
    for size in sizes:
        for ic, bb in itertools.product(
            ("bayesian", "ex-post"), ("none", "ex-ante-weak", "ex-ante", "ex-post-weak", "ex-post")
        ):
            prior, private = next(kinds)
            out.append(Problem(size, prior, private, ic, bb))
        next(kinds)
    out += [Problem((m, m), "dense", False, "bayesian", "ex-ante-weak") for m in (40, 80)]
    out.append(Problem((40, 40), "dense", False, "bayesian", "none"))
    out.append(Problem((12, 12, 12), "dense", False, "bayesian", "ex-post"))
    out.append(Published("tests/data/two-goods-two-additive-bidders.yaml"))
    out += [Published("configs/myerson-auction.yaml", (("m", str(m)),)) for m in (20, 60)]
    out += [Published("configs/myerson-satterthwaite.yaml", (("m", str(m)),)) for m in (20, 60)]
    return out


def bare(design: Design, limit: float) -> dict[str, float | None]:
    """Seconds of each road; None where it does not end in time, or after another."""
    program = compile(design)
    arrays, found = program.arrays(), {}
    lower, upper = program.bounds()
    row_lower, row_upper = program.right_hand_side()
    costs = program.costs.float * (-1 if program.maximize else 1)
    kinds = np.zeros(program.num_columns, np.int32)
    for name, options in ROADS.items():
        solver = highspy.Highs()
        for option, value in {
            "output_flag": False,
            "parallel": "off",
            "time_limit": limit,
            **options,
        }.items():
            solver.setOptionValue(option, value)
        began = time.perf_counter()
        solver.passModel(
            program.num_columns, program.num_rows, len(arrays.data), 2, 1, 0.0, costs, lower, upper, row_lower, row_upper,
            arrays.indptr, arrays.indices, arrays.data, kinds,
        )  # fmt: skip
        solver.run()
        spent = time.perf_counter() - began
        found[name] = spent if solver.getModelStatus() in DECIDED else None
        limit = min((s for s in found.values() if s is not None), default=limit / 2 if found else limit)
        limit = max(limit, SHORT)  # HiGHS looks at the clock now and then
    return found


def measure(problem: Problem | Published, repeats: int, limit: float) -> dict[str, object]:
    """Medians over interleaved rounds."""
    rounds, answers, started = [], [], time.perf_counter()
    for _ in range(repeats):
        roads = bare(problem.design(), limit)
        ended = [s for s in roads.values() if s is not None]
        design, allowed = problem.design(), max(limit, PATIENCE * min(ended, default=0.0))
        began = time.perf_counter()
        answer = design.solve(relax=False, examine=False, time_limit=allowed)
        spent = time.perf_counter() - began
        answers.append(answer)
        rounds.append((min(ended, default=None), spent, roads))
        if time.perf_counter() - started > ENOUGH:
            break
    fastest = [r[0] for r in rounds if r[0] is not None]
    best = statistics.median(fastest) if fastest else None
    spent = statistics.median(r[1] for r in rounds)
    ratio = statistics.median(r[1] / r[0] for r in rounds if r[0] is not None) if fastest else None
    return {
        "name": problem.name,
        "entries": compile(problem.design()).nonzeros,
        "status": answers[-1].status,
        "certified": all(a.certified for a in answers),
        "rounds": len(rounds),
        "limit": limit,
        "fastest bare road": best,
        "seconds": spent,
        "ratio": ratio,
        "roads": rounds[-1][2],
    }


def summary(table: list[dict[str, object]]) -> dict[str, object]:
    """The figures that count: ratios where a bare road takes a tenth of a second, differences below, and what stayed open."""
    ended = [row for row in table if row["fastest bare road"] is not None]
    long = [row["ratio"] for row in ended if row["fastest bare road"] >= SHORT]
    extra = [
        1000 * (row["seconds"] - row["fastest bare road"])
        for row in ended
        if row["fastest bare road"] < SHORT
    ]
    return {
        "problems": len(table),
        "median ratio": statistics.median(long) if long else None,
        "worst ratio": max(long, default=None),
        "median extra milliseconds": statistics.median(extra) if extra else None,
        "worst extra milliseconds": max(extra, default=None),
        "undecided where a bare road ends": [row["name"] for row in ended if not row["certified"]],
        "no road ends": [row["name"] for row in table if row["fastest bare road"] is None],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, help=f"write the table into a stored run ({STORED.name})")
    parser.add_argument("--fresh", action="store_true", help="begin again where an interrupted run was saved")
    parser.add_argument("--only", default="", help="problems whose name has this word")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each road and each answer")
    parser.add_argument("--minutes", type=float, default=14.0, help="for all problems together")
    options, began = parser.parse_known_args()[0], time.perf_counter()
    wanted = [problem for problem in problems() if options.only in problem.name]
    wanted = in_turn(wanted)
    known = {} if options.fresh else interrupted(options)
    table: list[dict[str, object]] = []
    print(f"{'problem':55}{'entries':>10}{'bare s':>9}{'certified s':>12}{'ratio':>7}  status")
    Problem((12, 12), "dense", False, "bayesian", "none").design().solve()  # what is loaded at first use
    if os.getloadavg()[0] > 1:
        print(
            f"Others use this machine (load {os.getloadavg()[0]:.1f}): figures of wall-clock time say little"
        )
    for problem in wanted:
        left = 60 * options.minutes - (time.perf_counter() - began)
        if left <= 0 and problem.name not in known:
            break
        limit = min(options.limit, left / ROADS_AND_ANSWER / (len(wanted) - len(table)))
        row = known.get(problem.name) or measure(problem, options.repeats, limit)
        table.append(row)
        print(line(row), flush=True)
        if options.save:
            save(options.save, table, options, whole=len(table) == len(wanted))
    done = {row["name"] for row in table}
    print(
        json.dumps(
            {**summary(table), "not measured": [p.name for p in wanted if p.name not in done]}, indent=1
        )
    )


def in_turn(wanted: list[Problem | Published]) -> list[Problem | Published]:
    """The smallest of each family (agents and requirements, or a file), then the next of each, smaller ones first."""
    sizes = {problem: full_size(problem.design()).entries for problem in wanted}
    families: dict[object, list[Problem | Published]] = {}
    for problem in sorted(wanted, key=sizes.__getitem__):
        families.setdefault(problem.family, []).append(problem)
    turn = {problem: k for own in families.values() for k, problem in enumerate(own)}
    return sorted(wanted, key=lambda problem: (turn[problem], sizes[problem]))


def line(row: dict[str, object]) -> str:
    """One problem in words."""
    bare_s = "-" if row["fastest bare road"] is None else f"{row['fastest bare road']:.3f}"
    ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
    status = row["status"] if row["certified"] else f"{row['status']} at {row['seconds']:.0f} s"
    return f"{row['name']:55}{row['entries']:>10,}{bare_s:>9}{row['seconds']:>12.3f}{ratio:>7}  {status}"


def asked(options: argparse.Namespace) -> dict[str, object]:
    """What a run must have in common with an interrupted one to go on with it."""
    names = ("limit", "repeats", "only")
    return {"versions": versions(), **{name: getattr(options, name) for name in names}}


def interrupted(options: argparse.Namespace) -> dict[str, dict[str, object]]:
    """What an interrupted run of the same kind saved, by name."""
    if options.save is None or not options.save.exists():
        return {}
    found = json.loads(options.save.read_text(encoding="utf-8")).get("general", {})
    same = all(found.get(key) == value for key, value in asked(options).items())
    return {row["name"]: row for row in found["table"]} if same and not found.get("whole", True) else {}


def save(path: Path, table: list[dict[str, object]], options: argparse.Namespace, *, whole: bool) -> None:
    """Put what was measured so far beside the other benchmarks' figures."""
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stored["general"] = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[1]:.1f}",
        **asked(options),
        "whole": whole,
        **summary(table),
        "table": table,
    }
    path.write_text(json.dumps(stored, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
