#!/usr/bin/env bash
# Names that HiGHS accepts and writes into an LP file, and then cannot read back: "end", "max", "bounds", "3x".
# Seen with highspy 1.16.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5

venv/bin/python - <<'PY'
import highspy
for name in ("end", "max", "bounds", "3x"):
    writer, reader = highspy.Highs(), highspy.Highs()
    for solver in (writer, reader):
        solver.setOptionValue("output_flag", False)
    writer.addVar(0, 1)
    writer.changeColCost(0, 1.0)
    writer.passColName(0, name)
    writer.addRow(0, 1, 1, [0], [1.0])
    written = writer.writeModel("named.lp")
    read = reader.readModel("named.lp")
    print(name, "written:", written, "read back:", read)
    assert written != highspy.HighsStatus.kError and read == highspy.HighsStatus.kError, "no longer so"
PY
