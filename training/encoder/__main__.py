"""Makes the encoder that ships with Kader: `make encoder`.

Reads the sets named in docs/encoder.md from the folder in KADER_DATA (default `../shared/data`), lets the teacher
read their English (kept in the folder in KADER_CACHE, default `var`), learns, and writes
`pipeline/text/encoders/nl_en`. The same texts and versions of the libraries give the same files.
"""

import os
from pathlib import Path

import torch

from pipeline.text.encoders.builtin import FOLDER
from pipeline.text.encoders.spelling import keys_of
from pipeline.text.lexical.features import find_words
from training.encoder.choosing import most_useful
from training.encoder.learning import Learned, Plan, learn, mean
from training.encoder.packing import pack
from training.encoder.sources import data_folder, read_lessons
from training.encoder.teacher import known_words, reduced, teacher_vectors
from training.encoder.words import vocabulary

DIMENSIONS = 256
WORDS = 84_000  # what 16 MB can hold
SEEDS = (1, 2, 3, 4, 5)


def main() -> None:
    torch.set_num_threads(1)
    known = known_words()
    lessons = read_lessons(data_folder(), known)
    print(f"{len(lessons.english)} English texts for the teacher, {len(lessons.texts)} texts to learn")
    vectors = teacher_vectors(lessons.english, Path(os.environ.get("KADER_CACHE", "var")) / "encoder")
    words = vocabulary(lessons.texts)
    print(f"{len(words)} words")
    wanted = reduced(vectors, DIMENSIONS, lessons.words)[list(lessons.meant)]
    learned = mean([learn(words, wanted, Plan(seed=seed), _tell) for seed in SEEDS])
    kept = most_useful(words, learned, keys_of(find_words(sorted(known)).hashes), WORDS)
    chosen = Learned(learned.words[kept], learned.ngrams)
    print(f"{FOLDER}: {pack(words.keys[kept], chosen, FOLDER, seed=SEEDS[0]) / 1e6:.2f} MB")


def _tell(message: str) -> None:
    print(message, flush=True)


if __name__ == "__main__":
    main()
