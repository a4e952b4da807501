"""Answers as theorems that the kernel of a proof assistant checks: files for Coq, and what is said of them."""
