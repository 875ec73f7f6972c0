"""Ways to get a real Kafka cluster: embedded, and later containers and external clusters."""
