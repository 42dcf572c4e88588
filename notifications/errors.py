"""What can go wrong between Kader and a mailbox, beside the families of `kader.errors`."""

from kader.errors import KaderError, TransientError


class UncertainError(KaderError):
    """The server may or may not have taken the message: a person must look, nobody sends it again."""


class UnreachableError(TransientError):
    """The mail service itself takes nothing now, whatever the message: no message is to blame for it."""
