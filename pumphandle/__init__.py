"""Carries a nation's laboratory test results from the laboratory to the neighbourhood."""
