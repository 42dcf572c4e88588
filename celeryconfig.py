"""Broker, queues, routes, limits and beat schedule: only here.

A task is a doorbell: it carries no idea, the rows in the database are the queue. So results, priorities,
long ETAs and remote control are switched off, and a doorbell that is lost is rung again by the sweep.
"""

from datetime import timedelta

from celery.schedules import crontab
from kombu.entity import Exchange, Queue

from kader.settings import read_settings

_settings = read_settings()

broker_url = _settings.broker
broker_connection_retry_on_startup = True
broker_connection_max_retries = None
broker_transport_options = {
    # The broker keeps no list of doorbells that were taken and not acknowledged. One that is lost is rung again by the
    # sweep; and where the acknowledgement failed because the broker died, kombu 5.7 takes the place of that doorbell for
    # taken for ever, so that a worker that was busy at that moment never asked for another.
    "ack_emulation": False,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "retry_on_timeout": False,
    "health_check_interval": 10,
}
# A web request must not hang on a broker that is away: one quick retry, then the sweep repairs.
task_publish_retry = True
task_publish_retry_policy = {
    "max_retries": 1,
    "interval_start": 0.0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}

task_serializer = "json"
accept_content = ["json"]
task_ignore_result = True
result_backend = None
task_store_errors_even_if_ignored = False
task_create_missing_queues = False

# A worker asks the queues in turn, so that new ideas don't wait until a reprocessing run is done. What is rung often has
# a queue of its own, whose length says how many such doorbells wait (`workers.doorbell`).
_exchange = Exchange("kader", type="direct")
task_queues = [
    Queue("triage", _exchange, routing_key="triage"),
    Queue("mail", _exchange, routing_key="mail"),
    Queue("reprocess", _exchange, routing_key="reprocess"),
    Queue("upkeep", _exchange, routing_key="upkeep"),
]
task_default_queue = "upkeep"
task_default_exchange = "kader"
task_default_routing_key = "upkeep"
task_routes = {
    "kader.triage": {"queue": "triage", "routing_key": "triage"},
    "kader.deliver": {"queue": "mail", "routing_key": "mail"},
    "kader.reprocess": {"queue": "reprocess", "routing_key": "reprocess"},
    "kader.sweep": {"queue": "upkeep", "routing_key": "upkeep"},
    "kader.train": {"queue": "upkeep", "routing_key": "upkeep"},
    "kader.learn": {"queue": "upkeep", "routing_key": "upkeep"},
    "kader.look": {"queue": "upkeep", "routing_key": "upkeep"},
    "kader.fetch": {"queue": "upkeep", "routing_key": "upkeep"},
}

# The row is claimed with a lease, so an early acknowledgement loses nothing and can't loop on a crash.
task_acks_late = False
worker_prefetch_multiplier = 1
worker_concurrency = _settings.processes
worker_enable_remote_control = False
worker_send_task_events = False
worker_hijack_root_logger = False
worker_redirect_stdouts = False
worker_cancel_long_running_tasks_on_connection_loss = False
# No soft limit: an error from outside would be taken for a fault of the idea, or would leave a message of which nobody
# knows whether it was sent. Tasks end their turn by themselves; what hangs is killed, and its lease ends.
task_time_limit = 300
task_annotations = {
    # A turn, and then one message to the slowest mail server (`SmtpTransport.slowest`), with room.
    "kader.deliver": {"time_limit": int(_settings.smtp_timeout) + 1800},
    # A turn, and as many steps as one message takes with a mailbox that needs as long as it may for each; or the token.
    "kader.fetch": {"time_limit": int(_settings.imap_timeout) * 15 + 300},
    # As long as it takes: a thread keeps its lease, and others take over soon when it dies.
    "kader.train": {"time_limit": 24 * 3600},
    "kader.learn": {"time_limit": 24 * 3600},
}

timezone = "UTC"
enable_utc = True
beat_schedule = {
    "sweep": {
        "task": "kader.sweep",
        "schedule": timedelta(seconds=_settings.sweep_seconds),
        "options": {"expires": _settings.sweep_seconds * 3},
    },
    # Long before people come to work, and again after a restart in the night: one that has nothing to do ends at once.
    "second look": {
        "task": "kader.look",
        "schedule": crontab(minute="30", hour="0-3"),
        "options": {"expires": 3000},
    },
    # After the second look: in one night nothing is compared by two models.
    "learn": {
        "task": "kader.learn",
        "schedule": crontab(minute="30", hour="4"),
        "options": {"expires": 3000},
    },
}
if _settings.imap is not None:
    beat_schedule["fetch"] = {
        "task": "kader.fetch",
        "schedule": timedelta(seconds=_settings.imap_seconds),
        "options": {"expires": _settings.imap_seconds * 2},
    }
# All of these look in the database for what there is to do, so nothing needs to be remembered between two starts.
beat_scheduler = "celery.beat:Scheduler"

imports = ("workers.tasks",)
