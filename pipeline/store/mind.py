"""What a process loads once and keeps."""

from dataclasses import dataclass

from pipeline.store.neighbours import Neighbours
from pipeline.text.model import TextModel
from pipeline.text.pairs import PairModel


@dataclass(frozen=True, slots=True)
class Mind:
    """The text model, the pair model and the neighbour index of one process."""

    model: TextModel
    pairs: PairModel
    index: Neighbours
