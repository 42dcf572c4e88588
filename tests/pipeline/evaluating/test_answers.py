import pytest

from pipeline.core import Decision, FrameworkText, IdeaText, LabelledIdea
from pipeline.evaluating.answers import answers
from pipeline.evaluating.splits import Split, by_folds

FRAMEWORKS = [
    FrameworkText("fiets", "Fietsen", "Fietsen en stallingen"),
    FrameworkText("licht", "Licht", "Lampen"),
]
LABELLED = [
    LabelledIdea(IdeaText(f"{slug}{number}", f"{words} nummer {number}"), slug)
    for number in range(6)
    for slug, words in (("fiets", "Een stalling voor fietsen"), ("licht", "Zuinige lampen in de gang"))
]


def test_each_answer_is_by_a_model_that_had_not_seen_the_idea():
    # A word that only labelled ideas have, and that would give the answer away to who has seen them.
    odd = [LabelledIdea(IdeaText("x", "xylofoon"), "fiets"), LabelledIdea(IdeaText("y", "xylofoon"), "licht")]
    told = []
    found = answers(
        FRAMEWORKS,
        [*LABELLED, *odd],
        [Split(tuple(range(12)), (12, 13))],
        max_error=0.05,
        progress=told.append,
    )
    assert found[0].framework == found[1].framework
    assert [each.truth for each in found] == ["fiets", "licht"]
    assert sum(each.is_right for each in found) == 1
    assert told == [2]


def test_what_was_learned_shows_in_the_answers():
    splits = by_folds(LABELLED, 3)
    found = answers(FRAMEWORKS, LABELLED, splits, max_error=0.05)
    assert [each.truth for each in found] == [
        LABELLED[place].framework for split in splits for place in split.answered
    ]
    assert all(each.is_right for each in found)
    assert all(0 < each.probability <= 1 for each in found)


def test_without_anything_to_learn_it_is_as_on_the_first_day():
    cold = Split((), tuple(range(len(LABELLED))))
    found = answers(FRAMEWORKS, LABELLED, [cold], max_error=0.05, corpus=[])
    assert {each.decision for each in found} <= {Decision.ASK, Decision.NONE}
    sure = answers(FRAMEWORKS, LABELLED, [cold], max_error=0.05, corpus=[], auto_without_labels=0.01)
    assert Decision.AUTO in {each.decision for each in sure}


@pytest.mark.parametrize("corpus", [None, ["Een stalling voor fietsen nummer 0", "Bloemen bij de ingang"]])
def test_the_same_arguments_give_the_same_answers(corpus):
    def once():
        return answers(FRAMEWORKS, LABELLED, by_folds(LABELLED, 2), max_error=0.05, corpus=corpus)

    assert once() == once()
