"""Where the time goes, as ratios measured in one run: `python benchmarks/bench_speed.py [--save FILE] [--against FILE]`.

Assembly beside a fresh copy of its output, modelling layers beside ours, exact arithmetic beside the float solve, reduced
programs beside full ones, a hundred small environments, growth, and a profile of three main jobs.
"""

import cProfile
import functools
import pstats
import tracemalloc
from pathlib import Path

import highspy
import layers
import numpy as np
from problems import ASKED, auction, config, maxmin, random_designs, three, trade
from registry import STORED, Benchmark, main
from scipy.optimize import linprog
from scipy.sparse import csr_array

from mechlp.mechanism.audit import audit
from mechlp.program.exact import evaluate
from mechlp.program.form import form
from mechlp.program.highs import hand_over as take_form
from mechlp.program.highs import new_solver, propose
from mechlp.question.rules import Rules, choices, lies
from mechlp.solving.compile import compile
from mechlp.solving.reductions import reduce

TAKEN = highspy.HighsStatus.kOk


def assigned(m):
    """Every lie under some vertex of the belief set: a program at a leaf of the search over beliefs."""
    design = maxmin(m)
    beliefs = [k % len(choices(design, lie)) for k, lie in enumerate(lies(design))]
    return compile(design, rules=Rules.assigned(design, beliefs))


def adjacent(m):
    design = trade(m, "ex-post", "ex-post")
    return compile(design, plan=reduce(design, ["adjacent"]).plan)


FAMILIES = {
    "Bayesian": (lambda m: compile(trade(m)), (40, 80)),
    "ex post": (lambda m: compile(trade(m, "ex-post", "ex-post")), (60, 80)),
    "ex post, three agents": (lambda m: compile(three(m)), (16, 20)),
    "ex post, neighbours": (adjacent, (200, 300)),
    "ambiguous": (lambda m: compile(trade(m, "ambiguous-transfers")), (14, 18)),
    "maxmin": (assigned, (28, 40)),
}


def assembled(make, m):
    """A fresh copy of the arrays, and their assembly.  Both write fresh memory each time."""
    program = make(m)
    arrays = program.arrays()
    parts = (arrays.indptr, arrays.indices, arrays.data)
    return {
        "copy": lambda: [np.array(a, copy=True) for a in parts],
        "assembly": program.arrays,
        "exact assembly": program.integers,
    }


def peak(make, m):
    """Entries of the program, and the peak memory of its assembly beside the size of its output."""
    program = make(m)
    tracemalloc.start()
    arrays = program.arrays()
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    output = sum(a.nbytes for a in (arrays.indptr, arrays.indices, arrays.data))
    return {"entries": program.nonzeros, "peak memory/output": taken / output}


def bare(program, arrays):
    """HiGHS takes the arrays: nothing but `passModel`."""
    lower, upper = program.bounds()
    row_lower, row_upper = program.right_hand_side()
    costs, kinds = program.costs.float, np.zeros(program.num_columns, np.int32)
    shape = (program.num_columns, program.num_rows, len(arrays.data), 2, 1, 0.0)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    parts = (arrays.indptr, arrays.indices, arrays.data, kinds)

    def take():
        assert solver.passModel(*shape, costs, lower, upper, row_lower, row_upper, *parts) == TAKEN

    return take


def handed_over(m):
    """The Bayesian program of trade in HiGHS: bare, by us from the design in memory, by the other layers."""
    design = trade(m)
    program = compile(design)
    take = bare(program, program.arrays())
    return {
        "passModel": take,
        "assembly and passModel": lambda: (program.arrays(), take()),
        "compilation, assembly and passModel": lambda: (compile(design).arrays(), take()),
        "exact program and passModel": lambda: take_form(new_solver(), form(compile(design))),
    }


def layered(m):
    """Our way from a design in memory into HiGHS, and that of the others."""
    design = trade(m)
    program = compile(design)
    take = bare(program, program.arrays())
    return {
        "mechlp": lambda: (compile(design).arrays(), take()),
        "mechlp, matrix": lambda: compile(design).arrays(),
        **layers.installed(m),
    }


def exact(make, names, m):
    """The float solve, the exact solution and multipliers of its basis, and what the definitions make of them."""
    design = make(m)
    canonical = form(compile(design, plan=reduce(design, names).plan))
    basis, answer = propose(canonical).basis, design.solve()
    return {
        "float solve": lambda: propose(canonical),
        "exact": lambda: evaluate(canonical, basis),
        "definitions": lambda: (audit(answer.rules, answer.design), answer.proof.bound(answer.design)),
    }


def reduced(make, names, m):
    """A certified answer of the full program, of the reduced one, and scipy's float solve of the full one."""
    design = make(m)
    program = compile(design)

    def scipy_solves():
        a = program.arrays()
        low, high = program.right_hand_side()
        matrix = csr_array((a.data, a.indices, a.indptr), shape=(program.num_rows, program.num_columns))
        equal, bounds = low == high, np.column_stack(program.bounds())
        linprog(-program.costs.float, -matrix[~equal], -low[~equal], matrix[equal], low[equal], bounds)

    return {
        "full": lambda: design.solve(reduce=False),
        "reduced": lambda: design.solve(reduce=names),
        "linprog": scipy_solves,
    }


def robust(m):
    """Trade with known means on the grid: IC between neighbours, rents as running sums, a start on a coarser grid or from the
    worst prior."""
    design = config("zhang-2021-symmetric", m).asking(continuum=False)
    ways = {
        "neighbours": (),
        "running sums": ("running-rents",),
        "coarser grids": ("running-rents", "grid-continuation"),
        "worst prior": ("running-rents", "worst-prior"),
    }
    return {name: functools.partial(design.solve, reduce=["adjacent", *used]) for name, used in ways.items()}


def small(name, count):
    """Different 2 x 3 environments in a loop: HiGHS alone on their programs, the verdict alone, and what `solve` does."""
    designs = random_designs(name, count, (3, 3), largest=20)
    programs = [compile(design) for design in designs]
    parts = [(program, program.arrays()) for program in programs]

    def floats():
        for program, arrays in parts:
            solver = new_solver()
            lower, upper = program.bounds()
            shape = (program.num_columns, program.num_rows, len(arrays.data), 2, -1, 0.0)
            kinds = np.zeros(program.num_columns, np.int32)
            sides = (program.costs.float, lower, upper, *program.right_hand_side())
            solver.passModel(*shape, *sides, arrays.indptr, arrays.indices, arrays.data, kinds)
            solver.run()

    return {
        "HiGHS alone": floats,
        "verdict alone": lambda: [d.solve(**d.bare, **d.verdict) for d in designs],
        "solve": lambda: [d.solve() for d in designs],
    }


def random_priors(name, shape):
    """Ten random environments to certified answers."""
    designs = random_designs(name, 10, (shape, shape))
    return {"ten answers": lambda: [certified(d) for d in designs]}


def certified(design):
    answer = design.solve()
    assert answer.certified, "not certified"
    return answer


def growing(make, work, m):
    return {"whole": functools.partial(work, make(m))}


SURPLUS = {"ic": "ex-post", "ir": "ex-post", "bb": "ex-post-weak", "objective": "surplus"}
EXACT = {
    "ex-post trade": (lambda m: trade(m, **SURPLUS), (21, 41, 81)),
    "robust trade": (lambda m: config("zhang-2021-symmetric", m).asking(continuum=False), (41, 81)),
}
#: Problems, the reductions used, and grid sizes.
REDUCED = {
    "myerson-auction": (lambda m: config("myerson-auction", m), True, (10, 20, 30)),
    "myerson-satterthwaite": (lambda m: config("myerson-satterthwaite", m), True, (10, 20, 30)),
    "3 bidders, Bayesian": (lambda m: auction(3, m, "bayesian", "interim"), ["symmetric-agents"], (6, 12)),
    "3 bidders, ex post": (lambda m: auction(3, m), ["symmetric-agents"], (6, 12)),
    "4 bidders, Bayesian": (lambda m: auction(4, m, "bayesian", "interim"), ["symmetric-agents"], (4, 6)),
    "4 bidders, ex post": (lambda m: auction(4, m), ["symmetric-agents"], (4, 6)),
}
GROWTH = {
    "auction, full": (lambda m: config("myerson-auction", m), lambda d: d.solve(reduce=False), (18, 27, 40)),
    "auction, reduced": (lambda m: config("myerson-auction", m), lambda d: d.solve(), (500, 1000, 2000)),
    "trade, reduced": (
        lambda m: config("myerson-satterthwaite", m),
        lambda d: d.solve(),
        (50, 100, 200),
    ),
    "robust trade, bracket": (
        lambda m: config("zhang-2021-symmetric", m),
        lambda d: d.solve(),
        (41, 61, 91),
    ),
    "assembly, Bayesian": (trade, lambda d: compile(d).arrays(), (80, 110, 150)),
    "assembly, ex post": (
        lambda m: trade(m, "ex-post", "ex-post"),
        lambda d: compile(d).arrays(),
        (60, 80, 110),
    ),
}
#: Points a side, both ends of the bracket; the last one takes some minutes and four gigabytes.
FINE = {"asymmetric": (161, 321), "symmetric": (161, 321, 641)}
of = functools.partial
BENCHMARKS = (
    *(
        Benchmark(
            f"assembly, {name}",
            of(assembled, make),
            sizes,
            ("copy", "assembly", "exact assembly"),
            rounds=15,
            count=of(peak, make),
            limits=(("assembly", 1.5), ("peak memory/output", 1.05)),
        )
        for name, (make, sizes) in FAMILIES.items()
    ),
    Benchmark(
        "hand-over, Bayesian",
        handed_over,
        (20, 40, 80),
        (
            "passModel",
            "assembly and passModel",
            "compilation, assembly and passModel",
            "exact program and passModel",
        ),
        limits=(("compilation, assembly and passModel", 1.2),),
        limits_from=80,  # half a million entries
    ),
    Benchmark(
        "layers, Bayesian",
        layered,
        (20, 40, 80),
        ("mechlp", "mechlp, matrix", "linopy, matrix", "linopy", "cvxpy, matrix", "cvxpy", "pyoptinterface"),
        rounds=5,
    ),
    *(
        Benchmark(
            f"small environments, {name}",
            of(small, name),
            (100,),
            ("HiGHS alone", "verdict alone", "solve"),
            rounds=5,
        )
        for name in ("revenue", "surplus, balanced")
    ),
    *(
        Benchmark(
            f"exactness, {name}",
            of(exact, make, "auto"),
            sizes,
            ("float solve", "exact", "definitions"),
            rounds=3,
        )
        for name, (make, sizes) in EXACT.items()
    ),
    *(
        Benchmark(f"random priors, {name}", of(random_priors, name), (8,), ("ten answers",), rounds=1)
        for name in ASKED
    ),
    *(
        Benchmark(
            f"reductions, {name}", of(reduced, make, used), sizes, ("full", "reduced", "linprog"), rounds=3
        )
        for name, (make, used, sizes) in REDUCED.items()
    ),
    Benchmark(
        "grids, robust trade",
        robust,
        (41, 61, 81),
        ("neighbours", "running sums", "coarser grids", "worst prior"),
        rounds=3,
    ),
    *(
        Benchmark(f"growth, {name}", of(growing, make, work), sizes, ("whole",), rounds=5, growth="whole")
        for name, (make, work, sizes) in GROWTH.items()
    ),
    *(
        Benchmark(
            f"fine grids, robust trade, {name}",
            of(growing, of(config, f"zhang-2021-{name}"), lambda d: d.solve()),
            sizes,
            ("whole",),
            rounds=1,
            growth="whole",
        )
        for name, sizes in FINE.items()
    ),
)


def profile():
    """Where the time goes in the three main jobs: phases, and time spent in each file."""
    print("\nProfile of the three main jobs")
    jobs = {
        "auction, m = 300": lambda: config("myerson-auction", 300).solve(),
        "trade, m = 100": lambda: config("myerson-satterthwaite", 100).solve(),
        "ex-post trade, m = 30": lambda: trade(30, **SURPLUS).solve(),
    }
    for name, work in jobs.items():
        run = cProfile.Profile()
        answer = run.runcall(work)
        files: dict[str, float] = {}
        for (file, _, function), (_, _, own, _, _) in pstats.Stats(run).stats.items():  # type: ignore[attr-defined]
            place = (
                "highspy" if "highspy" in function else Path(file).name if "mechlp" in file else "libraries"
            )
            files[place] = files.get(place, 0) + own
        total = sum(files.values())
        top = sorted(files.items(), key=lambda f: -f[1])[:6]
        print(f"{name}: {answer.status}, {answer.timings['total']:.2f} s")
        print("   phases: " + ", ".join(f"{k} {v:.2f}" for k, v in answer.timings.items() if k != "total"))
        print("   files:  " + ", ".join(f"{k} {100 * v / total:.0f} %" for k, v in top))


if __name__ == "__main__":
    main(BENCHMARKS, f"Ratios of one run, kept in {STORED.name}.", after=profile)
