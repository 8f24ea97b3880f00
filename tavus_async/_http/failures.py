"""Errors of aiohttp and of the system, translated into ours."""

from types import TracebackType

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from tavus_async._records.secrets import MASK
from tavus_async._settings.config import Config
from tavus_async.errors import AttemptTimeoutError, ConnectError, ConnectionLostError, TransportError

# What an attempt is made with, and whose frames hold what is sent.
LIBRARIES = ("aiohttp.", "asyncio.", "uvloop.", "tavus_async._http.")


def translate(error: Exception, config: Config) -> TransportError:
    """Return the error of ours, a plain value, that one of aiohttp or of the system amounts to."""
    timeouts = config.timeouts
    reason = _describe(error).replace(config.api_key.reveal(), MASK)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectError(f"no connection to {config.base_url} within Timeouts.connect ({timeouts.connect} s)")
    if isinstance(error, aiohttp.SocketTimeoutError):
        return AttemptTimeoutError(f"nothing came within Timeouts.read ({timeouts.read} s)")
    if isinstance(error, TimeoutError):
        return AttemptTimeoutError(f"the attempt took longer than Timeouts.attempt ({timeouts.attempt} s)")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ConnectError(f"the proxy refused to connect to {config.base_url}: status {error.status}")
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch, aiohttp.InvalidURL)):
        return ConnectError(f"cannot connect to {config.base_url}: {reason}", is_lasting=is_lasting(error))
    if isinstance(error, UnicodeError):
        return ConnectError(f"cannot connect to {config.base_url}: its host is no valid name", is_lasting=True)
    if isinstance(error, aiohttp.ClientResponseError):
        return ConnectionLostError("the answer is no valid HTTP")
    if isinstance(error, aiohttp.ClientPayloadError):
        return ConnectionLostError("the answer was cut short")
    return ConnectionLostError(f"the connection was lost before an answer came: {reason}")


def is_lasting(error: Exception) -> bool:
    """Return whether no connection can be made before somebody changes something."""
    return isinstance(
        error, (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch, aiohttp.InvalidURL)
    )


def without_frames_of(libraries: tuple[str, ...], error: Exception) -> Exception:
    """Return an error, and what it hangs on, without frames of these libraries, whose local variables show bodies."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        link.__traceback__ = _without_frames_of(libraries, link.__traceback__)
        waiting += [link.__cause__, link.__context__]
    return error


def _without_frames_of(libraries: tuple[str, ...], trace: TracebackType | None) -> TracebackType | None:
    entries: list[TracebackType] = []
    while trace is not None:
        entries.append(trace)
        trace = trace.tb_next
    kept: TracebackType | None = None
    for entry in reversed(entries):
        module = f"{entry.tb_frame.f_globals.get('__name__')}."
        if not module.startswith(libraries):
            kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept


def _describe(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not valid ({error.certificate_error})"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server disconnected"  # its own words may be all that came of the answer
    if isinstance(error, HttpProcessingError):
        return "what came is no valid HTTP"  # likewise
    return str(error) or type(error).__name__
