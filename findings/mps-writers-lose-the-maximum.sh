#!/usr/bin/env bash
# GLPK and PuLP write a maximisation as MPS with the objective as it is, and nothing in the file that says "maximise" (PuLP: a
# comment).  Read back by any solver the file is a minimisation: 0 in place of 3, without a word.
# Seen with GLPK 5.0, PuLP 3.3.2, read by highspy 1.16.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5 pulp==3.3.2

cat >most.lp <<'LP'
maximize
 gain: quantity
subject to
 capacity: quantity <= 3
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

expect 'the LP file' 'Optimal 3.0' "$(highs most.lp)"
glpsol --lp most.lp --check --wfreemps glpk.mps >/dev/null
expect 'written by GLPK' 'Optimal 0.0' "$(highs glpk.mps)"
venv/bin/python - <<'PY'
import pulp
problem = pulp.LpProblem("most", pulp.LpMaximize)
quantity = pulp.LpVariable("quantity", 0)
problem += quantity
problem += quantity <= 3
problem.writeMPS("pulp.mps")
PY
expect 'written by PuLP' 'Optimal 0.0' "$(highs pulp.mps)"
