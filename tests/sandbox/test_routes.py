from typing import Any

import pytest

from tavus_async import AsyncSession
from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.account import Account
from tavus_async.sandbox.answers import Answer
from tavus_async.sandbox.registration import Registration
from tavus_async.sandbox.request import Endpoint, Request
from tavus_async.sandbox.resources import RESOURCES
from tavus_async.sandbox.resources.personas import PERSONA_RESOURCE
from tavus_async.sandbox.routes import Router
from tavus_async.sandbox.vocabulary import Vocabulary

ENDPOINTS = {template: endpoint for each in RESOURCES for template, endpoint in each.endpoints.items()}
ROUTER = Router(RESOURCES)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(("family", "vocabulary"), [("personas", Vocabulary.PERSONA), ("pals", Vocabulary.PAL)])
@pytest.mark.parametrize(
    ("method", "rest", "name", "params"),
    [
        ("GET", "", "list_personas", {}),
        ("POST", "", "create_persona", {}),
        ("GET", "/p1", "get_persona", {"persona_id": "p1"}),
        ("GET", "/p%2F1%20%C3%A9", "get_persona", {"persona_id": "p/1 é"}),
        ("PATCH", "/p1", "patch_persona", {"persona_id": "p1"}),
        ("DELETE", "/p1", "delete_persona", {"persona_id": "p1"}),
        ("POST", "/p1/publish", "publish_persona", {"persona_id": "p1"}),
        ("GET", "/p1/tools", "list_persona_tools", {"persona_id": "p1"}),
        ("DELETE", "/p1/tools/t1", "detach_tool", {"persona_id": "p1", "tool_id": "t1"}),
        ("PUT", "/p1/skills", "replace_skills", {"persona_id": "p1"}),
        ("PATCH", "/p1/skills/s1", "update_skill", {"persona_id": "p1", "skill_id": "s1"}),
    ],
)
def test_both_families_lead_to_the_same_endpoints(
    family: str, vocabulary: Vocabulary, slash: str, method: str, rest: str, name: str, params: dict[str, str]
) -> None:
    route, found = ROUTER.find(method, f"/v2/{family}{rest}{slash}")

    assert (route.name, route.vocabulary, found) == (name, vocabulary, params)


@pytest.mark.parametrize(
    "path",
    ["/", "", "/v2", "/v2/", "/v1/personas", "/personas", "/v2/unicorns", "/v2/personas/p1/nothing",
     "/v2/personas/p1/publish/x", "/v2/personas/p1/tools/t1/x", "x/v2/personas"],
)  # fmt: skip
def test_other_paths_are_unknown(path: str) -> None:
    assert ROUTER.find("GET", path)[0].name == "unknown"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v2/personas", "GET, POST"),
        ("/v2/pals/p1", "GET, PATCH, DELETE"),
        ("/v2/pals/p1/publish", "POST"),
    ],
)
async def test_a_known_path_tells_its_methods(connect: Any, path: str, allowed: str) -> None:
    client = await connect(Sandbox(personas=0))
    reply = await client.send("PUT", path.removeprefix("/v2"))

    assert (reply.status, reply.headers["allow"]) == (405, allowed)
    assert client.sandbox.stats().requests == {"wrong method": 1}


def one(_account: Account, _request: Request) -> Answer:
    return Answer()


def other(_account: Account, _request: Request) -> Answer:
    return Answer()


def router_of(endpoints: dict[str, Endpoint]) -> Router:
    return Router([Registration(definition=PERSONA_RESOURCE.definition, endpoints=endpoints)])


def test_a_word_goes_before_a_name_that_would_take_it() -> None:
    router = router_of({"GET /v2/documents/{document_id}": one, "GET /v2/documents/tags": other})

    assert router.find("GET", "/v2/documents/tags")[0].name == "other"
    assert router.find("GET", "/v2/documents/tags2") == (
        router.find("GET", "/v2/documents/x")[0],
        {"document_id": "tags2"},
    )


def test_a_path_of_one_vocabulary_is_that_of_personas() -> None:
    route, _ = router_of({"GET /v2/videos": one}).find("GET", "/v2/videos")

    assert (route.name, route.vocabulary) == ("one", Vocabulary.PERSONA)


def test_endpoints_are_named_as_the_methods_of_a_session() -> None:
    # Those of chats are for Tavus' own bridges, and those of deployments without a key for visitors.
    others = ("chat", "deployment_init", "deployment_conversation")
    names = [endpoint.__name__ for template, endpoint in ENDPOINTS.items() if " /v2/" in template]
    expected = {name for name in names if not any(word in name for word in others)}

    assert expected == {name for name in expected if hasattr(AsyncSession, name)}
    assert len(names) == len(set(names))
