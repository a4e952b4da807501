"""The optional conic backend."""

from __future__ import annotations

from typing import Any


def cvxpy() -> Any:
    """The cvxpy module.  Raises ImportError with how to install it."""
    try:
        import cvxpy as module
    except ImportError:
        raise ImportError("this needs cvxpy: pip install 'mechlp[cvxpy]'") from None
    return module
