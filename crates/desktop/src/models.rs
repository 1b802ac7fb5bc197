//! Lists for the component tree: made once and changed row by row, since replacing a list loses the pressed button, the
//! hovered row and the focus.

use std::ops::Range;

use slint::{Model as _, ModelRc, VecModel};

/// The number of rows above and below the visible ones that exist.
const AROUND: usize = 4;

/// A new list.
pub(crate) fn model<T: Clone + 'static>(rows: Vec<T>) -> ModelRc<T> {
    ModelRc::new(VecModel::from(rows))
}

/// A list with these rows: the existing one, changed row by row if possible.
pub(crate) fn update<T: Clone + PartialEq + 'static>(shown: ModelRc<T>, rows: Vec<T>) -> ModelRc<T> {
    let Some(list) = shown.as_any().downcast_ref::<VecModel<T>>() else { return model(rows) };
    while list.row_count() > rows.len() {
        list.remove(list.row_count() - 1);
    }
    for (at, row) in rows.into_iter().enumerate() {
        if at >= list.row_count() {
            list.push(row);
        } else if list.row_data(at).as_ref() != Some(&row) {
            list.set_row_data(at, row);
        }
    }
    shown
}

/// The range of visible rows of equal height, with some around them.
pub(crate) fn window(at: f32, view: f32, row: f32, count: usize) -> Range<usize> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of rows")]
    let (first, seen) = ((at / row).max(0.0) as usize, (view / row).max(0.0) as usize + 1);
    let start = first.saturating_sub(AROUND).min(count);
    start..(first + seen + AROUND).min(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rows_that_are_seen_exist() {
        assert_eq!(window(0.0, 440.0, 44.0, 1_000), 0..15);
        assert_eq!(window(4_400.0, 440.0, 44.0, 1_000), 96..115);
        assert_eq!(window(0.0, 440.0, 44.0, 3), 0..3);
        assert_eq!(window(9_000.0, 440.0, 44.0, 3), 3..3);
    }

    #[test]
    fn a_list_is_changed_and_not_replaced() {
        let list = model(vec![1, 2, 3]);
        assert_eq!(update(list.clone(), vec![1, 5]), list);
        assert_eq!(list.iter().collect::<Vec<_>>(), [1, 5]);
        assert_eq!(update(list.clone(), vec![1, 5, 6, 7]), list);
        assert_eq!(list.iter().collect::<Vec<_>>(), [1, 5, 6, 7]);
        let nothing: ModelRc<i32> = ModelRc::default();
        assert_eq!(update(nothing, vec![4]).row_count(), 1);
    }
}
