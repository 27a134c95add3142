"""What arrives from laboratories."""
