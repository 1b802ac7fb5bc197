//! The safety code as people read it aloud.

/// Five groups of five digits: the 72 bits as one decimal number.
#[must_use]
pub fn as_numbers(symbols: &[u8; 12]) -> String {
    let number = symbols.iter().fold(0_u128, |number, symbol| number << 6 | u128::from(symbol & 63));
    let digits = format!("{number:025}");
    let mut groups = String::with_capacity(29);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 5 == 0 {
            groups.push(' ');
        }
        groups.push(digit);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_five_groups_and_differ() {
        assert_eq!(as_numbers(&[0; 12]), "00000 00000 00000 00000 00000");
        assert_eq!(as_numbers(&[63; 12]), "00047 22366 48286 96452 13695");
        assert_eq!(as_numbers(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]), "00000 00000 00000 00000 00064");
    }
}
