"""How commands speak: numbers with their word, and tables that lose nothing."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: 1 idea, 2 ideas; `many` where it isn't `one` with an s."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def show_table(table: Table, *, err: bool = False) -> None:
    """Print a table. On a terminal long cells are folded; elsewhere each row is one whole line, for other programs."""
    console = Console(stderr=err)
    for column in table.columns:
        column.overflow = "fold"
    if not console.is_terminal:
        endless = console.options.update(max_width=1_000_000)
        console.width = max(Measurement.get(console, endless, table).maximum, 1)
    console.print(table)
