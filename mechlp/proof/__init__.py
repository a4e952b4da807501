"""Proofs of verdicts, and what they prove, evaluated from the definitions.  No solver is imported here."""
