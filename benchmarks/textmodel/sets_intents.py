"""Sets of short requests with many intents, and requests that fit none of them: few labels, "fits none"."""

from collections.abc import Iterator

from benchmarks.textmodel.splits import FULL, first_of_each
from benchmarks.textmodel.task import Labelled, Task, rows, shuffled, task
from pipeline.core import FrameworkText, IdeaText

HELD_OUT_INTENTS = 10
_OUT_OF_SCOPE = "oos"


def clinc150(draw: int, seed: int) -> Iterator[Task]:
    """150 intents, measured on the validation split, out-of-scope requests included (the folder has no test split).

    Out-of-scope examples to learn from exist in "full" only; with 3 or 10 labels nobody has said "fits none" yet.
    """
    by_split: dict[str, list[Labelled]] = {"train": [], "val": []}
    for number, row in enumerate(rows("clinc150/clinc150.csv")):
        label = None if row["intent"] == _OUT_OF_SCOPE else row["intent"]
        by_split[row["split"]].append(Labelled(IdeaText(str(number), row["text"]), label))
    frameworks = _frameworks(by_split["train"])
    order = shuffled(by_split["train"], seed, "clinc150", draw)
    for regime in ("3", "10", FULL):
        chosen = order if regime == FULL else first_of_each(order, int(regime))
        yield task(("clinc150", "all", regime, draw), frameworks, chosen, by_split["val"])


def hwu64(draw: int, seed: int) -> Iterator[Task]:
    """64 intents of a home assistant, of which ten, other ones each draw, are taken away: theirs fit none."""
    by_split: dict[str, list[Labelled]] = {"train": [], "valid": [], "test": []}
    for number, row in enumerate(rows("hwu64/hwu64.csv")):
        by_split[row["split"]].append(Labelled(IdeaText(str(number), row["text"]), row["intent"]))
    intents = _frameworks(by_split["train"])
    places = shuffled([Labelled(IdeaText("", ""), intent.slug) for intent in intents], seed, "intents", draw)
    away = {each.label for each in places[:HELD_OUT_INTENTS]}
    frameworks = [intent for intent in intents if intent.slug not in away]
    train = [each for each in by_split["train"] if each.label not in away]
    test = [Labelled(each.idea, None if each.label in away else each.label) for each in by_split["test"]]
    order = shuffled(train, seed, "hwu64", draw)
    for regime in ("3", "10"):
        yield task(("hwu64", "all", regime, draw), frameworks, first_of_each(order, int(regime)), test)


def _frameworks(ideas: list[Labelled]) -> list[FrameworkText]:
    return [
        FrameworkText(label, label.replace("_", " "))
        for label in sorted({each.label for each in ideas if each.label})
    ]
