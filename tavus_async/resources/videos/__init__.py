"""Videos: a replica that speaks a script, rendered to a file."""
