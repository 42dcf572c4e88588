"""Whether the mailbox from which ideas are fetched can be opened, and how much waits in it."""

from intake.mail.mailbox import Mailbox
from kader.embedded.health import Finding, State, within
from kader.errors import KaderError
from kader.settings import Settings

# Seconds: logging in takes large providers some.
PATIENCE = 6.0


def look_at_mailbox(settings: Settings) -> Finding:
    """Open the mailbox without changing anything in it."""
    url = settings.imap
    if url is None:
        return Finding(
            "mailbox",
            State.OK,
            "none: ideas by mail come with `kader mail import`; KADER_IMAP_URL names a mailbox to fetch them from",
        )
    try:
        number = within(PATIENCE, lambda: _waiting(settings))
    except (KaderError, TimeoutError) as error:
        advice = str(error) if isinstance(error, KaderError) else "Check KADER_IMAP_URL and that server."
        return Finding("mailbox", State.BAD, f"{url.place}: can't be opened", advice)
    waits = f"{number} to be fetched" if number else "nothing waits in it"
    return Finding("mailbox", State.OK, f"{url.place}: {waits}")


def _waiting(settings: Settings) -> int:
    with Mailbox(settings, timeout=min(settings.imap_timeout, PATIENCE), only_looks=True) as mailbox:
        return len(mailbox.waiting())
