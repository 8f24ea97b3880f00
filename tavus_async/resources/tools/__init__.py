"""Tools: what personas may call during a conversation, or after it."""
