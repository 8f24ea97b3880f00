"""Changes of single fields, and lists that come whole, tried on a resource that Tavus does not have."""

import json
from typing import Any

import attrs
import pytest

from tavus_async import DecodeError, InvalidRequestError, Secret, patch
from tests.support.robots import LONG, RENAMED, ROBOTS, Lamp, Robot, robot, sent

NONE: frozenset[str] = frozenset()


class TestMerge:
    def test_a_mapping_is_sent_as_it_is_in_the_names_of_either_vocabulary(self) -> None:
        call = RENAMED.merge("r 1", {"bot_name": "Ann", "lamp": {"brightness": 0.5}, "new": [1]}, without=NONE)

        assert (call.method, call.path, call.renamed_path) == ("PATCH", "/v2/robots/r%201", "/v2/bots/r%201")
        assert sent(call) == {"robot_name": "Ann", "lamp": {"brightness": 0.5}, "new": [1]}
        assert sent(call, renamed=True) == {"bot_name": "Ann", "lamp": {"new_brightness": 0.5}, "new": [1]}
        assert (call.changes, call.repeatable, call.reads) == ("/v2/robots/r%201", False, None)

    def test_none_clears_a_field(self) -> None:
        assert sent(ROBOTS.merge("r1", {"robot_name": None}, without=NONE)) == {"robot_name": None}

    def test_of_two_records_the_fields_that_differ_are_sent_whole(self) -> None:
        before = robot(robot_name="Ann", lamp={"brightness": 1, "tags": ["a"]}, parts=[1, 2], built_at="then")
        after = attrs.evolve(before, lamp=Lamp(brightness=2.0, tags=("a",)), parts=None, built_at="now")

        call = ROBOTS.merge(before, after, without=frozenset({"built_at"}))

        assert sent(call) == {"lamp": {"brightness": 2.0, "tags": ["a"]}, "parts": None}

    def test_a_number_is_no_boolean(self) -> None:
        before, after = (robot(parts=parts) for parts in (1, True))

        assert sent(ROBOTS.merge(before, after, without=NONE)) == {"parts": True}

    def test_a_record_may_stand_for_its_id(self) -> None:
        assert ROBOTS.merge(robot(), {"x": 1}, without=NONE).path == "/v2/test-robots/r1"

    def test_of_equal_records_the_item_is_read_anew(self) -> None:
        before = robot(robot_name="Ann", built_at="then")

        call = ROBOTS.merge(before, attrs.evolve(before, built_at="now"), without=frozenset({"built_at"}))

        assert (call.method, call.path, call.body, call.reads) == ("GET", "/v2/test-robots/r1", None, None)

    def test_the_answer_is_the_item(self) -> None:
        call = ROBOTS.merge("r1", {"robot_name": "Ann"}, without=NONE)

        assert call.decode(b'{"robot_id": "r1", "robot_name": "Ann"}') == Robot(robot_id="r1", robot_name="Ann")
        with pytest.raises(DecodeError):
            call.decode(b'{"robot_id": "r2"}')

    @pytest.mark.parametrize(
        ("body", "told"), [(b"", {}), (b" ", {}), (b"{}", {}), (b'{"message": "Updated"}', {"message": "Updated"})]
    )
    def test_an_answer_that_tells_little_is_no_error(self, body: bytes, told: dict[str, str]) -> None:
        call = ROBOTS.merge("r1", {"robot_name": "Ann"}, without=NONE)

        assert call.decode(body).to_dict() == {"robot_id": "r1", **told}

    def test_secrets_are_declared_and_masked_ones_never_sent(self) -> None:
        call = ROBOTS.merge("r1", {"headers": {"x": LONG}, "api_key": LONG}, without=NONE)

        assert sent(call) == {"headers": {"x": LONG}, "api_key": LONG}
        assert call.secrets == (Secret(LONG), Secret(LONG))
        assert LONG not in repr(call)
        assert sent(ROBOTS.merge("r1", {"lamp": {"key": "********", "tags": []}}, without=NONE)) == {
            "lamp": {"tags": []}
        }
        with pytest.raises(InvalidRequestError, match="masked secret"):
            ROBOTS.merge("r1", {"api_key": "********"}, without=NONE)

    def test_a_record_may_be_the_value_of_a_field(self) -> None:
        call = RENAMED.merge("r1", {"lamp": Lamp(brightness=1.0, key=LONG)}, without=NONE)

        assert sent(call) == {"lamp": {"brightness": 1.0, "key": LONG}}
        assert sent(call, renamed=True) == {"lamp": {"new_brightness": 1.0, "key": LONG}}
        assert call.secrets == (Secret(LONG),)

    def test_a_masked_secret_of_a_record_stays_what_it_was(self) -> None:
        before = robot(robot_name="Ann", lamp={"key": "********", "brightness": 1})
        changed = attrs.evolve(before, robot_name="Bob")
        brighter = attrs.evolve(before, lamp=attrs.evolve(before.lamp, brightness=2.0))

        assert sent(ROBOTS.merge(before, changed, without=NONE)) == {"robot_name": "Bob"}
        assert sent(ROBOTS.merge(before, brighter, without=NONE)) == {"lamp": {"brightness": 2.0}}

    @pytest.mark.parametrize(
        ("before", "after", "problem"),
        [
            ("r1", {}, "there is no field to change"),
            ("r1", robot(), "with an id goes a mapping of the fields to change"),
            ("", {"x": 1}, "robot_id"),
            (5, {"x": 1}, "robot_id"),
            (robot(), robot(robot_id="r2"), "before and after are two test robots"),
            (5, robot(), "before must be"),
            ("r1", ["x"], "after must be a Robot or a mapping, not a list"),
            ("r1", None, "after must be a Robot or a mapping"),
            ("r1", {5: 1}, "the names of fields must be strings"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, before: Any, after: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            ROBOTS.merge(before, after, without=NONE)


class TestAdditions:
    ADDING = attrs.evolve(ROBOTS, adds=True)

    def test_members_of_objects_are_set_by_add(self) -> None:
        call = self.ADDING.patch("r1", [patch.replace("/robot_name", "Ann"), patch.replace("/lamp/brightness", 1)])

        assert [step["op"] for step in sent(call)] == ["add", "add"]

    @pytest.mark.parametrize("path", ["/parts/0", "/parts/10", "/parts/0/1"])
    def test_places_in_lists_are_replaced(self, path: str) -> None:
        assert sent(self.ADDING.patch("r1", [patch.replace(path, 1)]))[0]["op"] == "replace"

    def test_other_operations_and_other_resources_are_left_alone(self) -> None:
        steps = [patch.remove("/parts"), patch.test("/robot_name", "Ann"), patch.add("/x", 1)]

        assert [step["op"] for step in sent(self.ADDING.patch("r1", steps))] == ["remove", "test", "add"]
        assert sent(ROBOTS.patch("r1", [patch.replace("/x", 1)]))[0]["op"] == "replace"


class TestListAll:
    def test_it_is_read_from_the_resources_path_or_another(self) -> None:
        assert (RENAMED.list_all().path, RENAMED.list_all().renamed_path) == ("/v2/robots", "/v2/bots")
        assert RENAMED.list_all("/v2/lab/robots", kind="small", size=None).query == (("kind", "small"),)

    @pytest.mark.parametrize("body", [[{"robot_id": "r1"}], {"bots": [{"bot_id": "r1"}]}])
    def test_it_is_bare_or_in_an_envelope(self, body: Any) -> None:
        assert ROBOTS.list_all().decode(json.dumps(body).encode()) == (Robot(robot_id="r1"),)

    def test_where_items_may_lack_an_id_only_objects_are_items(self) -> None:
        call = attrs.evolve(ROBOTS, lists_id=False).list_all()

        (found,) = call.decode(b'[{"robot_name": "Ann"}]')
        assert (found.robot_name, found.to_dict()) == ("Ann", {"robot_name": "Ann"})
        with pytest.raises(DecodeError):
            call.decode(b"[5]")

    @pytest.mark.parametrize("name", ["total_count", "total"])
    def test_a_page_tells_its_total_by_either_name(self, name: str) -> None:
        body = json.dumps({"robots": [], name: 7}).encode()

        assert ROBOTS.list_page(page=0, limit=1).decode(body).total_count == 7


class TestNeededFields:
    @pytest.mark.parametrize("value", [None, "", " \n"])
    @pytest.mark.parametrize("name", ["robot_name", "bot_name"])
    def test_what_is_needed_is_neither_cleared_nor_left_blank(self, name: str, value: Any) -> None:
        with pytest.raises(InvalidRequestError, match="robot_name can be changed, and neither cleared nor left blank"):
            RENAMED.merge("r1", {name: value, "parts": []}, without=NONE, needed=frozenset({"robot_name"}))

    def test_nor_is_it_by_a_record_without_it(self) -> None:
        before = robot(robot_name="Ann")
        after = attrs.evolve(before, robot_name=None)

        with pytest.raises(InvalidRequestError, match="robot_name can be changed"):
            ROBOTS.merge(before, after, without=NONE, needed=frozenset({"robot_name"}))

    def test_what_is_changed_beside_it_is_sent_alone(self) -> None:
        call = ROBOTS.merge("r1", {"parts": None}, without=NONE, needed=frozenset({"robot_name"}))

        assert sent(call) == {"parts": None}


class TestRename:
    def test_the_name_goes_to_a_path_of_its_own_in_the_words_of_the_vocabulary(self) -> None:
        call = RENAMED.rename("r 1", "Ann", field="robot_name")

        assert (call.method, call.path, call.renamed_path) == ("PATCH", "/v2/robots/r%201/name", "/v2/bots/r%201/name")
        assert (sent(call), sent(call, renamed=True)) == ({"robot_name": "Ann"}, {"bot_name": "Ann"})
        assert (call.changes, call.repeatable, call.decode(b"{}"), call.decode(b"")) == (
            "/v2/robots/r%201",
            False,
            None,
            None,
        )
        assert ROBOTS.rename("r1", "Ann", field="robot_name").renamed_path is None

    @pytest.mark.parametrize(
        ("name", "problem"),
        [("", "robot_name is blank"), (" ", "robot_name is blank"), (5, "must be a str, not an int")],
    )
    def test_a_name_says_something(self, name: Any, problem: str) -> None:
        with pytest.raises(InvalidRequestError, match=problem):
            ROBOTS.rename("r1", name, field="robot_name")


def test_a_filter_that_was_renamed_is_sent_in_the_words_of_the_path() -> None:
    robots = attrs.evolve(RENAMED, renamed_filters={"robot_type": "bot_type"})
    call = robots.list_page(page=1, limit=5, robot_type="user", sort=None, owner="me")
    plain = robots.list_page(page=1, limit=5)

    assert call.spelled(renamed=False).query == (
        ("limit", "5"),
        ("page", "1"),
        ("robot_type", "user"),
        ("owner", "me"),
    )
    assert call.spelled(renamed=True).query == (("limit", "5"), ("page", "1"), ("bot_type", "user"), ("owner", "me"))
    assert call.spelled(renamed=True).path == "/v2/bots"
    assert (plain.renamed_query, plain.spelled(renamed=True).query) == (None, plain.query)
    assert hash(robots) == hash(attrs.evolve(RENAMED, renamed_filters={"robot_type": "bot_type"}))
