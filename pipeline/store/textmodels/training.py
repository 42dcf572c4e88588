"""Training text models on what people said, and putting them in use."""

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kader.errors import PermanentError, TransientError, UserError
from kader.settings import Settings
from models import Correction, Idea, IdeaReading, TextModelVersion
from models.session import Database
from models.words import CorrectionKind
from pipeline.core import FrameworkText, IdeaText, LabelledIdea
from pipeline.store.deciding.organisation import load_frameworks
from pipeline.store.duplicates.decided import DecidedPair, decided_pairs
from pipeline.store.reading.claims import give_lease_back, hold_lease, kept_lease, seize_lease
from pipeline.store.reading.readings import keep_readings, read_texts, reading_row
from pipeline.store.textmodels.loading import active_version
from pipeline.store.textmodels.pair_weights import learn_pairs
from pipeline.text.artifact import FORMAT, load, load_space, save, save_anew
from pipeline.text.duplicates.pairs import PairWeights
from pipeline.text.encoders.encoder import Encoder, load_encoder
from pipeline.text.explaining.limits import limit_encoder
from pipeline.text.model import TextModel
from pipeline.text.packing import OtherFormatError
from pipeline.text.vectors.space import VectorSpace

logger = logging.getLogger(__name__)

# Unlabelled ideas that training looks at; more of them teach little and cost time.
LARGEST_CORPUS = 5_000
# After so long somebody else takes over what a process began that died. A training may last much longer.
LEASE_SECONDS = 120
_BLOCK = 500

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All that a text model learns from."""

    frameworks: tuple[FrameworkText, ...]
    labelled: tuple[LabelledIdea, ...]
    corpus: tuple[str, ...]
    pairs: tuple[DecidedPair, ...] = ()

    def hash(self, settings: Settings, encoder: Encoder | None) -> str:
        """The same for the same frameworks, people's words, settings, weights of the encoder and format of the files:
        after an upgrade that reads no older files, there is something to train.
        """
        described = repr(
            (
                FORMAT,
                self.frameworks,
                self.labelled,
                self.pairs,
                settings.max_error,
                settings.max_link_error,
                settings.auto_without_labels,
                encoder.name if encoder else "none",
                None if (by := limit_encoder(encoder)) is None else by.name,
            )
        )
        return sha256(described.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Trained:
    """What training came to; `is_new` is False when nothing had changed since the last time."""

    version: str
    is_new: bool
    frameworks: int
    labelled: int


def gather_training(session: Session) -> TrainingData:
    """Frameworks in force, and the last word of people on each idea."""
    frameworks = tuple(card.text for card in load_frameworks(session).values())
    known = {framework.slug for framework in frameworks}
    last = (
        select(func.max(Correction.id))
        .where(Correction.kind == CorrectionKind.FRAMEWORK.value)
        .group_by(Correction.idea_id)
    )
    rows = session.execute(
        select(Idea.id, Idea.title, Idea.text, Correction.person_value)
        .join(Correction, Correction.idea_id == Idea.id)
        .where(Correction.id.in_(last))
        .order_by(Idea.id)
    )
    labelled = tuple(
        LabelledIdea(IdeaText(str(idea_id), text, title), slug)
        for idea_id, title, text, slug in rows
        if slug is None or slug in known
    )
    corpus = session.execute(select(Idea.title, Idea.text).order_by(Idea.id.desc()).limit(LARGEST_CORPUS))
    texts = tuple(f"{title}\n{text}" for title, text in corpus)
    return TrainingData(frameworks, labelled, texts, decided_pairs(session))


def train_and_activate(
    database: Database,
    settings: Settings,
    *,
    owner: str,
    clock: Callable[[], datetime],
    new_space: bool = False,
    progress: Progress | None = None,
) -> Trained:
    """Train on what is known now and put the model in use; does nothing when nothing changed.

    Takes minutes or, with many ideas, hours. Raises UserError without a published framework, or when the files of the
    model in use can't be read and no new space is asked for; TransientError while another process trains, when another
    took over, or when the disk fails.
    """
    with kept_lease(database, "train", owner=owner, clock=clock, seconds=LEASE_SECONDS) as token:
        if token is None:
            raise TransientError("Another process is training the text model: wait until it is done.")
        return _train(
            database,
            settings,
            token=token,
            clock=clock,
            owner=owner,
            new_space=new_space,
            progress=progress,
        )


def _train(
    database: Database,
    settings: Settings,
    *,
    token: str,
    clock: Callable[[], datetime],
    owner: str,
    new_space: bool,
    progress: Progress | None,
) -> Trained:
    from pipeline.text.training import train  # serving never imports training

    with database.reading() as session:
        data = gather_training(session)
        active = active_version(session)
    if not data.frameworks:
        raise UserError(
            "There is no published framework yet: publish one first, with 'kader frameworks import FILE'."
        )
    encoder = load_encoder(settings.encoder, cache=settings.vectors)
    data_hash = data.hash(settings, encoder)
    # A new space needs nothing of the old one, and so can be made when the old model's files are lost.
    space = None if active is None or new_space else _kept_space(settings, active)
    if active is not None and active.data_hash == data_hash and not new_space:
        return Trained(active.version, False, len(data.frameworks), len(data.labelled))
    model = train(
        data.frameworks,
        data.labelled,
        max_error=settings.max_error,
        encoder=encoder,
        corpus=data.corpus,
        auto_without_labels=settings.auto_without_labels or None,
        space=space,
    )
    _keep(model, settings.models / model.version, encoder)
    moves = active is not None and active.space != model.space
    if moves:
        _embed_all(database, model, progress)
    learned = learn_pairs(model, data.pairs, max_error=settings.max_link_error)
    metrics = {
        "decided_pairs": len(data.pairs),
        "labelled": len(data.labelled),
        "encoder": settings.encoder,
        "trained_by": owner,
        "max_error": settings.max_error,
        "decided_alone": len(model.decided_alone),
        "promised_by_themselves": list(model.promised),
        "autonomy": model.autonomy.kept(),
    }
    settle_token = seize_lease(database, "settle", owner=owner, now=clock(), seconds=LEASE_SECONDS)
    try:
        if moves:
            # Nobody settles now, so these are the last in the old space.
            _embed_all(database, model, progress)
        now = clock()
        with database.writing() as session:
            for name, held in (("train", token), ("settle", settle_token)):
                hold_lease(session, name, held, now=now, seconds=LEASE_SECONDS)
            _activate(session, model, data, data_hash, metrics, learned, now=now)
    finally:
        give_lease_back(database, "settle", settle_token)
    logger.info(
        "text model %s in use: %d frameworks, %d labelled ideas",
        model.version,
        len(data.frameworks),
        len(data.labelled),
    )
    return Trained(model.version, True, len(data.frameworks), len(data.labelled))


def _keep(model: TextModel, folder: Path, encoder: Encoder | None) -> None:
    """Save `model`, or see that it was saved well before: training was stopped before it was put in use, or the
    organisation went back to what it was. Files that can't be read, for whatever reason, are written anew.

    Raises TransientError when the disk is full or fails.
    """
    try:
        if not folder.exists():
            save(model, folder)
            return
        try:
            load(folder, expected=model.version, encoder=encoder)
        except PermanentError:
            save_anew(model, folder)
    except OSError as error:
        raise TransientError(f"The text model can't be written in {folder}: {error.strerror}.") from error


def _kept_space(settings: Settings, active: TextModelVersion) -> VectorSpace | None:
    """The space of the model in use, or None, for a new one, when another version of Kader made its files.

    Raises UserError when they are lost or damaged: a new space takes hours when there are many ideas, and the files may
    be on another machine.
    """
    try:
        return load_space(settings.models / active.version, expected=active.version)
    except OtherFormatError:
        logger.info("text model %s was made by another version: making a new space", active.version)
        return None
    except PermanentError as error:
        raise UserError(
            f"The files of text model {active.version}, which is in use, can't be read: copy its folder to {settings.models} "
            "from where it was trained or from a backup, or run 'kader train --new-space'."
        ) from error


def _embed_all(database: Database, model: TextModel, progress: Progress | None) -> None:
    """Place all settled ideas in the model's own space, so that none of them can be missed as a twin."""
    kept = select(IdeaReading.id).where(IdeaReading.idea_id == Idea.id, IdeaReading.space == model.space)
    waiting = select(Idea.id, Idea.title, Idea.text, Idea.language).where(
        Idea.settled_at.is_not(None), ~kept.exists()
    )
    with database.reading() as session:
        total = session.scalar(select(func.count()).select_from(waiting.subquery())) or 0
    done = 0
    while True:
        with database.reading() as session:
            rows = session.execute(waiting.order_by(Idea.id).limit(_BLOCK)).all()
        if not rows:
            return
        readings = read_texts(
            [IdeaText(str(idea_id), text, title, language or "") for idea_id, title, text, language in rows],
            model,
        )
        with database.writing() as session:
            keep_readings(
                session,
                [
                    reading_row(row[0], model, reading, trouble)
                    for row, (reading, trouble) in zip(rows, readings, strict=True)
                ],
            )
        done += len(rows)
        if progress is not None:
            progress(done, total)


def _activate(
    session: Session,
    model: TextModel,
    data: TrainingData,
    data_hash: str,
    metrics: dict[str, Any],
    learned: PairWeights,
    *,
    now: datetime,
) -> None:
    """Put a model in use in place of the one that is. The caller holds the leases to train and to settle."""
    row = {
        "space": model.space,
        "dimensions": model.dimensions,
        "data_hash": data_hash,
        "framework_versions": {framework.slug: framework.version for framework in data.frameworks},
        "metrics": metrics,
        "pair_weights": asdict(learned),
        "pairs_version": learned.version,
        "trained_at": now,
        "is_active": True,
    }
    session.execute(update(TextModelVersion).where(TextModelVersion.is_active).values(is_active=False))
    known = session.scalar(select(TextModelVersion).where(TextModelVersion.version == model.version))
    if known is None:
        session.add(TextModelVersion(version=model.version, **row))
    else:
        for name, value in row.items():
            setattr(known, name, value)
