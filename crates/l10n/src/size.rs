//! Sizes and durations in readable form.

use std::time::Duration;

use crate::{L10n, Language};

/// A rounded size: "412 KB", "35.5 MB".
#[must_use]
pub fn bytes(l10n: &L10n, bytes: u64) -> String {
    const KIB: u64 = 1024;
    let (unit, name) = match bytes {
        0..KIB => return l10n.tr("size-bytes", &[("n", &bytes.to_string())]),
        _ if bytes < KIB * KIB => (KIB, "size-kib"),
        _ if bytes < KIB * KIB * KIB => (KIB * KIB, "size-mib"),
        _ => (KIB * KIB * KIB, "size-gib"),
    };
    let tenths = (bytes * 10 + unit / 2) / unit;
    let text = if tenths >= 1_000 || tenths.is_multiple_of(10) {
        number(l10n.language(), tenths / 10)
    } else {
        let point = match l10n.language() {
            Language::English => '.',
            Language::Russian => ',',
        };
        format!("{}{point}{}", tenths / 10, tenths % 10)
    };
    l10n.tr(name, &[("n", &text)])
}

/// A number with separated thousands.
#[must_use]
pub fn number(language: Language, number: u64) -> String {
    let separator = match language {
        Language::English => ',',
        Language::Russian => '\u{A0}',
    };
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// A duration: "57 min", "3 h 12 min".
#[must_use]
pub fn duration(l10n: &L10n, duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let part = |name: &str, n: u64| l10n.tr(name, &[("n", &n.to_string())]);
    match (days, hours, minutes) {
        (0, 0, 0) => part("time-seconds", seconds),
        (0, 0, _) => part("time-minutes", minutes),
        (0, _, 0) => part("time-hours", hours),
        (0, _, _) => format!("{} {}", part("time-hours", hours), part("time-minutes", minutes)),
        (_, 0, _) => part("time-days", days),
        _ => format!("{} {}", part("time-days", days), part("time-hours", hours)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_both_languages() {
        let (english, russian) = (L10n::new(Language::English), L10n::new(Language::Russian));
        assert_eq!(bytes(&english, 900), "900 B");
        assert_eq!(bytes(&russian, 212 * 1024), "212\u{A0}КБ");
        assert_eq!(bytes(&russian, 37_224_448), "35,5\u{A0}МБ");
        assert_eq!(bytes(&english, 1024 * 1024), "1 MB");
        assert_eq!(number(Language::Russian, 1_284), "1\u{A0}284");
        assert_eq!(number(Language::English, 12_345_678), "12,345,678");
    }

    #[test]
    fn times_have_at_most_two_parts() {
        let l10n = L10n::new(Language::English);
        let say = |seconds| duration(&l10n, Duration::from_secs(seconds));
        assert_eq!(
            [say(5), say(57 * 60), say(3 * 3600 + 12 * 60 + 5), say(26 * 3600)],
            ["5 s", "57 min", "3 h 12 min", "1 d 2 h"]
        );
    }
}
