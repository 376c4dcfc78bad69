"""Whatever a carrier sends, in whatever format: nothing raises, and every report has one outcome of the contract."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dcsa_events import INTAKE
from tests.formats import COVERS
from tests.fuzz import POISON, SHAPES, check, wrong


@settings(max_examples=1500, deadline=None)
@given(st.integers(0, 2**32))
def test_bodies_of_all_formats_cut_mixed_and_poisoned_have_an_outcome(seed: int) -> None:
    check(INTAKE, "ktz-express", wrong(random.Random(seed)))


FIELDS = sorted({name for shape in SHAPES for name in shape})
VALUES = (
    st.sampled_from(POISON) | st.text(max_size=60) | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
OBJECTS = st.dictionaries(
    st.sampled_from(FIELDS), VALUES | st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4), max_size=8
)


@settings(max_examples=700, deadline=None)
@given(st.sampled_from(SHAPES), OBJECTS, st.sampled_from(list(COVERS)))
def test_any_value_in_any_field_of_any_format_has_an_outcome(
    shape: dict[str, object], told: object, cover: str
) -> None:
    assert isinstance(told, dict)
    check(INTAKE, "ktz-express", COVERS[cover](shape | told)[0])
