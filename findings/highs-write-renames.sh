#!/usr/bin/env bash
# Highs.writeModel to an MPS file replaces blanks in names, and does so in the model in memory as well: after writing a file,
# looking a column up by the name it was given fails.
# Seen with highspy 1.16.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5

venv/bin/python - <<'PY'
import highspy
solver = highspy.Highs()
solver.setOptionValue("output_flag", False)
solver.addVar(0, 1)
solver.passColName(0, "price of a")
solver.addRow(0, 1, 1, [0], [1.0])
before = solver.getColName(0)[1], str(solver.getColByName("price of a")[0])
solver.writeModel("named.mps")
after = solver.getColName(0)[1], str(solver.getColByName("price of a")[0])
print("before:", before, "after:", after)
assert before == ("price of a", "HighsStatus.kOk"), "no longer so"
assert after == ("price_of_a", "HighsStatus.kError"), "no longer so"
PY
