"""Where the time goes, as ratios measured in one run: `python benchmarks/bench_speed.py [--save FILE] [--against FILE]`.

The run is compared with an earlier one, `stored-run.json` unless told otherwise: ratios that moved by half are marked.

Every ratio is paired and interleaved: a round times the reference and the subject one after the other, in process time,
and the table gives the median of the rounds' ratios.  linopy and cvxpy are left out where they are not installed.

Long because every ratio of the table is measured here, in one run.
"""

import argparse
import contextlib
import cProfile
import json
import os
import platform
import pstats
import statistics
import time
import tracemalloc
from importlib import metadata
from pathlib import Path

import highspy
import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

import mechlp
from mechlp import Agent, Beliefs, Design, Environment, Rationals
from mechlp.mechanism.audit import audit
from mechlp.program.exact import evaluate
from mechlp.program.form import form
from mechlp.program.highs import hand_over as take_form
from mechlp.program.highs import new_solver, propose
from mechlp.question.rules import Rules, choices, lies
from mechlp.solving.compile import compile
from mechlp.solving.reductions import reduce
from mechlp.solving.solve import versions

TRADE = """
parameters: {{m: {m}}}
agents:
  seller: {{types: {{from: 0, to: 1, count: m}}}}
  buyer: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: trade
trade: {{seller: seller, buyer: buyer}}
beliefs: {{prior: uniform}}
require: {{ic: {ic}, ir: {ir}, bb: {bb}}}
objective: {objective}
"""
AUCTION = """
parameters: {{m: {m}}}
agents:
  bidder: {{copies: {n}, types: {{from: 1/m, to: 1, count: m}}}}
outcomes: single-good
beliefs: {{prior: uniform}}
require: {{ic: {ic}, ir: {ir}}}
objective: revenue
"""
MAXMIN = """
parameters: {{m: {m}}}
agents:
  seller: {{types: {{from: 0, to: 1, count: m}}}}
  buyer: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: trade
trade: {{seller: seller, buyer: buyer}}
beliefs: {{sets: {{seller: {{mean: 1/2}}, buyer: {{mean: 1/2}}}}}}
require: {{ic: maxmin, ir: interim, bb: ex-post}}
objective: feasibility
"""
THREE = """
parameters: {{m: {m}}}
agents:
  first: {{types: {{from: 0, to: 1, count: m}}}}
  second: {{types: {{from: 0, to: 1, count: m}}}}
  third: {{types: {{from: 0, to: 1, count: m}}}}
outcomes: [nothing, one, two]
payoffs:
  one: {{first: first, second: second - third, third: third}}
  two: {{first: 2*first, second: second, third: third*first}}
require: {{ic: ex-post, ir: ex-post, bb: ex-post}}
objective: feasibility
"""
TAKEN = highspy.HighsStatus.kOk
STORED = Path(__file__).with_name("stored-run.json")
CONFIGS = Path(__file__).resolve().parent.parent / "configs"


def trade(m, ic="bayesian", ir="interim", bb="none", objective="revenue"):
    return mechlp.read_text(TRADE.format(m=m, ic=ic, ir=ir, bb=bb, objective=objective)).design


def auction(n, m, ic="ex-post", ir="ex-post"):
    return mechlp.read_text(AUCTION.format(n=n, m=m, ic=ic, ir=ir)).design


def config(name, m):
    return mechlp.read(CONFIGS / f"{name}.yaml", overrides={"m": str(m)}).design


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def paired(reference, subjects, rounds=7):
    """Median time of the reference, and for each subject the median ratio of its time to the reference's."""
    base, ratios = [], {name: [] for name in subjects}
    for _ in range(rounds):
        base.append(seconds(reference))
        for name, work in subjects.items():
            ratios[name].append(seconds(work) / max(base[-1], 1e-9))
    return statistics.median(base), {k: statistics.median(v) for k, v in ratios.items()}


def hand_over(program, arrays):
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


def with_linopy(m):
    """The Bayesian program of `trade`, vectorised: to linopy's matrix, and from there to HiGHS by its own road."""
    import linopy
    import xarray as xr

    types = np.arange(m)
    own = {"s": xr.DataArray(types / (m - 1), dims="type"), "b": xr.DataArray(types / (m - 1), dims="type")}

    def build():
        model = linopy.Model()
        cell = [("s", types), ("b", types)]
        q, paid = model.add_variables(lower=0, coords=[("a", [0, 1]), *cell], name="q"), []
        for i, other, sign in (("s", "b", -1), ("b", "s", 1)):
            t = model.add_variables(coords=cell, name=f"t {i}")
            payoff = model.add_variables(coords=[("type", types)], name=f"U {i}")
            weight = xr.DataArray(
                np.full((m, m), 1 / m), dims=("type", other), coords={"type": types, other: types}
            )
            told = (q.sel(a=1).rename({i: "report"}) * (weight * own[i] * sign)).sum(other)
            told = told + (t.rename({i: "report"}) * weight).sum(other)
            model.add_constraints(1 * payoff - told >= 0, name=f"IC {i}")
            model.add_constraints(1 * payoff >= 0, name=f"IR {i}")
            paid.append(t.sum())
        model.add_constraints(q.sum("a") == 1, name="lottery")
        model.add_objective((paid[0] + paid[1]) * (1 / m**2))
        return model

    return lambda: build().matrices.A, lambda: build().to_highspy()


def with_cvxpy(m):
    """The same as products of matrices, the idiom cvxpy compiles fastest; and by its own road to HiGHS."""
    import cvxpy as cp

    weight, own = np.full((m, m), 1 / m), np.arange(m)[:, None] / (m - 1)

    def build():
        q = [cp.Variable((m, m), nonneg=True) for _ in range(2)]
        t, payoff = [cp.Variable((m, m)) for _ in range(2)], [cp.Variable((m, 1)) for _ in range(2)]
        asked = [q[0] + q[1] == 1]
        for i, sign in ((0, -1), (1, 1)):
            by_report = [q[1].T, t[0].T] if i == 0 else [q[1], t[1]]
            told = (weight * own * sign) @ by_report[0] + weight @ by_report[1]
            asked += [payoff[i] @ np.ones((1, m)) - told >= 0, payoff[i] >= 0]
        problem = cp.Problem(cp.Maximize(-cp.sum(t[0] + t[1]) / m**2), asked)
        return problem.get_problem_data(cp.HIGHS, solver_opts={"canon_backend": "SCIPY"})[0]

    def to_highs():
        """What cvxpy's interface does with the data: it sets the attributes of a HighsLp."""
        data, lp = build(), highspy.HighsLp()
        matrix, right, free = data["A"].tocsc(), data["b"], np.full(len(data["c"]), np.inf)
        lp.num_row_, lp.num_col_ = matrix.shape
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = data["c"], -free, free
        lp.row_lower_, lp.row_upper_ = np.full(len(right), -np.inf), right
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
        lp.a_matrix_.value_ = matrix.data
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        assert solver.passModel(lp) == TAKEN

    return build, to_highs


def maxmin(m):
    """Every lie under some vertex of the belief set: a program at a leaf of the search over beliefs."""
    design = mechlp.read_text(MAXMIN.format(m=m)).design
    beliefs = [k % choices(design, lie) for k, lie in enumerate(lies(design))]
    return compile(design, rules=Rules.assigned(design, beliefs))


def adjacent(m):
    design = trade(m, "ex-post", "ex-post")
    return compile(design, plan=reduce(design, ["adjacent"]).plan)


FAMILIES = {
    "Bayesian": lambda m: compile(trade(m)),
    "ex post": lambda m: compile(trade(m, "ex-post", "ex-post")),
    "ex post, three agents": lambda m: compile(mechlp.read_text(THREE.format(m=m)).design),
    "ex post, neighbours": adjacent,
    "ambiguous": lambda m: compile(trade(m, "ambiguous-transfers")),
    "maxmin": maxmin,
}
SIZES = {
    "Bayesian": (40, 80),
    "ex post": (60, 80),
    "ex post, three agents": (16, 20),
    "ex post, neighbours": (200, 300),
    "ambiguous": (14, 18),
    "maxmin": (28, 40),
}


def assembly(out):
    """Our assembly beside a fresh copy of its output, and its peak memory.  Both sides write fresh memory each time."""
    print("\nAssembly: time beside a fresh copy of the arrays, peak memory beside their size")
    print(f"{'family':22}{'m':>5}{'entries':>12}{'copy ms':>9}{'float':>7}{'exact':>7}{'memory':>8}")
    for name, m in ((name, m) for name, sizes in SIZES.items() for m in sizes):
        program = FAMILIES[name](m)
        arrays = program.arrays()
        parts = (arrays.indptr, arrays.indices, arrays.data)
        base, ratio = paired(
            lambda parts=parts: [np.array(a, copy=True) for a in parts],
            {"float": program.arrays, "exact": program.integers},
            15,
        )
        tracemalloc.start()
        program.arrays()
        memory = tracemalloc.get_traced_memory()[1] / sum(a.nbytes for a in parts)
        tracemalloc.stop()
        print(
            f"{name:22}{m:>5}{program.nonzeros:>12,}{1000 * base:>9.2f}{ratio['float']:>7.2f}{ratio['exact']:>7.2f}{memory:>8.2f}"
        )
        out[f"assembly/copy, {name}, {m}"] = ratio["float"]
        out[f"exact assembly/copy, {name}, {m}"] = ratio["exact"]
        out[f"peak memory/output, {name}, {m}"] = memory


def peers(out):
    """Modelling layers beside our assembly, without and with the hand-over to HiGHS.

    Ours starts from a design in memory and includes its compilation.  Whoever hands over by passModel waits for it, so
    what a layer could be beaten by at most, in no time for assembly, is in the last column.
    """
    print("\nModelling layers, Bayesian: time beside ours, from the model in memory")
    head = f"{'layer':10}{'m':>5}{'to a matrix':>13}{'to HiGHS':>10}{'both by passModel':>19}{'at most':>9}"
    print(f"{head}   (ours: compile and arrays; and passModel)")
    for m in (20, 40, 80):
        design = trade(m)
        program = compile(design)
        take = hand_over(program, program.arrays())
        ours = lambda d=design: compile(d).arrays()  # noqa: E731
        bare, beside = paired(
            take,
            {
                "ours": lambda p=program, t=take: (p.arrays(), t()),
                "compiled": lambda o=ours, t=take: (o(), t()),
                "exact": lambda d=design: take_form(new_solver(), form(compile(d))),
            },
        )
        print(
            f"{'mechlp':10}{m:>5}  beside bare passModel ({1000 * bare:.1f} ms): {beside['ours']:.2f} with arrays(), "
            f"{beside['compiled']:.2f} from the design, {beside['exact']:.2f} with the exact program beside"
        )
        out[f"assembly and passModel/passModel, {m}"] = beside["ours"]
        out[f"compilation, assembly and passModel/passModel, {m}"] = beside["compiled"]
        out[f"exact program and passModel/passModel, {m}"] = beside["exact"]
        for name, layer in (("linopy", with_linopy), ("cvxpy", with_cvxpy)):
            try:
                matrix, to_highs = layer(m)
                matrix()
            except ImportError:
                print(f"{name:10} is not installed")
                continue
            base, ratio = paired(ours, {"matrix": matrix, "highs": to_highs}, 3)
            built, whole = base * ratio["matrix"], base * ratio["highs"]
            found = {
                "assembly": built / base,
                "assembly, to HiGHS": whole / (base + bare),
                "assembly, both by passModel": (built + bare) / (base + bare),
                "nothing, both by passModel": (built + bare) / bare,
            }
            row = "".join(f"{v:>{w}.1f}" for v, w in zip(found.values(), (13, 10, 19, 9), strict=True))
            print(f"{name:10}{m:>5}{row}")
            out.update({f"{name}/{k}, {m}": v for k, v in found.items()})


#: Problems, the reductions used, and grid sizes.
REDUCED = {
    "myerson-auction": (lambda m: config("myerson-auction", m), True, (10, 20, 30)),
    "myerson-satterthwaite": (lambda m: config("myerson-satterthwaite", m), True, (10, 20, 30)),
    "3 bidders, Bayesian": (lambda m: auction(3, m, "bayesian", "interim"), ["symmetric-agents"], (6, 12)),
    "3 bidders, ex post": (lambda m: auction(3, m), ["symmetric-agents"], (6, 12)),
    "4 bidders, Bayesian": (lambda m: auction(4, m, "bayesian", "interim"), ["symmetric-agents"], (4, 6)),
    "4 bidders, ex post": (lambda m: auction(4, m), ["symmetric-agents"], (4, 6)),
}


def reductions(out):
    """Certified answers of the full and of the reduced program, and scipy's float solve of the full one."""
    print(
        "\nReduced beside full: seconds to a certified answer; scipy's linprog solves the full program in floats"
    )
    print(f"{'problem':26}{'m':>5}{'full s':>9}{'full/reduced':>14}{'linprog/full':>14}")
    for name, (make, used, sizes) in REDUCED.items():
        for m in sizes:
            design = make(m)
            program = compile(design)

            def scipy_solves(p=program):
                a = p.arrays()
                low, high = p.right_hand_side()
                matrix = csr_array((a.data, a.indices, a.indptr), shape=(p.num_rows, p.num_columns))
                equal = low == high
                linprog(
                    -p.costs.float,
                    -matrix[~equal],
                    -low[~equal],
                    matrix[equal],
                    low[equal],
                    np.column_stack(p.bounds()),
                )

            base, ratio = paired(
                lambda d=design: d.solve(reduce=False),
                {"reduced": lambda d=design, u=used: d.solve(reduce=u), "linprog": scipy_solves},
                3,
            )
            print(f"{name:26}{m:>5}{base:>9.2f}{1 / ratio['reduced']:>14.1f}{ratio['linprog']:>14.2f}")
            out[f"full/reduced, {name}, {m}"] = 1 / ratio["reduced"]


def grids(out):
    """Robust trade, the value on the grid: IC between neighbours, rents as running sums, and a start on a coarser grid."""
    print("\nRobust trade: seconds to a certified value on the grid, and what each step saves")
    print(f"{'m':>5}{'neighbours s':>14}{'/running sums':>15}{'/coarser grids':>16}")
    steps = ["adjacent", "running-rents", "grid-continuation"]
    for m in (41, 61, 81):
        design = config("zhang-2021-symmetric", m).asking(continuum=False)
        by = {k: (lambda d=design, u=steps[:k]: d.solve(reduce=u)) for k in (1, 2, 3)}
        base, ratio = paired(by[1], {"running sums": by[2], "coarser grids": by[3]}, 3)
        print(f"{m:>5}{base:>14.2f}{1 / ratio['running sums']:>15.1f}{1 / ratio['coarser grids']:>16.1f}")
        out.update({f"neighbours/{name}, robust trade, {m}": 1 / r for name, r in ratio.items()})


def growth(out):
    """Exponents of the time in m, fitted by least squares on logarithms."""
    print("\nGrowth: seconds over m, and the fitted exponent")
    auction2 = lambda m: config("myerson-auction", m)  # noqa: E731
    ex_post = lambda m: trade(m, "ex-post", "ex-post")  # noqa: E731
    jobs = {
        "auction, full": (auction2, lambda d: d.solve(reduce=False), (18, 27, 40)),
        "auction, reduced": (auction2, lambda d: d.solve(), (250, 500, 1000)),
        "trade, reduced": (lambda m: config("myerson-satterthwaite", m), lambda d: d.solve(), (50, 100, 200)),
        "robust trade, bracket": (
            lambda m: config("zhang-2021-symmetric", m),
            lambda d: d.solve(),
            (41, 61, 91),
        ),
        "assembly, Bayesian": (trade, lambda d: compile(d).arrays(), (80, 110, 150)),
        "assembly, ex post": (ex_post, lambda d: compile(d).arrays(), (60, 80, 110)),
    }
    for name, (make, work, sizes) in jobs.items():
        times = []
        for m in sizes:
            designs = [make(m) for _ in range(5)]
            times.append(statistics.median(seconds(lambda w=work, d=d: w(d)) for d in designs))
        slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
        shown = ", ".join(f"m={m}: {t:.3f}" for m, t in zip(sizes, times, strict=True))
        print(f"{name:22} {shown}; exponent {slope:.1f}")
        out[f"exponent, {name}"] = slope


def random_types(seed):
    """Two agents with eight types each, three outcomes, a correlated prior in thousandths and whole payoffs."""
    dice = np.random.default_rng(seed)
    prior = dice.integers(1, 1000, (8, 8))
    utility = tuple(Rationals(dice.integers(-20, 100, (3, 8, 8))) for _ in range(2))
    agents = tuple(Agent.of(name, list(range(8))) for name in ("one", "two"))
    beliefs = Beliefs.common(Rationals(prior, int(prior.sum())))
    return Environment(agents, ("x", "y", "z"), utility, beliefs)


def exactness(out):
    """Exact arithmetic beside the float solve of the same program, and random priors to a certified answer."""
    print(
        "\nExact solution and multipliers of the basis, and what the definitions make of them, beside the float solve"
    )
    print(f"{'problem':20}{'m':>5}{'rows':>9}{'float s':>9}{'exact':>8}{'definitions':>13}")
    surplus = ("ex-post", "ex-post", "ex-post-weak", "surplus")
    grids = [("ex-post trade", trade(m, *surplus), m, "auto") for m in (21, 41, 81)]
    robust = [(m, config("zhang-2021-symmetric", m).asking(continuum=False)) for m in (41, 81)]
    grids += [("robust trade", design, m, "auto") for m, design in robust]
    for name, design, m, names in grids:
        canonical = form(compile(design, plan=reduce(design, names).plan))
        basis, answer = propose(canonical).basis, design.solve()
        base, ratio = paired(
            lambda c=canonical: propose(c),
            {
                "exact": lambda c=canonical, b=basis: evaluate(c, b),
                "definitions": lambda a=answer: (audit(a.rules, a.design), a.proof.bound(a.design)),
            },
            3,
        )
        print(
            f"{name:20}{m:>5}{canonical.num_rows:>9,}{base:>9.2f}{ratio['exact']:>8.2f}{ratio['definitions']:>13.2f}"
        )
        out[f"exact/float, {name}, {m}"] = ratio["exact"]
        out[f"definitions/float, {name}, {m}"] = ratio["definitions"]
    print("\nRandom priors, 8 x 8 types: seconds to a certified answer, the slowest of ten")
    for name, asked in (
        ("revenue", {"objective": "revenue"}),
        ("revenue, no deficit", {"objective": "revenue", "bb": "ex-post-weak"}),
        ("revenue, bounded", {"objective": "revenue", "transfers": ((-50, 50), (-50, 50))}),
        ("surplus, balanced", {"objective": "surplus", "bb": "ex-post"}),
    ):
        designs = [Design(random_types(seed), **asked) for seed in range(10)]
        answers: list = []
        slowest = max(seconds(lambda d=d, a=answers: a.append(d.solve())) for d in designs)
        sure = sum(a.certified for a in answers)
        print(f"{name:20} {slowest:.2f} s, {sure} of 10 certified")
        out[f"seconds, random priors, {name}"] = slowest


def profile():
    """Where the time goes in the three main jobs: phases, and time spent in each file."""
    print("\nProfile of the three main jobs")
    jobs = {
        "auction, m = 300": lambda: config("myerson-auction", 300).solve(),
        "trade, m = 100": lambda: config("myerson-satterthwaite", 100).solve(),
        "ex-post trade, m = 30": lambda: trade(30, "ex-post", "ex-post", "ex-post-weak", "surplus").solve(),
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


def compare(before, now):
    """Ratios of this run beside those of an earlier one."""
    print(f"\nAgainst the run of {before['when']} on {before['machine']}")
    for name, value in now["ratios"].items():
        old = before["ratios"].get(name)
        if old:
            mark = "  <-" if max(value, old) > 1.5 * min(value, old) else ""
            print(f"{name:60}{old:>10.2f}{value:>10.2f}{mark}")


def processor():
    """The processor's name, where the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    return next(
        (x.partition(":")[2].strip() for x in lines if x.startswith("model name")), platform.machine()
    )


def peer_versions():
    found = {}
    for name in ("linopy", "cvxpy"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--save", type=Path, help="write the ratios as JSON")
    parser.add_argument(
        "--against", type=Path, default=STORED, help=f"the earlier run compared with ({STORED.name})"
    )
    options, _ = parser.parse_known_args()
    before = json.loads(options.against.read_text(encoding="utf-8"))
    ratios: dict[str, float] = {}
    for part in (assembly, peers, exactness, reductions, grids, growth):
        part(ratios)
    profile()
    run = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "machine": f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {**versions(), **peer_versions()},
        "ratios": ratios,
    }
    if options.save:
        options.save.write_text(json.dumps(run, indent=1), encoding="utf-8")
    compare(before, run)


if __name__ == "__main__":
    main()
