"""The version of the package."""

__version__ = "0.1.0"  # as in pyproject.toml; a constant, since the distribution's metadata are slow to find
