//! Shepot's window: puts the state of `app` into the component tree, turns callbacks into messages, and carries out
//! effects.
//!
//! Owns: the wiring, and what only a window has. `app` decides what happens, `window` how it looks, `client` what goes
//! over the wire. Must never: know the wire or the encryption, keep anything that was said, or fetch anything by
//! itself.

#![allow(
    elided_lifetimes_in_paths,
    reason = "a global of the component tree is named without its lifetime: it lives for a line"
)]

/// Connects a callback of the component tree with a function that takes the program.
macro_rules! on {
    ($program:expr, $global:ident, $callback:ident, |$here:ident $(, $argument:ident)*| $body:expr) => {{
        let weak = std::rc::Rc::downgrade($program);
        $program.app.global::<shepot_window::$global>().$callback(move |$($argument),*| {
            match weak.upgrade() {
                Some($here) => $body,
                None => Default::default(),
            }
        });
    }};
}

mod asking;
mod banner;
mod choices;
mod clipboard;
mod completions;
mod composer;
mod connections;
mod dialogs;
mod emoji_picker;
mod ending;
mod engine_link;
mod faces;
mod file_dialog;
mod first_run;
mod fitting;
mod glyphs;
mod hosting;
mod instance;
mod invitation;
mod keyboard;
mod keys;
mod links;
mod lock;
mod members;
mod memory;
mod menu;
mod models;
mod notices;
mod notify;
mod opening;
mod painter;
mod panic_button;
mod profile;
mod program;
mod qr_entry;
mod rail;
mod reactions;
mod room;
mod safety_code;
mod saved;
mod saving;
mod search;
mod server_dialog;
mod server_record;
mod servers_page;
mod settings;
mod shown;
mod sidebar;
mod small_picture;
mod started_with;
mod switcher;
mod system_clipboard;
mod timeline;
mod toast;
mod typing;
mod window;
mod zone;

pub use fitting::Fitting;
pub use instance::{Instance, Start};
pub use opening::OpenError;
pub use program::{Options, Program};
pub use started_with::entry;
