"""What is read of a tool, whatever the server sends, and that its credentials are shown nowhere."""

import json
import pickle
import traceback
from pathlib import Path
from typing import Any

import attrs
import pytest

from tavus_async import InvalidRequestError, Persona, Secret, calls
from tavus_async.models import PersonaTool, Tool, ToolApi, ToolAuth, ToolDelivery, ToolDraft
from tests.support.given_back import differences

TEXT = "0123456789abcdef-credential"
CREDENTIALS = ("token", "password", "value", "secret", "client_secret")
MASK = "********"
API: dict[str, Any] = {
    "url": "https://shop.example/orders/{order_id}?k=0123456789abcdef",
    "method": "POST",
    "timeout": 10,
    "headers": {"X-Service": TEXT},
    "body_template": {"order": "{order_id}", "api_key": TEXT},
    "query_params": {"units": "metric", "token": TEXT},
    "content_type": "application/json",
    "auth": {"type": "basic", "username": "ada", "location": "header", "name": "X-Key", "client_id": "c", "scope": "s"}
    | {"token_url": "https://auth.example/token"}
    | dict.fromkeys(CREDENTIALS, TEXT),
}
BODY: dict[str, Any] = {
    "tool_id": "t1",
    "owner_id": 3675,
    "name": "lookup_order",
    "description": "Find an order.",
    "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}},
    "delivery": {"app_message": False, "api": API},
    "origin": "llm",
    "trigger_type": "in_call",
    "on_call": "static_filler",
    "on_resolve": "generate_response",
    "static_filler": "One moment.",
    "tags": ["shop"],
    "is_system_tool": False,
    "created_at": "2026-05-15T10:30:00",
    "updated_at": "2026-05-15T10:30:00",
}


def tool(**body: Any) -> Tool:
    """The record of an answer with this body."""
    whole = {"tool_id": "t1"} | body
    return calls.get_tool(str(whole["tool_id"])).decode(json.dumps(whole).encode())


def test_every_field_is_known_and_given_back() -> None:
    record = tool(**BODY)

    assert differences(BODY, record.to_dict()) == []
    for inner in (record, record.delivery, record.delivery.api, record.delivery.api.auth):
        assert inner.extra == {}
    assert {name for name in CREDENTIALS if isinstance(getattr(record.delivery.api.auth, name), Secret)} == {
        *CREDENTIALS
    }


@pytest.mark.parametrize("kind", [Tool, ToolDraft])
def test_no_credential_is_shown(kind: type[Tool] | type[ToolDraft]) -> None:
    record = kind.from_dict(
        {name: value for name, value in BODY.items() if kind is Tool or name in ToolDraft.of(tool(**BODY)).to_dict()}
    )
    shown = f"{record!r}{record}{dict(record)}{vars(record)}{pickle.dumps(record)!r}{record.to_dict(secrets=False)}"

    assert "0123456789abcdef" not in shown
    assert json.dumps(record.to_dict()).count("0123456789abcdef") == len(CREDENTIALS) + 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delivery", "app_message"),
        ("delivery", [API]),
        ("delivery", {"api": "https://shop.example"}),
        ("delivery", {"api": {"auth": "bearer"}}),
        ("delivery", {"api": {"auth": {"token": 5}}}),
        ("delivery", {"api": {"headers": ["a"]}}),
        ("delivery", {"api": {"timeout": "10"}}),
        ("delivery", {"fax": {"number": "5"}}),
        ("parameters", []),
        ("tags", "shop"),
        ("tags", [1]),
        ("owner_id", "me"),
        ("is_system_tool", "yes"),
        ("created_at", "yesterday"),
        ("name", 5),
        ("unknown", {"deep": [{"er": None}]}),
        ("static_filler", ""),
    ],
)
def test_what_is_not_as_expected_is_kept(name: str, value: Any) -> None:
    body = BODY | {name: value}

    assert differences(body, tool(**body).to_dict()) == []


def test_a_tool_of_a_persona_may_lack_its_id() -> None:
    items: list[dict[str, Any]] = [{"name": "end_call", "parameters": {}}, BODY, {}, {"name": None, "x": 1}]
    for body in (items, {"data": items}):
        read = calls.list_persona_tools("p1").decode(json.dumps(body).encode())

        assert [type(each) for each in read] == [PersonaTool] * 4
        assert [each.tool_id for each in read] == [None, "t1", None, None]
        assert [differences(sent, each.to_dict()) for sent, each in zip(items, read, strict=True)] == [[]] * 4


def test_a_draft_is_made_of_a_tool_without_its_secrets() -> None:
    read = tool(**BODY | {"delivery": {"api": API | {"auth": {"type": "hmac", "secret": MASK}}}})
    draft = ToolDraft.of(read)

    assert draft.name == "lookup_order"
    assert {"tool_id", "owner_id", "is_system_tool", "created_at"}.isdisjoint(draft.to_dict())
    with pytest.raises(InvalidRequestError, match="auth of type hmac needs secret"):
        calls.create_tool(draft)
    auth = ToolAuth(type="hmac", secret="my own")
    api = attrs.evolve(draft.delivery.api, auth=auth)
    sent = calls.create_tool(attrs.evolve(draft, delivery=ToolDelivery(api=api))).body or b""
    assert json.loads(sent)["delivery"]["api"]["auth"] == {"type": "hmac", "secret": "my own"}
    with pytest.raises(InvalidRequestError, match="tool must be"):
        ToolDraft.of(Persona(persona_id="p1"))  # type: ignore[arg-type]


def test_an_error_about_a_draft_shows_no_credential() -> None:
    draft = ToolDraft(
        name="no good!", description="x", delivery=ToolDelivery(api=ToolApi(url=API["url"], headers={"a": TEXT}))
    )
    with pytest.raises(InvalidRequestError) as caught:
        calls.create_tool(draft)

    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "0123456789abcdef" not in told


class TestRealBodies:
    def test_each_is_read_and_given_back(self, shared_reference: Path) -> None:
        counts = dict.fromkeys(("answers", "requests"), 0)
        for path in sorted((shared_reference / "bodies" / "tools").glob("*.json")):
            body = json.loads(path.read_text(encoding="utf-8"))["body"]
            if isinstance(body, dict) and "tool_ids" in body:
                continue
            for item in body.get("data", [body]) if isinstance(body, dict) else []:
                is_answer = "tool_id" in item or "data" in body
                record: Any = (PersonaTool if is_answer else ToolDraft).from_dict(item)
                counts["answers" if is_answer else "requests"] += 1

                assert (path.name, differences(item, record.to_dict())) == (path.name, [])
                assert (path.name, record.extra, record.delivery.api.auth.extra) == (path.name, {}, {})
                assert [repr(record), hash(record), pickle.dumps(record)]

        assert counts["answers"] >= 6
        assert counts["requests"] >= 4
