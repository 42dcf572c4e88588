"""The families of errors. Whoever catches one knows from its family what to do next."""

# In this order stand the halves of a sentence that is written for two readers ("… / …").
_HALVES = ("nl", "en")


class KaderError(Exception):
    """Any error that Kader raises on purpose."""


class TransientError(KaderError):
    """It may work later: the caller tries again, with a growing pause."""


class PermanentError(KaderError):
    """It won't work however often it is tried: set it aside and show it to a person."""


class UserError(PermanentError):
    """Somebody can mend it: the message is one clear sentence that says what to do."""


def half(sentence: str, language: str) -> str:
    """Return the reader's half of a sentence that was written in two languages ("… / …"), or all of another."""
    halves = sentence.split(" / ")
    return halves[_HALVES.index(language)] if len(halves) == len(_HALVES) else sentence
