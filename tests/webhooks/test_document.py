"""The examples of `docs/webhooks.md` do what the page says."""

import inspect
import json
import re
import subprocess
import sys
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from tavus_async import webhooks
from tavus_async.webhooks import Claim
from tests.support.documents import ROOT, load, python_in
from tests.webhooks.conftest import serve_uvicorn
from tests.webhooks.test_servers import RAW, ask, client

PAGE = ROOT / "docs" / "webhooks.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECRET = "0123456789abcdef-and-more"
PROGRAMS = {
    "Secret.new": "True\nFalse\n",
    "verify_signature": "plans: {'zip': '94103'}\nNone\n",
    "dispatch": "ended: max_call_duration reached\n",
}


def block_with(sign: str) -> str:
    [block] = [block for block in python_in(PAGE) if sign in block]
    return block


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)


@pytest.mark.parametrize("sign", PROGRAMS)
def test_the_programs_print_what_one_would_think(sign: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block_with(sign)], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == PROGRAMS[sign]


def test_no_example_is_left_out() -> None:
    assert len(python_in(PAGE)) == len(PROGRAMS) + 3


async def test_the_aiohttp_app_receives(capsys: pytest.CaptureFixture[str]) -> None:
    app: web.Application = load(block_with("web.Application()"), PAGE).app
    transcript = {"event_type": "application.transcription_ready", "conversation_id": "c1"}
    async with TestClient(TestServer(app)) as test_client:
        for _ in range(2):
            answer = await test_client.post(
                "/hooks/tavus",
                params={"token": SECRET},
                json=transcript | {"properties": {"transcript": [{"role": "user", "content": "Hello."}]}},
            )
            assert answer.status == 200
        refused = await test_client.post("/hooks/tavus", json=transcript)

    assert refused.status == 404
    assert capsys.readouterr().out == "c1 user: Hello.\n"


async def test_the_fastapi_app_receives(capsys: pytest.CaptureFixture[str]) -> None:
    app: Any = load(block_with("FastAPI("), PAGE).app
    async with serve_uvicorn(app) as served, client() as session:
        answer = await ask(session, "POST", f"{served.url}?token={SECRET}", RAW)

    assert answer.status == 200
    assert capsys.readouterr().out == "system.shutdown c1\n"


class FakeRedis:
    """As much of redis-py's asyncio client as the example calls."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self.lives: list[float] = []

    async def set(self, key: str, value: str, *, nx: bool = False, px: int = 0, ex: int = 0) -> bool | None:
        if nx and key in self.values:
            return None
        self.values[key] = value.encode()
        self.lives.append(px / 1_000 + ex)
        return True

    async def get(self, key: str) -> bytes | None:
        return self.values.get(key)

    async def delete(self, key: str) -> None:
        self.values.pop(key, None)


async def test_the_redis_example_keeps_what_a_receiver_asks_it_to() -> None:
    redis = FakeRedis()
    seen = load(block_with("class RedisSeen"), PAGE).RedisSeen(redis, ttl=60)
    claims = [await seen.claim("a", 40.0), await seen.claim("a", 40.0)]
    await seen.release("a")
    claims.append(await seen.claim("a", 40.0))
    await seen.finish("a")
    claims.append(await seen.claim("a", 40.0))

    assert claims == [Claim.YOURS, Claim.BUSY, Claim.YOURS, Claim.DONE]
    assert redis.lives == [40.0, 40.0, 60.0]
    webhooks.Receiver(seen=seen)


def test_the_table_has_the_defaults() -> None:
    settings = inspect.signature(webhooks.Receiver).parameters

    assert f"{settings['max_body'].default // 1_048_576} MiB by default" in TEXT
    assert f"{settings['timeout'].default:g} s by default" in TEXT
    assert f"at most {webhooks.MemorySeen().max_keys:,} of it" in TEXT


def test_the_table_has_every_status() -> None:
    told = {int(status) for status in re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE)}
    source = (ROOT / "tavus_async" / "webhooks" / "delivery.py").read_text(encoding="utf-8")
    found = {int(status) for status in re.findall(r"WebhookAnswer\((\d{3})", source)}

    assert told == found | {200, 500}
    assert json.loads(RAW)
