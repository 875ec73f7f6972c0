"""A Kafka cluster of the learner's own: what is said about it, how it is reached, and what it lets labs do."""
