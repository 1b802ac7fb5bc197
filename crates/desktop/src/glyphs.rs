//! Emoji in fields of one line: the toolkit leaves gaps, here are the pictures.

use std::rc::Rc;

use shepot_typeset::Style;
use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::painter::LineOf;
use crate::program::Program;

/// The height of an emoji, in heights of the text.
const SIDE: f32 = 1.2;

pub(crate) fn wire(program: &Rc<Program>) {
    let here = Rc::downgrade(program);
    program.app.global::<ui::Glyphs>().on_emoji(move |text, size, is_mono| {
        let Some(program) = here.upgrade() else { return model(Vec::new()) };
        let style = Style { mono: is_mono, scale: is_mono.then_some(1.0 / 0.88), ..Style::default() };
        let line = LineOf { style, width: None, size, height: size * SIDE, side: size * SIDE };
        // Asked for while something is painted: the next change of the text asks again.
        let cells = program.painter.try_borrow_mut().map(|mut painter| painter.emoji_in(&text, &line));
        model(cells.unwrap_or_default())
    });
}
