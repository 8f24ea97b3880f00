"""Publishing personas, and asking whether a name is free."""

import json
from typing import Any

import pytest

from tavus_async import DecodeError, InvalidRequestError, NotFoundError, calls, patch
from tavus_async._session import Vocabulary
from tavus_async.models import PublishedPersona, UsernameCheck
from tavus_async.sandbox import Sandbox
from tests.support.given_back import differences
from tests.support.quick import KEY, quick_session

PUBLISHED = {
    "status": "success",
    "pal_id": "p1",
    "pal_name": "Ada",
    "system_prompt": "Be kind.",
    "updated_at": "2026-07-14T17:00:00.000000",
}


@pytest.mark.parametrize("vocabulary", ["persona", "pal"])
async def test_a_draft_is_published_and_a_persona_without_one_stays(vocabulary: Vocabulary) -> None:
    persona = {"persona_id": "p1", "persona_name": "Ada", "system_prompt": "Be kind."}
    async with (
        Sandbox(api_key=KEY, personas=[persona]) as sandbox,
        quick_session(sandbox, vocabulary=vocabulary) as session,
    ):
        sandbox.open_maker_draft("p1")
        sandbox.script(["reset"])
        published = await session.publish_persona("p1")

        assert (published.status, published.persona_id, published.persona_name) == ("success", "p1", "Ada")
        assert await session.publish_persona("p1") == published
        assert await session.patch_persona("p1", [patch.add("/greeting", "Hi")])
        with pytest.raises(NotFoundError):
            await session.publish_persona("p9")


@pytest.mark.parametrize("vocabulary", ["persona", "pal"])
async def test_a_name_is_asked_for(vocabulary: Vocabulary) -> None:
    taken = {"persona_id": "p1", "layers": {"conferencing": {"username": "Ada"}}}
    async with (
        Sandbox(api_key=KEY, personas=[taken]) as sandbox,
        quick_session(sandbox, vocabulary=vocabulary) as session,
    ):
        assert await session.check_username("ada") == UsernameCheck(available=False, reason="Username is taken")
        assert (await session.check_username("grace & co")).available is True


def test_the_name_is_sent_in_the_query_of_the_path_since_the_rename() -> None:
    call = calls.check_username("ada & co")

    assert (call.method, call.path, call.renamed_path) == ("GET", "/v2/pals/check-username", None)
    assert call.query == (("username", "ada & co"),)


@pytest.mark.parametrize("username", ["", " ", None, 5])
def test_what_is_no_name_is_refused(username: Any) -> None:
    with pytest.raises(InvalidRequestError, match="username"):
        calls.check_username(username)


def test_publishing_may_be_repeated_and_changes_the_persona() -> None:
    call = calls.publish_persona("p 1")

    assert (call.method, call.path, call.renamed_path) == (
        "POST",
        "/v2/personas/p%201/publish",
        "/v2/pals/p%201/publish",
    )
    assert (call.repeatable, call.changes) == (True, "/v2/personas/p%201")


@pytest.mark.parametrize("body", [PUBLISHED, {"data": PUBLISHED}], ids=["bare", "envelope"])
def test_what_the_server_says_is_known_and_given_back(body: Any) -> None:
    told = calls.publish_persona("p1").decode(json.dumps(body).encode())

    assert (told.extra, told.persona_name) == ({}, "Ada")
    assert differences(PUBLISHED, told.to_dict()) == []


def test_the_status_alone_may_say_all() -> None:
    assert calls.publish_persona("p1").decode(b"") == PublishedPersona()
    assert calls.publish_persona("p1").decode(b"{}") == PublishedPersona()
    assert calls.check_username("a").decode(b'{"available": "perhaps", "x": 1}').to_dict() == {
        "available": "perhaps",
        "x": 1,
    }
    with pytest.raises(DecodeError):
        calls.check_username("a").decode(b"[true]")
