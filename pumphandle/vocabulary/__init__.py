"""The words of the field, as types."""
