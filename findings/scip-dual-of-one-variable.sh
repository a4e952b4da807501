#!/usr/bin/env bash
# A row of one variable has no dual value in SCIP: x <= 3 binds with price 1, and getDualsolLinear answers 0, because SCIP turned
# the row into a bound.  The price of x + y <= 5 comes with the sign of a minimisation though the problem is a maximisation.
# Seen with PySCIPOpt 6.3.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyscipopt==6.3.0

venv/bin/python - <<'PY'
import pyscipopt
model = pyscipopt.Model()
model.hideOutput()
model.setPresolve(pyscipopt.SCIP_PARAMSETTING.OFF)
model.disablePropagation()
x, y = model.addVar("x"), model.addVar("y")
single, both = model.addCons(x <= 3), model.addCons(x + y <= 5)
model.setObjective(2 * x + y, "maximize")
model.optimize()
found = model.getObjVal(), model.getDualsolLinear(single), model.getDualsolLinear(both)
print("value, dual of x <= 3, dual of x + y <= 5:", found)
assert found == (8.0, 0.0, -1.0), "no longer so (the prices are 1 and 1)"
PY
