"""`kader mail`: ideas from e-mail, and the mail that Kader sent."""

from pathlib import Path

import click

from intake.mail.importer import MailReport, import_mails
from kader.cli.here import bar, here, now, say_json
from kader.cli.telling import counted
from workers.doorbell import ring


@click.group(name="mail")
def command() -> None:
    """Bring in ideas from e-mail."""


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
    if report.ideas:
        ring("triage")
    if report.ideas or report.replies:
        ring("mail")
    if as_json:
        say_json(report.as_row())
        return
    click.echo(
        f"{counted(report.read, 'message')} read: {counted(report.ideas, 'idea')}, "
        f"{counted(report.repeats, 'repeat')}, "
        f"{report.automatic} automatic, {report.kept_exceptions} kept for a person to look at"
        f"{', ' + counted(report.replies, 'answer') + ' to a question' if report.replies else ''}."
    )
