//! Lists of choices. The code that makes one knows what its positions mean; the component tree does not.

use shepot_window as ui;

use crate::models::update;
use crate::program::Program;
use crate::shown::Shown as _;

/// The list of choices and the position of the chosen one. Empty if nothing is offered.
pub(crate) fn choices<T: PartialEq>(
    program: &Program,
    shown: ui::Choices,
    offered: &[(T, &str)],
    current: T,
) -> ui::Choices {
    let names = offered.iter().map(|(_, name)| program.tr(name, &[]).shown()).collect();
    let current = offered.iter().position(|(one, _)| *one == current);
    let current = current.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1);
    ui::Choices { names: update(shown.names, names), current }
}

/// The choice at this position, or else `otherwise`.
pub(crate) fn chosen<T: Copy>(offered: &[(T, &str)], place: i32, otherwise: T) -> T {
    usize::try_from(place).ok().and_then(|place| offered.get(place)).map_or(otherwise, |(chosen, _)| *chosen)
}
