"""That somebody says of a shown idea that it is theirs too: only of what was shown to them."""

from itsdangerous import BadData, URLSafeTimedSerializer

from web.site import Site

# Seconds: who wrote for a day is shown them anew.
_AGE = 24 * 3600


def same_token(site: Site, idea_id: int) -> str:
    """What the form and the API send back for "this is my idea too"."""
    return _serializer(site).dumps(idea_id)


def same_as(site: Site, token: str) -> int | None:
    """The idea that a token is of; None for none, or when it is too old."""
    try:
        found = _serializer(site).loads(token, max_age=_AGE)
    except BadData:
        return None
    return found if isinstance(found, int) else None


def _serializer(site: Site) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site.links.secret, salt="kader.same")
