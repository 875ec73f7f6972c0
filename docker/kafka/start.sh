# Formats the storage once, then starts the node. Both images have these two scripts.
set -e
if [ ! -e /var/lib/kafka/data/kraft/meta.properties ]; then
  KAFKA_HEAP_OPTS=-Xmx128m /opt/kafka/bin/kafka-storage.sh format -t "$CLUSTER_ID" -c /kafka-tutor/server.properties
fi
exec /opt/kafka/bin/kafka-server-start.sh /kafka-tutor/server.properties
