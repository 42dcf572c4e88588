"""E-mail addresses that every mail server can take."""

import re

_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)


def is_address(value: str) -> bool:
    """Whether mail can be sent to this address by every server: ASCII, one `@`, no empty labels."""
    return bool(_ADDRESS.fullmatch(value)) and ".." not in value and not value.startswith(".")
