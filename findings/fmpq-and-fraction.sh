#!/usr/bin/env bash
# flint.fmpq(1, 3) and fractions.Fraction(1, 3) have one hash and are never equal, while an integral fmpq equals an int: a
# dictionary keyed by one never finds the other, and a comparison of exact results is quietly False.
# Seen with python-flint 0.9.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check python-flint==0.9.0

venv/bin/python - <<'PY'
from fractions import Fraction
from flint import fmpq
one, other = fmpq(1, 3), Fraction(1, 3)
print("equal:", one == other, " equal hashes:", hash(one) == hash(other), " fmpq(2) == 2:", fmpq(2) == 2)
assert hash(one) == hash(other) and not one == other and one not in {other} and fmpq(2) == 2, "no longer so"
PY
