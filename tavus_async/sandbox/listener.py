"""Addresses of this machine, and the socket that a sandbox listens on."""

import ipaddress
import socket

from tavus_async.errors import ConfigurationError

__all__ = ["address", "is_loopback", "listen"]


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections; raises `ConfigurationError` where that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        host.encode("idna")  # first, for a socket forgets to close where that fails
        return socket.create_server((address(host), port), family=family)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error}") from error


def address(host: str) -> str:
    """Return what to listen on for *host*."""
    # The name may stand for two addresses, and port 0 would then pick two ports.
    return "127.0.0.1" if host.lower() == "localhost" else host


def is_loopback(host: str) -> bool:
    """Return whether *host*, a name or an address, is surely this machine."""
    try:
        return ipaddress.ip_address(address(host)).is_loopback
    except ValueError:
        return False
