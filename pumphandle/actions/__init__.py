"""Everything that happens; one deed a file."""
