//! The code of a grammar is the code of this grammar: who changes a `.proto` file makes its code anew.

use sha2::{Digest as _, Sha256};

use crate::sources::root;

const GRAMMARS: [(&str, &str); 2] = [
    ("crates/protocol/proto/shepot.proto", "crates/protocol/src/wire.rs"),
    ("crates/client/proto/content.proto", "crates/client/src/content/wire.rs"),
];

#[test]
fn code_is_of_the_grammar_that_is_there() {
    for (grammar, code) in GRAMMARS {
        let digest = Sha256::digest(std::fs::read(root().join(grammar)).unwrap());
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let code = std::fs::read_to_string(root().join(code)).unwrap();
        let first = code.lines().next().unwrap();
        assert_eq!(
            first,
            format!("// The code of {grammar}, SHA-256 {digest}."),
            "run `cargo run --manifest-path grammar/Cargo.toml`"
        );
    }
}
