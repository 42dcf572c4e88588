"""Writes pairs of ideas for training the pair model, as many as wanted, from invented subjects (`subjects`).

Each pair has a kind: "same" for one idea told twice, "related" for two that are alike without being the same,
"different" for the rest. Same seed, same pairs.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.core import IdeaText
from training.pairs.edits import edited_once
from training.pairs.subjects import DUTCH, ENGLISH, FILLERS, FORMS, PLACES, WISHES

Made = tuple[str, tuple[IdeaText, IdeaText]]


@dataclass(frozen=True, slots=True)
class Subject:
    """`names`, `why` and `gain`: wordings of the same, without capital or full stop."""

    names: tuple[str, ...]
    why: tuple[str, ...]
    gain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notion:
    """One idea before it's put into words: a subject, what is wanted, where, and maybe how many."""

    language: str
    subject: Subject
    wish: tuple[str, ...]
    place: str
    number: int = 0


def _lines(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line]


def subjects(language: str) -> list[Subject]:
    text = DUTCH if language == "nl" else ENGLISH
    return [Subject(*(tuple(part.strip().split("/")) for part in line.split("|"))) for line in _lines(text)]


def wishes(language: str) -> list[tuple[str, ...]]:
    return [tuple(line.split("/")) for line in _lines(WISHES[language])]


class Writer:
    """Puts notions into words."""

    def __init__(self, chance: random.Random, chosen: dict[str, list[Subject]]) -> None:
        self._chance = chance
        self._subjects = chosen

    def notion(self, *, wish: int | None = None) -> Notion:
        """A new idea; most ask for something, as most ideas do."""
        language = self._chance.choice(("nl", "en"))
        known = wishes(language)
        if wish is None:
            wish = 0 if self._chance.random() < 0.6 else self._chance.randrange(len(known))
        number = self._chance.randrange(2, 40) if self._chance.random() < 0.2 else 0
        subject = self._chance.choice(self._subjects[language])
        return Notion(language, subject, known[wish], self._place(language), number)

    def elsewhere(self, notion: Notion) -> Notion:
        place = notion.place
        while place == notion.place:
            place = self._place(notion.language)
        return replace(notion, place=place)

    def of_another(self, notion: Notion) -> Notion:
        """The same wish for the same place, of something else."""
        subject = notion.subject
        while subject == notion.subject:
            subject = self._chance.choice(self._subjects[notion.language])
        return replace(notion, subject=subject)

    def otherwise(self, notion: Notion) -> Notion:
        """The same thing in the same place, but something else is wanted with it."""
        return replace(
            notion, wish=self._chance.choice([w for w in wishes(notion.language) if w != notion.wish])
        )

    def recounted(self, notion: Notion) -> tuple[Notion, Notion]:
        one, other = self._chance.sample(range(2, 60), 2)
        return replace(notion, number=one), replace(notion, number=other)

    def told(self, notion: Notion, style: "Style | None" = None) -> IdeaText:
        style = style or self.style()
        return IdeaText("", style.text(notion), style.title(notion))

    def style(self) -> "Style":
        """A way of telling: which wordings, how long, with or without a title, filled in a form or free."""
        return Style(self._chance.randrange(1 << 30), self._chance.choice(("line", "short", "long", "form")))

    def _place(self, language: str) -> str:
        return self._chance.choice(PLACES[language].split("/"))


@dataclass(frozen=True, slots=True)
class Style:
    """The same style tells two notions in the same words, as far as they are the same."""

    seed: int
    kind: str

    def text(self, notion: Notion) -> str:
        chance = random.Random(self.seed)  # noqa: S311  # training material, nothing secret
        name = _numbered(_pick(chance, notion.subject.names), notion)
        wish = _pick(chance, notion.wish).format(name, place=notion.place)
        why, gain = _pick(chance, notion.subject.why), _pick(chance, notion.subject.gain)
        if self.kind == "line":
            return _sentence(wish)
        if self.kind == "form":
            form = _pick(chance, _lines(FORMS[notion.language]))
            return form.format(why=why, wish=wish, gain=gain, place=notion.place)
        said = [_sentence(wish)]
        wanted = notion.wish == wishes(notion.language)[0]
        if wanted:
            said.insert(chance.randrange(2), _sentence(why))
        if self.kind == "long" and wanted:
            said.append(_sentence(gain))
            more = [each for each in notion.subject.why if each != why]
            said.append(_sentence(_pick(chance, more)))
        fillers = chance.sample(_lines(FILLERS[notion.language]), 6)
        for filler in fillers[: chance.randrange(0, 2 if self.kind == "short" else 7)]:
            said.insert(
                0 if filler.endswith((",", "idee.", "idea.")) else chance.randrange(1, len(said) + 1), filler
            )
        return " ".join(said)

    def title(self, notion: Notion) -> str:
        chance = random.Random(self.seed + 1)  # noqa: S311  # training material, nothing secret
        if self.kind == "line" or chance.random() < 0.4:
            return ""
        name = _numbered(_pick(chance, notion.subject.names), notion)
        where = f"{name} ({notion.place})"
        title = _pick(chance, (name, where, _pick(chance, notion.wish).format(name, place=notion.place)))
        return title[0].upper() + title[1:]


def written(count: int, *, seed: int, chosen: dict[str, list[Subject]] | None = None) -> list[Made]:
    """About `count` pairs with their kinds; `chosen` limits the subjects, so that others can be held out."""
    chance = random.Random(seed)  # noqa: S311  # training material, nothing secret
    writer = Writer(chance, chosen or {language: subjects(language) for language in ("nl", "en")})
    ways: tuple[Callable[[], tuple[str, IdeaText, IdeaText]], ...] = (
        lambda: _reworded(writer),
        lambda: _resent(writer, chance),
        lambda: _within(writer),
        lambda: _filled_in(writer, writer.elsewhere),
        lambda: _filled_in(writer, writer.of_another),
        lambda: _filled_in(writer, writer.otherwise),
        lambda: _recounted(writer),
        lambda: _alike(writer, chance),
        lambda: _different(writer),
    )
    made = []
    for number in range(count):
        kind, one, other = ways[number % len(ways)]()
        if one.whole.casefold().split() == other.whole.casefold().split():
            continue
        made.append((kind, (replace(one, id=f"{number}-one"), replace(other, id=f"{number}-other"))))
    return made


def _reworded(writer: Writer) -> tuple[str, IdeaText, IdeaText]:
    notion = writer.notion()
    return "same", writer.told(notion), writer.told(notion)


def _resent(writer: Writer, chance: random.Random) -> tuple[str, IdeaText, IdeaText]:
    one = writer.told(writer.notion())
    return "same", one, replace(one, text=edited_once(one.text, chance))


def _within(writer: Writer) -> tuple[str, IdeaText, IdeaText]:
    """A line or a title that stands, in other words or the same, in a longer telling."""
    notion, style = writer.notion(), writer.style()
    long = writer.told(notion, replace(style, kind="long"))
    return "same", long, writer.told(notion, replace(style, kind="line"))


def _filled_in(writer: Writer, changed: Callable[[Notion], Notion]) -> tuple[str, IdeaText, IdeaText]:
    """Two that are told in the same way, about different things."""
    notion, style = writer.notion(), writer.style()
    return "related", writer.told(notion, style), writer.told(changed(notion), style)


def _recounted(writer: Writer) -> tuple[str, IdeaText, IdeaText]:
    one, other = writer.recounted(writer.notion())
    style = writer.style()
    return "related", writer.told(one, style), writer.told(other, style)


def _alike(writer: Writer, chance: random.Random) -> tuple[str, IdeaText, IdeaText]:
    """Told freely, about things that have something in common."""
    notion = writer.notion()
    changed = chance.choice((writer.elsewhere, writer.of_another, writer.otherwise))(notion)
    return "related", writer.told(notion), writer.told(changed)


def _different(writer: Writer) -> tuple[str, IdeaText, IdeaText]:
    one = writer.notion()
    other = writer.of_another(writer.otherwise(writer.elsewhere(one)))
    return "different", writer.told(one), writer.told(other)


def _numbered(name: str, notion: Notion) -> str:
    if not notion.number:
        return name
    what = name.split(" ", 1)[1] if name.split(" ", 1)[0] in ("een", "a", "an") else name
    return f"{notion.number} × {what}"


def _pick(chance: random.Random, some: Sequence[str]) -> str:
    # One draw whatever there is to choose from, so that one style goes on in the same way for another subject.
    return some[int(chance.random() * len(some))]


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + ("" if text.endswith(("?", "!", ".")) else ".")
