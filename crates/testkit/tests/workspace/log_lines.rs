//! Lines of the log. Those about a connection name it, so that whoever reads one can find the others. And each is one
//! that the log may have: another would be written nowhere, and nobody would notice.

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

/// What is logged in a file's text: the string that stands last in each line.
fn messages(text: &str) -> Vec<&str> {
    let begin = |rest: &str| {
        ["error!(", "warn!(", "info!(", "debug!(", "trace!("].iter().any(|name| rest.starts_with(name))
    };
    let logged = text.split("tracing::").skip(1).filter(|rest| begin(rest));
    logged
        .filter_map(|rest| {
            let parts: Vec<&str> = rest.split('"').collect();
            let ends = |behind: &str| behind.trim_start_matches([',', ' ', '\n']).starts_with(')');
            parts.windows(2).skip(1).step_by(2).find(|pair| ends(pair[1])).map(|pair| pair[0])
        })
        .collect()
}

#[test]
fn every_line_is_one_that_the_log_may_have() {
    assert_eq!(
        messages("tracing::info!(cause = \"x\", \"a\"),\n tracing::warn!(\n  \"b\"\n);"),
        ["a", "b"],
        "control"
    );
    let logs = std::fs::read_to_string(root().join("crates/logs/src/lib.rs")).unwrap();
    let list = logs.split_once("const MESSAGES").unwrap().1.split_once("];").unwrap().0;
    let targets = logs.split_once("const TARGETS").unwrap().1.split_once("];").unwrap().0;
    let allowed: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    let mut seen = Vec::new();
    for path in files(&root().join("crates"), "rs") {
        let is_test =
            path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "testkit")));
        let text = std::fs::read_to_string(&path).unwrap();
        let ships = text.split("#[cfg(test)]").next().filter(|_| !is_test).unwrap_or_default();
        let name = path.strip_prefix(root().join("crates")).unwrap().iter().next().unwrap().to_str().unwrap();
        let target = format!("\"shepot_{}\"", name.replace('-', "_"));
        for message in messages(ships) {
            assert!(targets.contains(&target), "{}: what {target} logs is written nowhere", path.display());
            assert!(allowed.contains(&message), "{}: {message:?} is written nowhere", path.display());
            seen.push(message.to_owned());
        }
    }
    let unused: Vec<_> = allowed.iter().filter(|text| !seen.iter().any(|line| line == *text)).collect();
    assert!(unused.is_empty(), "nobody writes {unused:?}");
}
