import subprocess
import sys

import pytest

from kader.embedded.environment import environment
from kader.embedded.folders import held_roles, only_one, prepare_folders
from kader.errors import UserError
from kader.settings import Settings, read_settings


@pytest.fixture
def own_settings(tmp_path):
    settings = Settings(var=tmp_path / "var", broker_url="")
    prepare_folders(settings)
    return settings


def test_the_folders_are_for_this_user_only(own_settings):
    for folder in (own_settings.var, own_settings.var / "run", own_settings.var / "log"):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_second_one_on_the_same_folder_is_refused(own_settings):
    with only_one(own_settings, ["web", "beat"]):
        assert held_roles(own_settings, ["broker", "web", "worker", "beat"]) == ["web", "beat"]
        with (
            pytest.raises(UserError, match=r"already running on .* \(beat\)"),
            only_one(own_settings, ["beat"]),
        ):
            pytest.fail("two beats at once")
        with only_one(own_settings, ["worker"]):
            assert held_roles(own_settings, ["worker"]) == ["worker"]
    with only_one(own_settings, ["web", "beat"]):
        assert held_roles(own_settings, ["worker"]) == []


def test_a_lock_does_not_outlive_its_holder(own_settings):
    holder = (
        "import os, signal\n"
        "from kader.embedded.folders import only_one\n"
        "from kader.settings import read_settings\n"
        "with only_one(read_settings(), ['beat']):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", holder], env=environment(own_settings), check=False)
    assert ended.returncode == -9
    with only_one(own_settings, ["beat"]):
        assert held_roles(own_settings, ["beat"]) == ["beat"]


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=r"can't be used .*: make it writable or set KADER_VAR"):
        prepare_folders(Settings(var=tmp_path / "file" / "var", broker_url=""))


def test_a_child_reads_exactly_the_settings_of_its_parent(tmp_path, monkeypatch):
    settings = Settings(
        var=tmp_path,
        organisation="Ziekenhuis «De Linde»",
        max_error=0.125,
        port=8123,
        language="en",
        broker_url="",
    )
    (tmp_path / ".env").write_text(
        "KADER_PORT=9999\nKADER_SMTP_URL=smtp://elsewhere.example\nKADER_BATCH_SIZE=7\n"
    )
    monkeypatch.chdir(tmp_path)
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    assert read_settings() == settings
