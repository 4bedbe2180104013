//! The client-ready paper: documents, status page, charts.
