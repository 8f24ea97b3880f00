"""A receiver with a server of its own, for a program that has none."""

import contextlib
import logging
from collections.abc import AsyncGenerator
from http import HTTPStatus

from aiohttp import web

from tavus_async.errors import ConfigurationError
from tavus_async.webhooks.receiver import Receiver

logger = logging.getLogger("tavus_async.webhooks.serving")


def is_of_the_server(record: logging.LogRecord) -> bool:
    """Return whether a log record tells of a fault of the server's, and not of what somebody sent to it."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, web.RequestPayloadError) and getattr(error, "code", None) != HTTPStatus.BAD_REQUEST


logger.addFilter(is_of_the_server)


@contextlib.asynccontextmanager
async def serving(
    receiver: Receiver, *, host: str = "127.0.0.1", port: int = 0, path: str = "/"
) -> AsyncGenerator[str]:
    """Serve a receiver meanwhile; give the address at which it listens, without the secret.

    *port* 0 takes a free one. At the end, handlers that are running are waited for. Raises ConfigurationError for what
    cannot be a path, and OSError where that address cannot be listened on.
    """
    app = web.Application()
    try:
        app.add_routes(receiver.routes(path))
    except ValueError as error:
        raise ConfigurationError(f"{path!r} is not a path: {error}") from None
    runner = web.AppRunner(app, access_log=None, logger=logger)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        number = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{number}{path}"
    finally:
        await runner.cleanup()
        await receiver.drain()
