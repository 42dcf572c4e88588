"""A Celery worker with Kader's own settings and one task that does nothing: the yardstick."""

import sys

from celery import Celery

import celeryconfig

app = Celery("yardstick")
app.config_from_object(celeryconfig)
app.conf.imports = ()


@app.task(name="kader.empty")
def empty() -> None:
    """Do nothing."""


def main(processes: str) -> None:
    app.worker_main(
        [
            "--quiet",
            "worker",
            "--pool=prefork",
            f"--concurrency={processes}",
            "--loglevel=ERROR",
            "--queues=triage",
            "--without-gossip",
            "--without-mingle",
            "--without-heartbeat",
        ]
    )


if __name__ == "__main__":
    main(sys.argv[1])
