//! `shepot-server invite`, `invites` and `revoke`: with the running server, or with the state folder where none runs.

use shepot_console::qr_code;
use shepot_relay::{KeyStatistics, StateError, StateFolder};
use shepot_words::Words;

use crate::clock::now;
use crate::control::{Answer, CallError, Caller, Invitation, Key, Refusal, Request, Revoked, Wish};
use crate::invitations;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::terminal::say;

/// Prints an invitation; the owner's link as well, when it was asked for.
pub(crate) fn print(words: &Words, invitation: &Invitation) {
    say(&words.say("server-invitation", &[]));
    say("");
    say(&invitation.link);
    say("");
    for row in qr_code(words, &invitation.link) {
        say(&row);
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

/// Asks the running server, or does the same with the state folder where none runs.
pub(crate) fn ask(settings: &Settings, words: &Words, request: &Request) -> Result<Answer, Problem> {
    let running = Caller::connect(&settings.control_socket);
    match running {
        Ok(mut server) => {
            server.ask(request).map_err(|error| Problem::call(words, &settings.control_socket, &error))
        }
        Err(CallError::NotRunning) => without_server(settings, words, request),
        // Where there are no such sockets, nobody can be asked.
        Err(CallError::Io(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            without_server(settings, words, request)
        }
        Err(error) => Err(Problem::call(words, &settings.control_socket, &error)),
    }
}

fn without_server(settings: &Settings, words: &Words, request: &Request) -> Result<Answer, Problem> {
    let damaged = |error| Problem::state(words, &error);
    let state = StateFolder::open(&settings.state_dir).map_err(damaged)?;
    let _alone = match state.occupy() {
        Err(StateError::Occupied(_)) => return Err(Problem::occupied(words, settings)),
        other => other.map_err(damaged)?,
    };
    let done = match request {
        Request::Invite(wish) => invite(settings, words, &state, wish)?.map(Answer::Invited),
        Request::Invites if settings.open => Err(Refusal::Open),
        Request::Invites => {
            let keys = state.access_keys().map_err(damaged)?;
            let told = keys.list().into_iter().map(|issued| told(issued.clone()));
            Ok(Answer::Invites(told.collect()))
        }
        Request::Revoke { invitation } => revoke(words, &state, invitation)?.map(Answer::Revoked),
        // Nothing but what is in the state folder is there without a server.
        Request::Status
        | Request::Connections
        | Request::Kick { .. }
        | Request::Ban { .. }
        | Request::Unban { .. }
        | Request::Bans
        | Request::Reload
        | Request::Stop
        | Request::Watch { .. } => {
            return Err(Problem::call(words, &settings.control_socket, &CallError::NotRunning));
        }
    };
    Ok(done.unwrap_or_else(Answer::Refused))
}

fn told(issued: shepot_relay::IssuedKey) -> Key {
    Key::of(&KeyStatistics { issued, connections: 0 }, now())
}

fn invite(
    settings: &Settings,
    words: &Words,
    state: &StateFolder,
    wish: &Wish,
) -> Result<Result<Invitation, Refusal>, Problem> {
    let damaged = |error| Problem::state(words, &error);
    let identity = state.identity().map_err(damaged)?;
    let address = invitations::public_address(settings, &settings.listen);
    if settings.open {
        let open = if wish.is_plain() {
            invitations::invite(address, identity.pin(), None, wish.owner)
        } else {
            Err(Refusal::Open)
        };
        return Ok(open);
    }
    let mut keys = state.access_keys().map_err(damaged)?;
    let standing = keys.standing().filter(|_| wish.is_plain()).cloned();
    let issued = match standing {
        Some(issued) => issued,
        None => match invitations::issue(wish, now()) {
            Ok(issued) if keys.insert(issued.clone()) => {
                state.store_access_keys(&keys).map_err(damaged)?;
                issued
            }
            Ok(_) => return Ok(Err(Refusal::TooManyInvitations)),
            Err(refusal) => return Ok(Err(refusal)),
        },
    };
    let key = Some((issued.key.clone(), told(issued)));
    Ok(invitations::invite(address, identity.pin(), key, wish.owner))
}

fn revoke(words: &Words, state: &StateFolder, typed: &str) -> Result<Result<Revoked, Refusal>, Problem> {
    let damaged = |error| Problem::state(words, &error);
    let mut keys = state.access_keys().map_err(damaged)?;
    let id = match invitations::find(&keys.list(), typed) {
        Ok(id) => id,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(issued) = keys.revoke(id) else {
        return Ok(Err(Refusal::NoSuchInvitation { invitation: typed.to_owned() }));
    };
    state.store_access_keys(&keys).map_err(damaged)?;
    Ok(Ok(Revoked { id: invitations::written(id), label: issued.label, connections: 0 }))
}
