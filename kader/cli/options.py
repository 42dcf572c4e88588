"""Options of commands that work on plain files."""

from functools import partial
from pathlib import Path

import click

from kader.settings import Settings

FILE = click.Path(path_type=Path, dir_okay=False)
DEFAULT_ENCODER = str(Settings.model_fields["encoder"].default)
DEFAULT_ERROR = float(Settings.model_fields["max_error"].default)

# To be told whether it is required.
frameworks_option = partial(
    click.option,
    "--frameworks",
    "frameworks_file",
    type=FILE,
    help="CSV: slug,title,description[,goal,limits,examples].",
)
ideas_option = click.option(
    "--ideas", "ideas_file", type=FILE, required=True, help="CSV: id,text or id,title,text."
)
labelled_option = click.option(
    "--labelled",
    "labelled_file",
    type=FILE,
    help="CSV: id,text,framework; empty framework = fits none. Or what kader export wrote.",
)
encoder_option = click.option(
    "--encoder",
    default=DEFAULT_ENCODER,
    show_default=True,
    help="Sentence vectors beside words: builtin (Kader's own, Dutch and English), none, a folder of "
    "sentence-transformers or model2vec, or a name on the Hugging Face hub.",
)
cache_option = click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps the encoder's vectors for the next time, without the texts.",
)
