#!/usr/bin/env bash
# An integer column of an MPS file without bounds has the upper bound 1 in all of HiGHS, SCIP, CBC and GLPK: the optimum is 1.
# The same program as an LP file (section general) has no such bound: the optimum is 3.
# Seen with GLPK 5.0, CBC 2.10.8, highspy 1.16.0, PySCIPOpt 6.3.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
command -v cbc >/dev/null || { echo 'CBC 2.10 is expected (package coinor-cbc)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5 pyscipopt==6.3.0

cat >whole.mps <<'MPS'
NAME whole FREE
ROWS
 N cost
 L capacity
COLUMNS
 M1 'MARKER' 'INTORG'
 quantity cost -1
 quantity capacity 1
 M2 'MARKER' 'INTEND'
RHS
 rhs capacity 3
BOUNDS
ENDATA
MPS
cat >whole.lp <<'LP'
minimize
 cost: - quantity
subject to
 capacity: quantity <= 3
general
 quantity
end
LP
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

expect 'HiGHS, MPS' 'Optimal -1.0' "$(highs whole.mps)"
expect 'SCIP, MPS' 'optimal -1.0' "$(scip whole.mps)"
expect 'CBC, MPS' 'value -1.0' "$(cbc_ whole.mps)"
expect 'GLPK, MPS' '= -1' "$(glpk whole.mps)"
expect 'HiGHS, LP' 'Optimal -3.0' "$(highs whole.lp)"
expect 'SCIP, LP' 'optimal -3.0' "$(scip whole.lp)"
expect 'CBC, LP' 'value -3.0' "$(cbc_ whole.lp)"
