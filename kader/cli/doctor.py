"""`kader doctor`: what is set up, what answers, and what to do about what doesn't."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime

import click
from rich.table import Table
from rich.text import Text

from kader.cli.telling import show_table
from kader.embedded.health import (
    Finding,
    State,
    look_at_broker,
    look_at_encoder,
    look_at_folder,
    look_at_mail,
    look_at_processes,
    look_at_python,
    look_at_secret,
    look_at_settings,
)
from kader.embedded.health_database import look_at_database
from kader.embedded.health_mailbox import look_at_mailbox
from kader.settings import Settings, read_settings

COLOURS = {State.OK: "green", State.NOTE: "yellow", State.BAD: "bold red"}


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, as_json: bool) -> None:
    """Say what is set up, what is missing, and what to do about it.

    Takes a few seconds at most, or as long as the sentence encoder needs to load. The exit code is 1 when something is missing that Kader needs to work.
    """
    findings = examine(read_settings(), datetime.now(UTC))
    works = all(finding.state is not State.BAD for finding in findings)
    if as_json:
        click.echo(json.dumps({"ok": works, "checks": [asdict(finding) for finding in findings]}, indent=2))
    else:
        _show(findings)
    if not works:
        raise click.exceptions.Exit(1)


def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Look at everything, at the same time; the findings stand in the order in which one would mend them."""
    folder = look_at_folder(settings)
    looks: list[Callable[[], list[Finding]]] = [
        lambda: [look_at_python()],
        lambda: [look_at_settings()],
        lambda: [folder],
        lambda: [look_at_broker(settings)],
        lambda: [look_at_processes(settings)],
        lambda: [look_at_mail(settings)],
        lambda: [look_at_mailbox(settings)],
        lambda: [look_at_encoder(settings)],
    ]
    # What lies in the var folder can't be looked at without that folder.
    if folder.state is not State.BAD or settings.database_url:
        looks.insert(3, lambda: look_at_database(settings, now))
    if folder.state is not State.BAD or settings.secret_key:
        looks.append(lambda: [look_at_secret(settings)])
    with ThreadPoolExecutor(len(looks)) as pool:
        return [finding for findings in pool.map(lambda look: look(), looks) for finding in findings]


def _show(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "state", "found", "what to do"):
        table.add_column(heading)
    for finding in findings:
        state = Text(finding.state.value, style=COLOURS[finding.state])
        table.add_row(Text(finding.name), state, Text(finding.found), Text(finding.advice))
    show_table(table)
