//! Empty. The package exists for its test, `tests/openmls.rs`.
