"""How many small faults in the code the tests notice: one fault at a time in a copy of the tree, the likeliest tests first.

    python tests/mutants/run.py [--room proof] [--only 3f2a1c] [--workers 2] [--whole]

``faults.txt`` lists the faults: file and function, the line as it is (-) and with the fault (+).  A fault is found by its text,
so it survives moves within the function, and moves of the function to another file; one whose line is no longer there once is
reported and fails the run, as does a room below its share, or a survivor that README.md does not explain.

What became of a fault is stored in ``fates.json`` beside what it depends on (the function with the fault, the test that
noticed or all that did not), so that a run goes on where another ended, and judges anew only what changed.  A run of all of
them is compared with the table in README.md, room by room.
"""

import argparse
import ast
import compileall
import hashlib
import json
import os
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from multiprocessing import Queue, get_context
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STORE = HERE / "fates.json"
#: The least share of faults that is noticed, by room; the rooms that decide first.
SHARES = {"mechanism": 0.9, "proof": 0.9, "checking": 0.9, "question": 0.9}
ELSEWHERE = 0.8
#: Seconds of work after which a fault counts as noticed, because nothing ends any more.
TIMEOUT = 120
#: The tests that should notice, the first that ``file function`` begins with; quick ones first.
REFUSALS = ("refusals/test_answers.py", "refusals/test_proofs.py", "refusals/test_requirements.py")
OTHERS = "refusals/test_answers_of_other_kinds.py"
REDUCED = (
    f"{OTHERS}::test_interim_rules_break_each_requirement",
    f"{OTHERS}::test_flows_prove_what_they_say",
    f"{OTHERS}::test_a_bracket_of_interim_rules_is_undecided",
    f"{OTHERS}::test_a_bracket_of_interim_rules_is_that_of_the_rule_and_of_the_proof",
    "solving/test_reduced_form.py::test_a_hierarchy_wins_as_often_as_counted_profile_by_profile",
    "solving/test_reduced_form.py::test_the_audit_names_what_an_interim_rule_breaks",
    "solving/test_reduced_form.py::test_multipliers_prove_nothing_when_a_sign_is_wrong",
    "solving/test_reduced_form.py::test_the_rule_over_profiles_of_two_grades_passes_the_ordinary_audit",
    "solving/test_reduced_form.py::test_sorting_finds_what_all_sets_find",
    "solving/test_reduced_form.py::test_the_reduced_form_agrees_with_the_whole_grid",
)
COMPARED = (
    f"{OTHERS}::test_a_verdict_on_payoffs_follows_from_comparisons",
    f"{OTHERS}::test_mixtures_of_targets_are_lotteries",
    f"{OTHERS}::test_comparisons_need_weights_of_their_kind",
    f"{OTHERS}::test_payoffs_examined_are_those_of_every_comparison_and_of_the_mechanism",
    f"{OTHERS}::test_a_mechanism_that_makes_a_type_worse_off_is_no_gain_for_all",
    f"{OTHERS}::test_payoffs_out_of_reach_need_weights_that_show_it",
    f"{OTHERS}::test_efficiency_is_decided_by_every_comparison_and_dominated_by_what_is_better",
    f"{OTHERS}::test_what_all_gain_is_what_the_least_lucky_agent_gains",
)
PROJECTED = (
    f"{OTHERS}::test_a_projection_without_end_has_directions",
    f"{OTHERS}::test_borders_and_corners_of_a_projection",
)
ROBUST = (
    f"{OTHERS}::test_robust_efficiency_looks_at_every_pair_of_pieces",
    f"{OTHERS}::test_robust_efficiency_is_proved_only_by_pieces_that_cover_all_beliefs",
    f"{OTHERS}::test_upper_contours_have_margins_that_are_proved",
)
CONTINUUM = (
    f"{OTHERS}::test_ends_and_status_of_a_continuum_answer",
    f"{OTHERS}::test_another_mechanism_is_better_only_beyond_the_bound_for_simple_ones",
    "study/test_continuum.py::test_first_best_is_its_closed_form",
    "study/test_continuum.py::test_certified_value_of_atoms_is_the_float_one_and_that_of_a_quadrature",
    "study/test_continuum.py::test_polynomials_of_the_bound_against_direct_integration",
    "study/test_continuum.py::test_mechanism_in_few_cells_is_certified_and_a_spoiled_one_is_not",
    "study/test_continuum.py::test_types_inside_cells_do_not_gain_either",
    "study/test_continuum.py::test_the_bound_holds_for_every_distribution_and_is_not_far_away",
    "checking/test_forgeries.py",
)
ATTITUDES = "checking/test_ambiguous_answers.py"
RATES, REGIONS = ("solving/test_rates.py",), ("study/test_regions.py",)
TESTS = {
    "mechanism/relaxed": RATES,
    "proof/rates": RATES,
    "proof/written_rates": RATES,
    "proof/region": REGIONS,
    "proof/pieces": REGIONS,
    "proof/patches": REGIONS,
    "proof/faces": REGIONS,
    "proof/family": REGIONS,
    "mechanism/audit": ("refusals/test_requirements.py", "environment/test_rational_ends.py"),
    "mechanism/ends": (
        "refusals/test_between_ends.py",
        "environment/test_rational_ends.py",
        "solving/test_prices.py",
    ),
    "mechanism/prices": (OTHERS, "solving/test_prices.py"),
    "mechanism/simple": (OTHERS, "solving/test_prices.py"),
    "mechanism/interim": REDUCED,
    "mechanism/smooth": ("study/test_smooth.py",),
    "mechanism/recommendations": ("solving/test_obedience.py",),
    "mechanism/rounding": ("closed_forms/test_robust_trade.py",),
    "mechanism": (
        "refusals/test_requirements.py",
        "environment/test_rational_ends.py",
        "refusals/test_answers.py",
    ),
    "proof/cells": CONTINUUM,
    "proof/simple_continuum": CONTINUUM,
    "proof/continuum": CONTINUUM,
    "proof/relaxation": ("checking/test_fields.py", "checking/test_forgeries.py"),
    "proof/lump_sum": ("solving/test_constraints.py", "test_cli_interim.py"),
    "proof/fewest": (
        "refusals/test_proofs.py::test_a_proof_about_few_rules_speaks_of_no_more",
        "refusals/test_answers.py",
        "checking/test_ambiguous_answers.py",
    ),
    "proof/equal_beliefs": ("solving/test_ambiguous.py",),
    "proof/robustness": (*ROBUST, "closed_forms/test_bargaining.py"),
    "proof/comparison": COMPARED,
    "proof/projection": (*PROJECTED, "study/test_interim.py::test_degenerate_projections"),
    "proof/efficiency": COMPARED,
    "proof/interim": (*PROJECTED, *COMPARED),
    "proof/reduced_form": REDUCED,
    "proof/worst_case": ("closed_forms/test_known_means.py",),
    "proof/lagrangian": (
        "refusals/test_proofs.py",
        "refusals/test_answers.py",
        "refusals/test_between_ends.py",
        "solving/test_enclosed.py",
        "solving/test_undominated.py",
    ),
    "proof/linear": ("solving/test_obedience.py",),
    "proof": (
        "refusals/test_proofs.py",
        "refusals/test_answers.py",
    ),
    "checking/verify": (
        f"{OTHERS}::test_a_comparison_is_about_the_power_and_the_cells_of_the_file",
        "checking/test_fields.py",
        "checking/test_verify.py",
        "checking/test_forgeries.py",
        "refusals/test_answers.py",
    ),
    "checking/saved read_saved": ("report/test_exported_answers.py",),
    "checking/simple": (OTHERS, "solving/test_prices.py"),
    "checking/kinds": REDUCED,
    "checking": (
        "refusals/test_answers.py",
        "checking/test_fields.py",
        "checking/test_verify.py",
        "checking/test_forgeries.py",
        "study/test_continuum.py",
        "checking/test_ambiguous_answers.py",
    ),
    "question/price": ("solving/test_prices.py", "solving/test_enclosed.py"),
    "question/undominated": ("solving/test_prices.py", "solving/test_enclosed.py"),
    "question/constraints": ("solving/test_constraints.py",),
    "question/misreports": ("solving/test_misreports.py",),
    "question/interim": (OTHERS, "study/test_interim.py"),
    "question/symmetric": REDUCED,
    "question/obedience": ("solving/test_obedience.py",),
    "question/requirements": ("solving/test_obedience.py",),
    "question/continuum": ("closed_forms/test_robust_trade.py",),
    "question/gains": ("refusals/test_proofs.py",),
    "question": (*REFUSALS, "test_kinds.py"),
    "program/bound": ("program/test_bound.py", "solving/test_rigorous_bounds.py", "program/test_solve.py", "program"),
    "program/export": ("program/test_export.py", "report/test_exported_answers.py"),
    "program/highs": ("program/test_roads.py", "program/test_session.py", "program/test_solve.py"),
    "program/kernel": ("program/test_kernel.py", "program/test_units.py"),
    "program/names": ("program/test_export.py",),
    "program/pivot": ("program/test_pivot.py",),
    "program/units": ("program/test_units.py", "program"),
    "program/vipr": ("program/test_vipr.py",),
    "program/uniqueness": ("program/test_solve.py", "solving/test_nice.py"),
    "program": ("program/test_solve.py", "refusals/test_answers.py", "program"),
    "solving/ask": ("solving/test_rigorous_bounds.py", "test_api.py", "refusals/test_answers.py"),
    "solving/certain": ("solving/test_certain.py",),
    "solving/envelope": ("solving/test_reductions.py", "solving/test_running_rents.py"),
    "solving/fewest_rules": ("solving/test_ambiguous.py", ATTITUDES),
    "solving/interchange": ("solving/test_interchange.py",),
    "solving/nature": ("solving/test_robust_designer.py",),
    "solving/rates": RATES,
    "solving/rows/requirements": ("solving/test_obedience.py", "solving/test_constraints.py"),
    "solving/reduced_form": ("solving/test_reduced_form.py",),
    "solving/representative": (
        "solving/test_reduced_form.py::test_sorting_finds_what_all_sets_find",
        "solving/test_reduced_form.py::test_the_reduced_form_agrees_with_the_whole_grid",
        "solving/test_reduced_form.py",
    ),
    "solving/interim": ("study/test_interim.py", OTHERS),
    "solving/enclosed": (
        "solving/test_enclosed.py::test_what_is_impossible_and_what_is_least_at_an_irrational_payoff",
        "solving/test_enclosed.py",
    ),
    "solving/generation many_solves": (
        "solving/test_reductions_that_pay.py::test_a_plan_takes_one_solve_where_a_theorem_says_which_rows_and_columns_matter",
    ),
    "solving/generation": ("solving/test_reductions_that_pay.py", "solving/test_reductions.py"),
    "solving/outer": ("solving/test_maxmin.py", "closed_forms/test_known_means.py"),
    "solving/reductions": ("solving/test_reductions.py", "solving/test_reductions_that_pay.py"),
    "solving/rows/regime": (
        f"{ATTITUDES}::test_optimism_pays_for_a_deficit_below_one_minus_one_over_n",
        "solving/test_ambiguous.py",
    ),
    "solving/solve _Run._notes": (ATTITUDES,),
    "solving/solve": ("solving/test_rigorous_bounds.py", "solving/test_ambiguous.py", "solving/test_time.py"),
    "solving/two_rules": (
        f"{ATTITUDES}::test_less_aversion_takes_a_larger_side_bet",
        "solving/test_ambiguous.py",
    ),
    "solving": (
        "refusals/test_answers.py",
        "solving/test_running_rents.py",
        "solving/test_interchange.py",
        "solving/test_random_environments.py",
    ),
    "environment/prices": ("solving/test_prices.py", OTHERS),
    "environment/trade": (
        "solving/test_prices.py::test_what_is_no_trade_at_prices_is_refused",
        "solving/test_prices.py",
        OTHERS,
    ),
    "environment/actions": ("solving/test_obedience.py",),
    "environment/notions": (
        "refusals/test_requirements.py",
        "refusals/test_proofs.py",
        "solving/test_ordinal.py",
    ),
    "environment/worth": (
        "refusals/test_between_ends.py",
        "solving/test_enclosed.py",
        "solving/test_prices.py",
    ),
    "environment/symmetric": REDUCED,
    "environment/families": ("files", "environment"),
    "environment/belief_sets": ("environment/test_belief_sets.py", "solving/test_robust_designer.py"),
    "environment/distributions": ("environment/test_belief_sets.py", "closed_forms/test_known_means.py"),
    "environment/formulas": ("environment/test_rational_ends.py", "environment/test_formulas.py"),
    "environment/model Environment.surplus": ("solving/test_money.py",),
    "environment/model Environment.private_values": ("files/test_words.py",),
    "environment/model": (
        "refusals/test_requirements.py",
        "files/test_words.py",
        "solving/test_reductions.py",
    ),
    "environment": ("environment", "refusals/test_requirements.py", "refusals/test_proofs.py", "files"),
    "beliefs/sets": ("environment/test_belief_sets.py", "solving/test_robust_designer.py", "beliefs"),
    "beliefs": ("beliefs", "test_published_cases.py"),
    "files/belief_sets": (
        "files/test_wrong_inputs.py",
        "files/test_designer.py",
        "environment/test_belief_sets.py",
    ),
    "files/constraints": ("solving/test_constraints.py", "files/test_wrong_inputs.py"),
    "files/keys": ("files/test_reference.py", "test_cli.py"),
    "files/lines": ("files/test_words.py", "files/test_wrong_inputs.py"),
    "files/outcomes": ("files/test_words.py", "files/test_goods.py", "test_gallery.py"),
    "files/priors": ("files/test_priors.py",),
    "files/writer": ("test_kinds.py", "solving/test_laws.py", "solving/test_constraints.py"),
    "files/symmetric": ("solving/test_reduced_form.py", "files"),
    "files/prices": ("solving/test_prices.py", "files"),
    "files": ("files", "environment/test_formulas.py", "test_problems.py"),
    "study/interim": ("study/test_interim.py", "test_cli_interim.py"),
    "study/continuum": ("study/test_continuum.py",),
    "study/smooth": ("study/test_smooth.py",),
    "study/closed_forms": ("study/test_closed_forms.py", "closed_forms/test_named.py"),
    "study/robust_trade": ("closed_forms/test_robust_trade.py", "report/test_outward_rounding.py"),
    "study": (
        "study/test_sweep.py",
        "study/test_maps.py",
        "study/test_compare.py",
        "study/test_closed_forms.py",
    ),
    "cli/continuum": ("study/test_continuum.py",),
    "cli/export": ("report/test_exported_answers.py", "test_cli.py"),
    "cli/zones": ("test_cli_interim.py",),
    "cli/solve": ("test_cli.py", "test_running.py"),
    "cli/options": (
        "files/test_words.py",
        "test_cli_interim.py",
        "test_kinds.py",
        "test_audit_command.py",
        "test_cli.py",
    ),
    "cli": ("test_cli.py", "test_cli_interim.py", "test_kinds.py"),
}


@dataclass(frozen=True)
class Fault:
    """One line of one function, as it is and with the fault."""

    file: str
    function: str
    old: str
    new: str

    @property
    def name(self):
        """A short name that changes with the text."""
        return hashlib.sha256("\n".join((self.file, self.function, self.old, self.new)).encode()).hexdigest()[
            :6
        ]

    @property
    def room(self):
        return self.file.split("/")[0]

    @property
    def tests(self):
        path = f"{self.file.removesuffix('.py')} {self.function}"
        return next(tests for prefix, tests in TESTS.items() if path.startswith(prefix))

    def located(self, root):
        """The same in the file where its line is now: the listed one, or the only other one; None where it is gone."""
        files = [
            self.file,
            *(p.relative_to(root / "mechlp").as_posix() for p in (root / "mechlp").rglob("*.py")),
        ]
        places = [
            f
            for f in files
            if (root / "mechlp" / f).exists() and self.applied((root / "mechlp" / f).read_text())
        ]
        if self.file in places:
            return self
        return replace(self, file=places[0]) if len(places) == 1 and self.function else None

    def depends(self):
        """Digests of what its fate depends on: the function with the fault, and, where it survives, the tests."""
        source = (ROOT / "mechlp" / self.file).read_text()
        lines = source.split("\n")
        first, last = _span(ast.parse(source), self.function, len(lines))
        files = []
        for test in self.tests:
            path = ROOT / "tests" / test.partition("::")[0]
            files += sorted(path.glob("*.py")) if path.is_dir() else [path]
        return _digest("\n".join(lines[first:last])), _digest("".join(path.read_text() for path in files))

    def applied(self, source):
        """The source with the fault, or None where its line is not there exactly once."""
        if self.old not in source:
            return None
        lines = source.split("\n")
        first, last = _span(ast.parse(source), self.function, len(lines))
        places = [k for k in range(first, last) if lines[k].strip() == self.old]
        if len(places) != 1:
            return None
        indent = lines[places[0]][: len(lines[places[0]]) - len(lines[places[0]].lstrip())]
        lines[places[0]] = indent + self.new
        return "\n".join(lines)


def _digest(words):
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _span(tree, function, count):
    """Lines of a function or class by its qualified name; of the file where the name is empty, nothing where it is gone."""
    node, body = None, tree.body
    for part in function.split(".") if function else []:
        node = next((n for n in body if getattr(n, "name", None) == part), None)
        if node is None:
            return 0, 0
        body = [n for n in ast.walk(node) if n is not node]
    return (0, count) if node is None else (node.lineno - 1, node.end_lineno)


def listed():
    """Every fault of the list."""
    out, place = [], None
    lines = iter((HERE / "faults.txt").read_text().splitlines())
    for line in lines:
        if line.startswith("@ "):
            file, _, function = line[2:].partition(" ")
            place = file, function
        elif line.startswith("- "):
            out.append(Fault(*place, line[2:], next(lines)[2:]))
    return out


def explained():
    """Names of the survivors that README.md explains."""
    return set(re.findall(r"^\* `([0-9a-f]{6})`", (HERE / "README.md").read_text(), re.MULTILINE))


def measured():
    """{room: (noticed, of)} as README.md has it."""
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \|", (HERE / "README.md").read_text(), re.MULTILINE)
    return {room: (int(noticed), int(count)) for room, noticed, count in rows}


# -- one copy of the tree -------------------------------------------------------------------------------
def warm():
    """Load what every run of the tests needs, once: each run is a fork of this process."""
    import highspy  # noqa: F401
    import hypothesis  # noqa: F401
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    import scipy.optimize  # noqa: F401
    import yaml  # noqa: F401
    from click import testing  # noqa: F401
    from flint import fmpq  # noqa: F401


class Copy:
    """A tree of its own in which one fault at a time is put."""

    def __init__(self, place):
        self.root = Path(place)
        for part in ("mechlp", "tests", "configs", "docs", "findings", "benchmarks"):
            shutil.copytree(ROOT / part, self.root / part, ignore=shutil.ignore_patterns("__pycache__"))
        for path in ROOT.iterdir():
            if path.is_file() and path.name != ".git":
                shutil.copy(path, self.root / path.name)
        compileall.compile_dir(self.root, quiet=2)

    def judge(self, fault, tests=None):
        """``killed``, ``survived`` or ``does not apply``, by what, and the seconds it took."""
        path, start = self.root / "mechlp" / fault.file, time.perf_counter()
        source = path.read_text()
        changed = fault.applied(source)
        times = path.stat()
        try:
            path.write_text(changed)
            os.utime(
                path, ns=(times.st_atime_ns, times.st_mtime_ns + 10**11)
            )  # so that nothing compiled fits it
            return *self.run(tests or fault.tests), time.perf_counter() - start
        finally:
            path.write_text(source)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    def run(self, tests):
        """``killed`` where one of these tests fails (they stop at the first), and which that was."""
        log = self.root / "log.txt"
        child = os.fork()
        if child == 0:
            self._test(tests, log)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code == -signal.SIGXCPU:
            return "killed", f"no end in {TIMEOUT} s"
        if code in (4, 5):  # pytest's own: misused, nothing collected
            return "does not apply", "the tests are not there"
        failed = re.findall(r"^(?:FAILED|ERROR) tests/(\S+)", log.read_text(), re.MULTILINE)
        return ("killed" if code else "survived"), failed[0] if failed else f"exit status {code}"

    def _test(self, tests, log):
        """In a process of its own: pytest, from the tree with the fault, and no way back."""
        resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT, TIMEOUT + 5))  # not the clock: others use the machine
        out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(self.root)
        sys.path[:] = [str(self.root), *(p for p in sys.path if Path(p or ".").resolve() not in (ROOT, HERE))]
        sys.dont_write_bytecode = True
        few = {
            "MECHLP_LAWS": "60",
            "MECHLP_ALTERED": "1",
            "MPLBACKEND": "Agg",
            "CI": "1",
        }
        os.environ.update(few, PYTHONPATH=str(self.root), PYTHONDONTWRITEBYTECODE="1")
        code = 70
        try:
            import pytest

            options = ("-x", "-q", "-p", "no:cacheprovider", "--no-header", "--tb=no")
            code = pytest.main([*options, *(f"tests/{test}" for test in tests)])
        finally:
            os._exit(int(code))


# -- all of them ----------------------------------------------------------------------------------------
def judged(faults, workers, whole):
    """(fault, fate, by what, seconds) as they become known."""
    with tempfile.TemporaryDirectory() as place:
        context, todo, done = get_context("fork"), Queue(), Queue()
        for fault in [*faults, *[None] * workers]:
            todo.put(fault)
        for k in range(workers):
            context.Process(
                target=_work, args=(Path(place) / str(k), whole, todo, done), daemon=False
            ).start()
        for _ in faults:
            yield done.get()


def _work(place, whole, todo, done):
    copy = Copy(place)
    while (fault := todo.get()) is not None:
        fate, by, seconds = copy.judge(fault)
        if whole and fate == "survived":
            fate, by, more = copy.judge(fault, [""])
            seconds += more
        done.put((fault, fate, by, seconds))


def _exists(test):
    """Whether a test of this name is still there; what stopped the tests otherwise stops them again."""
    file, _, name = test.partition("::")
    path = ROOT / "tests" / file
    return not name or (path.exists() and f"def {name.partition('[')[0]}(" in path.read_text())


class Store:
    """Fates by name of the fault, each beside what it depends on; whole after every one."""

    def __init__(self):
        self.known = json.loads(STORE.read_text()) if STORE.exists() else {}

    def fate(self, fault, whole):
        """(fate, by what) where it is known."""
        found = self.known.get(fault.name)
        if found is None:
            return None
        code, tests = fault.depends()
        if found["fate"] == "survived":
            same = (found["code"], found["tests"]) == (code, tests) and not whole
        else:
            same = found["code"] == code and _exists(found["by"])
        return (found["fate"], found["by"]) if same else None

    def keep(self, fault, depends, fate, by):
        code, tests = depends
        self.known[fault.name] = {"code": code, "tests": tests, "fate": fate, "by": by}
        lines = ",\n".join(
            f"{json.dumps(name)}: {json.dumps(self.known[name])}" for name in sorted(self.known)
        )
        new = STORE.with_suffix(".new")
        new.write_text(f"{{\n{lines}\n}}\n")
        new.replace(STORE)


def healthy(faults):
    """Sets of tests that fail without any fault: they would notice everything."""
    with tempfile.TemporaryDirectory() as place:
        copy = Copy(Path(place) / "whole")
        runs = [(tests, *copy.run(tests)) for tests in dict.fromkeys(f.tests for f in faults)]
        return [f"{' '.join(tests)} ({by})" for tests, fate, by in runs if fate != "survived"]


def by_room(fates):
    """Fates counted, by room."""
    rooms = defaultdict(Counter)
    for fault, fate in sorted(fates.items(), key=lambda f: f[0].room):
        rooms[fault.room][fate] += 1
    return rooms


def summary(fates):
    """Lines by room, and whether every room has its share."""
    good = True
    for room, counts in by_room(fates).items():
        count = counts["killed"] + counts["survived"]
        least = SHARES.get(room, ELSEWHERE)
        enough = counts["killed"] >= least * count
        good &= enough and not counts["does not apply"]
        gone = f", {counts['does not apply']} no longer apply" if counts["does not apply"] else ""
        yield f"{room:12} {counts['killed']:3} of {count:3} noticed (at least {least:.0%}){gone}", enough
    total = Counter(fates.values())
    yield f"{'in all':12} {total['killed']:3} of {total['killed'] + total['survived']:3} noticed", good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--room", action="append", help="only faults in this room (may be repeated)")
    parser.add_argument("--only", action="append", help="only the fault of this name (may be repeated)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="list the faults, and whether each still applies")
    parser.add_argument("--trust", action="store_true", help="do not run the tests without a fault first")
    parser.add_argument("--whole", action="store_true", help="survivors are shown to every test there is")
    parser.add_argument("--fresh", action="store_true", help="judge also those whose fate is stored")
    asked = parser.parse_args()
    faults = [f for f in listed() if not asked.room or f.room in asked.room]
    faults = [f for f in faults if not asked.only or f.name in asked.only]
    places = {fault: fault.located(ROOT) for fault in faults}
    if asked.list:
        for fault, there in places.items():
            print(
                fault.name,
                "" if there else "GONE",
                (there or fault).file,
                fault.function,
                fault.new,
                sep="  ",
            )
        return 0
    store, fates = Store(), {fault: "does not apply" for fault, there in places.items() if not there}
    for fault, there in places.items():
        known = there and not asked.fresh and store.fate(there, asked.whole)
        if known:
            fates[fault] = known[0]
            print(
                f"{fault.name}  {known[0]:14}  stored  {there.file} {fault.function}: {known[1] or fault.new}"
            )
    todo = {there.name: fault for fault, there in places.items() if fault not in fates}
    warm()
    waiting = [places[fault] for fault in todo.values()]
    depends = {there: there.depends() for there in waiting}
    if not asked.trust and (sick := healthy(waiting)):
        print(f"these tests fail without any fault: {', '.join(sick)}")
        return 1
    for there, fate, by, seconds in judged(waiting, min(asked.workers, len(waiting)), asked.whole):
        fates[todo[there.name]] = fate
        store.keep(there, depends[there], fate, by)
        shown = by if fate == "killed" else there.new
        print(
            f"{todo[there.name].name}  {fate:14} {seconds:5.0f} s  {there.file} {there.function}: {shown}",
            flush=True,
        )
    good = True
    for line, enough in summary(fates):
        print(line)
        good &= enough
    found = {room: (n["killed"], n["killed"] + n["survived"]) for room, n in by_room(fates).items()}
    if not asked.room and not asked.only and found != measured():
        good = False
        rows = "".join(f"\n| {room} | {noticed} | {of} |" for room, (noticed, of) in found.items())
        print(f"the table of tests/mutants/README.md has other numbers; these are:{rows}")
    silent = [f.name for f, fate in fates.items() if fate == "survived" and f.name not in explained()]
    if silent:
        print(f"survivors that tests/mutants/README.md does not explain: {', '.join(silent)}")
    return int(not good or bool(silent))


if __name__ == "__main__":
    sys.exit(main())
