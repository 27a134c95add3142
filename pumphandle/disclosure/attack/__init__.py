"""The attacker on any tables and any history: what published numbers give away, as exact integer intervals."""
