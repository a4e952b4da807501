"""What is proved about full implementation: each condition is settled from the definitions and a witness, without a solver."""
