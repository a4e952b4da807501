"""One question asked many times: comparisons over requirements."""
