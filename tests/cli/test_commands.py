import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from kader.cli import COMMANDS, cli
from kader.cli.errors import user_errors
from kader.errors import PermanentError, TransientError, UserError

# What `kader --help` must not load: it has to answer at once.
HEAVY = ("sklearn", "scipy", "numpy", "celery", "kombu", "sqlalchemy", "fastapi", "pydantic", "redis", "rich")


def test_help_lists_every_command_and_loads_none_of_them():
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from kader.cli import cli\n"
        "print(CliRunner().invoke(cli, ['--help']).output)\n"
        f"print('loaded:', [name for name in {HEAVY} if name in sys.modules])\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.rstrip().endswith("loaded: []")
    for name, entry in COMMANDS.items():
        assert f"  {name} " in told
        assert entry.help in " ".join(told.split())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_exists_and_explains_itself(name):
    told = CliRunner().invoke(cli, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert told.output.startswith(f"Usage: cli {name} ")


def test_an_unknown_command_is_refused():
    told = CliRunner().invoke(cli, ["clasify"])
    assert told.exit_code == 2
    assert "No such command 'clasify'" in told.output


def test_the_version_is_told():
    told = CliRunner().invoke(cli, ["--version"])
    assert told.exit_code == 0
    assert told.output.split()[-1][0].isdigit()


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("Row 3 has\nno text."), 2, "kader: Row 3 has no text.\n"),
        (PermanentError("It can't start."), 1, "kader: It can't start.\n"),
        (TransientError("The server is away."), 1, "kader: The server is away.\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_errors_become_one_line_and_an_exit_code(error, code, line):
    @click.command()
    @user_errors()
    def failing() -> None:
        raise error

    told = CliRunner().invoke(failing)
    assert told.exit_code == code
    assert told.stderr == line
    assert not told.stdout


def test_a_defect_is_not_hidden():
    @click.command()
    @user_errors()
    def defective() -> None:
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(defective).exception, ZeroDivisionError)


def test_a_wrong_setting_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setenv("KADER_TIME_ZONE", "Europe/Atlantis")
    told = CliRunner().invoke(cli, ["migrate"])
    assert told.exit_code == 2
    assert "KADER_TIME_ZONE can't be used: 'Europe/Atlantis' is not a time zone" in told.stderr


@pytest.mark.parametrize("address", ["foo", "ideeen@", "a b@veld.example", "Ideeën <ideeen@veld.example>"])
def test_a_sender_that_is_no_address_is_refused_at_the_start(monkeypatch, address):
    monkeypatch.setenv("KADER_MAIL_FROM", address)
    told = CliRunner().invoke(cli, ["migrate"])
    assert told.exit_code == 2
    assert "KADER_MAIL_FROM can't be used: use an address such as" in told.stderr


@pytest.mark.parametrize("arguments", [["up", "--only", "worker"], ["check"], ["migrate", "--check"]])
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_misspelt_setting_is_told_at_the_start(monkeypatch, tmp_path, arguments, place):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KADER_VAR", str(tmp_path / "var"))
    if place == ".env":
        (tmp_path / ".env").write_text("KADER_PROT=8001\nKADER_PORT=8002\nOTHER=1\n")
    else:
        monkeypatch.setenv("KADER_PROT", "8001")
    told = CliRunner().invoke(cli, arguments)
    first, *others = told.stderr.splitlines()
    assert first == "kader: There is no such setting, it has no effect: KADER_PROT (KADER_PORT?)."
    assert not any("KADER_PROT" in line for line in others)
    assert "8001" not in told.output
