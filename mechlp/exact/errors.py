"""What a user can do wrong has one ancestor."""


class InvalidInput(ValueError):
    """A mistake of the user; the message says where, what was expected, what was found and how to fix it."""
