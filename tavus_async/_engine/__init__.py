"""One call: deadline, retries, gate, attempt."""
