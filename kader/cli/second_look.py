"""`kader second-look`: compare ideas once more that an older model compared, and measure how well twins are found."""

import sys
from dataclasses import asdict

import click

from kader.cli.here import bar, here, now, say_json
from kader.cli.telling import counted
from kader.errors import UserError
from pipeline.store.duplicates.second_look import look_again
from pipeline.store.search.meanings import keep_meanings
from pipeline.store.search.rare import keep_words
from pipeline.store.search.recall import measure_recall, note_recall
from pipeline.store.textmodels.loading import load_mind


@click.command(name="second-look")
@click.option("--most", type=click.IntRange(min=0), default=None, help="Stop after so many ideas.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, most: int | None, as_json: bool) -> None:
    """Compare open ideas once more that an older model compared, or that came in many at once.

    What is found is suggested to whoever decides; nothing is linked, and what a person said is not asked again.
    Workers do the same every night, for KADER_SECOND_LOOK ideas. It may be stopped and started again at any moment.
    """
    with here("second-look") as surroundings, bar() as shown:
        database, settings = surroundings.database, surroundings.settings
        mind = load_mind(database, settings)
        if mind is None:
            raise UserError("There is no text model yet: run 'kader train' first.")
        task = shown.add_task("comparing again", total=None)
        keep_words(database, most=sys.maxsize if most is None else most)
        keep_meanings(database, mind.meanings, most=sys.maxsize if most is None else most)
        looked = look_again(
            database,
            mind,
            owner=surroundings.owner,
            clock=now,
            settings=settings,
            most=sys.maxsize if most is None else most,
            progress=lambda done, total: shown.update(task, completed=done, total=total),
        )
        recall = measure_recall(database, mind)
        with database.writing() as session:
            note_recall(session, mind, recall, now=now())
    if as_json:
        say_json({**asdict(looked), "recall": asdict(recall)})
        return
    click.echo(
        f"{counted(looked.ideas, 'idea')} compared again, {counted(looked.suggestions, 'suggestion')} made, "
        f"{counted(looked.waiting, 'idea')} left."
    )
    click.echo(
        f"Neighbours are searched {'exactly' if recall.is_exact else 'by an index'}: recall at 10 is "
        f"{recall.recall:.3f}, for {counted(recall.sample, 'idea')} out of {recall.ideas}."
    )
