"""Which words get a row of their own: the file can't hold all."""

import numpy as np
import numpy.typing as npt

from pipeline.text.encoders.spelling import Keys
from training.encoder.learning import Learned
from training.encoder.packing import PARTS
from training.encoder.words import Vocabulary

# As often as this a word counts as met that the teacher knows as one piece: it read far more than these lessons.
_COMMON = 3
_NEARLY_NOTHING = 1e-9


def most_useful(words: Vocabulary, learned: Learned, common: Keys, number: int) -> npt.NDArray[np.int64]:
    """Places, ascending, of the `number` words whose row is missed most: often met, and not to be told otherwise.

    `common`: keys of words that are common in English.
    """
    guessed = words.spelling[:, len(words) :] @ learned.ngrams + PARTS * (words.parts @ learned.words)
    sizes = np.linalg.norm(learned.words, axis=1) * np.linalg.norm(guessed, axis=1)
    cosine = np.einsum("wd,wd->w", learned.words, guessed) / np.maximum(sizes, _NEARLY_NOTHING)
    met = np.where(np.isin(words.keys, common), np.maximum(words.frequency, _COMMON), words.frequency)
    # Among words missed as much the earlier key stays: any choice would do, but always the same one.
    order = np.lexsort((np.arange(len(words)), -(met * (1 - cosine))))
    return np.sort(order[:number])
