"""What is asked of a mechanism, and its compilation to a linear program."""

from .design import Design, InvalidDesign, Objective

__all__ = ["Design", "InvalidDesign", "Objective"]
