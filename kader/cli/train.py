"""`kader train`: a text model from frameworks and people's words."""

import click

from kader.cli.here import bar, here, now, say_json
from kader.cli.telling import counted
from pipeline.store.textmodels.training import train_and_activate


@click.command(name="train")
@click.option(
    "--new-space", is_flag=True, help="Make a new vector space from all ideas and place them in it."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, new_space: bool, as_json: bool) -> None:
    """Train the text model on the frameworks in force and on every word of a person, and put it in use.

    Does nothing when nothing changed since the last time. Ideas that were placed before stay where they are:
    see 'kader reprocess'.
    """
    with here("train") as surroundings, bar() as shown:
        task = shown.add_task("placing ideas", total=None)
        trained = train_and_activate(
            surroundings.database,
            surroundings.settings,
            owner=surroundings.owner,
            clock=now,
            new_space=new_space,
            progress=lambda done, total: shown.update(task, completed=done, total=total),
        )
    if as_json:
        say_json(
            {
                "version": trained.version,
                "new": trained.is_new,
                "frameworks": trained.frameworks,
                "labelled": trained.labelled,
            }
        )
        return
    what = "in use" if trained.is_new else "still in use, nothing changed"
    click.echo(
        f"Text model {trained.version} is {what}: "
        f"{counted(trained.frameworks, 'framework')}, {counted(trained.labelled, 'idea')} on which a person spoke."
    )
