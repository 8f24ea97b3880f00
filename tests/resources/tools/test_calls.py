"""What is sent for tools, in the words of both vocabularies, and what is refused before."""

import json
import traceback
from typing import Any

import attrs
import pytest

from tavus_async import Call, InvalidRequestError, Secret, calls
from tavus_async.models import Tool, ToolApi, ToolAuth, ToolDelivery, ToolDraft

URL = "https://shop.example/orders"
MASK = "********"


def sent(call: Call[Any], *, renamed: bool = False) -> Any:
    return json.loads(call.spelled(renamed=renamed).body or b"null")


def shown_by_ours(error: BaseException) -> str:
    """What a traceback with local variables shows of the frames that are not the test's own."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True).stack
    return "".join(str(frame.locals) for frame in frames if frame.filename != __file__)


def hmac_tool(**auth: Any) -> Tool:
    body = {"tool_id": "t1", "name": "x", "delivery": {"api": {"url": URL, "auth": {"type": "hmac", **auth}}}}
    return calls.get_tool("t1").decode(json.dumps(body).encode())


class TestReading:
    def test_filters_are_sent_in_the_servers_words(self) -> None:
        call = calls.list_tools_page(page=2, limit=5, tool_type="all", name_or_uuid="look", sort="desc")

        assert (call.path, call.renamed_path) == ("/v2/tools", None)
        assert dict(call.query) == {
            "limit": "5",
            "page": "2",
            "type": "all",
            "name_or_uuid": "look",
            "sort": "desc",
        }
        assert dict(calls.list_tools_page().query) == {"limit": "25", "page": "1"}

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"tool_type": "mine"}, "tool_type must be one of user, system, all"),
            ({"sort": "up"}, "sort must be one of asc, desc"),
            ({"name_or_uuid": 5}, "name_or_uuid must be"),
            ({"page": 0}, "page must be a whole number from 1 up"),
        ],
    )
    def test_filters_that_make_no_sense_are_refused(self, arguments: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.list_tools_page(**arguments)


class TestCreating:
    def test_a_draft_is_sent_as_it_is_with_its_secrets(self) -> None:
        delivery = ToolDelivery(api=ToolApi(url=URL, auth=ToolAuth(type="bearer", token="long-enough-token")))
        call = calls.create_tool(ToolDraft(name="find", description="Finds.", delivery=delivery))

        assert sent(call) == {
            "name": "find",
            "description": "Finds.",
            "delivery": {"api": {"url": URL, "auth": {"type": "bearer", "token": "long-enough-token"}}},
        }
        assert (call.repeatable, call.creates, call.secrets) == (False, "find", (Secret("long-enough-token"),))
        assert "find_tools('find')" in call.recovery
        assert "long-enough-token" not in repr(call)


class TestUpdating:
    def test_fields_are_sent_alone(self) -> None:
        call = calls.update_tool("t 1", {"tags": ["shop"], "static_filler": None})

        assert (call.method, call.path, sent(call)) == (
            "PATCH",
            "/v2/tools/t%201",
            {"tags": ["shop"], "static_filler": None},
        )

    def test_a_masked_secret_is_left_out_and_never_sent_back(self) -> None:
        before = hmac_tool(secret=MASK)
        api = attrs.evolve(before.delivery.api, timeout=5.0)
        call = calls.update_tool(before, attrs.evolve(before, delivery=attrs.evolve(before.delivery, api=api)))
        expected = {"delivery": {"api": {"url": URL, "timeout": 5.0, "auth": {"type": "hmac"}}}}

        assert sent(call) == expected
        body = before.to_dict()["delivery"]
        assert sent(calls.update_tool("t1", {"delivery": body})) == {
            "delivery": {"api": {"url": URL, "auth": {"type": "hmac"}}}
        }

    def test_a_new_secret_is_sent(self) -> None:
        before = hmac_tool(secret=MASK)
        auth = attrs.evolve(before.delivery.api.auth, secret="a-new-secret")
        delivery = attrs.evolve(before.delivery, api=attrs.evolve(before.delivery.api, auth=auth))
        call = calls.update_tool(before, attrs.evolve(before, delivery=delivery))

        assert sent(call)["delivery"]["api"]["auth"] == {"type": "hmac", "secret": "a-new-secret"}
        assert call.secrets == (Secret("a-new-secret"),)

    def test_records_may_stand_in_a_mapping(self) -> None:
        call = calls.update_tool("t1", {"delivery": ToolDelivery(api=ToolApi(url=URL, headers={"a": "secret-header"}))})

        assert sent(call) == {"delivery": {"api": {"url": URL, "headers": {"a": "secret-header"}}}}
        assert "secret-header" not in repr(call)

    def test_what_the_server_sets_is_no_change(self) -> None:
        before = hmac_tool(secret=MASK)
        after = attrs.evolve(before, owner_id=5, is_system_tool=True)

        assert (calls.update_tool(before, after).method, calls.update_tool(before, after).body) == ("GET", None)

    @pytest.mark.parametrize(
        ("after", "problem"),
        [
            ({"name": "no good"}, "a tool's name must be"),
            ({"name": None}, "name can be changed, and neither cleared"),
            ({"delivery": {"api": {"url": "http://x.example"}}}, "begins with https"),
            ({"delivery": {}}, "either app_message=True or api"),
            ({}, "there is no field to change"),
            ("{}", "after must be a Tool or a mapping"),
        ],
    )
    def test_a_change_that_is_certain_to_be_refused_is_not_sent(self, after: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.update_tool("t1", after)

    @pytest.mark.parametrize("change", [{"name": None}, {"name": "no good"}, {"x": object()}])
    def test_no_traceback_shows_what_was_refused(self, change: dict[str, Any]) -> None:
        api = {"url": f"{URL}?key=0123456789abcdef", "auth": {"type": "hmac", "secret": "0123456789abcdef"}}
        with pytest.raises(InvalidRequestError) as caught:
            calls.update_tool("t1", change | {"delivery": {"api": api}})

        assert "0123456789abcdef" not in shown_by_ours(caught.value)

    def test_what_another_field_may_make_good_is_sent(self) -> None:
        for change in (
            {"on_call": "static_filler"},
            {"trigger_type": "post_call"},
            {"delivery": {"api": {"url": f"{URL}/{{order_id}}", "auth": {"type": "bearer"}}}},
        ):
            assert sent(calls.update_tool("t1", change)) == change


class TestThoseOfAPersona:
    def test_paths_end_as_they_are_documented_in_both_vocabularies(self) -> None:
        for call, path in (
            (calls.list_persona_tools("p 1"), "p%201/tools/"),
            (calls.attach_tools("p 1", ["t1"]), "p%201/tools/"),
            (calls.detach_tool("p 1", "t/1"), "p%201/tools/t%2F1"),
        ):
            assert (call.path, call.renamed_path) == (f"/v2/personas/{path}", f"/v2/pals/{path}")

    def test_attaching_changes_the_persona_and_may_be_repeated(self) -> None:
        call = calls.attach_tools("p1", ("t1", "end_call"))

        assert sent(call) == {"tool_ids": ["t1", "end_call"]}
        assert (call.method, call.changes, call.repeatable) == ("POST", "/v2/personas/p1", True)
        assert calls.detach_tool("p1", "t1").changes == "/v2/personas/p1"

    @pytest.mark.parametrize(
        ("tool_ids", "problem"),
        [
            ([], "1 to 50 ids, not 0"),
            (["t"] * 51, "1 to 50 ids, not 51"),
            ("t1", "tool_ids must be a sequence of ids, not a str"),
            (None, "tool_ids must be a sequence of ids, not None"),
            ([""], "tool_id is empty"),
            ([5], "tool_id must be a string"),
        ],
    )
    def test_what_are_no_ids_is_refused(self, tool_ids: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.attach_tools("p1", tool_ids)
