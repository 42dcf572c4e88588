"""Results on disk, one line for each system and task, so that a run that was broken off goes on where it was."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.textmodel.measures import Measures, Promise
from benchmarks.textmodel.task import PROJECT, Task

FOLDER = PROJECT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True)
class Record:
    """One system on one task. `measures` is None when it couldn't learn, and `refused` then says why.

    `question` identifies the task down to its ideas. Seconds are of wall time.
    """

    system: str
    version: str
    question: str
    set: str
    part: str
    regime: str
    draw: int
    frameworks: int
    labelled: int
    fit_seconds: float
    predict_seconds: float
    measures: Measures | None
    refused: str = ""


def question_of(task: Task) -> str:
    """A hash over what is asked, so that a changed set or seed doesn't pass for the old one."""
    content = hashlib.sha256(task.key.encode())
    for framework in task.frameworks:
        content.update(repr(framework).encode())
    for example in task.labelled:
        content.update(repr(example).encode())
    for idea, label in zip(task.test, task.truth, strict=True):
        content.update(repr((idea, label)).encode())
    return content.hexdigest()[:16]


class Results:
    """All records of one JSONL file; the newest of a question counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: dict[tuple[str, str], Record] = {}
        if path.exists():
            for line in path.read_text(encoding="utf-8").splitlines():
                if line.endswith("}"):  # a run may have been broken off in the middle of the last line
                    self._keep(_record(json.loads(line)))

    def __iter__(self) -> Iterator[Record]:
        return iter(self._records.values())

    def has(self, system: str, version: str, question: str) -> bool:
        """Whether this version of the system has answered the question already."""
        known = self._records.get((system, question))
        return known is not None and known.version == version

    def add(self, record: Record) -> None:
        """Keep a record, on disk as well."""
        self._keep(record)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")

    def _keep(self, record: Record) -> None:
        self._records[record.system, record.question] = record


def _record(fields: dict[str, Any]) -> Record:  # Any: what JSON holds
    measures = fields.pop("measures")
    if measures is None:
        return Record(**fields, measures=None)
    promises = tuple(Promise(**promise) for promise in measures.pop("promises"))
    right, wrong = tuple(measures.pop("right")), tuple(measures.pop("wrong"))
    return Record(**fields, measures=Measures(**measures, promises=promises, right=right, wrong=wrong))
