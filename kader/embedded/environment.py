"""Settings as environment variables, so that a child process reads exactly what its parent has."""

import json
import os

from kader.settings import Settings

# Kader's processes are its parallelism: threads of the numeric libraries would only fight over the processors. Training has
# one whatever stands here (`pipeline.text.threads`), so that the same data makes the same model.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def environment(settings: Settings) -> dict[str, str]:
    """Environment of a child process: this one's, with every setting spelled out.

    Every setting, because a `.env` file would fill in whatever is left out.
    """
    values = settings.model_dump(mode="json")
    spelled = {
        f"KADER_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in values.items()
        if value is not None
    }
    return {**ONE_THREAD, **os.environ, **spelled}
