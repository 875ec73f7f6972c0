"""Kafka in containers: the same clusters as the embedded ones, from Docker or Podman."""
