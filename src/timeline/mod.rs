//! timeline: to come.
