"""The settings of a session, as validated records."""
