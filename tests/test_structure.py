"""The house: no circles between files, no import inside a function and no long file without its reason."""

import ast
import re
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
#: Lines of a file that can be read in one sitting, about.
LONG = 420
#: Libraries that take longer to load than a small program takes to solve, or that are optional.
HEAVY = {
    "cvxpy",
    "distributed",
    "flint",
    "highspy",
    "joblib",
    "latex2mathml",
    "matplotlib",
    "openpyxl",
    "pandas",
    "ppl",
    "pyarrow",
    "rich",
    "scipy",
}
#: Parts of Python that are slow to load and that most runs do not need.
SELDOM = {"csv": "tables of observations", "difflib": "hints for mistakes", "importlib": "templates"}
#: Imports of our own inside functions, with their reason: (file, module).  What a small question does not need is not loaded for
#: it: a small solve loads half of the package.
REASONS = {
    ("question/protocol.py", "solving.kinds"): "the door from questions up to what solves them",
    ("shown.py", "report.html"): "the door from everything up to pages",
    ("shown.py", "report.plot"): "the door from answers up to pictures",
    ("shown.py", "report.sections"): "the door from answers up to LaTeX",
    ("__main__.py", "cli"): "an interrupt while the package loads is caught like any other",
    ("program/backend.py", "program.conic"): "the second float solver is optional, and loads scipy",
    ("solving/simple.py", "program.conic"): "the second float solver is optional, and loads scipy",
    (
        "files/beliefs.py",
        "beliefs.sets",
    ): "says why a set of beliefs is empty: for mistakes only, and loads a solver",
    ("files/reader.py", "files.box"): "types that fill a box are seldom read",
    ("files/reader.py", "files.economy"): "economies are seldom read",
    ("files/reader.py", "files.prices"): "trade at prices is seldom read",
    ("files/outcomes.py", "files.goods"): "goods are seldom sold",
    ("answer/answer.py", "files.writer"): "a problem is written only where its answer is saved",
    ("answer/implementation.py", "files.writer"): "a problem is written only where its answer is saved",
    (
        "answer/implementation.py",
        "proof.implementation.settle",
    ): "the page of any answer knows the kind of these, whose witnesses are their own",
    ("answer/box.py", "files.writer"): "a problem is written only where its answer is saved",
    (
        "answer/box.py",
        "proof.box",
    ): "the page of any answer knows the kind of these, whose proofs are their own",
    ("answer/interim.py", "files.writer"): "a problem is written only where its answer is saved",
    (
        "answer/interim.py",
        "proof.reduced_form",
    ): "the page of any answer knows the kind of these, whose proofs are their own",
    ("answer/answer.py", "mechanism.rounding"): "few questions are about a continuum",
    (
        "program/solve.py",
        "program.bound",
    ): "bounds without an exact solution are for programs that run out of time",
    ("program/solve.py", "program.integers"): "few programs have integer columns",
    ("program/solve.py", "program.interior"): "few vertices take long numbers",
    ("shown.py", "report.exported"): "the door from answers up to tables",
    ("cli/solve.py", "report.html"): "a page is seldom asked for, and knows every kind of answer",
    ("cli/solve.py", "report.sections"): "LaTeX is seldom asked for, and knows every kind of answer",
    ("cli/show.py", "report.sweeps"): "few files that are shown are stores of sweeps",
    ("report/pages.py", "report.box"): "types that fill a box are seldom asked about",
    ("report/pages.py", "report.environment"): "only `show` prints an environment",
    ("report/pages.py", "report.implementation"): "full implementation is seldom asked about",
    ("report/pages.py", "report.prices"): "trade at prices is seldom asked about",
    ("report/pages.py", "report.symmetric"): "many identical bidders are seldom asked about",
    ("solving/ask.py", "question.prices"): "trade at prices is seldom asked about",
    ("solving/ask.py", "solving.enclosed"): "few payoffs are irrational",
    ("solving/ask.py", "solving.rates"): "what is infeasible has no rates",
    ("solving/ask.py", "solving.simple"): "simple mechanisms are seldom asked about",
    ("answer/interim.py", "proof.identical_rates"): "many identical bidders are seldom asked about",
    ("answer/interim.py", "proof.written_rates"): "the page of any answer knows the kind of these",
    ("solving/reduced_form.py", "solving.identical_rates"): "rates are asked for beside an answer",
    ("solving/kinds.py", "solving.box"): "types that fill a box are seldom asked about",
    ("solving/kinds.py", "solving.implementation.implement"): "full implementation is seldom asked about",
    ("solving/kinds.py", "solving.reduced_form"): "many identical bidders are seldom asked about",
    (
        "solving/reductions/__init__.py",
        "solving.reductions.catalogue",
    ): "small programs are solved as they stand",
    ("solving/rows/regime.py", "solving.rows.pinned"): "small programs have all transfers",
    ("solving/rows/regime.py", "solving.rows.running"): "small programs have all transfers",
    ("solving/solve.py", "solving.branching"): "few allocations are deterministic",
    ("solving/solve.py", "solving.continuation"): "small programs are solved as they stand",
    ("solving/solve.py", "solving.fewest_rules"): "few questions are about several rules",
    ("solving/solve.py", "solving.first_best"): "small programs are solved as they stand",
    ("solving/solve.py", "solving.generation"): "small programs are solved as they stand",
    ("solving/solve.py", "solving.rates"): "what is infeasible has no rates",
    ("solving/solve.py", "solving.reductions.catalogue"): "small programs are solved as they stand",
    ("files/reader.py", "files.symmetric"): "many identical bidders are seldom read",
}


def module_of(path):
    """``exact.numbers`` of ``mechlp/exact/numbers.py``, and whether it is a package."""
    parts = path.relative_to(ROOT / "mechlp").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts), parts[-1] == "__init__"


FILES = {module_of(path)[0]: path for path in (ROOT / "mechlp").rglob("*.py")}


@cache
def imports(path):
    """Each import of a file: (module, line, where), where is ``top``, ``typing`` or ``function``; ours without ``mechlp.``."""
    module, package = module_of(path)
    here = module.split(".") if module else []

    def visit(node, where):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                continue
            inside = where
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                inside = "function"
            elif isinstance(child, ast.If) and getattr(child.test, "id", None) == "TYPE_CHECKING":
                inside = "typing"
            if isinstance(child, ast.Import):
                yield from ((alias.name, child.lineno, where) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                if not child.level:
                    yield child.module, child.lineno, where
                    continue
                up = len(here) - child.level + package
                base = here[:up] + (child.module.split(".") if child.module else [])
                for alias in child.names:
                    deep = ".".join([*base, alias.name])
                    yield (deep if deep in FILES else ".".join(base)), child.lineno, where
            else:
                yield from visit(child, inside)

    return tuple(visit(ast.parse(path.read_text(encoding="utf-8")), "top"))


def circle(graph):
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return error.args[1]
    return None


def test_no_file_imports_itself_by_a_detour():
    graph = {
        module: {name for name, _, where in imports(path) if where == "top" and name in FILES} - {module}
        for module, path in FILES.items()
    }
    assert sum(map(len, graph.values())) > 500
    assert circle(graph) is None


def test_circles_are_found():
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) is None
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})) == {"a", "b", "c"}
    found = set(imports(ROOT / "mechlp" / "question" / "protocol.py"))
    assert {name: where for name, _, where in found}["solving.kinds"] == "function"
    assert {name: where for name, _, where in imports(ROOT / "mechlp" / "question" / "design.py")}[
        "answer.answer"
    ] == "typing"


def test_every_import_inside_a_function_has_its_reason():
    unexplained, used = [], set()
    for path in FILES.values():
        name = path.relative_to(ROOT / "mechlp").as_posix()
        for module, line, where in imports(path):
            if where != "function" or module.split(".")[0] in {*HEAVY, *SELDOM}:
                continue
            if (name, module) in REASONS:
                used.add((name, module))
            else:
                unexplained.append(f"{name}:{line}: {module}")
    assert not unexplained
    assert used == set(REASONS)  # no reason outlives its import


@cache
def reached(module):
    """What a file imports of ours when it is run, wherever in it."""
    return {name for name, _, where in imports(FILES[module]) if where != "typing" and name in FILES}


@pytest.mark.parametrize("room", ["checking", "proof", "mechanism"])
def test_what_checks_answers_reaches_no_solver(room):
    """Also by a detour, and also where a function imports: except through the doors, and to refuse a file."""
    door = {
        ("question.protocol", "solving.kinds"),
        ("shown", "report.exported"),
        ("shown", "report.html"),
        ("shown", "report.plot"),
        ("shown", "report.sections"),
        ("files.beliefs", "beliefs.sets"),
    }
    seen, todo = set(), [m for m in FILES if m.split(".")[0] == room]
    while todo:
        module = todo.pop()
        seen.add(module)
        todo += [n for n in reached(module) if n not in seen and (module, n) not in door]
    assert not {m for m in seen if m.split(".")[0] in ("program", "solving")}


def long_files(directory):
    """Files of more lines than are read in one sitting, with what their docstrings say."""
    for path in sorted(directory.rglob("*.py")):
        source = path.read_text()
        if source.count("\n") > LONG:
            yield path, ast.get_docstring(ast.parse(source)) or ""


def test_long_files_say_why():
    found = [*long_files(ROOT / "mechlp"), *long_files(ROOT / "benchmarks")]
    assert found
    assert not [path.name for path, said in found if "\nLong because " not in said]


def test_the_design_names_what_there_is():
    """Every file, folder and room of docs/design.md is in the tree, and every room of the tree is in its table."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    there = [p.relative_to(ROOT).as_posix() for top in ROOT.glob("[a-zA-Z]*") for p in [top, *top.rglob("*")]]
    named = re.findall(r"`([\w./-]+(?:\.(?:py|md|yaml|json|toml|csv)|/))`", text)
    assert len(named) > 80
    gone = [n for n in named if not any(f"/{path}/".endswith(f"/{n.strip('/')}/") for path in there)]
    assert not gone
    rooms = {p.parent.name for p in (ROOT / "mechlp").glob("*/__init__.py")}
    assert rooms == set(re.findall(r"^\| `(\w+)/` \|", text, flags=re.M))


def test_no_two_test_files_share_a_name():
    """Pytest imports them by their names alone."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
