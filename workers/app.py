"""The Celery application. Everything that can be set stands in `celeryconfig.py`."""

from celery import Celery
from celery.signals import setup_logging, worker_process_init

import celeryconfig
from kader.log import start_logging
from kader.settings import read_settings
from workers.runtime import forget_runtime

app = Celery("kader")
# The module itself: a name would be looked up in the working directory first.
app.config_from_object(celeryconfig)


@setup_logging.connect
def _start_logging(**_: object) -> None:
    start_logging("worker", read_settings().log_level)


@worker_process_init.connect
def _after_fork(**_: object) -> None:
    # Connections must not cross a fork.
    forget_runtime()
