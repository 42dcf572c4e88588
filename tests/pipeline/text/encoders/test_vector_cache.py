"""Vectors kept on disk: found again, bounded, shared by processes, and made again when damaged."""

import subprocess
import sys

import numpy as np
import pytest

from kader.errors import UserError
from pipeline.text.encoders.cache import FILE, CachedEncoder, VectorCache

KEYS = [bytes([number]) * 32 for number in range(200)]
ROWS = {key: key * 48 for key in KEYS}


class Counting:
    """The length of a text and of its first word, as a unit row; counts what it was asked."""

    dimensions = 2

    def __init__(self, name="counting-1"):
        self.name = name
        self.asked = []

    def encode(self, texts):
        self.asked += texts
        rows = np.array([[len(text) + 1, len(text.partition(" ")[0])] for text in texts], dtype=np.float32)
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_what_was_put_is_found_and_nothing_else(tmp_path):
    cache = VectorCache(tmp_path / "deep" / "vectors")
    assert cache.get(KEYS) == {}
    cache.put(ROWS)
    assert VectorCache(tmp_path / "deep" / "vectors").get([*KEYS, b"x" * 32]) == ROWS
    assert len(cache) == 200
    assert cache.get([]) == {}
    assert (cache.path.stat().st_mode & 0o777, cache.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_text_is_encoded_once_and_never_kept(tmp_path):
    encoder = Counting()
    texts = ["een idee over soep", "nog een", "een idee over soep", "\ud800", ""]
    first = CachedEncoder(encoder, VectorCache(tmp_path)).encode(texts)
    assert sorted(encoder.asked) == sorted(set(texts))
    assert (first == Counting().encode(texts)).all()
    again = Counting()
    second = CachedEncoder(again, VectorCache(tmp_path)).encode([*texts, "nieuw"])
    assert again.asked == ["nieuw"]
    assert (second[:5] == first).all()
    assert b"soep" not in (tmp_path / FILE).read_bytes()
    assert CachedEncoder(again, VectorCache(tmp_path)).encode([]).shape == (0, 2)


def test_encoders_never_share_vectors(tmp_path):
    CachedEncoder(Counting("counting-1"), VectorCache(tmp_path)).encode(["soep"])
    other = Counting("counting-2")
    CachedEncoder(other, VectorCache(tmp_path)).encode(["soep"])
    assert other.asked == ["soep"]


@pytest.mark.parametrize("damage", ["no database", "cut short", "in the middle", "another format"])
def test_a_damaged_file_is_made_again(tmp_path, damage):
    texts = [f"idee {number}" for number in range(500)]
    right = CachedEncoder(Counting(), VectorCache(tmp_path)).encode(texts)
    path = tmp_path / FILE
    content = path.read_bytes()
    if damage == "no database":
        path.write_bytes(b"rubbish " * 1_000)
    elif damage == "cut short":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "in the middle":
        path.write_bytes(content[:8_192] + b"\xa5" * (len(content) - 8_192))
    else:  # the format is the user version, at byte 60
        path.write_bytes(content[:60] + (99).to_bytes(4, "big") + content[64:])
    encoder = Counting()
    assert (CachedEncoder(encoder, VectorCache(tmp_path)).encode(texts) == right).all()
    assert encoder.asked
    again = Counting()
    assert (CachedEncoder(again, VectorCache(tmp_path)).encode(texts) == right).all()
    assert again.asked == []


def test_a_row_with_a_changed_bit_counts_as_absent(tmp_path):
    cache = VectorCache(tmp_path)
    cache.put(ROWS)
    content = bytearray(cache.path.read_bytes())
    place = content.index(ROWS[KEYS[7]]) + 500
    content[place] ^= 1
    cache.path.write_bytes(content)
    assert set(cache.get(KEYS)) == set(KEYS) - {KEYS[7]}
    cache.put({KEYS[7]: ROWS[KEYS[7]]})
    assert cache.get(KEYS) == ROWS


def test_the_oldest_go_when_it_grows_too_large(tmp_path):
    cache = VectorCache(tmp_path, most_bytes=100_000)
    for key in KEYS:
        cache.put({key: ROWS[key]})
    kept = cache.get(KEYS)
    assert 20 < len(kept) < 60
    assert list(kept) == KEYS[-len(kept) :]
    assert cache.path.stat().st_size < 120_000
    cache.put(ROWS)  # more at once than fits
    assert cache.path.stat().st_size < 500_000
    assert KEYS[-1] in cache.get(KEYS)


WRITER = """
import sys
from pathlib import Path
from pipeline.text.encoders.cache import VectorCache
cache, number = VectorCache(Path(sys.argv[1])), int(sys.argv[2])
for turn in range(40):
    mine = {bytes([number, turn]) + b"k" * 30: bytes([number, turn]) * 768}
    cache.put(mine)
    assert cache.get(list(mine)) == mine
"""


def test_processes_share_it(tmp_path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(number)]) for number in range(4)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    assert len(VectorCache(tmp_path)) == 160


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"Vectors can't be kept in .*file"):
        VectorCache(tmp_path / "file" / "vectors")


def test_a_file_that_cannot_be_used_costs_time_and_no_result(tmp_path, caplog):
    (tmp_path / FILE).mkdir()
    encoder = Counting()
    cached = CachedEncoder(encoder, VectorCache(tmp_path))
    for _ in range(2):
        assert (cached.encode(["soep"]) == Counting().encode(["soep"])).all()
    assert encoder.asked == ["soep", "soep"]
    assert "vectors are not kept" in caplog.text
