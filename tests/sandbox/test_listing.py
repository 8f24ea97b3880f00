"""Pages of lists, in the styles of all resources; those of personas are tested with their endpoints."""

import json
import random
from typing import Any

import pytest

from tavus_async.sandbox.answers import RefusalError
from tavus_async.sandbox.collection import Collection
from tavus_async.sandbox.listing import list_page
from tavus_async.sandbox.request import Request
from tavus_async.sandbox.resources.personas import PERSONA_RESOURCE
from tavus_async.sandbox.vocabulary import Vocabulary


def page_of(query: dict[str, str], **style: Any) -> Any:
    collection = Collection(definition=PERSONA_RESOURCE.definition, dice=random.Random(1))
    for number in range(5):
        collection.add({"persona_id": f"p{number}"})
    request = Request(params={}, query=query, vocabulary=Vocabulary.PAL, body=b"", envelope=False)
    return json.loads(list_page(list(collection), request, **style).payload)


def pals(*numbers: int) -> list[dict[str, str]]:
    return [{"pal_id": f"p{number}"} for number in numbers]


@pytest.mark.parametrize(
    ("query", "first_page", "expected"),
    [
        ({}, 1, pals(0, 1)),
        ({"page": "2"}, 1, pals(2, 3)),
        ({"page": "0"}, 1, pals(0, 1)),
        ({}, 0, pals(0, 1)),
        ({"page": "1"}, 0, pals(2, 3)),
        ({"page": "2"}, 0, pals(4)),
        ({"page": "9", "limit": "3"}, 0, []),
        ({"page": "1", "limit": "3"}, 0, pals(3, 4)),
    ],
)
def test_pages_count_from_where_the_list_begins(query: dict[str, str], first_page: int, expected: Any) -> None:
    assert page_of(query, limit=2, first_page=first_page) == {"data": expected, "total_count": 5}


def test_an_envelope_may_have_other_names_and_tell_the_page() -> None:
    page = page_of({"limit": "1"}, first_page=0, items="deployments", total="total", tells_page=True)

    assert page == {"deployments": pals(0), "total": 5, "page": 0, "limit": 1}


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "1.5"}, {"page": ""}])
def test_a_page_that_makes_no_sense_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(RefusalError) as caught:
        page_of(query)

    assert caught.value.answer.status == 400
