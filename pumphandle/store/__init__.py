"""The only home of queries."""
