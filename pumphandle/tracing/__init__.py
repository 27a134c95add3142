"""What is linked to what."""
