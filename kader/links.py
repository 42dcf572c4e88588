"""Signed links: who opens one is the person it was sent to, for one purpose, for a limited time."""

from dataclasses import dataclass
from enum import StrEnum

from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer

from kader.errors import UserError


class Purpose(StrEnum):
    """What a link is for; a token of one purpose is worth nothing for another. The value is the path."""

    ANSWER = "besluit"  # a manager's page of one idea
    FOLLOW = "volg"  # a submitter's page of one idea
    DESK = "bureau"  # a coordinator's desk
    MANAGER = "mijn"  # a manager's list


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a link was made for, and the idea it opens, if it is about one."""

    person_id: int | None
    idea_id: int | None


class ExpiredLinkError(UserError):
    """A link of ours that is too old: it opens nothing, but says whom it was made for."""

    def __init__(self, holder: Holder) -> None:
        super().__init__("Deze link is verlopen. / This link has expired.")
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Links:
    """Makes and reads signed links."""

    secret: str
    pages: str  # address of the pages, without a slash at the end
    days: int

    def make(self, purpose: Purpose, *, person_id: int | None, idea_id: int | None = None) -> str:
        """The whole address of a page for one person."""
        token = self._signer(purpose).dumps([person_id, idea_id])
        return f"{self.pages}/{purpose.value}/{token}"

    def read(self, purpose: Purpose, token: str) -> Holder:
        """Whom a token was made for. Raises UserError when it is forged or cut off, ExpiredLinkError when it is too old."""
        signer = self._signer(purpose)
        try:
            person_id, idea_id = signer.loads(token, max_age=self.days * 86_400)
        except SignatureExpired:
            raise ExpiredLinkError(Holder(*signer.loads(token))) from None
        except (BadData, ValueError, TypeError):
            raise UserError("Deze link klopt niet. / This link is not valid.") from None
        return Holder(person_id, idea_id)

    def _signer(self, purpose: Purpose) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt=f"kader.{purpose.value}")
