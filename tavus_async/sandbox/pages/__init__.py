"""The pages that a sandbox serves to browsers, beside the API."""

from aiohttp import web

from tavus_async.sandbox.contents import Contents

__all__ = ["serve"]


async def serve(_request: web.BaseRequest, _sandbox: Contents) -> web.StreamResponse | None:
    """Answer *request*, which is outside of `/v2`, or return None where no page lies there."""
    return None
