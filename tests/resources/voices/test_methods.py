"""The session's methods for voices on a sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import attrs
import pytest

from tavus_async import (
    AmbiguousOutcomeError,
    AsyncSession,
    ConflictError,
    DeadlineExceededError,
    NotFoundError,
    ProcessingFailedError,
)
from tavus_async._bulk import polling
from tavus_async.models import Voice
from tavus_async.sandbox import Answer, Sandbox
from tests.support.quick import KEY, quick_session

AUDIO = "https://bucket.example/ana.mp3"
MINUTES = 300.0


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=KEY) as sandbox:
        yield sandbox


@pytest.fixture
async def session(sandbox: Sandbox) -> AsyncIterator[AsyncSession]:
    async with quick_session(sandbox) as session:
        yield session


async def test_a_voice_is_made_changed_and_deleted(session: AsyncSession, sandbox: Sandbox) -> None:
    created = await session.create_voice({"voice_name": "Ana", "audio_url": AUDIO, "description": "Warm"})
    sandbox.advance(MINUTES)
    ready = await session.get_voice(created.voice_id)
    changed = await session.update_voice(ready, attrs.evolve(ready, description=None, tags=["warm"]))
    same = await session.update_voice(changed, changed)
    await session.delete_voice(created.voice_id)

    assert (created.status, ready.status, ready.description) == ("started", "completed", "Warm")
    assert (changed.description, changed.tag_names, changed.voice_name) == (None, ("warm",), "Ana")
    assert same == changed
    with pytest.raises(NotFoundError):
        await session.get_voice(created.voice_id)


async def test_lists_are_read_to_their_end_and_filtered(session: AsyncSession) -> None:
    for name in ("Zoe", "Ana", "zoe"):
        await session.create_voice({"voice_name": name, "audio_url": AUDIO})

    stock = [voice.voice_name async for voice in session.list_voices()]
    every = [voice async for voice in session.list_voices(source="all", page_size=3)]
    found = [voice.voice_name async for voice in session.list_voices(source="all", search="ZO")]
    backwards = [voice.voice_name async for voice in session.list_voices(sort="desc")]
    warm = [voice.voice_name async for voice in session.list_voices(tag="Warm")]

    assert "anna" in stock
    assert "Ana" not in stock
    assert len(every) == len(stock) + 3
    assert found == ["Zoe", "zoe"]
    assert backwards == stock[::-1]
    assert warm == ["anna"]
    assert [voice.voice_type for voice in await session.find_voices("Zoe")] == ["user"]


async def test_of_an_older_list_each_voice_comes_once(session: AsyncSession, sandbox: Sandbox) -> None:
    tags = [{"tag_name": "a"}]
    voices: list[Any] = [{"voice_name": name, "replica_id": f"r{name}", "tags": tags} for name in "abcde"]
    pages = (voices[:2], voices[1:4], voices[4:], voices[:0])
    sandbox.script([Answer(body={"data": page, "total_count": 5}) for page in pages])

    assert [voice.to_dict() async for voice in session.list_voices(page_size=2)] == voices


async def test_what_uses_a_voice_is_told_by_the_conflict(session: AsyncSession, sandbox: Sandbox) -> None:
    created = await session.create_voice({"voice_name": "Ana", "audio_url": AUDIO})
    sandbox.add({"layers": {"tts": {"voice_id": created.voice_id}}, "system_prompt": "x"})
    for _ in range(2):
        sandbox.add({"default_voice_id": created.voice_id}, resource="replicas")

    with pytest.raises(ConflictError, match="It is used by 1 pals, 2 faces") as caught:
        await session.delete_voice(created.voice_id)

    assert caught.value.used_by == {"pals": 1, "faces": 2}
    assert (await session.get_voice(created.voice_id)).voice_name == "Ana"


async def test_a_lost_create_can_be_looked_up(session: AsyncSession, sandbox: Sandbox) -> None:
    sandbox.script(["truncate"])
    with pytest.raises(AmbiguousOutcomeError, match="find_voices") as caught:
        await session.create_voice({"voice_name": "Ana", "audio_url": AUDIO})

    assert len(await session.find_voices(str(caught.value.name))) == 1
    assert sandbox.stats().requests["create_voice"] == 1


class TestWaiting:
    @pytest.fixture(autouse=True)
    def _hurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(polling, "POLL_DELAY", 0.002)

    async def test_it_is_waited_for_until_it_can_speak(self, session: AsyncSession, sandbox: Sandbox) -> None:
        created = await session.create_voice({"voice_name": "Ana", "audio_url": AUDIO})
        told: list[Voice] = []

        def note(voice: Voice) -> None:
            told.append(voice)
            sandbox.advance(MINUTES)

        voice = await session.wait_for_voice(created.voice_id, on_progress=note)

        assert [each.status for each in told] == ["started", "completed"]
        assert voice == told[-1]

    async def test_many_are_waited_for_together(self, session: AsyncSession, sandbox: Sandbox) -> None:
        urls = [*[AUDIO] * 20, "https://nowhere.invalid/ana.mp3"]
        ids = [(await session.create_voice({"voice_name": "Ana", "audio_url": url})).voice_id for url in urls]
        sandbox.advance(MINUTES)
        outcomes = [outcome async for outcome in session.wait_for_voices(ids)]

        assert sorted(outcome.key for outcome in outcomes) == sorted(ids)
        assert [type(outcome.error) for outcome in outcomes if not outcome.ok] == [ProcessingFailedError]
        assert sandbox.stats().requests["get_voice"] < 20

    async def test_a_failure_tells_tavus_own_words(self, session: AsyncSession, sandbox: Sandbox) -> None:
        created = await session.create_voice({"voice_name": "Ana", "audio_url": "https://bucket.example/ana.txt"})
        sandbox.advance(MINUTES)
        with pytest.raises(ProcessingFailedError, match=f"the voice {created.voice_id} is 'error'") as caught:
            await session.wait_for_voice(created.voice_id)

        assert caught.value.reason == "The audio could not be processed."

    async def test_the_end_of_the_time_and_an_unknown_id_are_told(self, session: AsyncSession) -> None:
        created = await session.create_voice({"voice_name": "Ana", "audio_url": AUDIO})
        with pytest.raises(DeadlineExceededError, match=f"the voice {created.voice_id} did not come within"):
            await session.wait_for_voice(created.voice_id, timeout=0.02)
        with pytest.raises(NotFoundError, match="Voice not found"):
            await session.wait_for_voice("v0")
