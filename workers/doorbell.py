"""The doorbell: says that there is work. It may be lost; the sweep rings again.

Under a flood doorbells don't pile up. While enough of them wait, no other is rung: whoever takes one of those looks at
the rows after this moment, and so after the commit that another doorbell would tell of.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any, Literal

from kombu import pools
from kombu.exceptions import KombuError, OperationalError

from workers.app import app

logger = logging.getLogger(__name__)

# Seconds. Who rings is often somebody's request to a page: a broker that hangs must not keep them waiting.
PATIENCE = 0.8
# Nor must it keep one request after the other waiting: for so long after it kept somebody, nobody else tries.
QUIET = 5.0

Bell = Literal["triage", "mail", "reprocess", "sweep", "train", "learn", "look", "fetch"]
TASKS: dict[Bell, str] = {
    "triage": "kader.triage",
    "mail": "kader.deliver",
    "reprocess": "kader.reprocess",
    "sweep": "kader.sweep",
    "train": "kader.train",
    "learn": "kader.learn",
    "look": "kader.look",
    "fetch": "kader.fetch",
}
# How many that wait are enough, for doorbells that have a queue of their own: as many as processes that may do this work
# at the same time. Only one works on reprocessing runs.
ENOUGH: dict[Bell, int] = {"triage": 64, "mail": 64, "reprocess": 1}


@dataclass(slots=True)
class _Silence:
    """Until when this process leaves a broker alone that takes connections and doesn't answer; in seconds, monotonic."""

    until: float = 0.0


_silence = _Silence()


def ring(bell: Bell) -> bool:
    """Ring after the commit, unless enough doorbells wait.

    Returns False when the broker is away: nothing is lost, it only takes longer. After one that hangs, the broker is left
    alone for QUIET seconds; one that refuses does so at once, and is asked again each time.
    """
    began = time.monotonic()
    if began < _silence.until:
        return False
    if _silence.until:
        # One tries whether it answers again; who comes meanwhile doesn't wait for that.
        _silence.until = began + QUIET
    try:
        with _producers().acquire(block=True, timeout=PATIENCE) as producer:
            if not _enough_wait(bell, producer):
                app.send_task(TASKS[bell], producer=producer)
    except (KombuError, OperationalError, OSError) as error:
        logger.warning("the broker is away (%s); the sweep will see to it", type(error).__name__)
        ended = time.monotonic()
        _silence.until = ended + QUIET if ended - began >= PATIENCE else 0.0
        return False
    _silence.until = 0.0
    return True


def ring_for(ideas: int, *, batch: int) -> bool:
    """Ring for many new ideas: once for each batch, so that every process sets to work at once and not one after the
    other. Returns False as soon as the broker is away.
    """
    batches = min(-(-ideas // batch), ENOUGH["triage"])
    return all(ring("triage") for _ in range(batches))


def ring_for_mail(*, ideas: int, replies: int) -> None:
    """Ring for what came in by mail: new ideas, and submitters' answers to questions."""
    if ideas:
        ring("triage")
    if ideas or replies:
        ring("mail")


def _enough_wait(bell: Bell, producer: Any) -> bool:  # as below
    if bell not in ENOUGH:
        return False
    queue = app.conf.task_routes[TASKS[bell]]["queue"]
    # As patient as ringing is: a connection that ended is made anew, once.
    count = producer.connection.ensure(
        producer, lambda: producer.channel.client.llen(queue), **app.conf.task_publish_retry_policy
    )
    return int(count()) >= ENOUGH[bell]


def _producers() -> Any:  # Kombu's pools carry no types
    """Connections for ringing, apart from those on which a worker listens: listening may take its time."""
    options = {
        **app.conf.broker_transport_options,
        # Without these kombu would wait for the broker as long as it takes.
        **app.conf.task_publish_retry_policy,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
    }
    return pools.producers[app.connection_for_write(transport_options=options)]
