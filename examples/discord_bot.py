"""A Discord bot: `/call` opens a video call for a channel, `/hangup` ends it.

    pip install tavus-async 'discord.py>=2.4'
    export TAVUS_API_KEY=... TAVUS_PERSONA_ID=p... DISCORD_TOKEN=...
    python -m examples.discord_bot

One session lives as long as the bot, in the bot's event loop: `setup_hook` opens it, and `close` closes it, which ends
the calls that are still running.
"""

import os

import discord
from discord import app_commands

from examples.open_calls import OpenCalls
from tavus_async import AsyncSession


class CallBot(discord.Client):
    """Two slash commands, and the calls they open and end."""

    calls: OpenCalls

    def __init__(self, persona_id: str) -> None:
        super().__init__(intents=discord.Intents.none())
        self.persona_id = persona_id
        self.commands = app_commands.CommandTree(self)
        self.commands.add_command(call)
        self.commands.add_command(hangup)

    async def setup_hook(self) -> None:
        """Open the session, now that the bot's event loop runs."""
        self.calls = OpenCalls(AsyncSession(), self.persona_id)
        await self.commands.sync()

    async def close(self) -> None:
        """End the calls, close the session, and leave Discord."""
        if hasattr(self, "calls"):  # a bot that could not log in has none
            await self.calls.close()
        await super().close()


@app_commands.command()
async def call(interaction: discord.Interaction[CallBot]) -> None:
    """Open a video call for this channel."""
    await interaction.response.defer(thinking=True)  # Discord waits no longer than 3 s
    await interaction.followup.send(await interaction.client.calls.call(channel_of(interaction)))


@app_commands.command()
async def hangup(interaction: discord.Interaction[CallBot]) -> None:
    """End this channel's video call."""
    await interaction.response.defer(thinking=True)
    await interaction.followup.send(await interaction.client.calls.hang_up(channel_of(interaction)))


def channel_of(interaction: discord.Interaction[CallBot]) -> int:
    """The channel a command was given in, or its user where there is none."""
    return interaction.channel_id or interaction.user.id


if __name__ == "__main__":
    CallBot(os.environ["TAVUS_PERSONA_ID"]).run(os.environ["DISCORD_TOKEN"], root_logger=True)
