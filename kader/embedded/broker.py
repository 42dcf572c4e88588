"""A plain connection to a broker, to see whether it answers."""

from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kader.settings import Settings


def socket_client(socket: Path, *, seconds: float) -> Redis:
    """Connect to the server on a Unix socket; each answer is waited for `seconds` at most."""
    return Redis(
        unix_socket_path=str(socket),
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


def broker_client(settings: Settings, *, seconds: float) -> Redis:
    """Connect to the broker in use; each answer is waited for `seconds` at most."""
    if settings.embedded_broker:
        return socket_client(settings.socket, seconds=seconds)
    # Kombu's spelling of a socket and its database differs from that of the client library.
    url = settings.broker.replace("redis+socket://", "unix://", 1).replace("virtual_host=", "db=")
    return Redis.from_url(
        url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )
