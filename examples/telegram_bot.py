"""A Telegram bot: /call opens a video call for a chat, /hangup ends it.

    pip install tavus-async 'python-telegram-bot>=22'
    export TAVUS_API_KEY=... TAVUS_PERSONA_ID=p... TELEGRAM_TOKEN=...
    python -m examples.telegram_bot

One session lives as long as the bot, in the bot's event loop: `post_init` opens it, and `post_shutdown` closes it,
which ends the calls that are still running. Ctrl-C and SIGTERM lead there, too.
"""

import logging
import os
from typing import Any

from telegram import Update
from telegram.ext import Application, ApplicationBuilder, CallbackContext, CommandHandler

from examples.open_calls import OpenCalls
from tavus_async import AsyncSession


async def open_session(bot: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """Open the session, now that the bot's event loop runs."""
    bot.bot_data["calls"] = OpenCalls(AsyncSession(), os.environ["TAVUS_PERSONA_ID"])


async def close_session(bot: Application[Any, Any, Any, Any, Any, Any]) -> None:
    """End the calls and close the session."""
    if "calls" in bot.bot_data:  # a bot that could not log in has none
        await bot.bot_data["calls"].close()


async def call(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """Open a video call for this chat."""
    if update.effective_chat and update.effective_message:
        calls: OpenCalls = context.bot_data["calls"]
        await update.effective_message.reply_text(await calls.call(update.effective_chat.id))


async def hangup(update: Update, context: CallbackContext[Any, Any, Any, Any]) -> None:
    """End this chat's video call."""
    if update.effective_chat and update.effective_message:
        calls: OpenCalls = context.bot_data["calls"]
        await update.effective_message.reply_text(await calls.hang_up(update.effective_chat.id))


def main() -> None:
    """Run the bot until it is told to stop."""
    logging.basicConfig(level=logging.INFO)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it shows the token
    builder = ApplicationBuilder().token(os.environ["TELEGRAM_TOKEN"])
    if server := os.environ.get("TELEGRAM_API_URL"):  # a Bot API server of your own
        builder = builder.base_url(f"{server}/bot")
    # Otherwise updates are handled one by one, and each chat waits for the calls that others open.
    builder = builder.concurrent_updates(64).post_init(open_session).post_shutdown(close_session)
    bot = builder.build()
    bot.add_handlers([CommandHandler("call", call), CommandHandler("hangup", hangup)])
    bot.run_polling()


if __name__ == "__main__":
    main()
