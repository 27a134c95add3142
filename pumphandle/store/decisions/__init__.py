"""The shelf of rules and deeds: accounts, thresholds, runs, audit."""
