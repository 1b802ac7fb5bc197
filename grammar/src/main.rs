//! Turns the grammars of the wire, the `.proto` files of `protocol` and `client`, into Rust, and puts it where it is
//! compiled: `cargo run --manifest-path grammar/Cargo.toml`. With `--check` it writes nothing and fails if the code
//! does not match the grammar.
//!
//! The programs are built from the code alone, so that nobody who builds them waits for a parser of grammars. A test of
//! the workspace compares the digests in the code's first lines with grammar and code.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use sha2::{Digest as _, Sha256};

/// A grammar, the code that is made of it, and how bytes are held in it.
struct Grammar {
    proto: &'static str,
    code: &'static str,
    /// `bytes::Bytes`, which share the buffer that they were read from, rather than `Vec<u8>`.
    shares_bytes: bool,
}

const GRAMMARS: [Grammar; 2] = [
    Grammar {
        proto: "crates/protocol/proto/shepot.proto",
        code: "crates/protocol/src/wire.rs",
        shares_bytes: true,
    },
    Grammar {
        proto: "crates/client/proto/content.proto",
        code: "crates/client/src/content/wire.rs",
        shares_bytes: false,
    },
];

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let is_check = std::env::args().any(|argument| argument == "--check");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("grammar/ is in the workspace")?;
    let mut outdated = false;
    for grammar in &GRAMMARS {
        let (code, path) = (grammar.code(root)?, root.join(grammar.code));
        if is_check {
            let is_current = std::fs::read_to_string(&path).is_ok_and(|found| found == code);
            println!(
                "{}: {}",
                grammar.code,
                if is_current { "matches the grammar" } else { "differs: run without --check" }
            );
            outdated |= !is_current;
        } else {
            std::fs::write(path, code)?;
        }
    }
    Ok(if outdated { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

impl Grammar {
    fn code(&self, root: &Path) -> Result<String, Box<dyn Error>> {
        let proto = root.join(self.proto);
        let folder = proto.parent().ok_or("a grammar is in a folder")?;
        let mut configuration = prost_build::Config::new();
        if self.shares_bytes {
            configuration.bytes(["."]);
        }
        let descriptors = protox::compile([&proto], [folder])?;
        let request = descriptors.file.into_iter().map(|file| {
            let module = prost_build::Module::from_protobuf_package_name(file.package());
            (module, file)
        });
        let mut modules = configuration.generate(request.collect())?.into_values();
        let (Some(code), None) = (modules.next(), modules.next()) else {
            return Err(format!("{} is not one package", self.proto).into());
        };
        let (grammar, body) = (digest(&std::fs::read(&proto)?), digest(code.as_bytes()));
        Ok(format!(
            "// The code of {}, SHA-256 {grammar}.\n// Below the empty line it has SHA-256 {body}.\n// Made by `cargo run --manifest-path grammar/Cargo.toml`: change the grammar, not this.\n\n{code}",
            self.proto
        ))
    }
}
