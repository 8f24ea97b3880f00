"""What is sent for the skills of a persona, and what is refused before."""

import json
import traceback
from typing import Any

import pytest

from tavus_async import Call, InvalidRequestError, Secret, calls
from tavus_async.models import PersonaSkill

SLIDES = {"document_ids": ["d1"]}


def sent(call: Call[Any]) -> Any:
    return json.loads(call.body or b"null")


def test_paths_are_those_of_the_persona_in_both_vocabularies() -> None:
    for call, method, path in (
        (calls.list_persona_skills("p 1"), "GET", "p%201/skills/"),
        (calls.get_persona_skill("p 1", "my skill"), "GET", "p%201/skills/my%20skill"),
        (calls.attach_skill("p 1", "memory"), "PUT", "p%201/skills/memory"),
        (calls.update_skill("p 1", "memory", {"a": 1}), "PATCH", "p%201/skills/memory"),
        (calls.detach_skill("p 1", "memory"), "DELETE", "p%201/skills/memory"),
        (calls.replace_skills("p 1", {}), "PUT", "p%201/skills/"),
    ):
        assert (call.method, call.path, call.renamed_path) == (method, f"/v2/personas/{path}", f"/v2/pals/{path}")
        assert call.repeatable is (method != "PATCH")
        assert call.changes == (None if method == "GET" else "/v2/personas/p%201")


def test_a_config_is_sent_and_left_out_where_there_is_none() -> None:
    assert sent(calls.attach_skill("p1", "presentation", SLIDES)) == {"config": SLIDES}
    assert sent(calls.attach_skill("p1", "memory", {})) == {"config": {}}
    assert sent(calls.attach_skill("p1", "memory")) == {}
    assert sent(calls.update_skill("p1", "presentation", {"prompt": None})) == {"config": {"prompt": None}}


def test_skills_are_replaced_by_bodies_and_by_records() -> None:
    read = calls.list_persona_skills("p2").decode(
        json.dumps({"data": {"presentation": {"config": SLIDES, "attached_at": "now"}, "memory": {}}}).encode()
    )

    assert sent(calls.replace_skills("p1", read)) == {"skills": {"presentation": {"config": SLIDES}, "memory": {}}}
    assert sent(
        calls.replace_skills("p1", {"memory": None, "internet_search": {}, "x": PersonaSkill(skill_id="x")})
    ) == {"skills": {"memory": {}, "internet_search": {}, "x": {}}}
    assert sent(calls.replace_skills("p1", {"presentation": {"skill_id": "presentation", "config": SLIDES}})) == {
        "skills": {"presentation": {"config": SLIDES}}
    }


def test_credentials_in_a_config_are_declared() -> None:
    call = calls.attach_skill(
        "p1", "of_tomorrow", {"api_key": "a-long-secret", "to": {"headers": {"a": Secret("b-long-secret")}}}
    )

    assert sent(call) == {"config": {"api_key": "a-long-secret", "to": {"headers": {"a": "b-long-secret"}}}}
    assert set(call.secrets) == {Secret("a-long-secret"), Secret("b-long-secret")}
    assert "long-secret" not in repr(call)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: calls.attach_skill("p1", "presentation"), "presentation needs document_ids"),
        (lambda: calls.attach_skill("p1", "presentation", {"document_ids": []}), "presentation needs document_ids"),
        (lambda: calls.replace_skills("p1", {"presentation": {}}), "presentation needs document_ids"),
        (lambda: calls.attach_skill("p1", "memory", "{}"), "config of 'memory' must be a mapping, not a str"),  # type: ignore[arg-type]
        (lambda: calls.update_skill("p1", "memory", None), "config of 'memory' must be a mapping, not None"),  # type: ignore[arg-type]
        (lambda: calls.replace_skills("p1", ["memory"]), "skills must be a mapping of ids to skills, not a list"),  # type: ignore[arg-type]
        (lambda: calls.replace_skills("p1", {"memory": 5}), "the skill 'memory' must be a mapping, not an int"),  # type: ignore[dict-item]
        (lambda: calls.replace_skills("p1", {"presentation": SLIDES}), "or empty, and has document_ids"),
        (lambda: calls.replace_skills("p1", {"": {}}), "skill_id is empty"),
        (lambda: calls.replace_skills("p1", {"memory": {"config": 5}}), "config of 'memory' must be a mapping"),
        (
            lambda: calls.update_skill("p1", "magic_canvas", {"scheduling_url": "https://x.example/?***"}),
            "has a secret that was shown masked",
        ),
        (lambda: calls.update_skill("p1", "x", {"api_key": "***"}), "has a secret that was shown masked"),
        (lambda: calls.get_skill(""), "skill_id is empty"),
        (lambda: calls.attach_skill("", "memory"), "persona_id is empty"),
    ],
)
def test_what_is_certain_to_be_refused_is_not_sent(make: Any, problem: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make()
    assert problem in str(caught.value)


def test_a_config_that_holds_itself_is_refused() -> None:
    config: dict[str, Any] = {}
    config["self"] = config
    with pytest.raises(InvalidRequestError, match="nested too deeply"):
        calls.update_skill("p1", "memory", config)


@pytest.mark.parametrize(
    "make",
    [
        lambda config: calls.attach_skill("p1", "presentation", config),
        lambda config: calls.update_skill("p1", "", config),
        lambda config: calls.replace_skills("p1", {"memory": config}),
        lambda config: calls.replace_skills("p1", {"": {"config": config}}),
    ],
)
def test_no_traceback_shows_what_was_refused(make: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        make({"api_key": "0123456789abcdef"})

    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True).stack
    assert frames
    assert "0123456789abcdef" not in "".join(str(each.locals) for each in frames if each.filename != __file__)
