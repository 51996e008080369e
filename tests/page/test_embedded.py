import json
import re

from hypothesis import given
from hypothesis import strategies as st

from ablate.page import embedded


@given(st.recursive(st.text(st.characters(exclude_categories=["Cs"])), st.lists))
def test_embedded_data_is_inert_and_comes_back_as_it_was(data):
    text = embedded(data)
    assert not re.search("[<>&\u2028\u2029]", text)
    assert json.loads(text) == data
