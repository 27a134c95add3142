"""The shelf of people: records, persons, episodes, deliveries."""
