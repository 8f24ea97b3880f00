"""A livekit agent with a face of Tavus, whose conversation ends with the job.

    pip install tavus-async 'livekit-agents>=1.8' livekit-plugins-tavus
    export TAVUS_API_KEY=... TAVUS_PAL_ID=p... LIVEKIT_URL=... LIVEKIT_API_KEY=... LIVEKIT_API_SECRET=...
    python -m examples.livekit_handover dev

livekit's plugin opens the conversation and lets Tavus into the room. It never ends it: when the job is over, Tavus
finds out by a timeout, and the time until then is paid for. So our session ends it with the job, however that ends.
"""

import logging
import os
from contextlib import suppress

from livekit.agents import NOT_GIVEN, Agent, AgentServer, AgentSession, JobContext, cli
from livekit.plugins.tavus import AvatarSession

from tavus_async import AsyncSession, NotFoundError

log = logging.getLogger(__name__)
server = AgentServer()


async def give_face(ctx: JobContext, agent: AgentSession[None]) -> AvatarSession:
    """Let a conversation of Tavus speak for the agent, until the job ends."""
    base_url = os.environ.get("TAVUS_BASE_URL")
    avatar = AvatarSession(api_url=f"{base_url}/v2" if base_url else NOT_GIVEN)

    async def end() -> None:
        if avatar.conversation_id is None:
            return
        async with AsyncSession() as tavus:
            with suppress(NotFoundError):  # so says Tavus of what has ended already
                await tavus.end_conversation(avatar.conversation_id, timeout=5.0)  # a job has 10 s to shut down
            ended = await tavus.get_conversation(avatar.conversation_id, verbose=True)
            log.info("conversation %s: %s", ended.conversation_id, ended.end_reason or ended.status)

    ctx.add_shutdown_callback(end)  # first, since a job can be told to stop at any moment
    await avatar.start(agent, room=ctx.room)
    return avatar


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    """Start an agent in the room of a job."""
    agent: AgentSession[None] = AgentSession(stt="deepgram/nova-3", llm="openai/gpt-4.1-mini", tts="cartesia/sonic-3")
    await give_face(ctx, agent)
    await agent.start(Agent(instructions="You are friendly, and brief."), room=ctx.room)


if __name__ == "__main__":
    cli.run_app(server)
