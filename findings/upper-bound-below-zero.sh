#!/usr/bin/env bash
# An MPS bound UP -1 on a column without a lower bound, and a row that says x >= -7: minimise x.
# HiGHS and SCIP keep the lower bound 0 and call the program infeasible; CBC drops the lower bound and finds -7.
# Seen with CBC 2.10.8, highspy 1.16.0, PySCIPOpt 6.3.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
command -v cbc >/dev/null || { echo 'CBC 2.10 is expected (package coinor-cbc)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5 pyscipopt==6.3.0

cat >below.mps <<'MPS'
NAME below FREE
ROWS
 N cost
 G floor
COLUMNS
 quantity cost 1
 quantity floor 1
RHS
 rhs floor -7
BOUNDS
 UP bnd quantity -1
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
expect() { echo "$1: $3"; [[ $3 == *"$2"* ]] || { echo "  no longer so: expected $2"; exit 1; }; }

expect HiGHS 'Infeasible' "$(highs below.mps)"
expect SCIP 'infeasible' "$(scip below.mps)"
expect CBC 'Optimal - objective value -7.0' "$(cbc_ below.mps)"
