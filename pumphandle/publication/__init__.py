"""What the public receives."""
