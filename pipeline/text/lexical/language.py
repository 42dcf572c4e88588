"""In which language an idea is written, for the language of its mails.

The model is that of py3langid. Its own code follows one text byte by byte through its automaton; here all texts of a
batch take each step together, which finds the same features in a fraction of the time.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from scipy import sparse

LANGUAGES = ("nl", "en", "de", "fr")
_BEGINNING = 400
_MANY = 8
# How much likelier (in natural logarithms) another language must be than the expected one. Of the 300 titles of the
# demo ideas, mostly one to four words, 1 is then taken for another language than the expected one; without it 31.
_LEAD = 5.0
_LAST_LATIN = "\u0250"

Scores = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


class Identifier:
    """The tables of py3langid for LANGUAGES, as arrays."""

    def __init__(self) -> None:
        model = LanguageIdentifier.from_model_file(MODEL_FILE)
        model.set_languages(list(LANGUAGES))
        order = [model.nb_classes.index(language) for language in LANGUAGES]
        self._model = model
        self._next = np.asarray(model.tk_nextmove)
        self._row = np.asarray(model.tk_row).astype(np.int64) << 8
        self._output = np.asarray(model.tk_output, dtype=np.int32)
        self._weights = np.ascontiguousarray(model.nb_ptc[:, order], dtype=np.float32)
        self._prior = model.nb_pc[order].astype(np.float32)

    def scores(self, texts: Sequence[str]) -> Scores:
        """Logarithms of likelihood, float32 (texts, LANGUAGES); NaN for a text in which nothing is known."""
        encoded = [_encoded(text) for text in texts]
        text, feature = self._together(encoded) if len(texts) >= _MANY else self._one_by_one(encoded)
        keys, times = np.unique(text * len(self._weights) + feature, return_counts=True)
        text, feature = np.divmod(keys, len(self._weights))
        starts = np.searchsorted(text, np.arange(len(texts) + 1))
        counted = sparse.csr_matrix(
            (np.log1p(times).astype(np.float32), feature, starts), shape=(len(texts), len(self._weights))
        )
        scores: Scores = np.asarray(counted @ self._weights) + self._prior
        scores[np.diff(starts) == 0] = np.nan
        return scores

    def _together(self, encoded: Sequence[bytes]) -> tuple[Places, Places]:
        """Every feature met, as parallel arrays of text and feature."""
        lengths = np.array([len(content) for content in encoded], dtype=np.int64)
        # Longest first, so that the texts that go on are always the first so many.
        order = np.argsort(-lengths, kind="stable")
        width = int(lengths.max())
        going = np.searchsorted(-lengths[order], -np.arange(width), side="left")
        letters = np.zeros((len(encoded), width), dtype=np.int64)
        letters[np.arange(width) < lengths[:, None]] = np.frombuffer(b"".join(encoded), dtype=np.uint8)
        letters = np.ascontiguousarray(letters[order].T)
        met = np.full((len(encoded), width), -1, dtype=np.int64)
        state = np.zeros(len(encoded), dtype=np.int64)
        for step, count in enumerate(going.tolist()):
            state = self._next[self._row[state[:count]] + letters[step, :count]]
            met[:count, step] = self._output[state]
        row, place = np.nonzero(met >= 0)
        return order[row], met[row, place]

    def _one_by_one(self, encoded: Sequence[bytes]) -> tuple[Places, Places]:
        """The same, quicker for a few texts."""
        following, row, output = self._model.tk_nextmove, self._model.tk_row, self._model.tk_output
        texts, met = [], []
        for text, content in enumerate(encoded):
            state = 0
            for letter in content:
                state = following[(row[state] << 8) + letter]
                if output[state] >= 0:
                    texts.append(text)
                    met.append(output[state])
        return np.array(texts, dtype=np.int64), np.array(met, dtype=np.int64)


@cache
def identifier() -> Identifier:
    return Identifier()


def languages(texts: Sequence[str], expected: Sequence[str] | None = None) -> list[str]:
    """The language of each text, of LANGUAGES; the first few hundred characters decide.

    `expected`: per text the language to assume as long as the text doesn't clearly speak another, which a word or
    two seldom do: that of the submitter, say. Dutch when it isn't given or isn't one of LANGUAGES.
    """
    if not texts:
        return []
    scores = identifier().scores([text[:_BEGINNING] for text in texts])
    columns = {language: column for column, language in enumerate(LANGUAGES)}
    assumed = np.array([columns.get(language, 0) for language in expected or [""] * len(texts)])
    best = np.nan_to_num(scores, nan=0.0).argmax(axis=1)
    rows = np.arange(len(texts))
    # A comparison with NaN is false: what says nothing keeps what was assumed.
    with np.errstate(invalid="ignore"):
        clear = scores[rows, best] - scores[rows, assumed] >= _LEAD
    for row in np.flatnonzero(clear & (best != assumed)).tolist():
        clear[row] = _is_latin(texts[row][:_BEGINNING])
    return [LANGUAGES[column] for column in np.where(clear, best, assumed).tolist()]


def _is_latin(text: str) -> bool:
    """Whether most letters are of the script of LANGUAGES; in another script none of them is written."""
    if text.isascii():
        return True
    letters = [letter for letter in text if letter.isalpha()]
    return 2 * sum(letter < _LAST_LATIN for letter in letters) > len(letters)


def _encoded(text: str) -> bytes:
    """The bytes that py3langid looks at."""
    lower = text.lower() if text.isupper() else text
    return unicodedata.normalize("NFC", lower).encode("utf-8", "surrogatepass")
