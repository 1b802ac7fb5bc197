//! Whom a command asks: the running server, or the state folder where none runs; and how an invitation is printed.

use shepot_console::qr_code;
use shepot_words::Words;

use crate::control::{Answer, CallError, Caller, Invitation, Key, Request};
use crate::offline;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::terminal::{draw, say};

/// Prints an invitation; the owner's link as well, when it was asked for.
pub(crate) fn print(words: &Words, invitation: &Invitation) {
    say(&words.say("server-invitation", &[]));
    say("");
    say(&invitation.link);
    say("");
    for row in qr_code(words, &invitation.link) {
        draw(&row);
    }
    if let Some(link) = &invitation.owner_link {
        say(&words.say("server-owner-invitation", &[]));
        say(link);
        say("");
    }
    let has_own_key = |key: &&Key| key.expires.is_some() || key.most_uses.is_some() || !key.label.is_empty();
    if let Some(key) = invitation.key.as_ref().filter(has_own_key) {
        say(&words.say("operator-key", &[("id", &key.id)]));
    }
    match invitation.reach.as_str() {
        "network" => say(&words.say("server-only-near", &[])),
        "machine" => say(&words.say("server-only-here", &[])),
        _ => {}
    }
}

/// Asks the running server, or does the same with the state folder where none runs. `now`: seconds since
/// 1970.
pub(crate) fn ask(
    settings: &Settings,
    words: &Words,
    request: &Request,
    now: u64,
) -> Result<Answer, Problem> {
    let running = Caller::connect(&settings.control_socket);
    match running {
        Ok(mut server) => {
            server.ask(request).map_err(|error| Problem::call(words, &settings.control_socket, &error))
        }
        Err(CallError::NotRunning) => offline::ask(settings, words, request, now),
        // Where there are no such sockets, nobody can be asked.
        Err(CallError::Io(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            offline::ask(settings, words, request, now)
        }
        Err(error) => Err(Problem::call(words, &settings.control_socket, &error)),
    }
}
