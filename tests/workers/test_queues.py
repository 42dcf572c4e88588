"""The queue's configuration: every task has a route, every queue a listener, and no task carries anything."""

import os
import subprocess
import sys
from inspect import signature

import celeryconfig
import workers.tasks
from kader.settings import read_settings
from notifications.transport import transport_for
from workers.app import app
from workers.doorbell import TASKS
from workers.tasks import LONGEST_TURN

OURS = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
QUEUES = {queue.name: queue for queue in celeryconfig.task_queues}


def test_all_tasks_are_known() -> None:
    assert workers.tasks.__name__ in celeryconfig.imports
    assert OURS.keys() == set(TASKS.values())


def test_every_task_has_a_route_to_a_queue() -> None:
    assert celeryconfig.task_routes.keys() == OURS.keys()
    for route in celeryconfig.task_routes.values():
        assert QUEUES[route["queue"]].routing_key == route["routing_key"]


def test_every_queue_is_used_and_has_a_listener() -> None:
    # A worker that is started without a choice of queues, as Kader's are, listens to these.
    assert set(app.amqp.queues.consume_from) == QUEUES.keys()
    assert {route["queue"] for route in celeryconfig.task_routes.values()} == QUEUES.keys()
    assert celeryconfig.task_default_queue in QUEUES


def test_no_task_takes_arguments() -> None:
    assert {name: len(signature(task.run).parameters) for name, task in OURS.items()} == dict.fromkeys(
        OURS, 0
    )


def test_the_schedule_rings_for_tasks_that_exist() -> None:
    for entry in celeryconfig.beat_schedule.values():
        assert entry["task"] in OURS
        assert not {"args", "kwargs"} & entry.keys()


def test_no_task_is_interrupted_in_the_middle() -> None:
    """An error from outside would be taken for a fault of the idea or of the mail server."""
    assert app.conf.task_soft_time_limit is None
    assert {name for name, task in OURS.items() if task.soft_time_limit is not None} == set()


def test_every_task_that_ends_its_turn_has_time_to_do_so() -> None:
    smtp = transport_for(read_settings(smtp_url="smtp://localhost:25"))
    slowest = {"kader.deliver": smtp.slowest, "kader.triage": 120.0, "kader.train": 3_600.0}
    for name, task in OURS.items():
        limit = task.time_limit or app.conf.task_time_limit
        assert limit > LONGEST_TURN + slowest.get(name, 0.0), name
    patient = {**os.environ, "KADER_SMTP_TIMEOUT": "1800"}
    asked = "import celeryconfig; print(celeryconfig.task_annotations['kader.deliver']['time_limit'])"
    told = subprocess.run(
        [sys.executable, "-c", asked], env=patient, capture_output=True, text=True, timeout=60, check=True
    )
    assert float(told.stdout) > LONGEST_TURN + smtp.slowest + 1200
