"""Attacks on what others published, in aggregate only: no area, no day and no value leaves this room."""
