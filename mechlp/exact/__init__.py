"""Exact numbers: rationals, arrays of them over one denominator, the rational plane."""
