"""The types of webhooks and app messages, as a user's code sees them: checked by mypy and pyright, never run."""

from typing import assert_type

from tavus_async import interactions, webhooks


async def events(body: bytes, receiver: webhooks.Receiver) -> None:
    event = webhooks.parse(body)
    assert_type(event, webhooks.Event)
    assert_type(event.identity, str)
    if isinstance(event, webhooks.TranscriptionReady):
        assert_type(event.transcript, webhooks.Transcript)
        assert_type(event.transcript[0].content, str | None)
        assert_type(event.transcript[1:].text, str)
    if isinstance(event, webhooks.Shutdown):
        assert_type(event.shutdown_reason, str | None)
        assert_type(event.has_reason("max_call_duration"), bool)
    if isinstance(event, interactions.StoppedSpeaking):
        assert_type(event.duration, float | None)
        assert_type(event.interrupted, bool | None)
    assert_type(
        await receiver.wait_for(webhooks.Shutdown, where=lambda end: end.shutdown_reason == "a"), webhooks.Shutdown
    )
    assert_type(await receiver.wait_for(webhooks.Shutdown, webhooks.RecordingReady), webhooks.Event)


def handlers(receiver: webhooks.Receiver) -> None:
    @receiver.on(webhooks.Shutdown)
    async def end(event: webhooks.Shutdown) -> int:
        return len(event.shutdown_reason or "")

    @receiver.on(webhooks.Shutdown)
    async def anything(event: webhooks.Event) -> None: ...

    @receiver.on(webhooks.Shutdown, webhooks.RecordingReady)
    async def either(event: webhooks.Shutdown | webhooks.RecordingReady) -> None: ...

    receiver.on(webhooks.RecordingReady)(end)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    receiver.on(webhooks.Shutdown)(print)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    receiver.on("system.shutdown")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]


def messages() -> None:
    interactions.SetEmotion("a word of tomorrow")
    interactions.Respond(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    interactions.ToolResult("call_1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
