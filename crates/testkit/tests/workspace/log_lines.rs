//! A line in the relay's log that is about a connection names it: who reads one can find the others.

use crate::sources::{files, root};

/// Where the relay serves connections, and nothing else.
const SERVING: [&str; 2] = ["crates/relay/src/connection", "crates/relay/src/admission"];

/// The lines of a file's text that are written to the log.
fn log_lines(text: &str) -> Vec<&str> {
    text.split("tracing::").skip(1).filter_map(|rest| rest.split_once(");").map(|(line, _)| line)).collect()
}

#[test]
fn log_lines_of_a_connection_name_it() {
    let paths = SERVING.iter().flat_map(|folder| files(&root().join(folder), "rs"));
    let texts: Vec<String> = paths.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let lines: Vec<&str> = texts.iter().flat_map(|text| log_lines(text)).collect();
    assert!(lines.len() >= 4, "control: {lines:?}");
    let nameless: Vec<_> = lines.iter().filter(|line| !line.contains("connection = ")).collect();
    assert!(nameless.is_empty(), "{nameless:?}");
    assert_eq!(log_lines("tracing::info!(\n  cause,\n  \"ended\"\n);").len(), 1, "control");
}
