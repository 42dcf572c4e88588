"""Logging in to a mailbox: with a password, or with an OAuth 2 token that a command prints (XOAUTH2)."""

import re
import shlex
import subprocess
from typing import Any

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from intake.mail.mailbox_errors import LoginError, unreachable
from kader.errors import TransientError, UserError
from kader.imap_url import ImapUrl
from kader.settings import Settings

# Refusals that pass by themselves (RFC 5530), and what large providers say instead.
NOT_NOW = re.compile(r"\[(UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\b|too many|temporar|try again", re.IGNORECASE)


def log_in(client: Any, url: ImapUrl, settings: Settings) -> None:
    """Log in over a connection that is encrypted, or within this machine.

    Raises UserError (LoginError) when the server refuses, TransientError when it can't judge now. What the server
    says isn't repeated: it may hold the name.
    """
    token = _token(settings) if settings.imap_token_command else None
    try:
        if token is not None:
            client.sasl_login("XOAUTH2", _answers(f"user={url.user}\1auth=Bearer {token}\1\1"))
        elif client.has_capability("AUTH=PLAIN"):
            client.sasl_login("PLAIN", _answers(f"\0{url.user}\0{url.password}"))
        else:
            # The library quotes the password alone.
            client.login(_quoted(url.user), url.password)
    except (OSError, IMAPClientAbortError) as error:
        raise unreachable(url.host, error) from error
    except UnicodeError:
        raise LoginError(
            f"{url.host} takes names and passwords of plain letters, digits and signs alone: choose another password."
        ) from None
    except IMAPClientError as error:
        if NOT_NOW.search(str(error)):
            raise TransientError(f"{url.host} lets nobody in now: mail waits there meanwhile.") from None
        if token is not None:
            raise LoginError(
                f"{url.host} refuses the token of KADER_IMAP_TOKEN_COMMAND: see that it is for IMAP, for this user, "
                "and still valid."
            ) from None
        raise LoginError(
            f"{url.host} refuses the name or the password in KADER_IMAP_URL. "
            "Many providers want a password made for this program (app password), or a token (KADER_IMAP_TOKEN_COMMAND)."
        ) from None


def _answers(first: str) -> Any:
    """What answers the server's questions: all at first, and nothing to the explanation of a refusal."""
    left = [first.encode()]
    return lambda _: left.pop() if left else b""


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _token(settings: Settings) -> str:
    """The first line that the command prints. Raises UserError when it can't be run, TransientError when it fails."""
    try:
        done = subprocess.run(
            shlex.split(settings.imap_token_command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=settings.imap_timeout,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise TransientError("The command in KADER_IMAP_TOKEN_COMMAND takes too long.") from None
    except subprocess.CalledProcessError as error:
        raise TransientError(
            f"The command in KADER_IMAP_TOKEN_COMMAND ends with {error.returncode}: run it yourself to see why."
        ) from None
    except OSError as error:
        raise UserError(f"The command in KADER_IMAP_TOKEN_COMMAND can't be run: {error.strerror}.") from None
    token = done.stdout.decode("ascii", "replace").strip().partition("\n")[0].strip()
    if not token or not token.isascii() or not token.isprintable():
        raise TransientError(
            "The command in KADER_IMAP_TOKEN_COMMAND prints no token: run it yourself to see why."
        )
    return token
