"""kafka-tutor: study Kafka interview scenarios, be graded with evidence, check the answer on a real broker."""

__version__ = "0.1.0"
