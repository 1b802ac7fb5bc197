//! The programs under test.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// Set by `scripts/test`, which builds all programs of the workspace with the tests.
const ARE_BUILT: &str = "PROGRAMS_ARE_BUILT";

/// The path of a program of this workspace. Builds it with cargo in the profile of the running test, unless all are
/// built already.
///
/// # Panics
///
/// If it cannot be built.
#[must_use]
pub fn program(package: &str, name: &str) -> PathBuf {
    static BUILT: OnceLock<std::sync::Mutex<Vec<String>>> = OnceLock::new();
    let built = BUILT.get_or_init(Default::default);
    // target/PROFILE/deps/TEST
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test.parent().and_then(|deps| deps.parent()).expect("target/PROFILE").to_path_buf();
    let mut built = built.lock().expect("no test panicked while building");
    if std::env::var_os(ARE_BUILT).is_none() && !built.iter().any(|other| other == name) {
        let profile = folder.file_name().and_then(|name| name.to_str()).unwrap_or("debug");
        let profile = if profile == "debug" { "dev" } else { profile };
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let status = Command::new(cargo)
            .args(["build", "--quiet", "--locked", "--profile", profile, "--package", package, "--bin", name])
            .args(["--target-dir".as_ref(), folder.parent().expect("target").as_os_str()])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "{name} could not be built");
        built.push(name.to_owned());
    }
    folder.join(name).with_extension(std::env::consts::EXE_EXTENSION)
}
