"""Writing a CSV file at the end of a command's work, without destroying anything on the way."""

import csv
import json
import os
import secrets
import stat
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import click

from kader.errors import UserError

_STANDARD_OUTPUT = 1
_DASH, _AS_A_FILE = Path("-"), Path("/dev/stdout")
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class OutputFile:
    """Where a command will write. `output_file` makes one, before the work."""

    path: Path  # as the user wrote it
    replaced: Path | None  # the regular file, links followed, that is made or replaced; None: written through
    is_standard_output: bool

    def write(self, header: Sequence[str], rows: Iterable[Sequence[str]], *, marked: bool = False) -> None:
        """Write UTF-8 CSV; a regular file gets all of it or stays as it was.

        `marked` begins with the mark by which spreadsheets see that it is UTF-8. Raises UserError.
        """
        self._fill(partial(_write, header=header, rows=rows, marked=marked))

    def write_lines(self, lines: Iterable[str]) -> None:
        """Write UTF-8 lines, as `write` does. Raises UserError."""
        self._fill(lambda file: file.writelines(f"{line}\n" for line in lines))

    def _fill(self, writing: Callable[[TextIO], None]) -> None:
        try:
            if self.replaced is None:
                with self._stream() as file:
                    writing(file)
            else:
                _replace(self.replaced, writing)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def tell(self, sentence: str) -> None:
        """Say something beside the rows: on standard output, unless that is where the rows are."""
        click.echo(sentence, err=self.is_standard_output)

    def tell_json(self, value: object) -> None:
        """One JSON object beside the rows, as `tell`."""
        self.tell(json.dumps(value, ensure_ascii=False, default=str))

    def _stream(self) -> TextIO:
        if self.is_standard_output:
            # Its own descriptor: opening the path anew would begin at the start of a file that has more in it.
            return os.fdopen(os.dup(_STANDARD_OUTPUT), "w", encoding="utf-8", newline="")
        return self.path.open("w", encoding="utf-8", newline="")


def output_file(path: Path, *, inputs: Iterable[Path | None] = ()) -> OutputFile:
    """See, before any work, that `path` can be written and is none of the command's own `inputs`.

    Links are followed: the file behind one is replaced, the link stays. What isn't a regular file (a device, a
    pipe, standard output) is written through; "-" is standard output. Raises UserError.
    """
    if path == _DASH:
        path = _AS_A_FILE
    try:
        found = path.stat()
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise _unwritable(path, error) from error
    is_standard_output = found is not None and _is_standard_output(found)
    through = is_standard_output or (found is not None and not stat.S_ISREG(found.st_mode))
    real = None if through else Path(os.path.realpath(path))
    try:
        if found is not None and stat.S_ISREG(found.st_mode):
            _refuse_inputs(path, inputs)
        _try_out(path, real)
    except OSError as error:
        raise _unwritable(path, error) from error
    return OutputFile(path, real, is_standard_output)


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _looks_like_a_formula(cell) else cell


def unguarded(cell: str) -> str:
    """The opposite of `guarded`."""
    return cell[1:] if cell.startswith("'") and _looks_like_a_formula(cell) else cell


def _looks_like_a_formula(cell: str) -> bool:
    # With what guards it already, or it couldn't be told whether that was there before.
    return cell.lstrip("'").startswith(_FORMULA_SIGNS)


def _is_standard_output(found: os.stat_result) -> bool:
    try:
        return os.path.samestat(found, os.fstat(_STANDARD_OUTPUT))
    except OSError:  # the program was started without
        return False


def _refuse_inputs(path: Path, inputs: Iterable[Path | None]) -> None:
    for each in inputs:
        if each is not None and each.exists() and each.samefile(path):
            raise UserError(
                f"{path} is a file that this command reads, and would be lost: write to another file."
            )


def _try_out(path: Path, real: Path | None) -> None:
    # A file that its owner protects from writing isn't replaced either.
    if (real is None or real.exists()) and not os.access(path, os.W_OK):
        raise PermissionError(0, "it is protected against writing")
    if real is not None:
        tempfile.TemporaryFile(dir=real.parent).close()


def _replace(path: Path, writing: Callable[[TextIO], None]) -> None:
    temporary = path.parent / f".kader-{secrets.token_hex(8)}"
    # Not by `tempfile`: a new file gets the mode that the user gives new files.
    with temporary.open("x", encoding="utf-8", newline="") as file:
        try:
            writing(file)
            file.flush()
            if path.exists():
                temporary.chmod(stat.S_IMODE(path.stat().st_mode))
            temporary.replace(path)
        except BaseException:
            temporary.unlink()
            raise


def _write(file: TextIO, header: Sequence[str], rows: Iterable[Sequence[str]], *, marked: bool) -> None:
    if marked:
        file.write("\ufeff")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} can't be written: {error.strerror}.")
