#!/usr/bin/env bash
# Coq writes the rational 1/2 as 1#2, and # binds less tightly than - and *: over Q, "5 - 1#2" is (5 - 1)/2 = 2 and not 9/2,
# "2 * 1#2" is 1, "1#2 * 3" is 1/6 and not 3/2.  Nothing is said; only parentheses around every rational help.
# Seen with Coq 8.16.1.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
coqc --version | grep -q 'version 8.16' || { echo 'Coq 8.16 is expected (package coq)'; exit 2; }

cat >halves.v <<'V'
Require Import QArith.
Open Scope Q_scope.
Eval compute in Qred (5 - 1#2).
Eval compute in Qred (5 - (1#2)).
Eval compute in Qred (1#2 * 3).
V
coqc halves.v | tee out.txt
[[ $(grep -o '= .*' out.txt | tr '\n' ' ') == '= 2 = 9 # 2 = 1 # 6 ' ]] || { echo 'no longer so'; exit 1; }
