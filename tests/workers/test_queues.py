"""The queue's configuration: every task has a route, every queue a listener, and no task carries anything."""

from inspect import signature

import celeryconfig
import workers.tasks
from workers.app import app
from workers.doorbell import TASKS

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
