"""Dividing labelled ideas in parts, so that each can be predicted by a model of the other parts."""

import numpy as np
import numpy.typing as npt

PARTS = 5


def parts(truth: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """The part, in [0, count), of each labelled idea; `truth`: (ideas,) its framework's column, -1 for none.

    Every framework is spread over the parts, in the order in which its ideas came: a part is then a stretch of
    time, and what changes over time shows in the held-out error as it will in earnest.
    """
    part = np.zeros(len(truth), dtype=np.int64)
    for turn, column in enumerate(np.unique(truth)):
        places = np.flatnonzero(truth == column)
        # Frameworks begin at different parts, so that those with few ideas don't all fall in the first.
        part[places] = (np.arange(len(places)) * count // max(len(places), count) + turn) % count
    return part
