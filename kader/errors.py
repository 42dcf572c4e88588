"""The families of errors. Whoever catches one knows from its family what to do next."""


class KaderError(Exception):
    """Any error that Kader raises on purpose."""


class TransientError(KaderError):
    """It may work later: the caller tries again, with a growing pause."""


class PermanentError(KaderError):
    """It won't work however often it is tried: set it aside and show it to a person."""


class UserError(PermanentError):
    """Somebody can mend it: the message is one clear sentence that says what to do."""
