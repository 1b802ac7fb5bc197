//! Pictures that the person chooses, made small enough to send.

use std::rc::Rc;

use shepot_client::limits::AVATAR_BYTES;
use shepot_pictures::avatar;

use crate::file_dialog::{self, Answer};
use crate::program::{Program, on_window};

/// Asks for a picture and makes it small. `None`: it cannot be read. Does nothing if the person cancels.
pub(crate) fn choose(
    program: &Rc<Program>,
    chosen: impl FnOnce(&Rc<Program>, Option<Vec<u8>>) + Send + 'static,
) {
    let number = program.number;
    let answer = file_dialog::choose_picture(program.tr("ui-p-upload", &[]));
    program.engine.spawn(async move {
        match answer.await {
            Answer::Chosen(path) => {
                let bytes = file_dialog::read(&path);
                let small = bytes.and_then(|bytes| avatar::prepare(&bytes, AVATAR_BYTES).ok());
                on_window(number, move |program| chosen(program, small));
            }
            Answer::Nothing => {}
            Answer::NoHelper => _ = on_window(number, |program| program.complain_of_no_choice()),
        }
    });
}
