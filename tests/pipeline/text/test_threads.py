"""The same data makes the same model, however many threads the numeric libraries have."""

import os
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from pipeline.text.threads import in_one_thread

# As many ideas as make linear algebra worth more than one thread.
TRAINING = """
from benchmarks.limits.sets import demo
from pipeline.core import IdeaText, LabelledIdea
from pipeline.text.encoders.encoder import load_encoder
from pipeline.text.training import train

known = demo()
labelled = [LabelledIdea(IdeaText(str(n), each.text), each.framework) for n, each in enumerate(known.ideas) if n % 2]
print(train(known.frameworks, labelled, corpus=known.corpus, encoder=load_encoder("builtin")).version)
"""


def version(threads):
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    if threads:
        environment["OMP_NUM_THREADS"] = threads
    done = subprocess.run(
        [sys.executable, "-c", TRAINING], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_version_of_a_model_does_not_depend_on_the_number_of_threads():
    alone = version("1")
    assert alone.startswith("text-")
    assert [version(threads) for threads in (None, "4")] == [alone, alone]


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.mark.parametrize("fails", [False, True])
def test_only_during_the_function_there_is_one_thread(fails):
    @in_one_thread
    def training(matrix):
        if fails:
            raise ValueError(blas_threads())
        return blas_threads(), matrix @ matrix

    with threadpool_limits(limits=2, user_api="blas"):
        before = blas_threads()
        if fails:
            with pytest.raises(ValueError, match=r"\{1\}"):
                training(np.eye(2))
        else:
            assert training(np.eye(2))[0] == {1}
        assert blas_threads() == before
