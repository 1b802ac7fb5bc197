//! What the word that is being written may become: a person's name, an emoji.

use std::rc::Rc;

use shepot_typeset::{Colour, Weight};
use shepot_view::{emoji, people};
use shepot_window as ui;
use slint::platform::Key as Named;

use crate::composer::{composer, field};
use crate::models::model;
use crate::program::Program;

/// As many are offered.
const MOST: usize = 6;

/// What is offered.
#[derive(Default)]
pub(crate) struct Completions {
    offered: Vec<Completion>,
    chosen: usize,
    /// Where the word begins.
    word_at: usize,
}

/// What a word may become.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Completion {
    /// An emoji.
    picture: Option<&'static str>,
    shown: String,
    written: String,
}

/// What the word at the cursor may become.
pub(crate) fn offer(program: &Rc<Program>, text: &str, cursor: usize) {
    let before = text.get(..cursor.min(text.len())).unwrap_or_default();
    let word_at = before
        .rfind(char::is_whitespace)
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    let word = before.get(word_at..).unwrap_or_default();
    let completions = if let Some(typed) = word.strip_prefix('@') {
        people_for(program, typed)
    } else if let Some(typed) = word.strip_prefix(':').filter(|typed| typed.chars().count() >= 2) {
        emoji_for(program, typed)
    } else {
        Vec::new()
    };
    let shown: Vec<ui::Completion> = {
        let mut painter = program.painter.borrow_mut();
        let ink = Colour::of(painter.palette().t1);
        let mut show = |one: &Completion| ui::Completion {
            picture: one.picture.map(|emoji| painter.emoji(emoji, 20.0)).unwrap_or_default(),
            name: painter.name(&one.shown, 14.0, Weight::Regular, ink),
        };
        completions.iter().map(&mut show).collect()
    };
    program.composer.borrow_mut().completions = Completions { offered: completions, chosen: 0, word_at };
    composer(program).set_completions(model(shown));
    composer(program).set_completion(0);
}

fn people_for(program: &Program, typed: &str) -> Vec<Completion> {
    let desk = program.desk.borrow();
    let Some(server) = program.server.get().and_then(|id| desk.server(id)) else { return Vec::new() };
    let typed = typed.to_lowercase();
    let fits = server
        .people
        .iter()
        .filter(|person| !person.is_self && person.nick.to_lowercase().starts_with(&typed));
    fits.take(MOST)
        .map(|person| {
            let mention = people::mention(person, &server.people);
            Completion { picture: None, shown: mention.clone(), written: format!("{mention} ") }
        })
        .collect()
}

fn emoji_for(program: &Program, typed: &str) -> Vec<Completion> {
    let words = program.words();
    let typed = typed.to_lowercase();
    let mut found = emoji::search(&typed);
    // Whoever writes a name writes the shortest that fits.
    found.sort_by_key(|emoji| (!emoji.short_name.starts_with(&typed), emoji.short_name.len()));
    found
        .into_iter()
        .take(MOST)
        .map(|found| Completion {
            picture: Some(found.text),
            shown: format!(":{}:  {}", found.short_name, found.name(words.language())),
            written: format!("{} ", found.text),
        })
        .collect()
}

fn complete(program: &Rc<Program>) -> bool {
    let (at, written) = {
        let completions = &program.composer.borrow().completions;
        let Some(chosen) = completions.offered.get(completions.chosen) else { return false };
        (completions.word_at, chosen.written.clone())
    };
    let now = field::text(program);
    let cursor = usize::try_from(program.app.get_cursor()).unwrap_or_default().min(now.len());
    let (Some(before), Some(after)) = (now.get(..at), now.get(cursor..)) else { return false };
    let whole = format!("{before}{written}{after}");
    close(program);
    field::set(program, &whole, at + written.len());
    true
}

/// Takes them away; false when there are none.
pub(crate) fn close(program: &Program) -> bool {
    let offered = std::mem::take(&mut program.composer.borrow_mut().completions.offered);
    if offered.is_empty() {
        return false;
    }
    composer(program).set_completions(model(Vec::new()));
    true
}

/// One of them was clicked.
pub(crate) fn choose(program: &Rc<Program>, index: i32) {
    program.composer.borrow_mut().completions.chosen = usize::try_from(index).unwrap_or_default();
    complete(program);
}

/// A key that is theirs while they are offered.
pub(crate) fn key(program: &Rc<Program>, text: &str) -> bool {
    let is = |named: Named| text == slint::SharedString::from(named).as_str();
    let offered = program.composer.borrow().completions.offered.len();
    if offered == 0 {
        return false;
    }
    let by = if is(Named::Tab) {
        return complete(program);
    } else if is(Named::DownArrow) {
        1
    } else if is(Named::UpArrow) {
        offered - 1
    } else {
        return false;
    };
    let chosen = (program.composer.borrow().completions.chosen + by) % offered;
    program.composer.borrow_mut().completions.chosen = chosen;
    composer(program).set_completion(i32::try_from(chosen).unwrap_or_default());
    true
}
