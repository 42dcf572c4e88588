"""Sets of real ideas: platforms and cities where people filed each idea under one heading."""

from collections import defaultdict
from collections.abc import Iterator

from benchmarks.textmodel.splits import COLD, HALF, common, split
from benchmarks.textmodel.task import Labelled, Task, rows, shuffled, task
from pipeline.core import FrameworkText, IdeaText

LEAST_PROPOSALS = 5
LEAST_IN_NEIGHBOURHOOD = 20
LEAST_OF_A_KIND = 10
MOST_DECIDIM = 6_000
_MODES = ("motorized transport", "cycling", "walking", "public transport (local)", "commercial transport")


def proposals(draw: int, seed: int) -> Iterator[Task]:
    """Proposals to an idea platform, each filed under one challenge: frameworks with real definitions.

    One part per fund. Challenges have a title and a question; in the last fund a long text as well.
    """
    challenges = rows("catalyst_ideas/challenges.csv")
    filed = [row for row in rows("catalyst_ideas/proposals.csv") if row["challenge_id"]]
    for fund in sorted({row["fund"] for row in challenges}):
        ideas = [
            Labelled(
                IdeaText(row["id"], "\n".join(filter(None, (row["problem"], row["solution"]))), row["title"]),
                row["challenge_id"],
            )
            for row in filed
            if row["fund"] == fund
        ]
        ideas = common(ideas, LEAST_PROPOSALS)
        kept = {each.label for each in ideas}
        frameworks = [
            FrameworkText(row["challenge_id"], row["title"], row["question"], row["long_description"])
            for row in challenges
            if row["fund"] == fund and row["challenge_id"] in kept
        ]
        order = shuffled(ideas, seed, "proposals", fund, draw)
        for regime in (COLD, "3", "10", HALF):
            yield task(("proposals", fund, regime, draw), frameworks, *split(order, regime))


def neighbourhood_nl(draw: int, seed: int) -> Iterator[Task]:
    """Short Dutch ideas for a neighbourhood's budget; every neighbourhood made up its own few headings."""
    by_place: dict[str, list[Labelled]] = defaultdict(list)
    for row in rows("pabulib_ideas/nl_amsterdam.csv"):
        if row["category"]:
            identity = f"{row['instance']}-{row['project_id']}"
            idea = IdeaText(
                identity, row["description"] or row["name"], _title(row["name"], row["description"])
            )
            by_place[row["instance"]].append(Labelled(idea, row["category"]))
    for place, ideas in sorted(by_place.items()):
        kept = common(ideas, 2)
        if len(kept) >= LEAST_IN_NEIGHBOURHOOD and len({each.label for each in kept}) > 1:
            order = shuffled(kept, seed, "neighbourhood_nl", place, draw)
            for regime in (COLD, "3", HALF):
                yield task(("neighbourhood_nl", place, regime, draw), _by_title(kept), *split(order, regime))


def decidim(draw: int, seed: int) -> Iterator[Task]:
    """Citizens' proposals in Catalan and Spanish under 29 headings, most of them decided at meetings."""
    ideas = [
        Labelled(IdeaText(row["id"], row["summary"], row["title"]), row["subcategory"])
        for row in rows("decidim_barcelona/proposals.csv")
        if row["subcategory"]
    ]
    ideas = common(ideas, LEAST_OF_A_KIND)
    order = common(shuffled(ideas, seed, "decidim", draw)[:MOST_DECIDIM], 2)
    yield from _few_and_half("decidim", order, draw)


def cimt_german(draw: int, seed: int) -> Iterator[Task]:
    """German ideas on traffic; experts gave each up to 12 themes, kept are those about one kind of traffic."""
    ideas = []
    for row in rows("cimt_german/ottensen_multilabel.csv"):
        modes = [label for label in row["labels"].split("; ") if label in _MODES]
        if len(modes) == 1:
            ideas.append(Labelled(IdeaText(row["document_id"], row["text"], row["title"]), modes[0]))
    order = shuffled(common(ideas, LEAST_OF_A_KIND), seed, "cimt_german", draw)
    yield from _few_and_half("cimt_german", order, draw)


def paris(draw: int, seed: int) -> Iterator[Task]:
    """Titles of ideas that won a French city's budget, and the department that carries them out."""
    ideas = [
        Labelled(IdeaText(row["id"], row["title"]), row["department"])
        for row in rows("paris_budget_participatif/projects.csv")
        if row["department"]
    ]
    order = shuffled(common(ideas, LEAST_OF_A_KIND), seed, "paris", draw)
    yield from _few_and_half("paris", order, draw)


def _few_and_half(name: str, order: list[Labelled], draw: int) -> Iterator[Task]:
    for regime in ("3", "10", HALF):
        yield task((name, "all", regime, draw), _by_title(order), *split(order, regime))


def _by_title(ideas: list[Labelled]) -> list[FrameworkText]:
    """Frameworks of which nothing is known but the heading."""
    return [FrameworkText(label, label) for label in sorted({each.label for each in ideas if each.label})]


def _title(name: str, description: str) -> str:
    return name if description else ""
