"""Sets in which real clerks sent real texts to the person or department that must answer."""

from collections import Counter
from collections.abc import Iterator

from benchmarks.textmodel.splits import HALF, common, split
from benchmarks.textmodel.task import Labelled, Task, rows, shuffled, task
from pipeline.core import FrameworkText, IdeaText

# Cabinets, from when the set is complete; caretaker months of 2010, with few questions, are left out.
PERIODS = {
    "2008-2010": ("2008-01-01", "2010-02-23"),
    "2010-2012": ("2010-10-14", "2012-11-05"),
    "2012-2017": ("2012-11-05", "2017-10-26"),
    "2017-2021": ("2017-10-26", "2022-01-01"),
}
MOST = 3_000
LEAST_IN_EACH_HALF = 20
LEAST_OF_A_DEPARTMENT = 25
_DRAWN = 0.9


def ministries_nl(draw: int, seed: int) -> Iterator[Task]:
    """Subject lines of parliamentary questions, and the minister or state secretary who had to answer.

    Labels are people, since posts aren't in the set; a part is one cabinet, in which posts hardly change. Trained
    on the first half by date, measured on the second, as in service. Only people with questions in both halves;
    a question to several people has no single answer and is left out. A draw takes nine tenths of the first half.
    """
    everything = [
        row
        for row in rows("kamervragen_nl/questions.csv")
        if row["n_addressees"] == "1" and row["subject"].strip()
    ]
    for period, (begin, end) in PERIODS.items():
        within = sorted(
            (row for row in everything if begin <= row["date"] < end),
            key=lambda row: (row["date"], row["number"]),
        )
        middle = within[len(within) // 2]["date"]
        halves = [
            [_question(row) for row in within if (row["date"] < middle) is is_early]
            for is_early in (True, False)
        ]
        asked = [Counter(each.label for each in half) for half in halves]
        kept = {label for label in asked[0] if min(half[label] for half in asked) >= LEAST_IN_EACH_HALF}
        train, test = (
            shuffled([each for each in half if each.label in kept], seed, "ministries_nl", period, draw)
            for half in halves
        )
        frameworks = [FrameworkText(label, label) for label in sorted(filter(None, kept))]
        chosen = train[: min(MOST, int(_DRAWN * len(train)))]
        yield task(("ministries_nl", period, HALF, draw), frameworks, chosen, test[:MOST])


def _question(row: dict[str, str]) -> Labelled:
    return Labelled(IdeaText(row["number"], row["subject"]), row["addressed_to"])


def departments_en(draw: int, seed: int) -> Iterator[Task]:
    """Written questions to a government, with the department that answers."""
    ideas = [
        Labelled(IdeaText(row["key"], row["question"], row["heading"]), row["department"])
        for row in rows("uk_parliament_questions/questions.csv")
    ]
    kept = common(ideas, LEAST_OF_A_DEPARTMENT)
    frameworks = [
        FrameworkText(label, label) for label in sorted({each.label for each in kept if each.label})
    ]
    order = shuffled(kept, seed, "departments_en", draw)
    for regime in ("10", HALF):
        yield task(("departments_en", "all", regime, draw), frameworks, *split(order, regime))
