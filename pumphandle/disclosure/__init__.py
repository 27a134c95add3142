"""What may be said without pointing at anyone."""
