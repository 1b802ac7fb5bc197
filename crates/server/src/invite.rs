//! Answers commands by the running server, or by the state folder if none runs. Also makes invitations to new circles,
//! whose secrets are made in the command's own process and printed.

use shepot_console::qr_code;
use shepot_invitations::NewCircle;
use shepot_l10n::L10n;
use shepot_relay::Reach;

use crate::control::{Answer, CallError, Caller, Invitation, Key, Refusal, Request, ServerInvitation};
use crate::offline;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::terminal::{complain, draw, say};

/// Makes an invitation to a new circle on the server, with the owner's link if it is wanted.
pub(crate) fn to_new_circle(server: &ServerInvitation, owner: bool) -> Result<Invitation, Refusal> {
    // The server may lie.
    let wrong = |_| Refusal::BadRequest { reason: "not an invitation".to_owned() };
    let relay: shepot_protocol::Invitation = server.link.parse().map_err(wrong)?;
    let circle = NewCircle::on(&relay).map_err(|_| Refusal::NoRandom)?;
    Ok(Invitation {
        link: circle.invitation.to_link().to_string(),
        owner_link: owner.then(|| circle.owner_invitation.to_link().to_string()),
        key: server.key.clone(),
        reach: server.reach,
    })
}

/// Prints an invitation, and the owner's link if it was asked for.
pub(crate) fn print(settings: &Settings, l10n: &L10n, invitation: &Invitation) {
    say(&l10n.tr("server-invitation", &[]));
    say("");
    say(&invitation.link);
    say("");
    for row in qr_code(l10n, &invitation.link) {
        draw(&row);
    }
    if let Some(link) = &invitation.owner_link {
        say(&l10n.tr("server-owner-invitation", &[]));
        say(link);
        say("");
    }
    let has_own_key = |key: &&Key| key.expires.is_some() || key.most_uses.is_some() || !key.label.is_empty();
    if let Some(key) = invitation.key.as_ref().filter(has_own_key) {
        let program = std::env::args_os().next().unwrap_or_else(|| "shepot-server".into());
        let command = settings.command(&program, "revoke");
        say(&l10n.tr("operator-key", &[("id", &key.id), ("command", &format!("{command} {}", key.id))]));
    }
    if invitation.key.as_ref().is_some_and(|key| key.expires.is_some() || key.most_uses.is_some()) {
        say(&l10n.tr("operator-only-key", &[]));
    }
    match invitation.reach {
        Reach::Network => say(&l10n.tr("server-only-near", &[])),
        Reach::Machine => say(&l10n.tr("server-only-here", &[])),
        Reach::Everywhere => {}
    }
}

/// Asks the running server, or answers from the state folder if none runs. `now`: seconds since 1970.
pub(crate) fn ask(settings: &Settings, l10n: &L10n, request: &Request, now: u64) -> Result<Answer, Problem> {
    let running = Caller::connect(&settings.control_socket);
    match running {
        Ok(mut server) => {
            // The server's answer to a reload names these mistakes.
            if let Some(error) = settings.passed_over.as_ref().filter(|_| !matches!(request, Request::Reload))
            {
                complain(&error.tr(l10n));
            }
            server.ask(request).map_err(|error| Problem::call(l10n, &settings.control_socket, &error))
        }
        Err(CallError::NotRunning) => offline::ask(settings, l10n, request, now),
        // Where there are no such sockets, nobody can be asked.
        Err(CallError::Io(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            offline::ask(settings, l10n, request, now)
        }
        Err(error) => Err(Problem::call(l10n, &settings.control_socket, &error)),
    }
}
