"""The shelf of places: areas, postcodes, populations, boundaries, by vintage."""
