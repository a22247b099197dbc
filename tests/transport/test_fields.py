"""An answer's headers are the mapping that users of `requests` know: found in any case, told as they were spelled."""

from __future__ import annotations

import copy
import pickle

from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from dynaopenai._transport.fields import Headers

NAMES = st.sampled_from(["A", "a", "B-c", "b-C", "X"])
LINES = st.lists(st.tuples(NAMES, st.sampled_from(["1", "2", ""])), max_size=6)


def as_requests_has_it(lines: list[tuple[str, str]]) -> CaseInsensitiveDict[str]:
    made: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in lines:
        spelled = next((known for known in made if known.lower() == name.lower()), name)
        made[spelled] = f"{made[spelled]}, {value}" if spelled in made else value
    return made


@given(LINES, NAMES)
def test_it_answers_as_that_of_requests(lines: list[tuple[str, str]], name: str) -> None:
    ours, theirs = Headers(lines), as_requests_has_it(lines)

    assert list(ours.items()) == list(theirs.items())
    assert dict(ours.lower_items()) == dict(theirs.lower_items())
    assert (ours.get(name), ours.get(name, "?"), name in ours) == (theirs.get(name), theirs.get(name, "?"), name in theirs)
    assert (ours == theirs, len(ours), repr(ours)) == (True, len(theirs), repr(theirs))


def test_it_can_be_changed_and_copied() -> None:
    headers = Headers([("Content-Type", "a"), ("X", "b")])
    other = headers.copy()
    other["content-type"] = "c"
    del other["x"]

    assert dict(headers.items()) == {"Content-Type": "a", "X": "b"}
    assert dict(other.items()) == {"content-type": "c"}
    assert copy.deepcopy(headers) == pickle.loads(pickle.dumps(headers)) == headers != other
    assert headers != [("Content-Type", "a")]
    assert 1 not in headers  # as for any mapping
