#!/usr/bin/env bash
# A coefficient 1/3 in an LP file: CBC reads "1/3 x <= 1" as "x <= 1" and says nothing (the answer is 1, not 3).
# HiGHS and GLPK refuse the line.
# Seen with CBC 2.10.8, GLPK 5.0, highspy 1.16.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
command -v cbc >/dev/null || { echo 'CBC 2.10 is expected (package coinor-cbc)'; exit 2; }
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check highspy==1.16.0 numpy==2.3.5

cat >third.lp <<'LP'
maximize
 gain: quantity
subject to
 capacity: 1/3 quantity <= 1
bounds
 0 <= quantity <= 100
end
LP
cbc_() { cbc "$1" solve solution out.txt >log.txt; head -n 1 out.txt; }
expect() { echo "$1: $3"; [[ $3 == *"$2"* ]] || { echo "  no longer so: expected $2"; exit 1; }; }

expect CBC 'Optimal - objective value 1.0' "$(cbc_ third.lp)"
expect GLPK 'missing constraint sense' "$(glpsol --lp third.lp || true)"
expect HiGHS 'kError' "$(venv/bin/python -c 'import highspy; print(highspy.Highs().readModel("third.lp"))')"
