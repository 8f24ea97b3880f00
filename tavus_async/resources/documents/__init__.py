"""Documents: files and websites that a persona knows in a conversation."""
