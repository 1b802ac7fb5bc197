//! The code of a grammar is the code of this grammar: who changes a `.proto` file makes its code anew.

use sha2::{Digest as _, Sha256};

use crate::sources::root;

const GRAMMARS: [(&str, &str); 2] = [
    ("crates/protocol/proto/shepot.proto", "crates/protocol/src/wire.rs"),
    ("crates/client/proto/content.proto", "crates/client/src/content/wire.rs"),
];

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn code_is_of_the_grammar_that_is_there_and_was_not_changed() {
    for (grammar, code) in GRAMMARS {
        let wanted = digest(&std::fs::read(root().join(grammar)).unwrap());
        let code = std::fs::read_to_string(root().join(code)).unwrap();
        let (head, body) = code.split_once("\n\n").unwrap();
        let lines: Vec<&str> = head.lines().collect();
        assert_eq!(
            lines[..2],
            [
                format!("// The code of {grammar}, SHA-256 {wanted}."),
                format!("// Below the empty line it has SHA-256 {}.", digest(body.as_bytes())),
            ],
            "run `cargo run --manifest-path grammar/Cargo.toml`"
        );
    }
}
