"""The doorbell: says that there is work. It may be lost; the sweep rings again."""

import logging
from typing import Any, Literal

from kombu import pools
from kombu.exceptions import KombuError, OperationalError

from workers.app import app

logger = logging.getLogger(__name__)

# Seconds. Who rings is often somebody's request to a page: a broker that hangs must not keep them waiting.
PATIENCE = 0.8

Bell = Literal["triage", "mail", "reprocess", "sweep", "train", "learn", "look"]
TASKS: dict[Bell, str] = {
    "triage": "kader.triage",
    "mail": "kader.deliver",
    "reprocess": "kader.reprocess",
    "sweep": "kader.sweep",
    "train": "kader.train",
    "learn": "kader.learn",
    "look": "kader.look",
}


def ring(bell: Bell) -> bool:
    """Ring after the commit. Returns False when the broker is away: nothing is lost, it only takes longer."""
    try:
        with _producers().acquire(block=True, timeout=PATIENCE) as producer:
            app.send_task(TASKS[bell], producer=producer)
    except (KombuError, OperationalError, OSError) as error:
        logger.warning("the broker is away (%s); the sweep will see to it", type(error).__name__)
        return False
    return True


def _producers() -> Any:  # Kombu's pools carry no types
    """Connections for ringing, apart from those on which a worker listens: listening may take its time."""
    options = {
        **app.conf.broker_transport_options,
        "socket_timeout": PATIENCE,
        "socket_connect_timeout": PATIENCE,
    }
    return pools.producers[app.connection_for_write(transport_options=options)]
