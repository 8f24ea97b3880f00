"""What a session is set up with."""
