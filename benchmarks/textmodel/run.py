"""Running systems over tasks."""

import time
from collections.abc import Sequence
from functools import partial

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from benchmarks.textmodel.measures import measure
from benchmarks.textmodel.results import Record, Results, question_of
from benchmarks.textmodel.systems import Material, NotTrainableError, System
from benchmarks.textmodel.task import Task


def run(tasks: Sequence[Task], systems: Sequence[System], results: Results) -> list[Record]:
    """Let every system answer every task it hasn't answered yet; returns the records of these alone."""
    questions = [question_of(task) for task in tasks]
    asked = [
        (task, question, system)
        for task, question in zip(tasks, questions, strict=True)
        for system in systems
        if not results.has(system.name, system.version, question)
    ]
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    ) as progress:
        shown = progress.add_task("", total=len(asked))
        for task, question, system in asked:
            progress.update(shown, description=f"{task.key} {system.name}")
            results.add(answer(task, question, system))
            progress.advance(shown)
    names = {system.name for system in systems}
    return [record for record in results if record.question in set(questions) and record.system in names]


def answer(task: Task, question: str, system: System) -> Record:
    """One system on one task."""
    described = partial(
        Record,
        system=system.name,
        version=system.version,
        question=question,
        set=task.set,
        part=task.part,
        regime=task.regime,
        draw=task.draw,
        frameworks=len(task.frameworks),
        labelled=len(task.labelled),
    )
    started = time.perf_counter()
    try:
        predictor = system.fit(Material.of(task))
    except NotTrainableError as error:
        return described(fit_seconds=0, predict_seconds=0, measures=None, refused=str(error))
    fitted = time.perf_counter()
    answers = predictor.predict(task.test)
    ended = time.perf_counter()
    return described(
        fit_seconds=round(fitted - started, 3),
        predict_seconds=round(ended - fitted, 3),
        measures=measure(answers, task.truth),
    )
