//! Emoji in fields of one line: painted into the gaps that the toolkit leaves.

use std::rc::Rc;

use shepot_typeset::{Style, is_rtl};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::WindowEvent;

use crate::models::model;
use crate::painter::LineOf;
use crate::program::Program;

/// The height of an emoji, as a multiple of the text's size.
const SIDE: f32 = 1.2;

pub(crate) fn wire(program: &Rc<Program>) {
    program.app.global::<ui::Glyphs>().on_is_rtl(|text, at| {
        let at = usize::try_from(at).unwrap_or_default();
        let begins = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let line = text.get(begins..).unwrap_or_default().lines().next();
        line.is_some_and(is_rtl)
    });
    on!(program, Shell, on_press, |program, text| {
        program.app.window().dispatch_event(WindowEvent::KeyPressed { text });
    });
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
