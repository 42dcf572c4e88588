"""The three processes of Kader, each run in the process that calls it: web, worker and beat."""

import faulthandler
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from kader.embedded.folders import prepare_folders
from kader.errors import KaderError
from kader.log import start_logging
from kader.settings import Settings, read_settings


def ready_file(settings: Settings, role: str) -> Path:
    """The file in which a process writes its process id as soon as it is ready for work."""
    return settings.var / "run" / f"{role}.ready"


def is_ready(settings: Settings, role: str, process_id: int) -> bool:
    """Whether this very process has said that it is ready."""
    path = ready_file(settings, role)
    return path.exists() and path.read_text(encoding="ascii") == str(process_id)


def _announce(settings: Settings, role: str) -> None:
    path = ready_file(settings, role)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(str(os.getpid()), encoding="ascii")
    unfinished.replace(path)


def run_web(settings: Settings) -> None:
    """Serve the pages and the API until SIGTERM."""
    import uvicorn

    from web.app import create_app

    class AnnouncingServer(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            if self.started:
                _announce(settings, "web")

    configuration = uvicorn.Config(
        create_app,
        factory=True,
        host=settings.host,
        port=settings.port,
        log_config=None,
        # Addresses of pages hold signed links; they don't belong in a log.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=8,
    )
    AnnouncingServer(configuration).run()


def run_worker(settings: Settings) -> None:
    """Do the tasks of all queues until SIGTERM, which lets running tasks finish."""
    from celery.signals import worker_ready

    app = _celery(settings, "worker")
    worker_ready.connect(lambda **_: _announce(settings, "worker"), weak=False)
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={settings.processes}",
            f"--loglevel={settings.log_level}",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


def run_beat(settings: Settings) -> None:
    """Ring for the periodic tasks until SIGTERM."""
    from celery.signals import beat_init

    app = _celery(settings, "beat")
    beat_init.connect(lambda **_: _announce(settings, "beat"), weak=False)
    app.start(["--quiet", "beat", f"--loglevel={settings.log_level}"])


def _celery(settings: Settings, role: str) -> Any:
    from celery.platforms import SecurityWarning
    from celery.signals import setup_logging

    from workers.app import app

    # Celery warns against root because it may unpickle messages; Kader accepts JSON only.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    # With a listener here Celery leaves the log lines alone; the last one has the say.
    setup_logging.connect(lambda **_: start_logging(role, settings.log_level), weak=False)
    return app


ROLES = {"web": run_web, "worker": run_worker, "beat": run_beat}


def main(role: str) -> None:
    """Run one role with the settings of the environment; Kader's own errors end it with one line."""
    try:
        settings = read_settings()
        start_logging(role, settings.log_level)
        # `kill -USR2` lets it write where each of its threads is, and the processes that a worker forks as well.
        faulthandler.register(signal.SIGUSR2)
        prepare_folders(settings)
        ROLES[role](settings)
    except KaderError as error:
        sys.exit(f"kader {role}: {error}")


if __name__ == "__main__":
    main(sys.argv[1])
