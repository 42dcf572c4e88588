"""The fingerprint of an idea's words: equal for texts that differ only in case, spacing and punctuation."""

import re
import unicodedata
from hashlib import sha256

_NO_WORD = re.compile(r"[\W_]+")


def fingerprint(title: str, text: str) -> str:
    """SHA-256, in hex, of the normalised words; a text without a single word keeps its own characters.

    The title counts unless the text begins with it: "see the attachment" under two titles is two ideas.
    """
    heading, words = _normalised(title), _normalised(text)
    if heading and not f"{words} ".startswith(f"{heading} "):
        words = f"{heading}\n{words}"
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def _normalised(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NO_WORD.sub(" ", plain).strip() or plain.strip()
