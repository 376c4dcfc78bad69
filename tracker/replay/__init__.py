"""`tracker replay`: what carriers sent, once more, into fresh state on another Kafka, with nobody told."""
