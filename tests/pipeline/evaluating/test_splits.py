import pytest

from pipeline.core import IdeaText, LabelledIdea
from pipeline.evaluating.splits import by_folds, by_time


def labelled(*frameworks, texts=None):
    return [
        LabelledIdea(IdeaText(str(number), texts[number] if texts else f"text {number}"), framework)
        for number, framework in enumerate(frameworks)
    ]


@pytest.mark.parametrize(("ideas", "count"), [(1, 5), (2, 5), (7, 5), (60, 5), (60, 3)])
def test_every_idea_is_answered_once_and_never_by_what_learned_it(ideas, count):
    splits = by_folds(labelled(*(("a", "b", None)[number % 3] for number in range(ideas))), count)
    assert sorted(place for split in splits for place in split.answered) == list(range(ideas))
    assert len(splits) <= count
    for split in splits:
        assert split.answered
        assert set(split.learned) == set(range(ideas)) - set(split.answered)


def test_every_framework_is_spread_over_the_parts():
    for split in by_folds(labelled(*["a"] * 10, *["b"] * 10), 5):
        assert sorted(place < 10 for place in split.answered) == [False, False, True, True]


def test_the_very_same_words_stay_together_whatever_was_said_of_them():
    texts = [f"text {number}" for number in range(18)] + ["Text  0", "TEXT 17"]
    ideas = labelled(*["a"] * 10, *["b"] * 10, texts=texts)
    of = {place: turn for turn, split in enumerate(by_folds(ideas, 5)) for place in split.answered}
    assert (of[18], of[19]) == (of[0], of[17])


@pytest.mark.parametrize(
    ("ideas", "newest", "learned", "answered"),
    [(10, 0.2, 8, 2), (10, 0.01, 9, 1), (1, 0.5, 0, 1), (3, 0.99, 0, 3)],
)
def test_the_newest_are_answered_by_what_came_before(ideas, newest, learned, answered):
    (split,) = by_time(labelled(*["a"] * ideas), newest)
    assert split.learned == tuple(range(learned))
    assert split.answered == tuple(range(learned, learned + answered))
