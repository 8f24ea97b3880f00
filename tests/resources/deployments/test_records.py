"""What is read of a deployment, whatever the server sends."""

import json
import pickle
from pathlib import Path
from typing import Any

import attrs
import pytest

from tavus_async import InvalidRequestError, Persona, calls
from tavus_async.models import Deployment, DeploymentDraft
from tests.support.given_back import differences

BODY: dict[str, Any] = {
    "deployment_id": "3f0c2c1e-8f9d-4d7e-9f1b-0c8a6f1d2e3a",
    "pal_id": "p1",
    "channel": "landing-page",
    "status": "active",
    "name": "Ada Link",
    "has_password": True,
    "customization": {
        "conversation": {"unique_memory_tag": False, "context": "Trade show booth"},
        "landing_page": {
            "title": "Talk to Ada",
            "description": "Ask.",
            "cta": [{"title": "Docs", "url": "https://example.com"}],
            "logo": "https://example.com/logo.png",
        },
        "widget": {"color": "#fff"},
        "preview": {"text": "Hi"},
        "haircheck": {"enabled": True},
        "after_call": {"url": "https://example.com/bye"},
    },
    "limits": {
        "daily_call_limit": 50,
        "daily_call_limit_per_user": 3,
        "concurrent_call_limit": 2,
        "max_call_duration": 600,
    },
    "allowed_origins": ["https://example.com"],
    "thumbnail_video_url": "https://cdn.example/1.mp4?sig=0123456789abcdef",
    "thumbnail_image_url": "https://cdn.example/1.jpg",
    "replica_thumbnail_video_url": None,
    "usage_total": 123,
    "usage_today": 12,
    "created_at": "2023-11-07T05:31:56Z",
    "updated_at": "2023-11-07T05:31:56Z",
}


def deployment(**body: Any) -> Deployment:
    """The record of an answer with this body."""
    whole = {"deployment_id": "d1"} | body
    return calls.get_deployment(str(whole["deployment_id"])).decode(json.dumps(whole).encode())


def test_every_field_is_known_and_given_back() -> None:
    record = deployment(**BODY)
    inner = record.customization

    assert differences(BODY, record.to_dict()) == []
    assert (record.persona_id, record.limits.max_call_duration) == ("p1", 600)
    assert inner.landing_page.cta is not None
    assert inner.landing_page.cta[0].title == "Docs"
    for each in (record, inner, inner.conversation, inner.landing_page, inner.landing_page.cta[0], record.limits):
        assert each.extra == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customization", []),
        ("customization", {"landing_page": {"cta": {"title": "x"}}}),
        ("customization", {"landing_page": {"cta": [5]}}),
        ("customization", {"widget": "big", "conversation": {"context": 5}, "new": {}}),
        ("limits", {"max_call_duration": "600", "weekly": 5}),
        ("allowed_origins", "*"),
        ("usage_total", "many"),
        ("has_password", "perhaps"),
        ("persona_id", "p2"),
        ("channel", None),
        ("password", 5),
        ("created_at", ""),
        ("unknown", [{"a": None}]),
    ],
)
def test_what_is_not_as_expected_is_kept(name: str, value: Any) -> None:
    body = BODY | {name: value}

    assert differences(body, deployment(**body).to_dict()) == []


def test_a_list_may_tell_as_little_as_a_name() -> None:
    body = json.dumps({"deployments": [{"name": "Ada Embed"}, BODY, {}], "total": 7}).encode()
    page = calls.list_deployments_page().decode(body)

    assert (page.total_count, len(page.items)) == (7, 3)
    assert [each.deployment_id for each in page] == [None, BODY["deployment_id"], None]
    assert page.items[0].to_dict() == {"name": "Ada Embed"}


def test_the_etag_is_beside_the_body() -> None:
    record = attrs.evolve(deployment(**BODY), etag='W/"1"')

    assert "etag" not in record.to_dict()
    assert record == deployment(**BODY)
    assert attrs.evolve(record, name="Else").etag == 'W/"1"'
    assert pickle.loads(pickle.dumps(record)).etag == 'W/"1"'  # noqa: S301 (it was made here)


def test_a_draft_is_made_of_a_deployment() -> None:
    draft = DeploymentDraft.of(deployment(**BODY))

    assert (draft.persona_id, draft.name, draft.password) == ("p1", "Ada Link", None)
    assert {"deployment_id", "has_password", "usage_total", "created_at"}.isdisjoint(draft.to_dict())
    with pytest.raises(InvalidRequestError, match="deployment must be"):
        DeploymentDraft.of(Persona(persona_id="p1"))  # type: ignore[arg-type]


def test_no_password_and_no_signature_is_shown() -> None:
    draft = DeploymentDraft(persona_id="p1", channel="embed", password="0123456789abcdef")
    for record in (draft, deployment(**BODY)):
        assert "0123456789abcdef" not in f"{record!r}{dict(record)}{pickle.dumps(record)!r}"


class TestRealBodies:
    def test_each_is_read_and_given_back(self, shared_reference: Path) -> None:
        counts = dict.fromkeys(("answers", "requests"), 0)
        for path in sorted((shared_reference / "bodies" / "deployments").glob("*.json")):
            body = json.loads(path.read_text(encoding="utf-8"))["body"]
            if "conversation_id" in body or "captcha" in body:
                continue  # what visitors are told
            for item in body.get("deployments", [body]):
                is_answer = "deployment_id" in item or "deployments" in body
                record: Any = (Deployment if is_answer else DeploymentDraft).from_dict(item)
                counts["answers" if is_answer else "requests"] += 1

                assert (path.name, record.extra, differences(item, record.to_dict())) == (path.name, {}, [])
                assert [repr(record), hash(record), pickle.dumps(record)]

        assert counts["answers"] >= 4
        assert counts["requests"] >= 3
