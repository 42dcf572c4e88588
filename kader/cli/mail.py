"""`kader mail`: ideas from e-mail, and the mail that Kader sent."""

from pathlib import Path

import click

from intake.mail.fetching import Fetched, fetch_mails
from intake.mail.importer import MailReport, import_mails
from kader.cli.here import bar, here, now, say_json
from kader.cli.telling import counted
from workers.doorbell import ring_for_mail


@click.group(name="mail")
def command() -> None:
    """Bring in ideas from e-mail: from files, or from a mailbox on a server."""


@command.command(name="import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def import_command(paths: tuple[Path, ...], *, as_json: bool) -> None:
    """Bring in messages: .eml files, folders of them, Maildirs, mbox files.

    Every message ends as an idea, a repeat of one, a submitter's answer to a question, an automatic message that
    was recorded, or an exception that is kept for a person. Doing it again brings nothing in twice.

    Example: kader mail import var/ideas.mbox ~/Maildir
    """
    with here("mail") as surroundings, bar() as shown:
        task = shown.add_task("reading mail", total=None)

        def tell(report: MailReport) -> None:
            shown.update(task, completed=report.read)

        report = import_mails(
            surroundings.database, paths, settings=surroundings.settings, clock=now, told=tell
        )
    ring_for_mail(ideas=report.ideas, replies=report.replies)
    if as_json:
        say_json(report.as_row())
        return
    click.echo(_sentence(report))


@command.command(name="fetch")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object.")
def fetch_command(*, as_json: bool) -> None:
    """Bring in what waits unread in the mailbox of KADER_IMAP_URL.

    Workers do the same every KADER_IMAP_SECONDS. A message is marked as read, or moved to KADER_IMAP_DONE, after it
    was kept; each ends as with `kader mail import`, and doing it again brings nothing in twice. What the server
    doesn't give stays unread. Exit code 1: the mailbox can't be reached now. Exit code 2: somebody must mend
    something first, such as the password.

    Example: kader mail fetch
    """
    with here("mail") as surroundings, bar() as shown:
        task = shown.add_task("fetching mail", total=None)

        def tell(so_far: Fetched) -> None:
            done = so_far.report.read + so_far.refused
            shown.update(task, completed=done, total=done + so_far.left)

        fetched = fetch_mails(
            surroundings.database,
            settings=surroundings.settings,
            owner=surroundings.owner,
            clock=now,
            told=tell,
        )
    ring_for_mail(ideas=fetched.report.ideas, replies=fetched.report.replies)
    if as_json:
        say_json(fetched.as_row())
    elif fetched.report.read or fetched.trouble is None:
        click.echo(_sentence(fetched.report))
    if fetched.refused and not as_json:
        click.echo(
            f"The server doesn't give {counted(fetched.refused, 'message')}: "
            "look in the mailbox, where they are still unread.",
            err=True,
        )
    if fetched.trouble is not None:
        raise fetched.trouble


def _sentence(report: MailReport) -> str:
    return (
        f"{counted(report.read, 'message')} read: {counted(report.ideas, 'idea')}, "
        f"{counted(report.repeats, 'repeat')}, "
        f"{report.automatic} automatic, {report.kept_exceptions} kept for a person to look at"
        f"{', ' + counted(report.replies, 'answer') + ' to a question' if report.replies else ''}."
    )
