"""`kader backup`: one file with all that is needed to have this Kader again."""

from dataclasses import asdict
from pathlib import Path

import click

from kader.cli.here import bar, here, now, say_json
from kader.cli.telling import counted
from kader.embedded.backup import back_up


@click.command(name="backup")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="BACKUP.TAR.GZ")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(path: Path, *, as_json: bool) -> None:
    """Write the database, the text model in use, the secret key and kept mail to one file, while Kader runs.

    The file holds everything that people wrote and the key that signs links: only you may read it, keep it so.
    Settings (.env) are not in it. How to restore stands in docs/operation.md: in short, unpack it in an empty
    KADER_VAR folder (and pg_restore its database.dump), then run kader migrate and kader check.

    \b
    kader backup /safe/kader-2026-06-03.tar.gz
    """
    with here("backup", only_looks=True) as surroundings, bar() as shown:
        task = shown.add_task("backing up", total=None)
        made = back_up(
            surroundings.database,
            surroundings.settings,
            path,
            now=now(),
            progress=lambda done, total: shown.update(task, completed=done, total=total),
        )
        secret_is_set = bool(surroundings.settings.secret_key)
    if as_json:
        say_json({**asdict(made), "path": str(path)})
        return
    parts = [
        "the database",
        *([counted(len(made.models), "text model")] if made.models else []),
        *(["the secret key"] if made.has_secret else []),
        *(["kept mail"] if made.has_mail else []),
    ]
    click.echo(f"{path} holds {', '.join(parts)} ({made.size / 1e6:.1f} MB).")
    if secret_is_set:
        click.echo(
            "KADER_SECRET_KEY comes from your settings: keep it apart, or links sent before stop working."
        )
