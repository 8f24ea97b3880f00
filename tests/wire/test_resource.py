"""What the endpoints of any resource have in common, tried on one that Tavus does not have."""

import json
from typing import Any

import attrs
import jsonpatch
import pytest

from tavus_async import ApiError, Call, DecodeError, InvalidRequestError, Secret, patch
from tavus_async._values import Response
from tavus_async._wire.resource import Resource, as_draft
from tavus_async._wire.verdict import judge
from tests.support.robots import LONG, RENAMED, ROBOTS, BuiltRobot, Lamp, Robot, RobotDraft, robot, sent


def refusal(call: Call[Any], answer: bytes) -> ApiError:
    with pytest.raises(ApiError) as caught:
        judge(call, Response(status=400, headers={}, body=answer))
    return caught.value


def test_it_knows_every_name_of_its_id_and_its_plural() -> None:
    assert ROBOTS.form.id_names == ("robot_id", "bot_id", "r_id")
    assert ROBOTS.plural == "test robots"


class TestGet:
    def test_it_reads_one(self) -> None:
        call = ROBOTS.get("r 1")

        assert (call.method, call.path, call.renamed_path) == ("GET", "/v2/test-robots/r%201", None)
        assert (call.reads, call.changes, call.repeatable, call.body, call.query) == (call.path, None, True, None, ())
        assert call.spelled(renamed=True) is call
        assert RENAMED.get("r1").spelled(renamed=True).path == "/v2/bots/r1"
        assert RENAMED.get("r1").spelled(renamed=True).reads == "/v2/robots/r1"

    @pytest.mark.parametrize(
        "body",
        [
            {"robot_id": "r1", "bot_name": "Ann"},
            {"bot_id": "r1", "robot_name": "Ann"},
            {"r_id": "r1", "bot_name": "Ann"},
            {"data": {"bot_id": "r1", "bot_name": "Ann"}},
            {"data": [{"bot_id": "r1", "bot_name": "Ann"}]},
            {"data": [{"bot_id": "r0"}, {"r_id": "r1", "bot_name": "Ann"}]},
            {"data": [{"bot_id": "r1", "bot_name": "Ann"}, {"robot_id": "r1", "bot_name": "Bob"}]},
        ],
    )
    def test_every_envelope_is_opened(self, body: Any) -> None:
        assert ROBOTS.get("r1").decode(json.dumps(body).encode()) == Robot(robot_id="r1", robot_name="Ann")

    @pytest.mark.parametrize(
        ("body", "path", "got"),
        [
            ({}, "$", "an empty object"),
            ({"id": "r1"}, "$", "an object without them"),
            ({"robot_id": 1, "bot_id": None}, "$", "an object without them"),
            ([{"robot_id": "r1"}], "$", "a list of 1"),
            ({"robots": [{"robot_id": "r1"}]}, "$", "an object without them"),
            ({"data": {"data": {"robot_id": "r1"}}}, "$.data", "an object without them"),
            ({"data": []}, "$.data", "an empty list"),
            ({"data": [{"x": 1}, {"robot_id": "r2"}]}, "$.data[0]", "an object without them"),
        ],
    )
    def test_anything_else_is_told_in_the_resources_own_words(self, body: Any, path: str, got: str) -> None:
        with pytest.raises(DecodeError) as caught:
            ROBOTS.get("r1").decode(json.dumps(body).encode())

        assert (caught.value.path, caught.value.got) == (path, got)
        if got != "an empty list":
            assert caught.value.expected == "an object with robot_id or bot_id or r_id"

    @pytest.mark.parametrize(
        "body",
        [
            {"robot_id": "r2"},
            {"bot_id": "r2"},
            {"robot_id": "r2", "bot_id": "r1"},
            {"bot_id": "r2", "r_id": "r1"},
            {"robot_id": "", "bot_id": "r1"},
            {"robot_id": "R1"},
            {"robot_id": "r1 "},
            {"robot_id": "r2", "data": {"robot_id": "r1"}},
            {"data": [{"robot_id": "r2", "bot_id": "r1"}]},
        ],
    )
    def test_another_one_is_no_answer_whatever_its_other_names_say(self, body: Any) -> None:
        with pytest.raises(DecodeError):
            ROBOTS.get("r1").decode(json.dumps(body).encode())

    @pytest.mark.parametrize("item_id", ["", " ", "..", "a\n", None, 5])
    def test_what_cannot_be_an_id_is_refused_by_its_name(self, item_id: Any) -> None:
        for make in (ROBOTS.get, ROBOTS.delete, lambda each: ROBOTS.patch(each, [patch.remove("/x")])):
            with pytest.raises(InvalidRequestError, match=r"^robot_id "):
                make(item_id)


class TestListPage:
    def test_its_first_page_may_be_0(self) -> None:
        call = ROBOTS.list_page(page=0, limit=5)

        assert (call.method, call.path, call.renamed_path) == ("GET", "/v2/test-robots", None)
        assert call.query == (("limit", "5"), ("page", "0"))
        assert call.reads is None
        assert RENAMED.list_page(page=1, limit=1).spelled(renamed=True).path == "/v2/bots"

    def test_filters_are_spelled_as_json_and_left_out_where_they_are_none(self) -> None:
        call = ROBOTS.list_page(page=0, limit=5, kind="a b", verbose=True, hard=False, least=0, unset=None)

        assert call.query[2:] == (("kind", "a b"), ("verbose", "true"), ("hard", "false"), ("least", "0"))

    @pytest.mark.parametrize(
        ("resource", "page", "limit", "problem"),
        [
            (ROBOTS, -1, 5, "page must be a whole number from 0 up, not -1"),
            (RENAMED, 0, 5, "page must be a whole number from 1 up, not 0"),
            (ROBOTS, True, 5, "page must be a whole number from 0 up, not True"),
            (ROBOTS, None, 5, "page must be a whole number from 0 up, not None"),
            (ROBOTS, 0, 0, "limit must be a whole number from 1 up, not 0"),
            (ROBOTS, 0, "5", "limit must be a whole number from 1 up, not '5'"),
            pytest.param(ROBOTS, -(10**5_000), 5, "page must be a whole number from 0 up, not an int", id="huge"),
        ],
    )
    def test_no_page_is_before_the_first(self, resource: Resource[Robot], page: Any, limit: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            resource.list_page(page=page, limit=limit)

        assert str(caught.value) == problem

    @pytest.mark.parametrize(
        ("body", "total"),
        [
            ({"robots": [{"bot_id": "r1"}, {"r_id": "r2"}], "total_count": 7}, 7),
            ({"bots": [{"bot_id": "r1"}, {"r_id": "r2"}]}, None),
            ({"robots": None, "bots": [{"bot_id": "r1"}, {"r_id": "r2"}]}, None),
            ([{"bot_id": "r1"}, {"r_id": "r2"}], None),
            *(
                ({"bots": [{"bot_id": "r1"}, {"r_id": "r2"}], "total_count": total}, None)
                for total in (-1, 7.0, "7", True, None, [0], 2**64, 10**400)
            ),
        ],
    )
    def test_every_envelope_of_it_is_opened(self, body: Any, total: int | None) -> None:
        page = ROBOTS.list_page(page=0, limit=5).decode(json.dumps(body).encode())

        assert page.items == (Robot(robot_id="r1"), Robot(robot_id="r2"))
        assert page.total_count == total

    @pytest.mark.parametrize(
        ("body", "path", "expected"),
        [
            ({"data": []}, "$.robots", "a list of test robots"),
            ({"bots": {}}, "$.robots", "a list of test robots"),
            ("x", "$", "a list of test robots"),
            ({"bots": [{"bot_id": "r1"}, {"id": "r2"}]}, "$.bots[1]", "an object with robot_id or bot_id or r_id"),
            ([5], "$[0]", "an object with robot_id or bot_id or r_id"),
        ],
    )
    def test_anything_else_is_no_page(self, body: Any, path: str, expected: str) -> None:
        with pytest.raises(DecodeError) as caught:
            ROBOTS.list_page(page=0, limit=5).decode(json.dumps(body).encode())

        assert (caught.value.path, caught.value.expected) == (path, expected)

    def test_an_empty_page_is_one(self) -> None:
        assert ROBOTS.list_page(page=9, limit=5).decode(b'{"robots": []}').items == ()


class TestDelete:
    def test_it_is_a_call_without_a_body_or_a_result(self) -> None:
        call: Call[Any] = ROBOTS.delete("r/1")

        assert (call.method, call.path, call.changes) == ("DELETE", "/v2/test-robots/r%2F1", call.path)
        assert call.repeatable
        assert call.decode(b"<html>") is None


class TestCreate:
    def create(self, draft: RobotDraft, name: str | None = "Ann") -> Call[BuiltRobot]:
        return RENAMED.create(draft, BuiltRobot, name=name, find="find_robots")

    def test_it_is_spelled_in_both_vocabularies(self) -> None:
        draft = RobotDraft(robot_name="Ann", lamp=Lamp(brightness=1), parts=[{"robot_name": "x"}], extra={"odd": [1]})
        call = self.create(draft)

        assert (call.method, call.path, call.renamed_path) == ("POST", "/v2/robots", "/v2/bots")
        assert sent(call) == {
            "odd": [1],
            "robot_name": "Ann",
            "lamp": {"brightness": 1},
            "parts": [{"robot_name": "x"}],
        }
        assert sent(call, renamed=True) == {
            "odd": [1],
            "bot_name": "Ann",
            "lamp": {"new_brightness": 1},
            "parts": [{"robot_name": "x"}],
        }

    def test_it_is_sent_once_and_tells_how_to_find_it(self) -> None:
        assert not self.create(RobotDraft()).repeatable
        assert self.create(RobotDraft()).creates == "Ann"
        assert self.create(RobotDraft()).recovery == "await session.find_robots('Ann') tells"
        assert self.create(RobotDraft(), None).recovery == "the list tells"

    def test_all_its_secrets_are_declared_and_none_is_shown(self) -> None:
        draft = RobotDraft(
            headers={"A": f"{LONG}-a"},
            lamp=Lamp(key=f"{LONG}-b"),
            parts=[{"delivery": {"headers": {"X": f"{LONG}-c"}, "auth": {"token": f"{LONG}-d"}}}],
            extra={"vault": Secret(f"{LONG}-e"), "client_secret": f"{LONG}-f"},
        )
        call = self.create(draft)

        assert {secret.reveal() for secret in call.secrets} == {f"{LONG}-{letter}" for letter in "abcdef"}
        assert LONG not in f"{call!r} {draft!r} {vars(draft)}"
        assert [letter for letter in "abcdef" if f"{LONG}-{letter}" not in (call.body or b"").decode()] == []

    @pytest.mark.parametrize("secret", [LONG, 'quoted "\\ secret', "sëcret-ö-☕", "sur\ud800rogate"])
    @pytest.mark.parametrize("escaped", [True, False])
    def test_refusals_that_repeat_them_do_not_show_them(self, secret: str, escaped: bool) -> None:
        call = self.create(RobotDraft(parts={"token": secret}))
        answer = json.dumps({"message": f"bad {secret}!", "echo": [secret]}, ensure_ascii=escaped)
        error = refusal(call, answer.encode(errors="surrogatepass"))

        assert error.message == "bad ***!"
        assert secret not in f"{error} {error.body}"

    def test_what_the_server_has_masked_is_not_sent(self) -> None:
        shown = robot(
            headers={"A": "****1", "B": "b"},
            lamp={"key": "short…", "brightness": 1},
            parts=[
                {"name": "arm", "headers": {"X": "********", "Y": "y"}, "auth": {"token": "********"}},
                {"api_key": "***"},
            ],
            api_token="***",
        )
        draft = RobotDraft(headers=shown.headers, lamp=shown.lamp, parts=shown.parts, extra=shown.extra)
        call = self.create(draft)

        assert sent(call) == {
            "headers": {"B": "b"},
            "lamp": {"brightness": 1},
            "parts": [{"name": "arm", "headers": {"Y": "y"}, "auth": {}}, {}],
        }

    def test_values_of_the_wrong_type_are_all_named(self) -> None:
        wrong: Any = {"a": 1}
        with pytest.raises(InvalidRequestError, match=r"the draft has .* wrong type: robot_name, lamp\.brightness$"):
            self.create(RobotDraft(robot_name=wrong, lamp=Lamp(brightness=wrong)))

    @pytest.mark.parametrize("value", [float("nan"), {1}, b"x", object()])
    def test_what_json_cannot_hold_is_refused(self, value: Any) -> None:
        with pytest.raises(InvalidRequestError, match="cannot be written as JSON"):
            self.create(RobotDraft(parts=[value]))

    def test_what_is_nested_without_end_is_refused(self) -> None:
        deep: Any = "***"
        for _ in range(50_000):
            deep = {"api_key": [deep]}

        with pytest.raises(InvalidRequestError, match="nested too deeply"):
            self.create(RobotDraft(parts=deep))

    @pytest.mark.parametrize("body", [{"robot_id": "r9"}, {"data": {"bot_id": "r9"}}, {"data": [{"bot_id": "r9"}]}])
    def test_its_answer_is_read_in_every_envelope(self, body: Any) -> None:
        assert self.create(RobotDraft()).decode(json.dumps(body).encode()) == BuiltRobot(robot_id="r9")

    @pytest.mark.parametrize("body", [{"robot_id": ""}, {"data": [{"bot_id": ""}]}, {"robot_id": "", "bot_id": "r9"}])
    def test_an_empty_id_is_none(self, body: Any) -> None:
        with pytest.raises(DecodeError, match="an empty one"):
            self.create(RobotDraft()).decode(json.dumps(body).encode())


class TestDrafts:
    def test_a_mapping_is_read_and_a_draft_is_taken(self) -> None:
        draft = RobotDraft(robot_name="Ann")

        assert as_draft(RobotDraft, draft) is draft
        assert as_draft(RobotDraft, {"bot_name": "Ann"}) == draft

    @pytest.mark.parametrize(
        ("draft", "told"),
        [(None, "None"), ("x", "a str"), (5, "an int"), ([("robot_name", "Ann")], "a list"), (Lamp(), ".*Lamp")],
    )
    def test_anything_else_is_refused(self, draft: Any, told: str) -> None:
        with pytest.raises(InvalidRequestError, match=f"draft must be a RobotDraft, not {told}$"):
            as_draft(RobotDraft, draft)


class TestPatch:
    @pytest.mark.parametrize("names", ["before", "since"])
    def test_pointers_and_values_may_have_the_names_of_either_vocabulary(self, names: str) -> None:
        name, brightness = ("robot_name", "brightness") if names == "before" else ("bot_name", "new_brightness")
        call = RENAMED.patch(
            "r1",
            [
                patch.replace(f"/{name}", "Ann"),
                patch.add(f"/lamp/{brightness}", 1),
                patch.add("/lamp", {brightness: 2, "odd": {brightness: 3}, "tags": [brightness]}),
                patch.copy(f"/{name}", "/lamp/tags/-"),
                patch.move(f"/lamp/{brightness}", f"/{name}"),
                patch.remove(f"/parts/{name}"),
                patch.test("/lamp/tags/0", brightness),
                {"op": "add", "path": f"/lamp/{brightness}", "value": 4},
            ],
        )

        for renamed, (own_name, own_brightness) in enumerate(
            [("robot_name", "brightness"), ("bot_name", "new_brightness")]
        ):
            assert sent(call, renamed=bool(renamed)) == [
                {"op": "replace", "path": f"/{own_name}", "value": "Ann"},
                {"op": "add", "path": f"/lamp/{own_brightness}", "value": 1},
                {
                    "op": "add",
                    "path": "/lamp",
                    "value": {own_brightness: 2, "odd": {brightness: 3}, "tags": [brightness]},
                },
                {"op": "copy", "from": f"/{own_name}", "path": "/lamp/tags/-"},
                {"op": "move", "from": f"/lamp/{own_brightness}", "path": f"/{own_name}"},
                {"op": "remove", "path": f"/parts/{name}"},
                {"op": "test", "path": "/lamp/tags/0", "value": brightness},
                {"op": "add", "path": f"/lamp/{own_brightness}", "value": 4},
            ]

    def test_the_root_is_a_place_like_any_other(self) -> None:
        call = RENAMED.patch(
            "r1", [patch.test("", {"bot_name": "Ann", "lamp": {"brightness": 1}}), patch.move("/lamp", "")]
        )

        assert sent(call) == [
            {"op": "test", "path": "", "value": {"robot_name": "Ann", "lamp": {"brightness": 1}}},
            {"op": "move", "from": "/lamp", "path": ""},
        ]
        assert sent(call, renamed=True)[0]["value"] == {"bot_name": "Ann", "lamp": {"new_brightness": 1}}

    @pytest.mark.parametrize("path", ["/a~1b", "/a~0b", "/~01", "/~1~0~1", "/lamp/tags~1x/~0", "//", "/lamp//x"])
    def test_escaped_pointers_stay_what_they_are(self, path: str) -> None:
        call = RENAMED.patch("r1", [patch.add(path, 1), patch.copy(path, path)])

        for renamed in (False, True):
            assert sent(call, renamed=renamed) == [
                {"op": "add", "path": path, "value": 1},
                {"op": "copy", "from": path, "path": path},
            ]

    def test_names_that_only_look_like_the_fields_are_left_alone(self) -> None:
        call = RENAMED.patch("r1", [patch.add("/parts/0/bot_name", {"bot_name": 1}), patch.remove("/odd/robot_name")])

        assert sent(call) == sent(call, renamed=True)

    def test_it_is_a_write_that_may_have_changed_nothing(self) -> None:
        call = RENAMED.patch("r 1", iter([patch.remove("/x")]), query={"force": "true"})

        assert (call.method, call.path, call.renamed_path) == ("PATCH", "/v2/robots/r%201", "/v2/bots/r%201")
        assert (call.query, call.changes, call.repeatable) == ((("force", "true"),), call.path, False)
        assert (call.unchanged, call.decode(b"")) == (False, True)

    @pytest.mark.parametrize(
        "operation",
        [
            patch.add("/lamp/key", LONG),
            patch.replace("/headers", {"X": LONG}),
            patch.replace("/headers/X", LONG),
            patch.add("/headers/X", [LONG]),
            patch.add("/lamp", {"key": LONG}),
            patch.add("", {"lamp": {"key": LONG}}),
            patch.test("/lamp/key", LONG),
            patch.add("/parts/0/delivery/headers/X", LONG),
            patch.add("/parts/0", {"auth": {"token": LONG}}),
            patch.add("/parts/-", {"headers": {"X": LONG}}),
            patch.add("/vault", Secret(LONG)),
            patch.add("/client_secret", LONG),
            {"op": "add", "path": "/lamp/key", "value": LONG},
        ],
        ids=str,
    )
    def test_secrets_in_values_are_declared_and_taken_out_of_refusals(self, operation: Any) -> None:
        call = RENAMED.patch("r1", [operation])
        error = refusal(call, json.dumps({"error": f"no {LONG} here"}).encode())

        assert call.secrets == (Secret(LONG),)
        assert LONG in (call.body or b"").decode()
        assert error.message == "no *** here"
        assert LONG not in f"{call!r} {vars(error)}"

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/lamp/key", robot(lamp={"key": "short…"}).lamp.key),
            ("/headers", robot(headers={"A": "****1"}).headers),
            ("/parts", robot(parts=[{"token": "***"}]).parts),
            ("/lamp", {"key": "********"}),
            ("/lamp/key", "***"),
            ("/headers", {"A": "Bearer ***"}),
            ("/parts/0/headers/X", "********"),
        ],
    )
    def test_what_the_server_has_masked_is_refused(self, path: str, value: Any) -> None:
        with pytest.raises(InvalidRequestError) as caught:
            RENAMED.patch("r1", [patch.replace(path, value)])

        assert str(caught.value) == f"the value for {path} has a masked secret, which would replace the real one"

    def test_asterisks_elsewhere_are_text_like_any_other(self) -> None:
        assert sent(RENAMED.patch("r1", [patch.add("/robot_name", "***"), patch.add("/parts", ["***"])]))

    @pytest.mark.parametrize("operations", [[], None, {}, "x", [5], [{}], [{"op": "add", "path": "/x"}]])
    def test_what_is_no_patch_is_refused(self, operations: Any) -> None:
        with pytest.raises(InvalidRequestError):
            RENAMED.patch("r1", operations)

    @pytest.mark.parametrize("path", ["/lamp/key", "/parts"])
    def test_what_is_nested_without_end_is_refused(self, path: str) -> None:
        deep: Any = "x"
        for _ in range(50_000):
            deep = [deep]

        with pytest.raises(InvalidRequestError, match="nested too deeply"):
            RENAMED.patch("r1", [patch.add(path, deep)])


class TestDiff:
    def operations(self, before: Robot, after: Robot) -> list[dict[str, Any]]:
        return [step.to_dict() for step in ROBOTS.diff(before, after, without=frozenset({"built_at"}))]

    def test_it_is_what_differs_but_for_the_servers_own(self) -> None:
        before = robot(robot_name="Ann", built_at="1", lamp={"brightness": 1})
        after = attrs.evolve(before, robot_name="Bob", built_at="2", lamp=attrs.evolve(before.lamp, brightness=2))

        assert self.operations(before, after) == [
            {"op": "replace", "path": "/robot_name", "value": "Bob"},
            {"op": "replace", "path": "/lamp/brightness", "value": 2},
        ]
        assert self.operations(before, before) == []

    def test_spelling_is_no_difference(self) -> None:
        assert self.operations(robot(robot_name="Ann"), robot(bot_name="Ann")) == []

    @pytest.mark.parametrize(
        "parts",
        [
            [{"name": "arm", "headers": {"X": "********"}}, {"name": "leg", "token": "***", "size": 1}],
            {"arm": {"auth": {"token": "***"}, "size": 1}, "leg": [{"api_key": "***"}]},
            [{"size": 1, "token": "***1"}, {"size": 3, "token": "***3"}, {"size": 1, "token": "***4"}],
        ],
    )
    def test_masked_secrets_stay_where_they_are(self, parts: Any) -> None:
        before = robot(parts=parts)
        text = json.dumps(parts).replace('"size": 1', '"size": 2')
        after = attrs.evolve(before, parts=json.loads(text))
        operations = self.operations(before, after)

        assert "***" not in json.dumps(operations)
        assert ROBOTS.patch("r1", operations).body
        assert jsonpatch.JsonPatch(operations).apply(before.to_dict()) == after.to_dict()

    def test_what_is_added_to_a_list_brings_no_masked_secret_along(self) -> None:
        before = robot(parts=[{"name": "arm", "token": "***"}])
        added = attrs.evolve(before, parts=[{"name": "leg", "token": "***other"}, *before.parts])

        assert self.operations(before, added) == [{"op": "add", "path": "/parts/0", "value": {"name": "leg"}}]

    def test_long_lists_are_compared_quickly(self) -> None:
        before = robot(parts=[f"part {number}" for number in range(20_000)])
        after = attrs.evolve(before, parts=[*before.parts[1:], "another"], extra={"token": "***"})

        assert len(self.operations(before, after)) < 5

    def test_a_masked_secret_that_would_have_to_be_moved_is_refused_when_it_is_sent(self) -> None:
        parts = [{"name": name, "headers": {"X": f"***{name}"}, "text": name * 50} for name in "abc"]
        before = robot(parts=parts)
        after = attrs.evolve(before, parts=parts[1:] + parts[:1])
        operations = ROBOTS.diff(before, after, without=frozenset())

        with pytest.raises(InvalidRequestError, match="masked secret"):
            ROBOTS.patch("r1", operations)

    @pytest.mark.parametrize(
        ("before", "after", "problem"),
        [
            (robot(), robot(robot_id="r2"), "two test robots: their robot_id differs"),
            (None, robot(), "before must be a Robot, not None"),
            (robot(), {"robot_id": "r1"}, "after must be a Robot, not a dict"),
            (Robot(robot_id=""), Robot(robot_id=""), "robot_id is empty"),
            (robot(), attrs.evolve(robot(), robot_name=5), "after has values of the wrong type: robot_name"),  # type: ignore[arg-type]
        ],
    )
    def test_what_makes_no_sense_is_refused(self, before: Any, after: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            ROBOTS.diff(before, after, without=frozenset())
