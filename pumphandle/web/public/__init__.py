"""The door that everyone may open."""
