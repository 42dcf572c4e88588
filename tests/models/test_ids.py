import pytest
from sqlalchemy import select

from models import Idea
from models.ids import id_in


@pytest.mark.parametrize("text", ["0", "7", "0000000007", str(2**31 - 1)])
def test_a_number_that_a_row_can_have_may_be_asked_for(database, text):
    assert id_in(text) == int(text)
    with database.reading() as session:
        assert session.scalar(select(Idea.id).where(Idea.id == id_in(text))) is None


@pytest.mark.parametrize(
    "text", ["", " 7", "-1", "1.0", "²", "zeven", str(2**31), "999999999999", "9" * 100_000]
)
def test_what_is_no_number_of_a_row_is_none(text):
    assert id_in(text) is None
