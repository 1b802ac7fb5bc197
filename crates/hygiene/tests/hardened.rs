//! After hardening the system says that this process cannot be dumped; before, it says that it can.
#![allow(missing_docs, clippy::unwrap_used)]

use shepot_hygiene::harden_process;
use shepot_hygiene::posture::{Dumps, Posture};

#[test]
#[cfg(target_os = "linux")]
fn a_hardened_process_cannot_be_dumped() {
    assert_eq!(Posture::of_this_system().dumps, Dumps::Allowed, "control");
    harden_process().unwrap();
    assert_eq!(Posture::of_this_system().dumps, Dumps::Forbidden);
}
