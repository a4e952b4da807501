"""Pages that people read: tables, proofs in words and LaTeX, HTML for notebooks."""
