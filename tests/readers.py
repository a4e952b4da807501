"""Other people's solvers, asked what they read in a file: (status, value), the status one of three words."""

import os
import re
import shutil
import subprocess

import pytest

OPTIMAL, INFEASIBLE, UNBOUNDED = "optimal", "infeasible", "unbounded"


def missing(reason):
    """Skip, with the reason; in CI nothing may be missing."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def _run(path, *command):
    """Standard output of a system tool."""
    if shutil.which(command[0]) is None:
        package = {"glpsol": "glpk-utils", "cbc": "coinor-cbc"}[command[0]]
        missing(f"{command[0]} is missing: apt-get install {package}")
    return subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=path.parent).stdout


def highs(path):
    import highspy

    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    # An objective that is zero everywhere needs no dual ray, and infeasible is to be told from unbounded.
    solver.setOptionValue("presolve", "off")
    assert solver.readModel(str(path)) == highspy.HighsStatus.kOk, "not read without complaint"
    solver.run()
    status = highspy.HighsModelStatus
    words = {status.kOptimal: OPTIMAL, status.kInfeasible: INFEASIBLE, status.kUnbounded: UNBOUNDED}
    return words[solver.getModelStatus()], solver.getInfo().objective_function_value


def glpk(path):
    kind = "--lp" if path.suffix == ".lp" else "--freemps"
    said = _run(path, "glpsol", kind, str(path), "-o", f"{path}.glpk")
    if "NO PRIMAL FEASIBLE SOLUTION" in said or "NO FEASIBLE SOLUTION" in said:
        return INFEASIBLE, None
    if "UNBOUNDED" in said or "HAS NO DUAL FEASIBLE SOLUTION" in said:
        return UNBOUNDED, None
    assert "OPTIMAL" in said, said
    return OPTIMAL, float(re.search(r"Objective: .* = (\S+) ", _text(f"{path}.glpk"))[1])


def cbc(path):
    said = _run(path, "cbc", str(path), "solve", "solution", f"{path}.cbc")
    assert "###" not in said and not re.search(r"[1-9]\d* errors", said), said
    first = _text(f"{path}.cbc").splitlines()[0]
    if "nfeasible" in first:
        return INFEASIBLE, None
    if "nbounded" in first:
        return UNBOUNDED, None
    assert first.startswith("Optimal"), first
    return OPTIMAL, float(first.split()[-1])


def scip(path):
    try:
        import pyscipopt
    except ImportError:
        missing("PySCIPOpt is missing: pip install pyscipopt")
    model = pyscipopt.Model()
    model.hideOutput()
    model.readProblem(str(path))
    model.optimize()
    status = model.getStatus()
    return status, model.getObjVal() if status == OPTIMAL else None


def _text(path):
    with open(path) as file:
        return file.read()


READERS = {"highs": highs, "glpk": glpk, "cbc": cbc, "scip": scip}
