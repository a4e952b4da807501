#!/usr/bin/env bash
# A column named "st" that begins a line of the objective: SCIP takes the name for the section "subject to", reads the rest
# differently and reports an optimum of another program (2.5), without a warning.  HiGHS and GLPK find 4.
# Seen with PySCIPOpt 6.3.0, GLPK 5.0, highspy 1.16.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5 pyscipopt==6.3.0

cat >st.lp <<'LP'
maximize
 gain: x
  + st
subject to
 both: x + st <= 4
 gap: x - st <= 1
bounds
 0 <= x <= 3
 0 <= st <= 3
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
expect() { echo "$1: $3"; [[ $3 == *"$2"* ]] || { echo "  no longer so: expected $2"; exit 1; }; }

expect HiGHS 'Optimal 4.0' "$(highs st.lp)"
glpsol --lp st.lp -o out.txt >/dev/null
expect GLPK '= 4 ' "$(grep '^Objective' out.txt)"
expect SCIP 'optimal 2.5' "$(scip st.lp)"
