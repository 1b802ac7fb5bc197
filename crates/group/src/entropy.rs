//! Randomness, which is injected: this crate never asks the system for any.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;

/// The random source failed, so nothing can be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the random source failed")]
pub struct EntropyFailed;

/// A cryptographically secure random source, or a seeded one in simulations.
pub trait RandomSource: Send {
    /// Fills all of `bytes`.
    ///
    /// # Errors
    ///
    /// [`EntropyFailed`] if the source fails.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), EntropyFailed>;
}

/// A random source that a group shares with its cipher suite.
#[derive(Clone)]
pub struct Entropy(Arc<Mutex<dyn RandomSource>>);

impl Entropy {
    /// Shares `source`.
    pub fn new(source: impl RandomSource + 'static) -> Self {
        Self(Arc::new(Mutex::new(source)))
    }

    /// Fills all of `bytes`.
    ///
    /// # Errors
    ///
    /// [`EntropyFailed`] if the source fails.
    pub fn fill(&self, bytes: &mut [u8]) -> Result<(), EntropyFailed> {
        // A source that panicked in another thread is still a source: every fill stands for itself.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes)
    }

    /// An array of random bytes.
    ///
    /// # Errors
    ///
    /// [`EntropyFailed`] if the source fails.
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], EntropyFailed> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}
