//! study: to come.
