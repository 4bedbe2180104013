//! Copies of the ledger for Langfuse, Helicone, OTLP and Prometheus.
