//! Puts the question of a dialog into the component tree.

use shepot_app::confirmation::Question;
use shepot_window as ui;
use slint::{ComponentHandle as _, SharedString};

use crate::models::model;
use crate::program::Program;
use crate::shown::Shown as _;

/// A question with its fields and choices.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) field: String,
    pub(crate) field2: String,
    pub(crate) error: String,
    pub(crate) choices: Vec<SharedString>,
    pub(crate) choice: i32,
}

pub(crate) fn question(title: String, yes: String) -> Question {
    Question { title, yes, ..Question::default() }
}

/// Shows a question. If it is not new, its fields keep what the person has typed.
pub(crate) fn ask(program: &Program, asked: Asked, is_new: bool) {
    let box_ = program.app.global::<ui::Dialogs>();
    box_.set_question(asked.question.title.shown());
    box_.set_body(asked.question.body.shown());
    box_.set_yes(asked.question.yes.shown());
    box_.set_also(asked.question.also.shown());
    box_.set_mono(asked.question.quoted.shown());
    box_.set_field_error(asked.error.shown());
    if is_new {
        box_.set_field(asked.field.shown());
        box_.set_field2(asked.field2.shown());
        box_.set_choices(model(asked.choices));
        box_.set_choice(asked.choice);
    }
}
