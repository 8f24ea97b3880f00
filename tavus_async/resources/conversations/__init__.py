"""Conversations: video calls with a persona, which cost money while they run."""
