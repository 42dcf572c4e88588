"""Encoders of sentence-transformers (Reimers and Gurevych, 2019), on the processor, from a local folder."""

import os
from collections import defaultdict
from collections.abc import Sequence
from threading import Lock

import numpy as np
import numpy.typing as npt

from pipeline.text.encoders.folders import EncoderFolder
from pipeline.text.encoders.rows import readable, unit_rows
from pipeline.text.lexical.vectoriser import Floats

# Word pieces that are read at most; a model with a smaller limit of its own keeps that.
LONGEST = 512
# Texts that the model reads together; see `encode`.
TOGETHER = 4


class SentenceTransformersEncoder:
    """Encodes with a SentenceTransformer. Of a long text the first word pieces count, as many as the model takes.

    That is 256 for MiniLM, some 180 words; never more than LONGEST.
    """

    def __init__(self, found: EncoderFolder) -> None:
        # Threads of the tokenizer don't survive the fork of a worker, and would compete with the other workers.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar
        except ImportError as error:
            raise found.not_installed(error) from error
        self._torch = torch
        self.name = found.identity()
        disable_progress_bar()
        try:
            self._model = SentenceTransformer(
                str(found.folder),
                device="cpu",
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"use_safetensors": True, "dtype": "float32"},
            )
            if self._model.transformers_model is not None:  # static vectors have no limit to set
                self._model.max_seq_length = min(self._model.max_seq_length or LONGEST, LONGEST)
            self._lock = Lock()
            self.dimensions = self._vectors(["a"]).shape[1]
        except Exception as error:  # the library raises whatever its own libraries do
            raise found.not_usable(error) from error

    def encode(self, texts: Sequence[str]) -> Floats:
        """Float32 (len(texts), dimensions), rows of unit length.

        A processor adds up in another order for another shape of matrix, and with another number of threads, so
        rounding alone can't make a row the same in every batch. So each text is read in a batch of exactly
        TOGETHER texts of exactly its number of word pieces (filled up by repeating one), on one thread: the
        shape of the work then depends on the text alone.
        """
        rows = np.zeros((len(texts), self.dimensions))
        written = [place for place, text in enumerate(texts) if text.strip()]
        with self._lock:
            if written:
                rows[written] = self._vectors([readable(texts[place]) for place in written])
        return unit_rows(rows)

    def _vectors(self, texts: list[str]) -> npt.NDArray[np.float64]:
        self._torch.set_num_threads(1)
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, length in enumerate(self._lengths(texts)):
            by_length[length].append(place)
        batches = [
            places[begin : begin + TOGETHER]
            for _, places in sorted(by_length.items())
            for begin in range(0, len(places), TOGETHER)
        ]
        filled = [places + places[:1] * (TOGETHER - len(places)) for places in batches]
        rows = [
            self._model.encode(
                [texts[place] for place in places], batch_size=TOGETHER, show_progress_bar=False
            )[: len(kept)]
            for places, kept in zip(filled, batches, strict=True)
        ]
        vectors = np.concatenate(rows).astype(np.float64)
        result = np.empty_like(vectors)
        result[np.concatenate(batches)] = vectors
        return result

    def _lengths(self, texts: list[str]) -> list[int]:
        """Word pieces of each text as the model will read it, with its prompt and cut to its limit."""
        prompt = self._model.prompts.get(self._model.default_prompt_name or "")
        lengths: list[int] = []
        for begin in range(0, len(texts), 64):
            features = self._model.preprocess(texts[begin : begin + 64], prompt=prompt)
            if "attention_mask" not in features:
                return [0] * len(texts)  # static vectors: nothing is padded
            lengths.extend(features["attention_mask"].sum(dim=1).tolist())
        return lengths
