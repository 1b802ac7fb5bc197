//! Hovering, moving and selecting in the list, by mouse and by keys.

use std::ops::Range;
use std::rc::Rc;

use shepot_app::{MessageAction, Msg, OutsideMsg, OverMsg};
use shepot_client::model::CommandError;
use shepot_sanitise::Sanitised;
use shepot_view::command::Command;
use shepot_view::desk::RowKind;
use shepot_view::layouts::latin;
use shepot_view::{emoji, people, sentence};
use shepot_window as ui;
use slint::platform::Key as Named;
use slint::{ComponentHandle as _, ModelRc};

use super::acts;
use super::list::MessageList;
use super::paint::{self, Tools};
use super::selection::{Selection, Spot};
use super::standing::{looks, renew, show_end, stand, tell_focus};
use crate::keys;
use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;

/// How far below the top of a message the menu opens if a key asks for it, in logical pixels.
const MENU_BELOW: f32 = 24.0;

/// The number of rows that Page Up and Page Down move by.
const PAGE_ROWS: usize = 8;

/// Connects the component tree to the list.
pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Timeline, on_viewport, |program, at, view, width| {
        let standing = program.with_list(|list, tools| list.viewport(at, view, width, tools));
        if let Some(standing) = standing {
            stand(&program, standing);
        }
        looks(&program);
    });
    on!(program, Timeline, on_pointer, |program, act, x, y, shift| point(&program, act, x, y, shift));
    on!(program, Timeline, on_hover, |program, x, y, inside| hover(&program, x, y, inside));
    on!(program, Timeline, on_react, |program, row, emoji| acts::react_at(&program, index(row), &emoji));
    on!(program, Timeline, on_act, |program, row, what, x, y| acts::act(&program, index(row), what, (x, y)));
    on!(program, Timeline, on_reply_clicked, |program, row| acts::open_reply(&program, index(row)));
    on!(program, Timeline, on_action, |program, action| match action {
        ui::EventAction::CheckCode => program.send(Msg::Run(Command::SafetyCode)),
        ui::EventAction::Invite => program.send(Msg::Run(Command::Invite)),
        ui::EventAction::None => {}
    });
    on!(program, Timeline, on_retry, |program, row| acts::retry(&program, index(row)));
    on!(program, Timeline, on_copy_code, |program, row, block| {
        acts::copy_code(&program, index(row), index(block));
    });
    on!(program, Timeline, on_unfold, |program, row, _block| {
        renew(&program, |list, tools| list.unfold(index(row), tools));
    });
    on!(program, Timeline, on_to_newest, |program| show_end(&program));
    on!(program, Timeline, on_key, |program, text, control, _shift| key(&program, &text, control));
    on!(program, Timeline, on_focus_changed, |program, is_here, by_pointer| {
        if is_here && !by_pointer {
            program.list.borrow_mut().focus_what_is_seen();
        }
        if is_here {
            tell_focus(&program);
        } else if program.app.get_composer_focused() {
            unselect(&program);
        }
    });
}

/// Drops the selection, since the person continues to write.
fn unselect(program: &Rc<Program>) {
    let before = program.list.borrow_mut().selection.take().map(|selection| selection.rows());
    if let Some(rows) = before {
        program.with_list(|list, tools| list.repaint(rows.start..rows.end, tools));
    }
}

fn index(number: i32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn point(program: &Rc<Program>, act: ui::PointerAct, x: f32, y: f32, shift: bool) {
    match act {
        ui::PointerAct::Down => {
            let before = program.with_list(|list, tools| {
                let before = list.selection.map(|selection| selection.rows());
                let spot = spot_near(list, tools, x, y);
                list.selection = match (list.selection, spot) {
                    (Some(selection), Some(spot)) if shift => Some(Selection { focus: spot, ..selection }),
                    (_, spot) => spot.map(Selection::at),
                };
                list.focused = list.row_under(y);
                list.rings = false;
                before
            });
            repaint_selection(program, before);
            tell_focus(program);
        }
        ui::PointerAct::Drag => {
            let before = program.with_list(|list, tools| {
                let before = list.selection.map(|selection| selection.rows());
                if let (Some(selection), Some(spot)) = (list.selection, spot_near(list, tools, x, y)) {
                    list.selection = Some(Selection { focus: spot, ..selection });
                }
                before
            });
            repaint_selection(program, before);
        }
        ui::PointerAct::Up => {
            let link = program.with_list(|list, tools| {
                let is_click = list.selection.is_none_or(|selection| selection.is_empty());
                if is_click { link_at(list, tools, x, y) } else { None }
            });
            if let Some(link) = link {
                program.send(OverMsg::OpenLink(link));
            }
        }
        ui::PointerAct::Double => {
            let before = program.with_list(|list, tools| {
                let before = list.selection.map(|selection| selection.rows());
                list.selection = word_at(list, tools, x, y);
                before
            });
            repaint_selection(program, before);
        }
        // The other button: what can be done.
        ui::PointerAct::Menu => {
            let row = program.list.borrow().row_under(y);
            if let Some(row) = row {
                acts::act(program, row, ui::MessageAct::More, (x, program.app.get_rows_top() + y));
            }
        }
    }
}

fn repaint_selection(program: &Rc<Program>, before: Option<Range<usize>>) {
    program.with_list(|list, tools| {
        let now = list.selection.map(|selection| selection.rows());
        if let Some(before) = before {
            list.repaint(before, tools);
        }
        if let Some(now) = now {
            list.repaint(now, tools);
        }
    });
}

/// The block of a message nearest to a point, and the place in it.
fn spot_near(list: &MessageList, tools: &mut Tools<'_>, x: f32, y: f32) -> Option<Spot> {
    let row = list.row_under(y.max(0.0)).or_else(|| list.rows().len().checked_sub(1))?;
    let (top, _) = list.edges(row)?;
    let Some(laid) = list.laid(row, tools) else { return Some(Spot { row, block: 0, at: 0 }) };
    let (x, y) = (x - list.measures.column(), y - top);
    let block = laid.blocks.iter().rposition(|block| block.y <= y).unwrap_or(0);
    let inside = laid.blocks.get(block)?;
    let at = if y < inside.y && block == 0 { 0 } else { inside.laid.place(x - inside.x, y - inside.y) };
    Some(Spot { row, block, at })
}

fn word_at(list: &MessageList, tools: &mut Tools<'_>, x: f32, y: f32) -> Option<Selection> {
    let spot = spot_near(list, tools, x, y)?;
    let laid = list.laid(spot.row, tools)?;
    let (top, _) = list.edges(spot.row)?;
    let block = laid.blocks.get(spot.block)?;
    let word = block.laid.word(x - list.measures.column() - block.x, y - top - block.y);
    Some(Selection { anchor: Spot { at: word.start, ..spot }, focus: Spot { at: word.end, ..spot } })
}

/// The link at a point.
fn link_at(list: &MessageList, tools: &mut Tools<'_>, x: f32, y: f32) -> Option<String> {
    let row = list.row_under(y)?;
    let (top, _) = list.edges(row)?;
    let laid = list.laid(row, tools)?;
    let (x, y) = (x - list.measures.column(), y - top);
    laid.blocks.iter().find_map(|block| {
        let at =
            block.laid.letter(x - block.x, y - block.y).filter(|_| y >= block.y && y < block.y + block.h)?;
        block.links.iter().find(|(range, _)| range.contains(&at)).map(|(_, link)| link.clone())
    })
}

fn hover(program: &Rc<Program>, x: f32, y: f32, inside: bool) {
    let timeline = program.app.global::<ui::Timeline>();
    let (row, over_link) = program.with_list(|list, tools| {
        let row = list.row_under(y).filter(|_| inside);
        let changed = row != list.hovered;
        list.hovered = row;
        let over_link = row.is_some_and(|_| link_at(list, tools, x, y).is_some());
        (changed.then_some(row), over_link)
    });
    timeline.set_over_link(over_link);
    if let Some(row) = row {
        tell_hover(program, row);
    }
}

/// Tells the component tree about the row under the pointer, for the buttons beside it.
fn tell_hover(program: &Rc<Program>, row: Option<usize>) {
    let timeline = program.app.global::<ui::Timeline>();
    let Some(row) = row else {
        timeline.set_hovered(-1);
        return;
    };
    let known = program.with_list(|list, tools| {
        let (top, height) = list.edges(row)?;
        let (_, server) = list.server(tools)?;
        let message = list.message_at(row).and_then(|id| server.timeline().get(&id));
        let begins = matches!(list.row(row)?.kind, RowKind::Message { begins_group: true, .. });
        let time = message.map(|message| tools.clock.time(message.at)).unwrap_or_default();
        let is_own = message.is_some_and(|message| server.is_own(message));
        let left = message.map(|message| paint::remaining(tools.l10n, message, list.measures.now));
        let is_message = message.is_some_and(|message| !message.is_deleted);
        Some((top, height, is_message, begins, time, is_own, left.unwrap_or_default()))
    });
    if let Some((top, height, is_message, begins, time, is_own, left)) = known {
        timeline.set_hovered_y(top);
        timeline.set_hovered_h(height);
        timeline.set_hovered_message(is_message);
        timeline.set_hovered_begins(begins);
        timeline.set_hovered_time(time.shown());
        timeline.set_hovered_own(is_own);
        timeline.set_hovered_remaining(left.shown());
        timeline.set_quick(quick(program));
        timeline.set_hovered(i32::try_from(row).unwrap_or(-1));
    }
}

/// The size of a reaction that is one click away, in logical pixels.
const QUICK: f32 = 18.0;

/// The reactions that are one click away. None in a narrow window.
fn quick(program: &Program) -> ModelRc<ui::EmojiCell> {
    if program.app.global::<ui::Shell>().get_is_narrow() {
        return model(Vec::new());
    }
    let (l10n, recent) = (program.l10n(), program.picker.borrow().quick());
    let mut painter = program.painter.borrow_mut();
    let cell = |text: &'static str| ui::EmojiCell {
        text: text.shown(),
        picture: painter.emoji(text, QUICK),
        name: emoji::find(text).map(|known| known.name(l10n.language())).unwrap_or(text).shown(),
        ..ui::EmojiCell::default()
    };
    model(recent.into_iter().map(cell).collect())
}

/// The selected text: a part of one message as it is, or several messages with their authors. `None` if nothing is
/// selected.
fn selected_text(program: &Rc<Program>) -> Option<String> {
    program.with_list(|list, tools| {
        let selection = list.selection.filter(|selection| !selection.is_empty())?;
        let rows = selection.rows();
        let is_one = rows.len() == 1;
        let mut text = String::new();
        for row in rows {
            let Some(laid) = list.laid(row, tools) else { continue };
            let (_, server) = list.server(tools)?;
            let message = list.message_at(row).and_then(|id| server.timeline().get(&id))?;
            let parts: Vec<&str> = laid
                .blocks
                .iter()
                .enumerate()
                .filter_map(|(at, block)| {
                    let part = selection.part(row, at, block.laid.text().len())?;
                    block.laid.text().get(part)
                })
                .collect();
            if parts.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            if !is_one {
                let nick = people::shown(&message.nick, &message.author, &server.people);
                text.push_str(&format!("[{}] {nick}: ", tools.clock.time(message.at)));
            }
            text.push_str(&parts.join("\n"));
        }
        (!text.is_empty()).then_some(text)
    })
}

/// Copies the selection, or the focused message.
fn copy_selection(program: &Rc<Program>) -> bool {
    if let Some(text) = selected_text(program) {
        program.send(OverMsg::Copy(Sanitised::of(&text)));
        return true;
    }
    let message = {
        let list = program.list.borrow();
        list.focused.filter(|_| list.rings).and_then(|row| list.message_at(row))
    };
    message.inspect(|message| program.send(Msg::Message(*message, MessageAction::Copy))).is_some()
}

fn key(program: &Rc<Program>, text: &str, control: bool) -> bool {
    let is = |named: Named| keys::is(text, named);
    let letter = text.chars().next().map(latin);
    if control {
        return match letter {
            Some('c') => copy_selection(program),
            Some('a') => {
                select_all(program);
                true
            }
            _ => false,
        };
    }
    let (focused, has_ring) = (program.list.borrow().focused, program.list.borrow().rings);
    if is(Named::UpArrow) {
        move_focus(program, focused.map(|row| row.saturating_sub(1)));
    } else if is(Named::DownArrow) {
        move_focus(program, focused.map(|row| row + 1));
    } else if is(Named::PageUp) {
        // Somebody goes through the list by keys already, or begins at its end.
        move_focus(program, focused.filter(|_| has_ring).map(|row| row.saturating_sub(PAGE_ROWS)));
    } else if is(Named::PageDown) {
        move_focus(program, focused.map(|row| row + PAGE_ROWS));
    } else if is(Named::Home) {
        move_focus(program, Some(0));
    } else if is(Named::End) {
        show_end(program);
        let last = program.list.borrow().rows().len().checked_sub(1);
        move_focus(program, last);
    } else if is(Named::Return) {
        if let Some(row) = focused {
            let link = program.with_list(|list, tools| {
                let blocks = list.laid(row, tools)?.blocks;
                blocks.iter().find_map(|block| block.links.first().map(|(_, link)| link.clone()))
            });
            // What it answers, first: a link can be clicked.
            match link.filter(|_| !is_reply(program, row)) {
                Some(link) => program.send(OverMsg::OpenLink(link)),
                None => acts::open_reply(program, row),
            }
        }
    } else if is(Named::Delete) {
        if let Some(row) = focused {
            delete(program, row);
        }
    } else if let (Some(letter @ ('r' | 'e')), Some(row)) = (letter, focused.filter(|_| has_ring)) {
        // Who has only clicked, and types, wants to write.
        let place = menu_place(program, row);
        let what = if letter == 'r' { ui::MessageAct::Reply } else { ui::MessageAct::React };
        acts::act(program, row, what, place);
    } else if is(Named::Menu) {
        if let Some(row) = focused {
            acts::act(program, row, ui::MessageAct::More, menu_place(program, row));
        }
    } else {
        return false;
    }
    true
}

/// Deletes one's own message, after a question.
fn delete(program: &Rc<Program>, row: usize) {
    let Some(message) = program.list.borrow().message_at(row) else { return };
    if focused_is_own(program, row) {
        return program.send(Msg::Message(message, MessageAction::Delete));
    }
    let text = sentence::command_error(&program.l10n(), &CommandError::NotTheAuthor);
    program.send(OutsideMsg::Problem(text));
}

fn is_reply(program: &Program, row: usize) -> bool {
    let message = program.list.borrow().message_at(row);
    let shown = program.shown();
    let message = shown.as_deref().zip(message).and_then(|(server, id)| server.timeline().get(&id));
    message.is_some_and(|message| message.reply_to.is_some())
}

fn focused_is_own(program: &Program, row: usize) -> bool {
    let list = program.list.borrow();
    let Some(server) = program.shown() else { return false };
    let message = list.message_at(row).and_then(|id| server.timeline().get(&id));
    message.is_some_and(|message| server.is_own(message))
}

fn menu_place(program: &Program, row: usize) -> (f32, f32) {
    let top = program.list.borrow().edges(row).map_or(0.0, |(top, _)| top);
    (program.app.global::<ui::Shell>().get_width() / 2.0, program.app.get_rows_top() + top + MENU_BELOW)
}

fn select_all(program: &Rc<Program>) {
    program.with_list(|list, tools| {
        let last = list.rows().len().saturating_sub(1);
        list.selection = Some(Selection {
            anchor: Spot { row: 0, block: 0, at: 0 },
            focus: Spot { row: last, block: usize::MAX, at: usize::MAX },
        });
        list.repaint_all(tools);
    });
}

fn move_focus(program: &Rc<Program>, row: Option<usize>) {
    let standing = program.with_list(|list, tools| {
        let last = list.rows().len().checked_sub(1)?;
        let row = row.unwrap_or(last).min(last);
        list.focused = Some(row);
        list.rings = true;
        list.show_whole_row(row, tools)
    });
    if let Some(standing) = standing {
        stand(program, standing);
    }
    tell_focus(program);
}
