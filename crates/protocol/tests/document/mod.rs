//! The test vectors of docs/PROTOCOL.md, for the tests of whatever crate computes them. A block marked `vectors` has
//! one `name = value` each: hexadecimal, or text in quotation marks; an indented line continues the one before.
#![allow(dead_code, reason = "each crate checks some of them")]

use std::collections::BTreeMap;

const DOCUMENT: &str = include_str!("../../../../docs/PROTOCOL.md");

/// All vectors, by their names.
pub(crate) struct Vectors(BTreeMap<&'static str, String>);

impl Vectors {
    pub(crate) fn read() -> Self {
        let mut vectors: BTreeMap<&'static str, String> = BTreeMap::new();
        let (mut is_inside, mut last) = (false, "");
        for line in DOCUMENT.lines() {
            match (is_inside, line) {
                (false, _) => is_inside = line == "```vectors",
                (true, "```") => is_inside = false,
                (true, _) => {
                    if let Some(more) = line.strip_prefix("  ") {
                        vectors.get_mut(last).unwrap().push_str(more);
                    } else {
                        let (name, value) = line.split_once(" =").unwrap();
                        let before = vectors.insert(name, value.trim_start().to_owned());
                        assert!(before.is_none(), "{name} stands there twice");
                        last = name;
                    }
                }
            }
        }
        assert!(vectors.len() > 50, "the blocks are not found any more");
        Self(vectors)
    }

    fn value(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_else(|| panic!("docs/PROTOCOL.md has no {name}"))
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        let value = self.value(name);
        value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap()
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let digits = self.value(name);
        let pairs = (0..digits.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    /// Whether these bytes are what is written under this name.
    pub(crate) fn check(&self, name: &str, actual: impl AsRef<[u8]>) {
        let actual: String = actual.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(actual, self.value(name), "{name}");
    }

    pub(crate) fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap_or_else(|_| panic!("{name} has not {N} bytes"))
    }
}

/// The lines of the first block of this kind.
pub(crate) fn block(kind: &str) -> String {
    let fence = format!("```{kind}");
    let lines = DOCUMENT.lines().skip_while(|line| *line != fence).skip(1);
    let lines: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    lines.join("\n")
}

/// Whether this is a line of the document.
pub(crate) fn has_line(wanted: &str) -> bool {
    DOCUMENT.lines().any(|line| line == wanted)
}
