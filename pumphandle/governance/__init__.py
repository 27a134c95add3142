"""The rules of the house, without a database."""
