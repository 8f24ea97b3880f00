"""Records: frozen attrs classes, read by cattrs."""
