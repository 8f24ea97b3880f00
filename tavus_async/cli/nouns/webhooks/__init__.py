"""What Tavus tells by webhook."""
