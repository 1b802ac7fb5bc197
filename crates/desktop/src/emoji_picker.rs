//! The emoji picker: for the text, for reactions, for the person's picture.

use std::rc::Rc;

use shepot_app::{For, Msg, Offered, OverMsg, Overlay};
use shepot_view::emoji::{self, Emoji, Tab};
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::memory::{PickerMemory, USUAL};
use crate::models::model;
use crate::program::Program;
use crate::shown::{Shown as _, typed};
use crate::{composer, keys};

const COLUMNS: usize = 8;
const CELL: f32 = 40.0;
const HEADLINE: f32 = 32.0;
const PICTURE: f32 = 26.0;

/// The most recently used emoji that are kept, in memory only.
const MOST_RECENT: usize = 16;

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, EmojiPicker, on_search, |program, wanted| fill(&program, &wanted));
    on!(program, EmojiPicker, on_tab_chosen, |program, tab| {
        let picker = picker(&program);
        picker.set_wanted("".shown());
        fill(&program, "");
        let at = usize::try_from(tab).unwrap_or_default();
        let top = program.picker.borrow().tops.get(at).copied().unwrap_or(0.0);
        picker.set_tab(tab);
        jump(&picker, top);
        viewport(&program, top);
    });
    on!(program, EmojiPicker, on_hover, |program, index| choose(&program, shown_index(&program, index)));
    on!(program, EmojiPicker, on_picked, |program, index, stays| {
        pick(&program, shown_index(&program, index), stays);
    });
    on!(program, EmojiPicker, on_viewport, |program, at| viewport(&program, at));
    on!(program, EmojiPicker, on_close, |program| {
        if picker(&program).get_open() {
            program.send(Msg::Back);
        }
    });
    on!(program, EmojiPicker, on_key, |program, text, shift| key(&program, &text, shift));
}

fn picker(program: &Program) -> ui::EmojiPicker<'_> {
    program.app.global::<ui::EmojiPicker>()
}

/// The index among all emoji. The component tree numbers only the cells that it has.
fn shown_index(program: &Program, index: i32) -> usize {
    program.picker.borrow().from + usize::try_from(index).unwrap_or_default()
}

pub(crate) fn refresh(program: &Rc<Program>) {
    let picker = picker(program);
    let wanted = wanted_for(program);
    if wanted.is_none() && picker.get_open() {
        picker.set_open(false);
        program.app.global::<ui::Composer>().set_emoji_open(false);
        program.app.invoke_focus_composer();
    } else if wanted.is_some() && !picker.get_open() {
        picker.set_wanted("".shown());
        let (x, y) = program.frame.opens_at.get();
        picker.set_x(x);
        picker.set_y(y);
        picker.set_tab(0);
        jump(&picker, 0.0);
        fill(program, "");
        picker.set_open(true);
        program.app.global::<ui::Composer>().set_emoji_open(wanted == Some(For::Text));
    }
}

/// What an emoji is chosen for. `None` if the picker is closed.
fn wanted_for(program: &Program) -> Option<For> {
    if let Some(Offered::Emoji(wanted)) = program.state().overlay.as_ref().and_then(Overlay::offered) {
        Some(*wanted)
    } else {
        None
    }
}

fn fill(program: &Rc<Program>, wanted: &str) {
    let l10n = program.l10n();
    {
        let mut state = program.picker.borrow_mut();
        state.cells.clear();
        state.tops.clear();
        let mut y = 0.0;
        if wanted.trim().is_empty() {
            let recent = if state.recent.is_empty() { &USUAL[..] } else { &state.recent };
            let recent = recent.iter().filter_map(|text| emoji::find(text)).collect();
            section(&mut state, &mut y, l10n.tr("ui-emo-recent", &[]), recent);
            for (tab, name) in Tab::ALL.into_iter().zip([
                "ui-emo-faces",
                "ui-emo-nature",
                "ui-emo-food",
                "ui-emo-travel",
                "ui-emo-things",
                "ui-emo-signs",
            ]) {
                let all = emoji::all().iter().filter(|emoji| emoji.tab == tab).collect();
                section(&mut state, &mut y, l10n.tr(name, &[]), all);
            }
        } else {
            section(&mut state, &mut y, String::new(), emoji::search(wanted));
        }
        state.height = y + 6.0;
        state.chosen = state.cells.iter().position(|(emoji, ..)| emoji.is_some()).unwrap_or(0);
    }
    let picker = picker(program);
    picker.set_content_height(program.picker.borrow().height);
    jump(&picker, 0.0);
    viewport(program, 0.0);
    let chosen = program.picker.borrow().chosen;
    choose(program, chosen);
}

fn section(state: &mut PickerMemory, y: &mut f32, headline: String, all: Vec<&'static Emoji>) {
    state.tops.push(*y);
    if !headline.is_empty() {
        state.cells.push((None, headline, 0.0, *y));
        *y += HEADLINE;
    }
    for row in all.chunks(COLUMNS) {
        for (column, emoji) in row.iter().enumerate() {
            #[allow(clippy::cast_precision_loss, reason = "below eight")]
            state.cells.push((Some(*emoji), String::new(), column as f32 * CELL, *y));
        }
        *y += CELL;
    }
}

/// Scrolls the list to this position.
fn jump(picker: &ui::EmojiPicker<'_>, at: f32) {
    picker.set_at(at);
    picker.set_jumps(picker.get_jumps().wrapping_add(1));
}

fn viewport(program: &Rc<Program>, at: f32) {
    const VIEW: f32 = 320.0;
    let l10n = program.l10n();
    let mut state = program.picker.borrow_mut();
    let from = state.cells.partition_point(|(.., y)| *y < at - 2.0 * CELL);
    let to = state.cells.partition_point(|(.., y)| *y < at + VIEW + CELL);
    state.from = from;
    let mut painter = program.painter.borrow_mut();
    let cells: Vec<ui::EmojiCell> = state
        .cells
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .map(|(emoji, headline, x, y)| ui::EmojiCell {
            text: emoji.map(|emoji| emoji.text).unwrap_or_default().shown(),
            picture: emoji.map(|emoji| painter.emoji(emoji.text, PICTURE)).unwrap_or_default(),
            headline: headline.as_str().shown(),
            x: *x,
            y: *y,
            name: emoji.map(|emoji| emoji.name(l10n.language())).unwrap_or_default().shown(),
        })
        .collect();
    let tab = state.tops.iter().rposition(|top| *top <= at + 1.0).unwrap_or(0);
    let chosen = i32::try_from(state.chosen).unwrap_or(-1) - i32::try_from(from).unwrap_or(0);
    drop(state);
    let picker = picker(program);
    picker.set_cells(model(cells));
    picker.set_chosen(chosen);
    if picker.get_wanted().is_empty() {
        picker.set_tab(i32::try_from(tab).unwrap_or_default());
    }
}

fn choose(program: &Rc<Program>, index: usize) {
    let l10n = program.l10n();
    let (emoji, from) = {
        let mut state = program.picker.borrow_mut();
        let Some(emoji) = state.cells.get(index).and_then(|(emoji, ..)| *emoji) else { return };
        state.chosen = index;
        (emoji, state.from)
    };
    let picker = picker(program);
    picker.set_chosen_picture(program.painter.borrow_mut().emoji(emoji.text, 24.0));
    picker.set_chosen_name(emoji.name(l10n.language()).shown());
    picker.set_chosen_short(format!(":{}:", emoji.short_name).shown());
    picker.set_chosen(i32::try_from(index).unwrap_or(-1) - i32::try_from(from).unwrap_or(0));
}

fn pick(program: &Rc<Program>, index: usize, stays: bool) {
    let emoji = {
        let mut state = program.picker.borrow_mut();
        let Some(emoji) = state.cells.get(index).and_then(|(emoji, ..)| *emoji) else { return };
        state.recent.retain(|other| *other != emoji.text);
        state.recent.insert(0, emoji.text);
        state.recent.truncate(MOST_RECENT);
        emoji
    };
    match wanted_for(program) {
        Some(For::Text) if stays => composer::field::put(program, emoji.text),
        Some(For::Text) => {
            program.send(Msg::Back);
            program.app.invoke_insert(typed(emoji.text));
        }
        Some(wanted @ (For::Reaction(_) | For::Avatar)) => {
            program.send(OverMsg::PickEmoji(wanted, emoji.text.to_owned()));
        }
        None => {}
    }
}

fn key(program: &Rc<Program>, text: &str, shift: bool) -> bool {
    let is = |named: Named| keys::is(text, named);
    let (chosen, count) = {
        let state = program.picker.borrow();
        (state.chosen, state.cells.len())
    };
    let step = |forward: bool, by: usize| {
        let state = program.picker.borrow();
        let mut at = chosen;
        for _ in 0..by {
            loop {
                at = if forward { at + 1 } else { at.wrapping_sub(1) };
                match state.cells.get(at) {
                    Some((Some(_), ..)) => break,
                    Some(_) => {}
                    None => return chosen,
                }
            }
        }
        at
    };
    let next = if is(Named::Return) {
        pick(program, chosen, shift);
        return true;
    } else if is(Named::RightArrow) {
        step(true, 1)
    } else if is(Named::LeftArrow) {
        step(false, 1)
    } else if is(Named::DownArrow) {
        step(true, COLUMNS)
    } else if is(Named::UpArrow) {
        step(false, COLUMNS)
    } else {
        return false;
    };
    if next < count {
        let y = program.picker.borrow().cells.get(next).map_or(0.0, |(.., y)| *y);
        let at = picker(program).get_at();
        let wanted = if y < at {
            y
        } else if y > at + 250.0 {
            y - 250.0
        } else {
            at
        };
        jump(&picker(program), wanted);
        viewport(program, wanted);
        choose(program, next);
    }
    true
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_usual_reactions_are_known() {
        for text in super::USUAL {
            assert!(shepot_view::emoji::find(text).is_some(), "{text}");
        }
    }
}
