"""What comes back from a question: verdict, mechanism and proof."""

from .answer import Answer

__all__ = ["Answer"]
