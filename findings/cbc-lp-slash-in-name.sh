#!/usr/bin/env bash
# One name with a slash in an LP file (the format allows it) makes CBC throw away the names of ALL columns: the solution speaks
# of x0 and x1, and whoever looks "alpha" up finds nothing.  SCIP, GLPK and HiGHS keep the names.
# Seen with CBC 2.10.8, PySCIPOpt 6.3.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
command -v cbc >/dev/null || { echo 'CBC 2.10 is expected (package coinor-cbc)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pyscipopt==6.3.0

cat >slash.lp <<'LP'
maximize
 gain: alpha + beta/2
subject to
 both: alpha + 2 beta/2 <= 4
end
LP
cbc slash.lp solve solution out.txt >log.txt
cat out.txt
grep -q 'x0 ' out.txt && ! grep -q alpha out.txt || { echo 'no longer so'; exit 1; }
venv/bin/python - <<'PY'
import pyscipopt
model = pyscipopt.Model()
model.hideOutput()
model.readProblem("slash.lp")
names = sorted(v.name for v in model.getVars())
print("SCIP", names)
assert names == ["alpha", "beta/2"], "no longer so"
PY
