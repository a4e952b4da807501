#!/usr/bin/env bash
# An objective in which a variable occurs twice: PyOptInterface hands HiGHS the last term alone, so that x + x + y is maximised
# as x + y (2 in place of 3).
# Seen with PyOptInterface 0.6.1 and highsbox 1.15.1.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyoptinterface==0.6.1 highsbox==1.15.1

venv/bin/python - <<'PY'
import pyoptinterface as poi
from pyoptinterface import highs
model = highs.Model()
model.set_model_attribute(poi.ModelAttribute.Silent, True)
x, y = (model.add_variable(lb=0, ub=1) for _ in range(2))
model.set_objective(x + x + y, poi.ObjectiveSense.Maximize)
model.optimize()
value = model.get_model_attribute(poi.ModelAttribute.ObjectiveValue)
print("max x + x + y over [0, 1]^2:", value)
assert value == 2.0, "no longer so"
PY
