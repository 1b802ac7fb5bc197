//! Menus, one at a time.

use std::rc::Rc;

use shepot_app::{Choice, Msg, OverMsg, Overlay};
use shepot_view::layouts::latin;
use shepot_window as ui;
use slint::ComponentHandle as _;
use slint::platform::Key as Named;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;
use crate::{composer, keys};

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Menu, on_chosen, |program, index| choose(
        &program,
        usize::try_from(index).unwrap_or(usize::MAX)
    ));
    on!(program, Menu, on_key, |program, text, control| {
        let line = line_of(&program, &text, control);
        line.inspect(|line| choose(&program, *line)).is_some()
    });
    on!(program, Menu, on_close, |program| {
        if program.app.global::<ui::Menu>().get_open() {
            program.send(Msg::Back);
        }
    });
}

/// The line that this key stands beside.
fn line_of(program: &Program, text: &str, control: bool) -> Option<usize> {
    let named = if keys::is(text, Named::Delete) {
        "Del".to_owned()
    } else {
        text.chars().map(latin).flat_map(char::to_uppercase).collect()
    };
    let written = if control { format!("Ctrl+{named}") } else { named };
    let state = program.state();
    let Some(Overlay::Menu(menu)) = &state.overlay else { return None };
    menu.lines.iter().position(|line| !line.keys.is_empty() && line.keys == written)
}

fn choose(program: &Rc<Program>, line: usize) {
    let mentions = {
        let state = program.state();
        let menu = if let Some(Overlay::Menu(menu)) = &state.overlay { Some(menu) } else { None };
        let choice = menu.and_then(|menu| menu.lines.get(line)).map(|line| &line.choice);
        matches!(choice, Some(Choice::Mention(_)))
    };
    program.send(OverMsg::Pick(line));
    if mentions {
        composer::go_on(program);
    }
}

/// Opens a menu at this place, in logical pixels.
pub(crate) fn open(program: &Rc<Program>, of: shepot_app::MenuOf, place: (f32, f32)) {
    program.frame.opens_at.set(place);
    program.send(OverMsg::OpenMenu(of));
}

pub(crate) fn refresh(program: &Program) {
    let menu = program.app.global::<ui::Menu>();
    let rows = {
        let state = program.state();
        let Some(Overlay::Menu(open)) = &state.overlay else {
            drop(state);
            return close(program);
        };
        Rc::clone(&open.lines)
    };
    let rows = rows.iter().enumerate().map(|(at, line)| ui::MenuItem {
        id: i32::try_from(at).unwrap_or_default(),
        title: line.title.as_str().shown(),
        icon: line.icon.shown(),
        keys: line.keys.as_str().shown(),
        is_danger: line.is_danger,
    });
    menu.set_open(false);
    menu.set_items(model(rows.collect()));
    menu.set_current(-1);
    let (x, y) = program.frame.opens_at.get();
    menu.set_x(x);
    // Below the title bar, which the menu's layer leaves free.
    menu.set_y(y - 40.0);
    menu.set_open(true);
}

fn close(program: &Program) {
    let menu = program.app.global::<ui::Menu>();
    if menu.get_open() {
        menu.set_open(false);
        menu.set_items(model(Vec::new()));
        program.app.invoke_focus_page();
    }
}
