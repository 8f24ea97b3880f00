"""The only I/O: aiohttp, and what is done with its connections, bodies and errors."""
