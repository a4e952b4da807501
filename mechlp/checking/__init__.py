"""Rechecking saved answers, without a solver and without the compiler."""
