"""What a learner does, as values and state machines without any interface."""
