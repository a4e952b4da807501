#!/usr/bin/env bash
# Columns of Fractions: polars makes doubles of them on the way in, pandas keeps them, sums them exactly in groups, and answers
# a group's mean with a double; nothing is said.
# Seen with pandas 3.0.0, polars 2.1.0.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv venv
venv/bin/pip install -qq --disable-pip-version-check pandas==3.0.0 polars==2.1.0 numpy==2.3.5

venv/bin/python - <<'PY'
from fractions import Fraction
import pandas, polars
third = Fraction(1, 3)
frame = pandas.DataFrame({"agent": ["a", "a", "a"], "payoff": [third] * 3})
groups = frame.groupby("agent")["payoff"]
total, mean = groups.sum().iloc[0], groups.mean().iloc[0]
stored = polars.Series([third])
print("pandas: sum", repr(total), "mean", repr(mean), " polars:", stored.dtype, stored[0])
assert total == 1 and isinstance(total, Fraction), "no longer so"
assert not isinstance(mean, Fraction) and stored.dtype == polars.Float64, "no longer so"
PY
