//! Menus: one at a time.

use std::rc::Rc;

use shepot_window as ui;
use slint::ComponentHandle as _;

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;

/// What can be chosen.
pub(crate) struct Item {
    /// The name of its words.
    pub(crate) word: &'static str,
    icon: &'static str,
    keys: &'static str,
    is_danger: bool,
}

impl Item {
    pub(crate) const fn new(word: &'static str, icon: &'static str) -> Self {
        Self { word, icon, keys: "", is_danger: false }
    }

    pub(crate) const fn keys(mut self, keys: &'static str) -> Self {
        self.keys = keys;
        self
    }

    pub(crate) const fn danger(mut self) -> Self {
        self.is_danger = true;
        self
    }
}

type Choice = Box<dyn FnOnce(&Rc<Program>, usize)>;

/// The menu that is open.
#[derive(Default)]
pub(crate) struct MenuState {
    choice: Option<Choice>,
}

pub(crate) fn wire(program: &Rc<Program>) {
    on!(program, Menu, on_chosen, |program, index| {
        let choice = program.menu.borrow_mut().choice.take();
        close(&program);
        if let Some(choice) = choice {
            choice(&program, usize::try_from(index).unwrap_or(usize::MAX));
        }
    });
    on!(program, Menu, on_close, |program| {
        close(&program);
    });
}

/// Opens a menu; `choice` is given the place of what was chosen.
pub(crate) fn open(
    program: &Rc<Program>,
    items: Vec<Item>,
    place: (f32, f32),
    choice: impl FnOnce(&Rc<Program>, usize) + 'static,
) {
    let rows = items
        .into_iter()
        .enumerate()
        .map(|(at, item)| ui::MenuItem {
            id: i32::try_from(at).unwrap_or_default(),
            title: program.tr(item.word, &[]).shown(),
            icon: item.icon.shown(),
            keys: item.keys.shown(),
            is_danger: item.is_danger,
        })
        .collect();
    program.menu.borrow_mut().choice = Some(Box::new(choice));
    let menu = program.app.global::<ui::Menu>();
    menu.set_open(false);
    menu.set_items(model(rows));
    menu.set_current(-1);
    menu.set_x(place.0);
    // Below the title bar, which the menu's layer leaves free.
    menu.set_y(place.1 - 40.0);
    menu.set_open(true);
}

/// Closes the menu; false when none was open.
pub(crate) fn close(program: &Rc<Program>) -> bool {
    let menu = program.app.global::<ui::Menu>();
    let was_open = menu.get_open();
    if was_open {
        program.menu.borrow_mut().choice = None;
        menu.set_open(false);
        menu.set_items(model(Vec::new()));
        program.app.invoke_focus_page();
    }
    was_open
}
