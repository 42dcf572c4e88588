import os
import stat
from pathlib import Path

import pytest
from kombu import Connection
from redis.exceptions import ConnectionError as BrokerIsAway

from kader.embedded.broker import broker_client, socket_client
from kader.embedded.folders import private_folder
from kader.embedded.valkey import EmbeddedValkey, valkey_answers
from kader.errors import UserError
from kader.settings import Settings
from tests.services import short_folder


@pytest.fixture
def own_settings():
    with short_folder() as folder:
        yield Settings(var=folder / "my var", broker_url="")


@pytest.fixture
def broker(own_settings):
    broker = EmbeddedValkey(own_settings)
    broker.start()
    yield broker
    broker.stop()


def test_it_listens_on_a_private_socket_only(broker, own_settings):
    with socket_client(own_settings.socket, seconds=2) as client:
        server = client.info("server")
        assert server["tcp_port"] == 0
        listeners = [value for name, value in server.items() if name.startswith("listener")]
        assert [listener["name"] for listener in listeners] == ["unix"]
        assert client.config_get("save")["save"] == ""
        assert client.config_get("appendonly")["appendonly"] == "no"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
    assert stat.S_IMODE(own_settings.socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(own_settings.socket.stat().st_mode) == 0o700


def test_a_message_goes_through_it_although_its_folder_has_a_space(broker, own_settings):
    with Connection(own_settings.broker) as connection:
        queue = connection.SimpleQueue("trial")
        queue.put({"idea": 42})
        message = queue.get(timeout=5)
        assert message.payload == {"idea": 42}
        message.ack()
        queue.close()
    with broker_client(own_settings, seconds=2) as client:
        assert client.ping()


def test_a_second_one_on_the_same_socket_is_refused(broker, own_settings):
    with pytest.raises(UserError, match="already answers"):
        EmbeddedValkey(own_settings).start()
    assert valkey_answers(own_settings)


def test_it_comes_back_over_the_socket_file_of_a_dead_one(broker, own_settings):
    broker.kill()
    assert own_settings.socket.exists()
    assert not valkey_answers(own_settings)
    broker.start()
    assert valkey_answers(own_settings)


def test_it_keeps_nothing(broker, own_settings):
    with socket_client(own_settings.socket, seconds=2) as client:
        client.set("a", "b")
    broker.stop()
    with pytest.raises(BrokerIsAway), socket_client(own_settings.socket, seconds=2) as client:
        client.ping()
    broker.start()
    with socket_client(own_settings.socket, seconds=2) as client:
        assert client.dbsize() == 0


def test_a_var_folder_deep_down_gets_a_socket_elsewhere(tmp_path):
    settings = Settings(var=tmp_path / ("deep" * 30), broker_url="")
    assert len(str(settings.socket)) <= 100
    broker = EmbeddedValkey(settings)
    broker.start()
    try:
        assert valkey_answers(settings)
    finally:
        broker.stop()
        settings.socket.unlink(missing_ok=True)
        settings.socket.parent.rmdir()


def test_a_link_in_the_place_of_the_private_folder_is_refused(tmp_path):
    somewhere = tmp_path / "somewhere"
    somewhere.mkdir()
    link = tmp_path / "run"
    link.symlink_to(somewhere)
    with pytest.raises(UserError, match="must be a folder of the user that runs Kader"):
        private_folder(link)


def test_somebody_elses_folder_is_refused(tmp_path: Path):
    theirs = Path("/usr")
    if os.geteuid() == 0:
        theirs = tmp_path / "run"
        theirs.mkdir()
        os.chown(theirs, 12345, 12345)
    with pytest.raises(UserError, match="must be a folder of the user that runs Kader"):
        private_folder(theirs)
