"""The proxy that connections go through."""

from urllib.request import getproxies, proxy_bypass

from yarl import URL

from tavus_async._records.secrets import MASK, Secret
from tavus_async._settings.connections import Pool, is_proxy
from tavus_async.errors import ConfigurationError


def find_proxy(pool: Pool, base_url: str) -> str | None:
    """Return the proxy's URL, from the settings or else from the environment; None to connect directly.

    Only https goes through one, by CONNECT, so that no proxy ever sees the key. Raises ConfigurationError where the
    environment names one that cannot be used.
    """
    url = URL(base_url)
    if url.scheme != "https":
        return None
    if pool.proxy == MASK:
        raise ConfigurationError("the pool has been pickled, and its proxy's password is gone with it: make it anew")
    if pool.proxy is not None or not pool.proxy_from_env:
        return pool.proxy
    proxy = Secret("" if proxy_bypass(url.host or "") else getproxies().get("https", ""))
    if not proxy:
        return None
    if "://" not in proxy.reveal():
        proxy = Secret(f"http://{proxy.reveal()}")  # as curl and requests read it
    if not is_proxy(proxy):
        # Not shown, and no local variable: it may hold a password.
        raise ConfigurationError("HTTPS_PROXY must be an http:// or https:// URL that names a host")
    return proxy.reveal()
