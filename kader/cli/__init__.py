"""The command line. Each command lives in a module of its own and is imported only when it is called."""

import importlib
import sys
from dataclasses import dataclass

import click

from kader.cli.errors import INTERRUPTED, user_errors


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is found, as its module's `command`, and its line in `kader --help`."""

    module: str
    help: str


COMMANDS = {
    "backup": Entry("kader.cli.backup", "Write all that is needed to restore this Kader to one file."),
    "check": Entry("kader.cli.check", "See whether everything that must always hold does hold."),
    "classify": Entry("kader.cli.classify", "Find the framework of every idea in a spreadsheet."),
    "demo": Entry("kader.cli.demo", "Run Kader with an invented organisation and its ideas."),
    "doctor": Entry("kader.cli.doctor", "Say what is set up, what is missing, and what to do about it."),
    "duplicates": Entry("kader.cli.duplicates", "Find the ideas in a spreadsheet that are the same."),
    "evaluate": Entry("kader.cli.evaluate", "Measure the text model on your own people's decisions."),
    "export": Entry("kader.cli.export", "Write all ideas, with where they stand, to a table."),
    "frameworks": Entry("kader.cli.frameworks", "Publish and list what is asked of people."),
    "import": Entry("kader.cli.import_ideas", "Bring in ideas from a spreadsheet."),
    "mail": Entry("kader.cli.mail", "Bring in ideas from e-mail."),
    "migrate": Entry("kader.cli.migrate", "Bring the database to the newest tables."),
    "reprocess": Entry("kader.cli.reprocess", "Assess ideas again after frameworks or model changed."),
    "second-look": Entry("kader.cli.second_look", "Compare ideas again that an older model compared."),
    "train": Entry("kader.cli.train", "Train the text model on frameworks and corrections."),
    "up": Entry("kader.cli.up", "Run web, worker and beat, and the embedded broker."),
}


class LateCommands(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        found = importlib.import_module(entry.module).command
        if not isinstance(found, click.Command):
            raise TypeError(f"{entry.module}.command is not a command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in sorted(COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> object:
        with user_errors():
            return super().invoke(ctx)


@click.group(cls=LateCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kader", message="%(prog)s %(version)s")
def cli() -> None:
    """Kader brings every idea to the person who may decide, and sees to it that the answer comes."""


def main() -> None:
    """Entry point of the program `kader`."""
    try:
        cli(prog_name="kader")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
