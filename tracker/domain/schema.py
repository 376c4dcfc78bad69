"""What is raised for a row that a newer program wrote."""

import msgspec


class UnknownSchema(msgspec.DecodeError):
    """A row written by a program that this one does not know: nothing of it may be given up or written over."""
