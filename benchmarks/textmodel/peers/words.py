"""Stop words and stems by language, for the peers that use them.

The peers take both from NLTK. Its stemmers come with the package; its lists of stop words must be downloaded
apart, so lists that come with packages stand in for them: scikit-learn's for English, those of `stop-words`
otherwise (for Dutch nearly the same words).
"""

from collections.abc import Callable
from functools import lru_cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

# NLTK has no stemmer for Catalan; Spanish is the nearest.
_STEMMED_AS = {"nl": "dutch", "en": "english", "de": "german", "fr": "french", "ca": "spanish"}


def stop_words(language: str) -> frozenset[str]:
    """Lower-case words that say nothing of the subject."""
    if language == "en":
        return frozenset(ENGLISH_STOP_WORDS)
    from stop_words import get_stop_words

    return frozenset(get_stop_words(language))


def stemmer(language: str) -> Callable[[str], str]:
    """A function from a lower-case word to its stem."""
    from nltk.stem.snowball import SnowballStemmer

    stem: Callable[[str], str] = SnowballStemmer(_STEMMED_AS[language]).stem
    return lru_cache(maxsize=200_000)(stem)
