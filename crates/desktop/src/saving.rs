//! Files that the person saves.

use shepot_app::OutsideMsg;

use crate::file_dialog::Answer;
use crate::program::on_window;

/// Writes the file where the person chose, and tells the program with this number the result.
pub(crate) fn saved(number: u32, answer: Answer, bytes: impl AsRef<[u8]>) {
    let written = match answer {
        Answer::Chosen(path) => std::fs::write(path, bytes).is_ok(),
        Answer::Nothing => return,
        Answer::NoHelper => {
            on_window(number, |program| program.complain_of_no_dialog());
            return;
        }
    };
    on_window(number, move |program| {
        if written {
            program.send(OutsideMsg::Told(program.tr("ui-saved", &[])));
        } else {
            program.send(OutsideMsg::Problem(program.tr("ui-save-failed", &[])));
        }
    });
}
