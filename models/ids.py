"""Numbers of rows as somebody wrote them: in a form, or in the header of a mail."""

_LARGEST = 2**31 - 1  # what a column of these numbers holds; PostgreSQL refuses to compare it with more


def id_in(text: str) -> int | None:
    """The number, or None when the text is none that a row can have."""
    # Bounded first: to read thousands of digits takes long.
    number = int(text) if text.isdecimal() and len(text) <= len(str(_LARGEST)) else None
    return number if number is not None and number <= _LARGEST else None
