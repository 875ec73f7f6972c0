"""Real RabbitMQ for lab 10: found or started (`source`, `server`, `node`), and spoken to (`client`)."""
