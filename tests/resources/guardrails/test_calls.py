import json
from typing import Any

import attrs
import pytest

from tavus_async import DecodeError, InvalidRequestError, Secret, patch
from tavus_async.models import Guardrail, GuardrailDraft
from tavus_async.resources.guardrails import calls

RULE: dict[str, Any] = {"guardrail_name": "no_prices", "guardrail_prompt": "Never name a price."}
SECRET = "https://app.example/***"


def test_a_guardrail_is_sent_as_it_is_written() -> None:
    call = calls.create_guardrail(RULE | {"tags": [], "app_message": False})

    assert (call.method, call.path, call.repeatable, call.creates) == ("POST", "/v2/guardrails", False, "no_prices")
    assert "find_guardrails('no_prices')" in call.recovery
    assert json.loads(call.body or b"") == RULE | {"tags": [], "app_message": False}
    assert call.decode(b'{"guardrail_id": "g1"}').guardrail_id == "g1"
    assert call.decode(b'{"uuid": "g1", "guardrail_name": "no_prices"}').guardrail_id == "g1"


def test_so_is_a_set() -> None:
    body = {"name": "sales", "data": [RULE, RULE | {"modality": "visual"}]}
    call = calls.create_guardrail_set(body)

    assert (call.path, call.creates, json.loads(call.body or b"")) == ("/v2/guardrails", "sales", body)
    assert call.decode(b'{"guardrails_id": "g1", "guardrails_name": "sales"}').guardrails_name == "sales"
    earlier = {"data": [{"guardrails_name": "a", "guardrails_prompt": "b"}]}
    assert json.loads(calls.create_guardrail_set(earlier).body or b"") == earlier


def test_a_credential_of_its_tool_is_sent_and_shown_nowhere() -> None:
    tool_call = {"name": "flag", "headers": {"Authorization": "Bearer of-mine-0123"}}
    draft = GuardrailDraft.from_dict(RULE | {"tool_call": tool_call})
    created = calls.create_guardrail(draft)
    patched = calls.patch_guardrail("g1", [patch.add("/tool_call", tool_call)])

    assert json.loads(created.body or b"")["tool_call"] == tool_call
    assert json.loads(patched.body or b"")[0]["value"] == tool_call
    for call in (created, patched):
        assert Secret("Bearer of-mine-0123") in call.secrets
        assert "of-mine" not in f"{call!r} {draft!r} {dict(draft)}"


def test_nor_is_a_masked_one_sent_back() -> None:
    shown = Guardrail.from_dict({"guardrail_id": "g1", **RULE, "tool_call": {"name": "flag", "api_key": "********"}})
    changed = attrs.evolve(shown, guardrail_prompt="Never.")

    steps = calls.GUARDRAILS.diff(shown, changed, without=calls.SERVERS_OWN)
    assert [step.path for step in steps] == ["/guardrail_prompt"]
    with pytest.raises(InvalidRequestError, match="masked secret"):
        calls.patch_guardrail("g1", [patch.add("/tool_call", {"name": "flag", "api_key": "********"})])


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({}, "needs a guardrail_name and a guardrail_prompt$"),
        ({"guardrail_name": "a", "guardrail_prompt": " "}, "needs a guardrail_name and a guardrail_prompt"),
        ({"data": [RULE]}, "create_guardrail_set takes a set"),
        (RULE | {"tags": ["t"] * 33}, "at most 32 tags"),
        (RULE | {"tags": ["a", " "]}, "none of them is blank"),
        (RULE | {"tags": "abc"}, "wrong type: tags"),
        (RULE | {"tool_call": "flag"}, "wrong type: tool_call"),
        (RULE | {"callback_url": SECRET}, "callback_url"),
    ],
)
@pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
def test_what_the_server_refuses_for_certain_is_not_sent(draft: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        calls.create_guardrail(draft)


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        ({}, "a set needs guardrails, in data$"),
        ({"data": []}, "needs guardrails"),
        (RULE, "create_guardrail takes a single one"),
        ({"data": [RULE, {"guardrail_name": "a"}]}, r"data\[1\]: a guardrail needs"),
        ({"data": [5]}, "wrong type: data"),
        ({"data": [RULE | {"callback_url": SECRET}]}, r"data\[0\].callback_url"),
    ],
)
@pytest.mark.filterwarnings("ignore::tavus_async.UnknownFieldWarning")
def test_nor_are_such_sets(draft: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words):
        calls.create_guardrail_set(draft)


def test_lists_tell_the_generations_apart() -> None:
    one = calls.list_guardrails_page(guardrail_type="all", tags=["a", "b"], name_or_uuid="x", sort="ascending")
    sets = calls.list_guardrail_sets_page(page=2)

    assert dict(calls.list_guardrails_page().query) == {"limit": "10", "page": "1", "legacy": "false"}
    assert dict(one.query) == {
        "limit": "10",
        "page": "1",
        "legacy": "false",
        "type": "all",
        "name_or_uuid": "x",
        "tags": "a,b",
        "sort": "ascending",
    }
    assert dict(calls.list_guardrails_page(verbose=True).query)["verbose"] == "true"
    assert (sets.path, dict(sets.query)) == ("/v2/guardrails", {"limit": "10", "page": "2", "legacy": "true"})


@pytest.mark.parametrize(
    "arguments",
    [{"page": 0}, {"guardrail_type": "mine"}, {"tags": ["a,b"]}, {"tags": 5}, {"sort": "up"}, {"verbose": 1}],
)
def test_a_list_that_makes_no_sense_is_not_asked_for(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError, match=next(iter(arguments))):
        calls.list_guardrails_page(**arguments)


def test_tags_come_as_texts() -> None:
    call = calls.list_guardrail_tags_page(search="sal")

    assert (call.path, dict(call.query)) == ("/v2/guardrails/tags", {"limit": "10", "page": "1", "search": "sal"})
    assert list(call.decode(b'{"tags": ["sales", {"tag": "web"}], "total_count": 2}')) == ["sales", "web"]


@pytest.mark.parametrize(
    "body",
    [
        {"guardrail_id": "g1", **RULE},
        {"guardrails_id": "g1", **RULE},
        {"uuid": "g1", **RULE},
        {"data": RULE},
        {"data": [RULE]},
        RULE,
    ],
)
def test_a_guardrail_is_read_in_whichever_shape_it_comes(body: Any) -> None:
    found = calls.get_guardrail("g1").decode(json.dumps(body).encode())

    assert (found.guardrail_id, found.guardrail_name) == ("g1", "no_prices")


def test_several_are_no_guardrail_but_a_set() -> None:
    body = json.dumps({"data": [RULE, RULE]}).encode()

    with pytest.raises(DecodeError, match="a list of 2"):
        calls.get_guardrail("g1").decode(body)
    assert len(calls.get_guardrail_set("g1").decode(body).guardrails) == 2


def test_reading_one_and_reading_a_set_are_not_shared() -> None:
    assert calls.get_guardrail("g1").reads == "/v2/guardrails/g1"
    assert calls.get_guardrail_set("g1").reads is None
    assert calls.patch_guardrail_set("g1", [patch.remove("/name")]).changes == "/v2/guardrails/g1"


def test_fields_are_set_by_add_since_the_server_cannot_replace_what_was_never_set() -> None:
    steps = [
        patch.replace("/tool_call", {"name": "flag"}),
        patch.replace("/tags/0", "b"),
        patch.remove("/callback_url"),
    ]
    of_set = [patch.replace("/data/0/guardrail_prompt", "No.")]

    assert json.loads(calls.patch_guardrail("g1", steps).body or b"") == [
        {"op": "add", "path": "/tool_call", "value": {"name": "flag"}},
        {"op": "replace", "path": "/tags/0", "value": "b"},
        {"op": "remove", "path": "/callback_url"},
    ]
    assert json.loads(calls.patch_guardrail_set("g1", of_set).body or b"")[0]["op"] == "add"
