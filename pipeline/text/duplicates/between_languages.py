"""A Dutch idea and its English double: between two languages words say nothing, and all rests on the encoder.

How near an encoder brings a sentence and its translation differs from one encoder to the next, and an English one
doesn't bring them together at all. So it is measured, on sentences that the project wrote in both languages: how near
translations lie, and how near what merely looks alike. Everything else is told on the scale between these two.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from pipeline.text.duplicates.resemblance import Evidence
from pipeline.text.encoders.encoder import Encoder
from pipeline.text.lexical.language import languages

BOTH = ("nl", "en")
# So many of the nearest in the other language tell how near just any are.
NEAR = 5
# Of the project's own sentences a smaller share that lies nearest to its translation means that the encoder doesn't know both
# languages. Kader's own has 94 in 100, all-MiniLM-L6-v2, which learned English alone, 17.
_LEAST_FIRST = 0.6
# In log odds. Fitted by logistic regression on sentences and their translations among 100 to 4,000 others (STS benchmark,
# part "train"), and on Dutch and English ideas, proposals and questions of which none is the other's translation;
# and rounded (see docs/duplicates.md).
_OFFSET, _A_LIKENESS, _A_LEAD = -5.6, 3.2, 7.5
# When each names a number that the other lacks: the weight of the same, fitted on the project's own sentences.
_OTHER_NUMBERS = -1.6
# From which probability on a person is asked. What people confirm in one language doesn't move it.
MAYBE_FROM = 0.25
# What words make, on average, of two ideas in one language that lie as near: a parabola through what was measured on the
# project's sentences and the STS benchmark.
_WORDS_LEAST, _WORDS_MORE = 0.08, 0.68
_DECIMALS = 6
# Long texts to measure on are made of so many sentences, the first of them every so many; what is longer than the longest
# is read as if it weren't.
_JOINED, _EVERY = 8, 3
_FEW = 5
_LONGEST = 250
_LEAST_APART = 0.05
_READ_AT_ONCE = 1_024  # reading takes much more memory than what comes of it

Languages = npt.NDArray[np.int8]
Floats = npt.NDArray[np.floating]
Booleans = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Level:
    """Of texts of so many `words`: the cosine of the nearest that mean something else, `unlike`, and of translations, `alike`."""

    words: float
    unlike: float
    alike: float


@dataclass(frozen=True, slots=True)
class BetweenLanguages:
    """How an encoder's cosines between Dutch and English ideas are to be read.

    All long texts have something in common. So both figures were measured on `short` and on `long` texts, and lie on a
    line over the logarithm of the length. Where `lengths` are asked for they are those of `length`, (pairs,).
    """

    short: Level
    long: Level

    @classmethod
    def of(cls, encoder: Encoder | None) -> "BetweenLanguages | None":
        """Measured once a process and encoder; None for an encoder that doesn't know both languages, and for none.

        Kader's own encoder takes a tenth of a second for it, others some seconds.
        """
        if encoder is None:
            return None
        if encoder.name not in _KNOWN:
            _KNOWN[encoder.name] = _measured(encoder)
        return _KNOWN[encoder.name]

    @property
    def copy(self) -> float:
        """The cosine from which on two ideas in one language are nearly the same words: halfway from a translation to one."""
        return (1 + self.short.alike) / 2

    def likeness(self, cosines: Floats, lengths: Floats) -> Evidence:
        """Where two ideas lie between merely looking alike (0) and being each other's translation (1): (pairs,)."""
        unlike, alike = self._levels(lengths)
        told: Evidence = (np.asarray(cosines, dtype=np.float64) - unlike) / (alike - unlike)
        return told

    def words(self, cosines: Floats, lengths: Floats) -> Evidence:
        """The likeness in words, in [0, 1], that two ideas in one language would have: (pairs,)."""
        likeness = self.likeness(cosines, lengths)
        nothing = _WORDS_LEAST * np.maximum(1 + np.minimum(likeness, 0), 0)
        expected: Evidence = np.clip(nothing + _WORDS_MORE * np.maximum(likeness, 0) ** 2, 0, 1)
        return expected

    def lead(self, cosines: Floats, others: Floats, lengths: Floats) -> Evidence:
        """How much nearer each pair is than what is nearest to one of the two besides: (pairs,), on the scale of `likeness`.

        `others`: (pairs, n), the cosines of that one to the nearest in the other's language besides, best first, NaN for
        none. Where there are few, an ordinary distance stands for those that are missing.
        """
        padded = np.zeros((len(cosines), NEAR))
        most = min(NEAR, others.shape[1])
        near = self.likeness(others[:, :most], np.asarray(lengths)[:, None])
        padded[:, :most] = np.maximum(np.nan_to_num(near, nan=0.0), 0)
        led: Evidence = self.likeness(cosines, lengths) - padded.mean(axis=1)
        return led

    def probability(
        self, cosines: Floats, leads: Evidence, lengths: Floats, other_numbers: Evidence
    ) -> Evidence:
        """How likely each pair is the same idea: (pairs,), calibrated.

        `leads`: the lesser `lead` of the two; `other_numbers`: 1 where each names a number that the other lacks.
        """
        odds = _OFFSET + _A_LIKENESS * self.likeness(cosines, lengths) + _A_LEAD * leads
        told: Evidence = np.round(expit(odds + _OTHER_NUMBERS * other_numbers), _DECIMALS)
        return told

    def judge(
        self, cosines: Floats, ours: Floats, theirs: Floats, lengths: Floats, other_numbers: Evidence
    ) -> Evidence:
        """`probability` by the lesser `lead` of the two, whose nearest besides are `ours` and `theirs`: (pairs,)."""
        leads = np.minimum(self.lead(cosines, ours, lengths), self.lead(cosines, theirs, lengths))
        return self.probability(cosines, leads, lengths, other_numbers)

    def _levels(self, lengths: Floats) -> tuple[Evidence, Evidence]:
        """The cosines `unlike` and `alike` of texts of these lengths."""
        begin, end = np.log(self.short.words), np.log(self.long.words)
        place = (np.log(np.clip(lengths, self.short.words, _LONGEST)) - begin) / (end - begin)
        unlike: Evidence = self.short.unlike + place * (self.long.unlike - self.short.unlike)
        alike: Evidence = self.short.alike + place * (self.long.alike - self.short.alike)
        return unlike, np.maximum(np.minimum(alike, 1.0), unlike + _LEAST_APART)


# By the name of the encoder, which tells its weights.
_KNOWN: dict[str, BetweenLanguages | None] = {}


def length(one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> Evidence:
    """The length of two texts together, by their numbers of words: the geometric mean."""
    mean: Evidence = np.sqrt(np.maximum(one, 1) * np.maximum(other, 1).astype(np.float64))
    return mean


def spoken(texts: Sequence[str]) -> Languages:
    """The language of each text of a set, int8 (texts,): its place in BOTH, -1 for another one.

    What is too short to tell is taken for what most are written in. Read a thousand at a time.
    """
    places = {language: place for place, language in enumerate(BOTH)}
    # By what would be assumed of the short ones.
    told = np.zeros((len(BOTH), len(texts)), dtype=np.int8)
    for begin in range(0, len(texts), _READ_AT_ONCE):
        some = texts[begin : begin + _READ_AT_ONCE]
        for row, assumed in zip(told, BOTH, strict=True):
            found = languages(some, [assumed] * len(some))
            row[begin : begin + len(some)] = [places.get(each, -1) for each in found]
    usual = int((told[0] == 1).sum() > (told[1] == 0).sum())
    chosen: Languages = told[usual]
    return chosen


def differ(languages: Languages, one: npt.NDArray[np.integer], other: npt.NDArray[np.integer]) -> Booleans:
    """Whether the ideas at places `one` and `other` are a Dutch and an English one: (pairs,)."""
    ours, theirs = languages[one], languages[other]
    return np.asarray((ours != theirs) & (ours >= 0) & (theirs >= 0))


@dataclass(frozen=True)
class Sentence:
    """One idea in both languages. `role`: in each group all that are "same" are one idea, and "related" ones are others that
    look like it. `first`: the language in which it was written first.
    """

    group: str
    role: str
    first: str
    nl: str
    en: str


def sentences() -> list[Sentence]:
    """The project's own sentences in both languages."""
    content = (files("pipeline.text.duplicates") / "both_languages.csv").read_text(encoding="utf-8")
    return [Sentence(**row) for row in csv.DictReader(content.splitlines())]


def _measured(encoder: Encoder) -> BetweenLanguages | None:
    known = sentences()
    # An encoder that doesn't know both shows it on a few already; some take long for all.
    for some in (known[::_FEW], known):
        cosines = _cosines(encoder, [each.nl for each in some], [each.en for each in some])
        first = [(table.argmax(axis=1) == np.arange(len(table))).mean() for table in (cosines, cosines.T)]
        if np.mean(first) < _LEAST_FIRST:
            return None
    groups = np.array([[each.group] for each in known])
    short = _level(cosines, groups, [each.nl for each in known])
    # Of other groups, so far apart in the list that no sentence comes twice.
    step = len(known) // _JOINED
    members = [
        [known[(place + turn * step) % len(known)] for turn in range(_JOINED)]
        for place in range(0, len(known), _EVERY)
    ]
    dutch = ["\n".join(each.nl for each in some) for some in members]
    english = ["\n".join(each.en for each in some) for some in members]
    groups = np.array([[each.group for each in some] for some in members])
    long = _level(_cosines(encoder, dutch, english), groups, dutch)
    usable = min(short.alike - short.unlike, long.alike - long.unlike) >= _LEAST_APART
    return BetweenLanguages(short, long) if usable else None


def _cosines(encoder: Encoder, dutch: list[str], english: list[str]) -> Evidence:
    ours, theirs = (encoder.encode(texts).astype(np.float64) for texts in (dutch, english))
    cosines: Evidence = np.round(np.einsum("id,jd->ij", ours, theirs), _DECIMALS)
    return cosines


def _level(cosines: Evidence, groups: npt.NDArray[np.str_], dutch: list[str]) -> Level:
    """`groups`: (texts, sentences), of what each text is made; those of which two have one in common mean nothing else."""
    shared = (groups[:, None, :, None] == groups[None, :, None, :]).any(axis=(2, 3))
    elsewhere = np.where(shared, -1.0, cosines)
    nearest = [np.sort(table, axis=1)[:, -NEAR:].mean() for table in (elsewhere, elsewhere.T)]
    return Level(
        float(np.mean([len(text.split()) for text in dutch])),
        round(float(np.mean(nearest)), _DECIMALS),
        round(float(cosines.diagonal().mean()), _DECIMALS),
    )
