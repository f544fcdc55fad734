//! history: to come.
