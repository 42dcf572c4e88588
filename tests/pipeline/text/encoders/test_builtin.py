"""Kader's own sentence encoder, as it ships."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kader.errors import PermanentError
from pipeline.text.encoders.builtin import CARD, FILES, FOLDER, load_builtin

PAIRS = [
    ("Zet meer fietsenrekken bij de ingang.", "Put more bicycle racks at the entrance."),
    ("Laat de verwarming 's nachts uit.", "Switch the heating off at night."),
    ("Nieuwe collega's krijgen een mentor.", "New colleagues get a mentor."),
    ("Minder plastic in de kantine.", "Less plastic in the canteen."),
    ("De wachttijd aan de telefoon is te lang.", "The waiting time on the phone is too long."),
    ("Plant bomen op de parkeerplaats.", "Plant trees in the car park."),
]


def encode(*texts: str) -> np.ndarray:
    return load_builtin().encode(texts)


def test_it_is_small_and_named_by_what_it_holds():
    files = [*(FOLDER / f"{name}.npy" for name in FILES), FOLDER / CARD]
    assert sum(file.stat().st_size for file in files) <= 16_000_000
    assert (FOLDER / "LICENSE").is_file()  # other terms than those of the code
    encoder = load_builtin()
    assert encoder is load_builtin()
    assert encoder.name.startswith("builtin-2-")


def test_its_numbers_are_mapped_and_not_read():
    encoder = load_builtin()
    assert isinstance(encoder._words.packed, np.memmap)
    assert isinstance(encoder._ngrams.packed, np.memmap)


def test_a_dutch_sentence_lies_nearest_to_its_translation():
    likeness = encode(*(dutch for dutch, _ in PAIRS)) @ encode(*(english for _, english in PAIRS)).T
    assert (likeness.argmax(axis=1) == np.arange(len(PAIRS))).all()
    assert (likeness.argmax(axis=0) == np.arange(len(PAIRS))).all()


def test_the_same_wish_in_other_words_lies_nearer_than_another_wish():
    wish, other_words, another = encode(
        "Meer plek voor fietsen", "De stalling voor rijwielen is te klein", "De soep in de kantine is te koud"
    )
    assert wish @ other_words > wish @ another + 0.1


@pytest.mark.parametrize(
    ("compound", "near", "far"),
    [
        ("fietsenstallingsvoorstel", "voorstel voor een fietsenstalling", "soep"),
        ("kantoortuinakoestiek", "akoestiek van de kantoortuin", "vakantie"),
        ("koffieautomatenonderhoud", "onderhoud van koffieautomaten", "parkeren"),
    ],
)
def test_an_unknown_compound_lies_near_its_parts(compound, near, far):
    rows = encode(compound, near, far)
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2


def test_a_misspelt_word_stays_near():
    rows = encode("verwarmming", "verwarming", "fiets")
    assert rows[0] @ rows[1] > rows[0] @ rows[2]


def test_accents_and_capitals_change_nothing():
    one, other = encode("PATIËNTEN in de Café's", "patienten in de cafe's")
    assert (one == other).all()


@given(st.lists(st.text(max_size=80), max_size=8))
@settings(max_examples=60, deadline=None)
def test_any_texts_get_rows_of_unit_length_whatever_their_batch(texts):
    rows = encode(*texts)
    assert rows.shape == (len(texts), load_builtin().dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)
    for text, row in zip(texts, rows, strict=True):
        assert (encode(text)[0] == row).all()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t",
        "🚲🚲 👩‍👩‍👧",
        "自転車置き場を増やす",
        "المزيد من الدراجات",
        "a",
        "!?",
        "\ud800 half",
        "nul\0byte",
        "x" * 20_000,
        "Meer fietsen. Nu! " * 2_500,
        " ".join(f"woord{number}" for number in range(5_000)),
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_odd_texts_get_the_same_row_in_any_batch(text):
    among = [text, *(f"Idee {number}: meer groen op het dak van gebouw {number}" for number in range(300))]
    rows = encode(*among)
    assert np.isfinite(rows).all()
    assert np.linalg.norm(rows[0]) == pytest.approx(1, abs=1e-3)
    assert (rows[0] == encode(text)[0]).all()
    assert (rows[::-1] == encode(*among[::-1])).all()


def test_no_texts_give_no_rows():
    assert encode().shape == (0, load_builtin().dimensions)


def test_many_sentences_count_more_alike_than_their_words():
    short, long = (
        "Meer bomen op het plein.",
        "De soep is koud, de saus is koud en het brood in de kantine is ook koud.",
    )
    both, brief, wordy = encode(f"{short}\n{long}", short, long)
    joined = encode(f"{short} {long}".replace(".", ","))[0]
    assert both @ brief > joined @ brief
    assert both @ wordy < joined @ wordy


def test_another_process_gives_the_same_rows():
    code = (
        "from pipeline.text.encoders.builtin import load_builtin\n"
        "import hashlib\n"
        "print(hashlib.sha256(load_builtin().encode(['Meer fietsen', 'kantoortuinakoestiek']).tobytes()).hexdigest())"
    )
    told = {
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        for _ in range(2)
    }
    assert len(told) == 1


@pytest.mark.parametrize("name", [*(f"{name}.npy" for name in FILES), CARD])
@pytest.mark.parametrize("harm", ["changed", "missing", "cut off"])
def test_damaged_files_are_refused_with_a_sentence(tmp_path, name, harm):
    folder = shutil.copytree(FOLDER, tmp_path / "encoder")
    path = folder / name
    content = path.read_bytes()
    match harm:
        case "missing":
            path.unlink()
        case "cut off":
            path.write_bytes(content[: len(content) // 2])
        case "changed" if name == CARD:
            path.write_bytes(content.replace(b'"words"', b'"wrods"', 1).replace(b'"levels"', b'"level"', 1))
        case _:
            path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(PermanentError, match="--encoder none"):
        load_builtin(folder)
