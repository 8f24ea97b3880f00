"""What is read of skills, whatever the server sends."""

import json
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tavus_async import DecodeError, calls
from tavus_async.models import PersonaSkill, Skill
from tests.support.given_back import differences

SLIDES: dict[str, Any] = {
    "skill_id": "presentation",
    "config": {"document_ids": ["d1"], "slides_trigger": "walk_the_deck", "prompt": None},
    "attached_at": "2026-06-10T13:15:20.654321+00:00",
    "updated_at": "2026-06-10T14:25:10.987654+00:00",
}
SKILL: dict[str, Any] = {
    "skill_id": "presentation",
    "display_name": "Presentation",
    "description": "Slides.",
    "tool_names": ["show_slide"],
}


def attached(value: Any) -> dict[str, PersonaSkill]:
    """What a list of a persona's skills is read as."""
    return dict(calls.list_persona_skills("p1").decode(json.dumps(value).encode()))


class TestRegistry:
    def test_every_field_is_known_and_given_back(self) -> None:
        skill = calls.get_skill("presentation").decode(json.dumps(SKILL).encode())

        assert (skill.extra, skill.to_dict()) == ({}, SKILL)
        assert skill.tool_names == ("show_slide",)

    @pytest.mark.parametrize("name", ["data", "skills"])
    def test_the_list_comes_whole(self, name: str) -> None:
        body = json.dumps({name: [SKILL, {"skill_id": "memory", "new": 1}]}).encode()
        skills = calls.list_skills().decode(body)

        assert [type(each) for each in skills] == [Skill, Skill]
        assert [each.to_dict() for each in skills] == [SKILL, {"skill_id": "memory", "new": 1}]

    def test_an_id_is_needed(self) -> None:
        with pytest.raises(DecodeError):
            calls.list_skills().decode(b'{"data": [{"display_name": "x"}]}')


class TestAttached:
    def test_every_field_is_known_and_given_back(self) -> None:
        skill = attached({"data": {"presentation": SLIDES}})["presentation"]

        assert (skill.extra, differences(SLIDES, skill.to_dict())) == ({}, [])
        assert skill.config is not None
        assert skill.config["document_ids"] == ["d1"]
        assert skill.attached_at == datetime(2026, 6, 10, 13, 15, 20, 654321, tzinfo=UTC)

    @pytest.mark.parametrize(
        "body",
        [
            {"data": {"presentation": SLIDES}},
            {"presentation": SLIDES},
            {"skills": {"presentation": SLIDES}},
            {"data": [SLIDES]},
            [SLIDES],
        ],
    )
    def test_skills_are_found_by_their_ids_however_they_come(self, body: Any) -> None:
        assert {skill_id: skill.to_dict() for skill_id, skill in attached(body).items()} == {
            "presentation": attached([SLIDES])["presentation"].to_dict()
        }

    @pytest.mark.parametrize("body", [{"data": {}}, {"data": []}, {}, []])
    def test_there_may_be_none(self, body: Any) -> None:
        assert attached(body) == {}

    @pytest.mark.parametrize("skill", [{}, None, {"skill_id": None}])
    def test_the_name_under_which_one_stands_is_its_id(self, skill: Any) -> None:
        assert attached({"data": {"memory": skill}}) == {"memory": PersonaSkill(skill_id="memory")}

    def test_an_id_alone_is_a_skill_of_a_list(self) -> None:
        assert attached({"data": ["memory"]}) == {"memory": PersonaSkill(skill_id="memory")}

    @pytest.mark.parametrize(
        ("body", "path"),
        [("x", "$"), ({"data": {"memory": 5}}, "$.data.memory"), ({"data": [{}]}, "$.data[0]"), ([5], "$[0]")],
    )
    def test_anything_else_is_no_answer(self, body: Any, path: str) -> None:
        with pytest.raises(DecodeError) as caught:
            attached(body)
        assert caught.value.path == path

    @pytest.mark.parametrize(
        ("name", "value"), [("attached_at", "now"), ("config", []), ("config", None), ("new", {"a": [1]})]
    )
    def test_what_is_not_as_expected_is_kept(self, name: str, value: Any) -> None:
        body = SLIDES | {name: value}

        assert differences(body, attached([body])["presentation"].to_dict()) == []

    def test_nobody_can_change_what_was_read(self) -> None:
        skills = calls.list_persona_skills("p1").decode(b'{"data": {"memory": {}}}')
        with pytest.raises(TypeError):
            skills["memory"] = PersonaSkill(skill_id="x")  # type: ignore[index]

    def test_another_skill_is_no_answer(self) -> None:
        call = calls.get_persona_skill("p1", "memory")

        assert call.decode(b'{"skill_id": "memory"}') == PersonaSkill(skill_id="memory")
        with pytest.raises(DecodeError):
            call.decode(json.dumps(SLIDES).encode())


class TestRealBodies:
    def test_each_is_read_and_given_back(self, shared_reference: Path) -> None:
        count = 0
        for path in sorted((shared_reference / "bodies" / "skills").glob("*.json")):
            item = json.loads(path.read_text(encoding="utf-8"))
            body = item["body"]
            if "request" in item["kind"] or "request" in item["source"]:
                continue
            found = attached([body] if "skill_id" in body else body)
            sent = {body["skill_id"]: body} if "skill_id" in body else body["data"]
            count += len(found)

            assert found.keys() == sent.keys()
            for skill_id, each in found.items():
                assert (path.name, differences(sent[skill_id], each.to_dict())) == (path.name, [])
                assert pickle.loads(pickle.dumps(each)) == each  # noqa: S301 (it was made here)

        assert count >= 4
