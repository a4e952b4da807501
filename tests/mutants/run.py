"""How many small faults in the code the tests notice: one fault at a time in a copy of the tree, the likeliest tests first.

    python tests/mutants/run.py [--room proof] [--only 3f2a1c] [--workers 2]

``faults.txt`` lists the faults: file and function, the line as it is (-) and with the fault (+).  A fault is found by its text,
so it survives moves within the function; one whose line is no longer there once is reported and fails the run, as does a
room below its share, or a survivor that README.md does not explain.
"""

import argparse
import ast
import hashlib
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from subprocess import DEVNULL, Popen, TimeoutExpired

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: The least share of faults that is noticed, by room; the rooms that decide first.
SHARES = {"mechanism": 0.9, "proof": 0.9, "checking": 0.9, "question": 0.9}
ELSEWHERE = 0.8
#: Seconds after which a fault counts as noticed, because nothing ends any more.
TIMEOUT = 900
#: The tests that should notice, the first whose prefix fits; quick ones first.
REFUSALS = ("refusals/test_answers.py", "refusals/test_proofs.py", "refusals/test_requirements.py")
OTHERS = "refusals/test_answers_of_other_kinds.py"
TESTS = {
    "mechanism/audit": ("refusals/test_requirements.py", "environment/test_enclosed.py"),
    "mechanism/ends": (
        "refusals/test_between_ends.py",
        "environment/test_enclosed.py",
        "solving/test_prices.py",
    ),
    "mechanism/prices": (OTHERS, "solving/test_prices.py"),
    "mechanism/simple": (OTHERS, "solving/test_prices.py"),
    "mechanism/interim": (OTHERS, "solving/test_reduced_form.py"),
    "mechanism/smooth": ("study/test_smooth.py",),
    "mechanism/rounding": ("closed_forms/test_robust_trade.py",),
    "mechanism": (
        "refusals/test_requirements.py",
        "environment/test_enclosed.py",
        "refusals/test_answers.py",
    ),
    "proof/cells": (OTHERS, "study/test_continuum.py"),
    "proof/simple_continuum": (OTHERS, "study/test_continuum.py"),
    "proof/continuum": (OTHERS, "checking/test_forgeries.py", "study/test_continuum.py"),
    "proof/fewest": ("refusals/test_answers.py", "checking/test_ambiguous_answers.py"),
    "proof/equal_beliefs": ("solving/test_ambiguous.py",),
    "proof/robustness": ("closed_forms/test_bargaining.py",),
    "proof/comparison": (OTHERS, "study/test_interim.py", "checking/test_forgeries.py"),
    "proof/projection": (OTHERS, "study/test_interim.py", "checking/test_forgeries.py"),
    "proof/efficiency": (OTHERS, "study/test_interim.py", "checking/test_forgeries.py"),
    "proof/interim": (OTHERS, "study/test_interim.py"),
    "proof/reduced_form": (OTHERS, "solving/test_reduced_form.py"),
    "proof/linear": ("solving/test_obedience.py",),
    "proof": (
        "refusals/test_proofs.py",
        "refusals/test_answers.py",
        "checking",
        "environment/test_enclosed.py",
    ),
    "checking": ("refusals/test_answers.py", "checking", OTHERS, "refusals/test_malformed.py"),
    "question/prices": (OTHERS, "solving/test_prices.py"),
    "question/symmetric": (OTHERS, "solving/test_reduced_form.py"),
    "question/obedience": ("solving/test_obedience.py",),
    "question/requirements": ("solving/test_obedience.py",),
    "question/continuum": ("solving/test_robust_designer.py", "refusals/test_answers.py"),
    "question/gains": ("refusals/test_proofs.py", "solving/test_maxmin.py"),
    "question": (*REFUSALS, "test_kinds.py", "files", "solving/test_laws.py"),
    "program": ("program", "refusals/test_answers.py"),
    "solving/reduced_form": ("solving/test_reduced_form.py",),
    "solving/representative": ("solving/test_reduced_form.py",),
    "solving/interim": ("study/test_interim.py", OTHERS),
    "solving": (
        "refusals/test_answers.py",
        "solving/test_maxmin.py",
        "solving/test_robust_designer.py",
        "solving/test_running_rents.py",
        "solving/test_interchange.py",
        "solving/test_reductions.py",
        "solving/test_random_environments.py",
        "solving/test_obedience.py",
    ),
    "environment/prices": (OTHERS, "solving/test_prices.py"),
    "environment/symmetric": (OTHERS, "solving/test_reduced_form.py"),
    "environment/families": ("files", "environment"),
    "environment": ("environment", "refusals/test_requirements.py", "refusals/test_proofs.py", "files"),
    "beliefs": ("beliefs", "test_published_cases.py"),
    "files/symmetric": ("solving/test_reduced_form.py", "files"),
    "files/prices": ("solving/test_prices.py", "files"),
    "files": ("files", "environment/test_formulas.py", "solving/test_laws.py", "test_gallery.py"),
    "study/interim": ("study/test_interim.py", "test_cli_interim.py"),
    "study/continuum": ("study/test_continuum.py",),
    "study/smooth": ("study/test_smooth.py",),
    "study": ("study/test_region.py", "study/test_compare.py", "study/test_closed_forms.py", "test_cli.py"),
    "cli": ("test_cli.py", "test_cli_interim.py", "study", "test_kinds.py"),
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
        path = self.file.removesuffix(".py")
        return next(tests for prefix, tests in TESTS.items() if path.startswith(prefix))

    def applied(self, source):
        """The source with the fault, or None where its line is not there exactly once."""
        lines = source.split("\n")
        first, last = _span(ast.parse(source), self.function, len(lines))
        places = [k for k in range(first, last) if lines[k].strip() == self.old]
        if len(places) != 1:
            return None
        indent = lines[places[0]][: len(lines[places[0]]) - len(lines[places[0]].lstrip())]
        lines[places[0]] = indent + self.new
        return "\n".join(lines)


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


# -- one copy of the tree -------------------------------------------------------------------------------
class Copy:
    """A tree of its own in which one fault at a time is put."""

    def __init__(self, place):
        self.root = Path(place)
        for part in ("mechlp", "tests", "configs"):
            shutil.copytree(ROOT / part, self.root / part, ignore=shutil.ignore_patterns("__pycache__"))
        for part in ("pyproject.toml", "README.md", "CHANGELOG.md", "Makefile"):
            shutil.copy(ROOT / part, self.root / part)
        shutil.copytree(ROOT / "docs", self.root / "docs")

    def judge(self, fault):
        """``killed``, ``survived`` or ``does not apply``, by what, and the seconds it took."""
        path, start = self.root / "mechlp" / fault.file, time.perf_counter()
        source = path.read_text() if path.exists() else ""
        changed = fault.applied(source) if source else None
        if changed is None:
            return "does not apply", "", 0.0
        try:
            path.write_text(changed)
            for test in fault.tests:
                code, last = self.run(test)
                if code != 0:
                    return "killed", last or test, time.perf_counter() - start
            return "survived", "", time.perf_counter() - start
        finally:
            path.write_text(source)

    def run(self, test):
        """pytest's exit status on one test file or directory, stopping at the first failure, and which that was."""
        environment = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1", "CI": "1"}
        environment |= {
            "MECHLP_LAWS": "60",
            "MECHLP_ALTERED": "1",
            "MECHLP_WORKERS": "1",
            "MPLBACKEND": "Agg",
        }
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "--no-header",
            "--tb=no",
        ]
        log = self.root / "log.txt"
        with log.open("w") as out:
            process = Popen(
                [*command, f"tests/{test}"],
                cwd=self.root,
                env=environment,
                stdout=out,
                stderr=DEVNULL,
                start_new_session=True,
            )
            try:
                code = process.wait(TIMEOUT)
            except TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return 1, f"{test} (no end in {TIMEOUT} s)"
        failed = re.findall(r"^(?:FAILED|ERROR) tests/(\S+)", log.read_text(), re.MULTILINE)
        return code, failed[0] if failed else ""


# -- all of them ----------------------------------------------------------------------------------------
def judged(faults, workers):
    """(fault, fate, by what, seconds) as they become known."""
    with tempfile.TemporaryDirectory() as place:
        copies = Queue()
        for k in range(workers):
            copies.put(Copy(Path(place) / str(k)))

        def judge(fault):
            copy = copies.get()
            try:
                return fault, *copy.judge(fault)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(workers) as pool:
            for done in as_completed([pool.submit(judge, fault) for fault in faults]):
                yield done.result()


def healthy(faults):
    """Test files that fail without any fault: they would notice everything."""
    with tempfile.TemporaryDirectory() as place:
        copy = Copy(Path(place) / "whole")
        return [test for test in dict.fromkeys(t for f in faults for t in f.tests) if copy.run(test)[0] != 0]


def summary(fates):
    """Lines by room, and whether every room has its share."""
    rooms, good = defaultdict(Counter), True
    for fault, fate in fates.items():
        rooms[fault.room][fate] += 1
    for room, counts in rooms.items():
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
    asked = parser.parse_args()
    faults = [f for f in listed() if not asked.room or f.room in asked.room]
    faults = [f for f in faults if not asked.only or f.name in asked.only]
    if asked.list:
        for fault in faults:
            path = ROOT / "mechlp" / fault.file
            there = path.exists() and fault.applied(path.read_text()) is not None
            print(fault.name, "" if there else "GONE", fault.file, fault.function, fault.new, sep="  ")
        return 0
    if not asked.trust and (sick := healthy(faults)):
        print(f"these tests fail without any fault: {', '.join(sick)}")
        return 1
    fates = {}
    for fault, fate, by, seconds in judged(faults, asked.workers):
        fates[fault] = fate
        print(
            f"{fault.name}  {fate:14} {seconds:5.0f} s  {fault.file} {fault.function}: {by or fault.new}",
            flush=True,
        )
    good = True
    for line, enough in summary(fates):
        print(line)
        good &= enough
    silent = [f.name for f, fate in fates.items() if fate == "survived" and f.name not in explained()]
    if silent:
        print(f"survivors that tests/mutants/README.md does not explain: {', '.join(silent)}")
    return int(not good or bool(silent))


if __name__ == "__main__":
    sys.exit(main())
