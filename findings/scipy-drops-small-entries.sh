#!/usr/bin/env bash
# scipy.optimize.linprog hands HiGHS a row with the entry 1e-10 and reports success at a point that breaks the row a hundredfold:
# HiGHS drops entries of at most 1e-9 when a matrix is passed, whatever the size of the columns, and linprog hides the warning.
# Seen with scipy 1.17.1.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check scipy==1.17.1 numpy==2.3.5

venv/bin/python - <<'PY'
from scipy.optimize import linprog
found = linprog([-1], A_ub=[[1e-10]], b_ub=[1], bounds=[(0, 1e12)], method="highs")
print("status", found.status, found.message, "x =", found.x[0], "row:", 1e-10 * found.x[0], "<= 1")
assert found.status == 0 and found.x[0] == 1e12, "no longer so"
PY
