import logging
from io import StringIO

from kader.errors import UserError
from kader.log import CarefulFormatter, kind_of


def test_whoever_logs_an_error_tells_places_and_kind_and_no_words():
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(CarefulFormatter("%(asctime)s %(message)s"))
    logger = logging.Logger("somebody.else")  # noqa: LOG001  # one of its own, with nobody else listening
    logger.addHandler(handler)
    words = "laat marieke van de nachtdienst zelf kiezen"
    try:
        try:
            int(words)
        except ValueError as error:
            raise RuntimeError(words) from error
    except RuntimeError:
        logger.exception("it broke")
    told = lines.getvalue()
    assert "it broke" in told
    assert told.endswith("RuntimeError\n")
    assert "test_log.py" in told
    assert "marieke" not in told


def test_our_own_errors_keep_their_sentence():
    assert kind_of(UserError("Run 'kader train' first.")) == "UserError: Run 'kader train' first."
    assert kind_of(ValueError("marieke")) == "ValueError"
