#!/usr/bin/env bash
# A free-format MPS file whose names have at most seven letters: CBC takes its bounds for fixed columns and finds no such
# column.  The word FREE behind the problem's name, or longer names, make the same file readable; GLPK reads all of them.
# Seen with CBC 2.10.8, GLPK 5.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
glpsol --version | grep -q 'Solver 5.0' || { echo 'GLPK 5.0 is expected (package glpk-utils)'; exit 2; }
command -v cbc >/dev/null || { echo 'CBC 2.10 is expected (package coinor-cbc)'; exit 2; }

cat >short.mps <<'MPS'
NAME short
ROWS
 N gain
 L row1
COLUMNS
 x gain -1
 x row1 2
RHS
 rhs row1 7
BOUNDS
 LO bnd x 0
 UP bnd x 9
ENDATA
MPS
sed 's/NAME short/& FREE/' short.mps >free.mps
sed 's/ x / quantity_x /' short.mps >long.mps
read_() { cbc "$1" solve | grep -E 'No match for column|^Optimal - objective'; }
glpk() { glpsol --freemps "$1" -o out.txt >log.txt || true; grep -h '^Objective' out.txt 2>/dev/null || tail -n 2 log.txt; }
expect() { echo "$1: $3"; [[ $3 == *"$2"* ]] || { echo "  no longer so: expected $2"; exit 1; }; }

expect 'CBC, short names' 'No match for column' "$(read_ short.mps)"
expect 'CBC, with FREE' 'value -3.5' "$(read_ free.mps)"
expect 'CBC, long names' 'value -3.5' "$(read_ long.mps)"
expect GLPK '= -3.5' "$(glpk short.mps)"
