"""Parts that work with other libraries, each of them optional."""
