"""A pipecat bot with a face of Tavus, whose conversations are ended even where pipecat does not come to it.

    pip install tavus-async 'pipecat-ai[daily]>=1'
    export TAVUS_API_KEY=... TAVUS_REPLICA_ID=r...
    python -m examples.pipecat_handover

pipecat opens the conversation, joins it, and ends it when its pipeline stops. A pipeline that is killed half-way never
gets that far, and the room stays open and costs money. So the HTTP session that pipecat is given notes what is opened
through it, and our session ends it in any case; what was said is read by our session, too.
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import attrs
from pipecat.frames.frames import Frame, InputAudioRawFrame, OutputAudioRawFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.tavus.transport import TavusApi, TavusTransport
from pipecat.workers.runner import WorkerRunner

from tavus_async import AsyncSession, NotFoundError, ProcessingFailedError, calls

log = logging.getLogger(__name__)


@attrs.frozen
class HandedOver:
    """The HTTP session for pipecat, and the ids of the conversations that it has opened through it."""

    http: aiohttp.ClientSession
    conversation_ids: list[str]


@asynccontextmanager
async def handed_over(tavus: AsyncSession) -> AsyncIterator[HandedOver]:
    """Give pipecat an HTTP session, and end what it has opened through it: ended twice is ended."""
    conversation_ids: list[str] = []

    async def note(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        answer = await send(request)
        if request.method == "POST" and request.url.path == "/v2/conversations" and answer.ok:
            conversation_ids.append((await answer.json())["conversation_id"])
        return answer

    async with aiohttp.ClientSession(middlewares=[note]) as http:
        try:
            yield HandedOver(http, conversation_ids)
        finally:
            async for outcome in tavus.send_each(calls.end_conversation, conversation_ids):
                if outcome.error and not isinstance(outcome.error, NotFoundError):  # so says Tavus of what has ended
                    log.error("conversation %s may go on: %s", outcome.key, outcome.error)


class Echo(FrameProcessor):
    """Says what it hears; put speech recognition, a language model and a voice in its place."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Pass a frame on, and sound back to where it came from."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            frame = OutputAudioRawFrame(frame.audio, frame.sample_rate, frame.num_channels)
        await self.push_frame(frame, direction)


async def main() -> None:
    """Run the bot until everybody has left, then print what was said."""
    if server := os.environ.get("TAVUS_BASE_URL"):
        TavusApi.BASE_URL = f"{server}/v2"  # it has no other setting for it
    async with AsyncSession() as tavus:
        async with handed_over(tavus) as handed:
            transport = TavusTransport("Echo", handed.http, os.environ["TAVUS_API_KEY"], os.environ["TAVUS_REPLICA_ID"])
            worker = PipelineWorker(Pipeline([transport.input(), Echo(), transport.output()]))
            runner = WorkerRunner(handle_sigterm=True)

            @transport.event_handler("on_client_disconnected")
            async def on_client_disconnected(_transport: TavusTransport, _participant: object) -> None:
                await worker.cancel()

            await runner.add_workers(worker)
            await runner.run()
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError  # which pipecat has swallowed
        for conversation_id in handed.conversation_ids:
            try:
                print((await tavus.wait_for_transcript(conversation_id)).text)
            except ProcessingFailedError as error:  # nobody has said anything
                print(error.reason)


if __name__ == "__main__":
    asyncio.run(main())
