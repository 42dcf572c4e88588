from itertools import pairwise

from kader.embedded.restart import HEALTHY_AFTER, LONGEST_PAUSE, TRIES_TO_START, Deaths


def many(deaths: Deaths, count: int, lived: float = 1.0) -> list[Deaths]:
    found = []
    for _ in range(count):
        deaths = deaths.another(lived)
        found.append(deaths)
    return found


def test_the_first_start_does_not_wait():
    assert Deaths().pause == 0.0


def test_every_death_in_a_row_doubles_the_pause_up_to_the_longest():
    pauses = [deaths.pause for deaths in many(Deaths(), 2000)]
    assert pauses[:7] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_PAUSE]
    assert all(earlier <= later <= LONGEST_PAUSE for earlier, later in pairwise(pauses))


def test_a_healthy_life_wipes_out_earlier_deaths():
    tired = many(Deaths(), 5)[-1]
    assert tired.another(HEALTHY_AFTER).in_a_row == 1
    assert tired.another(HEALTHY_AFTER - 0.1).in_a_row == 6


def test_only_what_was_never_ready_becomes_hopeless():
    never_ready = many(Deaths(), TRIES_TO_START)
    assert [deaths.is_hopeless for deaths in never_ready] == [False] * (TRIES_TO_START - 1) + [True]
    assert not many(Deaths().ready(), 100)[-1].is_hopeless
