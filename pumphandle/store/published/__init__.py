"""The shelf of releases: the ledger and its certificates."""
