"""What the encoder learns from."""

import lzma

import pytest

from training.encoder.sources import IDEAS, PAIRS, read_lessons


@pytest.fixture
def folder(tmp_path):
    for name in (PAIRS, *IDEAS):
        (tmp_path / name).parent.mkdir(exist_ok=True)
    with lzma.open(tmp_path / PAIRS, "wt", encoding="utf-8") as file:
        file.write(
            "source\tenglish\tdutch\na\tbicycle\tfiets\na\tbicycle\trijwiel\nb\tThe bus is late.\tDe bus is laat.\n"
        )
    for name, columns in IDEAS.items():
        header = ",".join(columns)
        (tmp_path / name).write_text(
            f"{header}\n{','.join(['paint that tells its age'] * len(columns))}\n", "utf-8"
        )
    return tmp_path


def test_a_dutch_text_is_to_mean_what_its_english_means(folder):
    lessons = read_lessons(folder, ())
    told = {text: lessons.english[place] for text, place in zip(lessons.texts, lessons.meant, strict=True)}
    assert told["fiets"] == told["rijwiel"] == told["bicycle"] == "bicycle"
    assert told["De bus is laat."] == "The bus is late."
    assert len(set(lessons.english)) == len(lessons.english)


def test_ideas_are_lessons_in_english_alone(folder):
    lessons = read_lessons(folder, ())
    assert lessons.texts.count("paint that tells its age") == 1


def test_english_words_are_lessons_by_themselves(folder):
    lessons = read_lessons(folder, {"bus", "Leeds", "##ing", "ox"})
    words = lessons.english[lessons.words :]
    assert {"bus", "late", "leeds", "tells"} <= set(words)
    # Too short, a piece of a word, a text already.
    assert not {"ox", "is", "##ing", "ing", "bicycle"} & set(words)
    assert set(words) <= set(lessons.texts)


def test_a_word_that_dutch_has_more_often_is_not_read_as_english(folder):
    with lzma.open(folder / PAIRS, "at", encoding="utf-8") as file:
        file.write("b\tWho came?\tDie man die kwam.\nb\tThey die.\tZij sterven.\n")
    assert "die" not in read_lessons(folder, {"die"}).english


def test_a_missing_set_is_named(folder):
    (folder / PAIRS).unlink()
    with pytest.raises(SystemExit, match=PAIRS):
        read_lessons(folder, ())
