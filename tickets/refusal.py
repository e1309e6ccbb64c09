"""The refusal of a move."""


class MoveNotAllowed(Exception):
    """It cannot be done; the message tells the one who tried why, and what to do instead."""
