"""Errors of aiohttp and of the system, as ours: plain values."""

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from tavus_async._records.secrets import MASK
from tavus_async._settings.config import Config
from tavus_async.errors import AttemptTimeoutError, ConnectError, ConnectionLostError, TransportError


def translate(error: Exception, config: Config) -> TransportError:
    """Turn aiohttp's and the system's errors into ours, as plain values."""
    timeouts = config.timeouts
    reason = describe(error).replace(config.api_key.reveal(), MASK)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return ConnectError(f"no connection to {config.base_url} within {timeouts.connect} s")
    if isinstance(error, aiohttp.SocketTimeoutError):
        return AttemptTimeoutError(f"nothing came for {timeouts.read} s")
    if isinstance(error, TimeoutError):
        return AttemptTimeoutError(f"the attempt took longer than {timeouts.attempt} s")
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return ConnectError(f"the proxy refused to connect to {config.base_url}: status {error.status}")
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch, aiohttp.InvalidURL)):
        return ConnectError(f"cannot connect to {config.base_url}: {reason}")
    if isinstance(error, UnicodeError):
        return ConnectError(f"cannot connect to {config.base_url}: its host cannot be the name of one")
    if isinstance(error, aiohttp.ClientResponseError):
        return ConnectionLostError("the answer is no valid HTTP")
    if isinstance(error, aiohttp.ClientPayloadError):
        return ConnectionLostError("the answer was cut short")
    return ConnectionLostError(f"the connection was lost before an answer came: {reason}")


def describe(error: Exception) -> str:
    """Say what happened in a few words: the certificate's or the system's, if there are any."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return f"its certificate is not valid ({error.certificate_error})"
    if isinstance(error, aiohttp.ClientConnectorError):
        return str(error.os_error.strerror or error.os_error)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return "the server disconnected"  # its own words may be all that came of the answer
    if isinstance(error, HttpProcessingError):
        return "what came is no valid HTTP"  # likewise
    return str(error) or type(error).__name__
