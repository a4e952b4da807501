"""Linear programs: named blocks and families, assembly, solvers, exact arithmetic, export."""

from .model import Block, Columns, Family, Program, Term, TooLarge
from .solution import Solution
from .solve import solve

__all__ = ["Block", "Columns", "Family", "Program", "Solution", "Term", "TooLarge", "solve"]
