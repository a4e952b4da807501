#!/usr/bin/env bash
# The constant of an MPS objective stands on the right-hand side of the objective's row.
# HiGHS, SCIP and CBC subtract it, GLPK adds it: one valid file, two optimal values (7 and -13), no warning.
# Seen with GLPK 5.0, CBC 2.10.8, highspy 1.16.0, PySCIPOpt 6.3.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
command -v cbc >/dev/null || { echo 'CBC 2.10 is expected (package coinor-cbc)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5 pyscipopt==6.3.0

cat >constant.mps <<'MPS'
NAME constant FREE
ROWS
 N cost
 L capacity
COLUMNS
 quantity cost -1
 quantity capacity 1
RHS
 rhs cost -10
 rhs capacity 3
BOUNDS
 UP bnd quantity 5
ENDATA
MPS
highs() {
  venv/bin/python - "$1" <<'PY'
import sys, highspy
solver = highspy.Highs()
solver.setOptionValue("output_flag", False)
solver.readModel(sys.argv[1])
solver.run()
print(solver.modelStatusToString(solver.getModelStatus()), solver.getInfo().objective_function_value)
PY
}
scip() {
  venv/bin/python - "$1" <<'PY'
import sys, pyscipopt
model = pyscipopt.Model()
model.hideOutput()
model.readProblem(sys.argv[1])
model.optimize()
status = model.getStatus()
print(status, model.getObjVal() if status == "optimal" else "")
PY
}
cbc_() { cbc "$1" solve solution out.txt >log.txt; head -n 1 out.txt; }
glpk() { glpsol --freemps "$1" -o out.txt >log.txt || true; grep -h '^Objective' out.txt || cat log.txt; }
expect() { echo "$1: $3"; [[ $3 == *"$2"* ]] || { echo "  no longer so: expected $2"; exit 1; }; }

expect HiGHS 'Optimal 7.0' "$(highs constant.mps)"
expect SCIP 'optimal 7.0' "$(scip constant.mps)"
expect CBC 'objective value 7.0' "$(cbc_ constant.mps)"
expect GLPK '= -13' "$(glpk constant.mps)"
