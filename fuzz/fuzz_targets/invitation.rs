//! Whatever is pasted is an invitation or an error; an invitation survives being written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shepot_protocol::Invitation;

fuzz_target!(|text: &str| {
    if let Ok(invitation) = text.parse::<Invitation>() {
        assert_eq!(invitation.to_link().parse::<Invitation>().as_ref(), Ok(&invitation));
    }
});
