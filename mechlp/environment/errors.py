"""What can be wrong with an environment."""

from ..exact.errors import InvalidInput


class InvalidEnvironment(InvalidInput):
    """An environment that makes no sense, or is too large; the message says where and why."""
