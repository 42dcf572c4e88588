"""Training with one thread of the numeric libraries, whatever the environment says.

With more they add up in another order, and so the same data would make a model with another version. Kader's matrices
are small besides: on two processors two threads take three times as long as one.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

_P = ParamSpec("_P")
_R = TypeVar("_R")


def in_one_thread(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`function`, during which linear algebra has one thread in this process; encoders keep theirs."""

    @wraps(function)
    def limited(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with threadpool_limits(limits=1, user_api="blas"):
            return function(*args, **kwargs)

    return limited
