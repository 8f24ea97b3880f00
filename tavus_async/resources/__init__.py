"""Everything of one resource of the API in a folder of its own."""
