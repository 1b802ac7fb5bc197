//! Holds the test of `tests/openmls.rs`, and nothing else.
