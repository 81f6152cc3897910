"""The embedded broker: a real Apache Kafka, one KRaft node, as a child process."""
