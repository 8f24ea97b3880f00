"""Which requests of browsers are answered."""

from types import SimpleNamespace

import pytest

from tavus_async.sandbox import Sandbox
from tavus_async.sandbox.pages.guard import is_addressed
from tests.support.reader import Reader, Start, open_room

PATHS = ("/", "/overview", "/assets/room.js", "/c/c1", "/c/c1/events")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:1234",
        "127.8.8.8:80",
        "localhost",
        "LOCALHOST:8787",
        "localhost.:8787",
        "app.localhost:8787",
        "[::1]:8787",
    ],
)
async def test_names_of_this_machine_are_answered(reader: Reader, host: str) -> None:
    assert (await reader.get("/", Host=host)).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:8787",
        "localhost.rebound.example",
        "127.0.0.1.rebound.example",
        "notlocalhost",
        "192.168.0.9:8787",
        "[2001:db8::1]",
        "[::1",
        ":8787",
    ],
)
async def test_a_foreign_name_is_told_that_nothing_is_here(reader: Reader, host: str, path: str) -> None:
    answer = await reader.get(path, Host=host)

    assert answer.status == 421
    assert "The sandbox has another address" in answer.text


async def test_a_host_that_was_allowed_is_answered_by_its_name_and_by_its_address(read: Start) -> None:
    reader = await read(Sandbox(personas=0, host="0.0.0.0", allow_host="0.0.0.0"))  # noqa: S104

    assert (await reader.get("/", Host="0.0.0.0:8787")).status == 200
    assert (await reader.get("/", Host="192.168.0.9")).status == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://[::1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_foreign_page_cannot_speak_in_a_room(reader: Reader, headers: dict[str, str]) -> None:
    room = await open_room(reader)
    participant_id = await reader.join(room)
    url = f"/c/{room.conversation_id}/say"
    answer = await reader.send("POST", url, json={"participant_id": participant_id, "text": "x"}, headers=headers)

    assert answer.status == 403
    assert not [line for line in room.lines if line.role == "user"]


async def test_the_page_itself_speaks_by_whichever_name_it_was_opened(reader: Reader) -> None:
    room = await open_room(reader)
    for scheme in ("http", "https"):
        headers = {"Host": "app.localhost:99", "Origin": f"{scheme}://app.localhost:99"}
        answer = await reader.send("POST", f"/c/{room.conversation_id}/join", json={"name": "x"}, headers=headers)
        assert answer.status == 200


async def test_a_form_of_a_foreign_page_is_refused_since_it_is_no_json(reader: Reader) -> None:
    room = await open_room(reader)
    answer = await reader.send("POST", f"/c/{room.conversation_id}/join", data='{"name": "x"}')

    assert answer.status == 415
    assert not room.participants


async def test_where_all_addresses_are_listened_on_each_is_a_name(read: Start) -> None:
    reader = await read(Sandbox(personas=0, host="0.0.0.0", allow_host="0.0.0.0"))  # noqa: S104
    request = SimpleNamespace(headers={"Host": "192.0.2.7:8787"}, get_extra_info=lambda _: ("192.0.2.7", 8787))

    assert is_addressed(request, reader.sandbox.url)  # type: ignore[arg-type]
    request.headers["Host"] = "192.0.2.8:8787"
    assert not is_addressed(request, reader.sandbox.url)  # type: ignore[arg-type]
