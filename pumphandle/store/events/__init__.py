"""The lake: pseudonymised events and the reporting triangle, as columnar files under a manifest."""
