"""Identified records to each authority."""
