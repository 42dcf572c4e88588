"""A name that isn't known, with the known one that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def with_nearest(name: str, known: Iterable[str], *, quoted: bool = False) -> str:
    """The name, followed by the nearest of the known ones when there is one: fitsen (fietsen?)."""
    nearest = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    shown = f"'{name}'" if quoted else name
    return f"{shown} ({nearest[0]}?)" if nearest else shown
