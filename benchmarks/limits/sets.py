"""Ideas that say which limits they touch: the demo organisation's, and those of the invented ones beside this module."""

from dataclasses import asdict, dataclass
from importlib.resources import files

import yaml

from kader.demo.data import load_demo
from pipeline.core import FrameworkText, IdeaText, LimitText


@dataclass(frozen=True, slots=True)
class TouchingIdea:
    """An idea within `framework`, and the titles of the limits of that framework that it touches."""

    text: str
    framework: str
    touches: frozenset[str]


@dataclass(frozen=True, slots=True)
class Organisation:
    """`corpus`: the texts of all its ideas, also of those outside its frameworks."""

    name: str
    frameworks: tuple[FrameworkText, ...]
    ideas: tuple[TouchingIdea, ...]
    corpus: tuple[str, ...]


def demo() -> Organisation:
    """Each idea of the demo that has a framework."""
    known = load_demo()
    frameworks = tuple(
        FrameworkText(
            each.slug,
            each.title,
            each.description,
            each.goal,
            tuple(LimitText(**asdict(limit)) for limit in each.limits),
            each.examples,
        )
        for each in known.frameworks
    )
    texts = [(idea, IdeaText(idea.id, idea.text, idea.title).whole) for idea in known.ideas]
    ideas = tuple(
        TouchingIdea(text, idea.framework, frozenset([idea.limit] if idea.limit else []))
        for idea, text in texts
        if idea.framework is not None
    )
    return Organisation(known.name, frameworks, ideas, tuple(text for _, text in texts))


def organisations(name: str) -> list[Organisation]:
    """Those of the set called `name`: development or test."""
    content = (files("benchmarks.limits") / f"{name}.yaml").read_text(encoding="utf-8")
    return [_organisation(described) for described in yaml.safe_load(content)]


def _organisation(described: dict[str, object]) -> Organisation:
    frameworks, ideas = [], []
    for number, each in enumerate(described["frameworks"]):  # type: ignore[var-annotated,arg-type]  # of YAML
        slug = f"framework-{number}"
        limits = tuple(LimitText(limit["title"], limit["reason"]) for limit in each["limits"])
        frameworks.append(FrameworkText(slug, each["title"], each["description"], "", limits))
        ideas.extend(
            TouchingIdea(idea["text"], slug, frozenset(limits[place - 1].title for place in idea["touches"]))
            for idea in each["ideas"]
        )
    return Organisation(
        str(described["organisation"]),
        tuple(frameworks),
        tuple(ideas),
        tuple(idea.text for idea in ideas),
    )
