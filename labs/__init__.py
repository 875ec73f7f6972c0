"""Experiments on a real Kafka broker. Stands alone: knows neither `tutor` nor Textual."""
