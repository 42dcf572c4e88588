"""Header values that can't become another header, and addresses that can be used."""

import re
import unicodedata
from email.header import Header
from email.headerregistry import Address
from email.policy import EmailPolicy

from kader.address import is_address
from kader.errors import PermanentError

# Marks that turn the direction of writing around, so that a name reads as something else.
TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp"})
_LINE = 76
ATOM = re.compile(r"[A-Za-z0-9._+=-]+")


class MailPolicy(EmailPolicy):
    """As mail goes over SMTP, but a subject is divided so that it reads the same again.

    The standard policy divides "Laatste patiënt" with a blank on either side of the line break, which mail programs show
    as two, and may leave the first line of a subject empty.
    """

    def fold(self, name: str, value: str) -> str:
        return self._subject(name, value) or super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        subject = self._subject(name, value)
        return subject.encode("ascii") if subject else super().fold_binary(name, value)

    def _subject(self, name: str, value: str) -> str:
        if name.lower() != "subject":
            return ""
        text = str(value)
        charset = "us-ascii" if text.isascii() else "utf-8"
        folded = Header(text, charset, maxlinelen=_LINE, header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}"


MAIL = MailPolicy(linesep="\r\n")


def header_text(value: str, longest: int = 200) -> str:
    """One line without control characters or encoded words, cut at a word near `longest` characters."""
    kept = "".join(" " if unicodedata.category(sign) in BREAKING else sign for sign in value[: longest * 8])
    kept = "".join(sign for sign in kept if sign not in TURNING)
    # `=?utf-8?q?...?=` would be decoded again by whoever reads the header.
    return shorten(kept.replace("=?", "= ?"), longest)


def shorten(value: str, longest: int) -> str:
    """The value on one line, cut between words when it has more than `longest` characters."""
    line = " ".join(value.split())
    if len(line) <= longest:
        return line
    cut = line[: longest - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > longest // 2 else cut).rstrip(" ,;:-") + "…"


def address(name: str, email: str) -> Address:
    """A mail address with a name. Raises PermanentError when the address can't be used."""
    if not is_address(email):
        raise PermanentError("The e-mail address can't be used: correct it, then send the message again.")
    return Address(display_name=header_text(name, 100), addr_spec=email)


def whole_message_id(left: str, domain: str) -> str:
    """`<left@domain>`; a `left` that has a domain already keeps it.

    Raises PermanentError when it holds a sign that can't stand in a Message-ID.
    """
    name, _, given = left.partition("@")
    if not ATOM.fullmatch(name) or not ATOM.fullmatch(given or domain):
        raise PermanentError("The message has an identifier that can't stand in a mail.")
    return f"<{name}@{given or domain}>"
