#!/usr/bin/env bash
# A double needs 17 significant digits.  Writers of LP and MPS files keep fewer, and none says so: OR-Tools 6, GLPK 10 (MPS),
# PuLP 12 (LP), SCIP 15: what is read back is another program.
# Seen with OR-Tools 9.15.6755, GLPK 5.0, PuLP 3.3.2, PySCIPOpt 6.3.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check ortools==9.15.6755 pulp==3.3.2 pyscipopt==6.3.0

printf 'max\n gain: x\nst\n row: 0.33333333333333331 x <= 1\nend\n' >third.lp
glpsol --lp third.lp --check --wfreemps glpk.mps >/dev/null
venv/bin/python - <<'PY'
import re
import pulp, pyscipopt
from ortools.linear_solver import pywraplp

THIRD = 1 / 3
tools = pywraplp.Solver.CreateSolver("GLOP")
x = tools.NumVar(0, 1, "x")
tools.Add(THIRD * x + x <= 1)  # a row of one variable would become a bound
tools.Maximize(THIRD * x)
problem = pulp.LpProblem("third", pulp.LpMaximize)
y = pulp.LpVariable("x", 0)
problem += THIRD * y
problem += y <= 1
problem.writeLP("pulp.lp")
model = pyscipopt.Model()
model.hideOutput()
model.addVar("x", obj=THIRD)
model.writeProblem("scip.lp", verbose=False)
files = {
    "OR-Tools": (tools.ExportModelAsLpFormat(False), 6),
    "GLPK": (open("glpk.mps").read(), 10),
    "PuLP": (open("pulp.lp").read(), 12),
    "SCIP": (open("scip.lp").read(), 15),
}
for name, (text, digits) in files.items():
    found = re.search(r"0\.(3+)", text)[1]
    print(name, len(found), "digits, error", abs(float("0." + found) - THIRD))
    assert len(found) == digits, "no longer so"
PY
