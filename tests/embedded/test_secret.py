import stat
import subprocess
import sys

import pytest

from kader.embedded.environment import environment
from kader.errors import UserError
from kader.secret import secret_key
from kader.settings import Settings


def test_a_configured_key_is_used_and_nothing_is_kept(tmp_path):
    assert secret_key(Settings(var=tmp_path, secret_key="given")) == "given"
    assert list(tmp_path.iterdir()) == []


def test_the_key_is_made_once_and_only_for_this_user(tmp_path):
    settings = Settings(var=tmp_path / "var", secret_key="")
    made = secret_key(settings)
    assert len(made) >= 43
    assert secret_key(settings) == made
    assert stat.S_IMODE((settings.var / "secret").stat().st_mode) == 0o600
    assert [path.name for path in settings.var.iterdir()] == ["secret"]
    assert secret_key(Settings(var=tmp_path / "other", secret_key="")) != made


def test_processes_that_race_get_one_key(tmp_path):
    settings = Settings(var=tmp_path, secret_key="")
    program = (
        "import sys\n"
        "from kader.secret import secret_key\n"
        "from kader.settings import read_settings\n"
        "settings = read_settings()\n"
        "print('here', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(secret_key(settings))\n"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            env=environment(settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    for racer in racers:
        assert racer.stdout.readline() == "here\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    keys = {racer.communicate(timeout=30)[0] for racer in racers}
    assert [racer.returncode for racer in racers] == [0] * 8
    assert keys == {f"{(tmp_path / 'secret').read_text()}\n"}


def test_an_empty_key_is_refused(tmp_path):
    (tmp_path / "secret").touch()
    with pytest.raises(UserError, match="is empty"):
        secret_key(Settings(var=tmp_path, secret_key=""))


def test_a_folder_that_cannot_keep_it_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="set KADER_SECRET_KEY"):
        secret_key(Settings(var=tmp_path / "file", secret_key=""))
