//! What works without a running server, from the state folder alone.
//!
//! Must never: make a folder for a mere question, or leave files behind that the server's own user cannot read.

use std::io;
use std::path::Path;

use shepot_l10n::L10n;
use shepot_relay::{AccessKeys, IssuedKey, StateError, StateFolder};

use crate::control::{Answer, CallError, Refusal, Request, Revoked, ServerInvitation, Wish};
use crate::invitations;
use crate::problem::Problem;
use crate::settings::Settings;

/// Answers as the running server would. `now`: seconds since 1970.
pub(crate) fn ask(settings: &Settings, l10n: &L10n, request: &Request, now: u64) -> Result<Answer, Problem> {
    if let Some(error) = &settings.passed_over {
        // Which folder, and what invitations say, may stand in what was passed over.
        return Err(Problem::settings(l10n, error));
    }
    let damaged = |error| Problem::state(l10n, &error);
    let refused = |error| damaged(StateError::Io { path: settings.state_dir.clone(), error });
    become_owner(&settings.state_dir).map_err(refused)?;
    let state = if matches!(request, Request::Invite(_)) {
        StateFolder::open(&settings.state_dir).map_err(damaged)?
    } else {
        StateFolder::existing(&settings.state_dir)
    };
    let _alone = match state.occupy() {
        // Where there are no sockets it cannot be asked. It has been started: its identity and its standing key are
        // there, and are only read.
        Err(StateError::Occupied(_))
            if cfg!(not(unix)) && matches!(request, Request::Invite(wish) if wish.is_plain()) =>
        {
            None
        }
        Err(StateError::Occupied(_)) => return Err(Problem::occupied(l10n, settings)),
        // A folder that no server has used yet.
        Err(StateError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => None,
        other => Some(other.map_err(damaged)?),
    };
    let keys = || state.stored_access_keys().map_err(damaged).map(Option::unwrap_or_default);
    let done = match request {
        Request::Invite(wish) => invite(settings, l10n, &state, wish, now)?.map(Answer::Invited),
        Request::Invites if settings.open => Err(Refusal::Open),
        Request::Invites => {
            let told = |issued: &IssuedKey| invitations::told(issued.clone(), now);
            Ok(Answer::Invites(keys()?.list().into_iter().map(told).collect()))
        }
        Request::Revoke { invitation } => revoke(l10n, &state, keys()?, invitation)?.map(Answer::Revoked),
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
            return Err(Problem::call(l10n, &settings.control_socket, &CallError::NotRunning));
        }
    };
    Ok(done.unwrap_or_else(Answer::Refused))
}

fn invite(
    settings: &Settings,
    l10n: &L10n,
    state: &StateFolder,
    wish: &Wish,
    now: u64,
) -> Result<Result<ServerInvitation, Refusal>, Problem> {
    let damaged = |error| Problem::state(l10n, &error);
    let pin = state.identity().map_err(damaged)?.pin();
    let address = invitations::public_address(settings, &settings.listen);
    let mut keys = if settings.open { None } else { Some(state.access_keys(now).map_err(damaged)?) };
    let chosen = match invitations::choose(keys.as_ref(), wish, now) {
        Ok(chosen) => chosen,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let (Some(chosen), Some(keys)) = (chosen.as_ref().filter(|chosen| chosen.is_new), &mut keys) {
        if !keys.insert(chosen.issued.clone()) {
            return Ok(Err(Refusal::TooManyInvitations));
        }
        state.store_access_keys(keys).map_err(damaged)?;
    }
    Ok(Ok(invitations::to_server(address, pin, chosen.map(|chosen| chosen.issued), now)))
}

fn revoke(
    l10n: &L10n,
    state: &StateFolder,
    mut keys: AccessKeys,
    typed: &str,
) -> Result<Result<Revoked, Refusal>, Problem> {
    let found = invitations::find(&keys.list(), typed);
    let revoked = found.and_then(|id| {
        let issued = keys.revoke(id);
        issued.ok_or(Refusal::NoSuchInvitation { invitation: typed.to_owned() }).map(|issued| (id, issued))
    });
    let (id, issued) = match revoked {
        Ok(revoked) => revoked,
        Err(refusal) => return Ok(Err(refusal)),
    };
    state.store_access_keys(&keys).map_err(|error| Problem::state(l10n, &error))?;
    Ok(Ok(Revoked { id: invitations::written(id), label: issued.label, connections: 0 }))
}

/// Becomes the owner of the folder of a server, if root operates a server that runs as another user. So the server can
/// read what the command leaves, and nothing that the server's user prepared there can mislead root. This process has
/// only one thread and does nothing else.
#[cfg(target_os = "linux")]
fn become_owner(folder: &Path) -> io::Result<()> {
    use rustix::process::{Gid, Uid};
    use rustix::thread::{set_thread_gid, set_thread_groups, set_thread_uid};
    let Some((user, group)) = crate::system::foreign_owner(folder) else { return Ok(()) };
    set_thread_groups(&[])?;
    set_thread_gid(Gid::from_raw(group))?;
    set_thread_uid(Uid::from_raw(user))?;
    Ok(())
}

/// On other systems the user of the command owns what it makes.
#[cfg(not(target_os = "linux"))]
fn become_owner(_folder: &Path) -> io::Result<()> {
    Ok(())
}
