//! What the operator of a server can see of a person, in words.

use shepot_client::model::ServerRecord;
use shepot_l10n::{L10n, size};

/// A fact that the operator sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The label.
    pub name: String,
    /// The value that the server reported.
    pub value: String,
}

/// All facts of the record, in the order of the operator's own table.
#[must_use]
pub fn facts(l10n: &L10n, record: &ServerRecord) -> Vec<Fact> {
    let number = |number: u64| size::number(l10n.language(), number);
    let label = match &*record.access_label {
        "" => l10n.tr("record-no-label", &[]),
        label => label.to_owned(),
    };
    let circles = l10n.tr(
        "record-circles-value",
        &[("circles", &record.circles.to_string()), ("seats", &record.seats.to_string())],
    );
    [
        ("record-address", record.address.to_string()),
        ("record-connection", number(record.connection)),
        ("record-connected", size::duration(l10n, record.connected)),
        ("record-silent", size::duration(l10n, record.silent)),
        ("record-circles", circles),
        ("record-in", size::bytes(l10n, record.bytes_in)),
        ("record-out", size::bytes(l10n, record.bytes_out)),
        ("record-label", label),
        ("record-refused", number(record.refused_attempts)),
    ]
    .map(|(name, value)| Fact { name: l10n.tr(name, &[]), value })
    .into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use shepot_l10n::Language;
    use shepot_sanitise::Sanitised;

    use super::*;

    #[test]
    fn every_fact_has_a_name_in_both_languages() {
        let record = ServerRecord {
            connection: 1_234,
            address: "203.0.113.5:6000".into(),
            connected: Duration::from_secs(600),
            silent: Duration::from_secs(3),
            circles: 2,
            seats: 1,
            bytes_in: 2_048,
            bytes_out: 3 * 1024 * 1024,
            access_label: Sanitised::default(),
            refused_attempts: 7,
        };
        for language in Language::ALL {
            let facts = facts(&L10n::new(language), &record);
            assert!(facts.iter().all(|fact| !fact.name.starts_with("record-")));
            assert!(facts.iter().all(|fact| !fact.value.is_empty() && !fact.value.starts_with("record-")));
        }
        let english = facts(&L10n::new(Language::English), &record);
        assert_eq!(english[0].value, "203.0.113.5:6000");
        assert_eq!(english[4].value, "2, a member in 1");
    }
}
