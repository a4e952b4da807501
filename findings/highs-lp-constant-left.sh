#!/usr/bin/env bash
# A constant on the left of a row of an LP file: HiGHS reads "x + 1 <= 5" as "x <= 5" (optimum 5 in place of 4).
# readModel returns a warning, not an error; GLPK, CBC and SCIP refuse the row.
# Seen with highspy 1.16.0, GLPK 5.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5

cat >left.lp <<'LP'
maximize
 gain: x
subject to
 capacity: x + 1 <= 5
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
expect() { echo "$1: $3"; [[ $3 == *"$2"* ]] || { echo "  no longer so: expected $2"; exit 1; }; }

expect HiGHS 'Optimal 5.0' "$(highs left.lp)"
expect 'its status' 'kWarning' "$(venv/bin/python -c 'import highspy; print(highspy.Highs().readModel("left.lp"))')"
expect GLPK 'missing variable name' "$(glpsol --lp left.lp || true)"
