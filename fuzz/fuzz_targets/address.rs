//! Whatever is typed is an address or an error; an address survives being shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shepot_protocol::{Address, ServerAddress};

fuzz_target!(|text: &str| {
    if let Ok(server) = text.parse::<ServerAddress>() {
        assert_eq!(server.address.to_string().parse::<Address>().as_ref(), Ok(&server.address));
    }
});
