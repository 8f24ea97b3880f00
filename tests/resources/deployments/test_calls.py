"""What is sent for deployments, and what is refused before."""

import json
from typing import Any

import attrs
import pytest

from tavus_async import Call, InvalidRequestError, Response, Secret, calls, patch
from tavus_async.models import DeploymentDraft, DeploymentLimits
from tavus_async.resources.deployments.calls import DEPLOYMENTS, SERVERS_OWN


def sent(call: Call[Any]) -> list[Any]:
    """The body in both vocabularies."""
    return [json.loads(call.spelled(renamed=renamed).body or b"null") for renamed in (False, True)]


class TestReading:
    def test_filters_are_in_the_names_since_the_rename_in_either_vocabulary(self) -> None:
        call = calls.list_deployments_page(
            page=1,
            limit=5,
            persona_id="p1",
            name="Ada",
            status=["active", "draft"],
            channel="widget",
            sort="asc",
            include_thumbnails=False,
        )
        expected = {
            "limit": "5",
            "page": "1",
            "pal_id": "p1",
            "name": "Ada",
            "status": "active,draft",
            "channel": "widget",
            "sort": "asc",
            "include_thumbnails": "false",
        }

        assert call.path == "/v2/deployments"
        assert [dict(call.spelled(renamed=renamed).query) for renamed in (False, True)] == [expected, expected]
        assert dict(calls.list_deployments_page().query) == {"limit": "20", "page": "0"}

    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            ({"sort": "up"}, "sort must be one of asc, desc"),
            ({"status": 5}, "status must be a list of texts"),
            ({"channel": [5]}, "channel must be a list of texts"),
            ({"persona_id": 5}, "persona_id must be"),
            ({"include_thumbnails": "no"}, "include_thumbnails must be"),
            ({"page": -1}, "page must be a whole number from 0 up"),
        ],
    )
    def test_filters_that_make_no_sense_are_refused(self, arguments: dict[str, Any], problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.list_deployments_page(**arguments)

    @pytest.mark.parametrize("headers", [{"ETag": 'W/"1"'}, {"etag": 'W/"1"'}])
    def test_the_etag_of_the_answer_is_the_records(self, headers: dict[str, str]) -> None:
        call = calls.get_deployment("d1")
        body = b'{"deployment_id": "d1"}'

        assert call.read(Response(status=200, headers={}, body=body)).etag is None
        if "ETag" in headers:
            assert call.read(Response(status=200, headers=headers, body=body)).etag == 'W/"1"'


class TestCreating:
    def test_a_draft_is_sent_in_the_names_since_the_rename(self) -> None:
        draft = DeploymentDraft(persona_id="p1", channel="embed", name="Ada", password="a-long-password")
        call = calls.create_deployment(draft)
        expected = {"pal_id": "p1", "channel": "embed", "name": "Ada", "password": "a-long-password"}

        assert sent(call) == [expected, expected]
        assert sent(calls.create_deployment(expected)) == [expected, expected]
        assert (call.repeatable, call.creates, call.secrets) == (False, "Ada", (Secret("a-long-password"),))
        assert "find_deployments('Ada')" in call.recovery

    @pytest.mark.parametrize(
        ("draft", "problem"),
        [
            ({"channel": "embed"}, "a deployment needs a persona_id"),
            ({"pal_id": "p1"}, "a deployment needs a channel"),
            ({}, "a deployment needs a persona_id and a channel"),
            (
                DeploymentDraft(persona_id="p1", channel="embed", limits=DeploymentLimits(daily_call_limit=0)),
                "limits.daily_call_limit must be 1 or more, not 0",
            ),
            (DeploymentDraft(persona_id="p1", channel="embed", allowed_origins=5), "wrong type: allowed_origins"),  # type: ignore[arg-type]
            ("p1", "draft must be a DeploymentDraft"),
        ],
    )
    def test_what_is_certain_to_be_refused_is_not_sent(self, draft: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            calls.create_deployment(draft)


class TestPatching:
    def test_pointers_are_spelled_since_the_rename_and_fields_are_added(self) -> None:
        steps = [patch.replace("/persona_id", "p2"), patch.remove("/name"), patch.replace("/limits", {})]
        call = calls.patch_deployment("d 1", steps)
        expected = [
            {"op": "add", "path": "/pal_id", "value": "p2"},
            {"op": "remove", "path": "/name"},
            {"op": "add", "path": "/limits", "value": {}},
        ]

        assert (call.method, call.path, call.headers) == ("PATCH", "/v2/deployments/d%201", ())
        assert sent(call) == [expected, expected]

    def test_an_etag_is_sent_as_it_came(self) -> None:
        call = calls.patch_deployment("d1", [patch.remove("/name")], etag='W/"2026-01-01"')

        assert call.headers == (("If-Match", 'W/"2026-01-01"'),)

    @pytest.mark.parametrize("etag", ["", 5, 'W/"1"\r\nx-evil: 1', "é"])
    def test_what_is_no_etag_is_refused(self, etag: Any) -> None:
        with pytest.raises(InvalidRequestError):
            calls.patch_deployment("d1", [patch.remove("/name")], etag=etag)

    def test_a_password_is_a_secret(self) -> None:
        call = calls.patch_deployment("d1", [patch.replace("/password", "a-long-password")])

        assert call.secrets == (Secret("a-long-password"),)
        assert "a-long-password" not in repr(call)

    def test_what_the_server_sets_is_no_change(self) -> None:
        body = b'{"deployment_id": "d1", "usage_today": 1, "has_password": false, "name": "x"}'
        before = calls.get_deployment("d1").decode(body)
        after = attrs.evolve(
            before, usage_today=2, has_password=True, thumbnail_image_url="https://x.example", etag="x"
        )

        assert DEPLOYMENTS.diff(before, after, without=SERVERS_OWN) == []
        assert DEPLOYMENTS.diff(before, attrs.evolve(after, name="y"), without=SERVERS_OWN) == [
            patch.replace("/name", "y")
        ]
