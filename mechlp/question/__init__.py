"""What is asked of a mechanism, as plain data."""

from .design import Design, InvalidDesign, Objective

__all__ = ["Design", "InvalidDesign", "Objective"]
