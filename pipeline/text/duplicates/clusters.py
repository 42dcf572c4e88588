"""Groups of ideas that are the same, by their pairs: each hangs on its earliest, none on a duplicate."""

from collections.abc import Sequence


class Clusters:
    """Joins ideas, by their places in order of arrival, that are linked directly or through others (union-find)."""

    def __init__(self, size: int) -> None:
        self._earlier = list(range(size))

    def join(self, one: int, other: int) -> None:
        first, second = sorted((self.earliest(one), self.earliest(other)))
        self._earlier[second] = first

    def earliest(self, place: int) -> int:
        """The earliest idea of the group in which the idea at `place` is; itself when it's alone."""
        root = place
        while self._earlier[root] != root:
            root = self._earlier[root]
        while self._earlier[place] != root:
            self._earlier[place], place = root, self._earlier[place]
        return root

    def groups(self) -> Sequence[tuple[int, ...]]:
        """All groups of at least two, in the order of their earliest; the earliest of each comes first."""
        members: dict[int, list[int]] = {}
        for place in range(len(self._earlier)):
            members.setdefault(self.earliest(place), []).append(place)
        return [tuple(each) for each in members.values() if len(each) > 1]
