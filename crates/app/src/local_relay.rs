//! Carries out effects on the relay in this process, for every interface, and returns what `App` has to be told.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use shepot_hosting::{Hosted, HostingError, Kept, LocalRelay};
use shepot_preferences::{SavedHosting, SecretText};
use zeroize::Zeroizing;

use crate::effect::RelayEffect;
use crate::hosting::HostedAt;
use crate::msg::OutsideMsg;

/// The relay that is stored in the preferences.
///
/// # Errors
///
/// [`HostingError::Kept`] if what is stored is damaged.
pub fn kept_relay(kept: &SavedHosting) -> Result<LocalRelay, HostingError> {
    let identity = BASE64.decode(kept.identity.expose()).map_err(|_| HostingError::Kept)?;
    let invitation = Zeroizing::new(kept.entry.expose().to_owned());
    LocalRelay::of(&Kept { identity: Zeroizing::new(identity), invitation })
}

/// The message with what has to be stored: the relay's key and its owner's invitation.
#[must_use]
pub fn keeping(relay: &LocalRelay) -> OutsideMsg {
    OutsideMsg::KeptHosting(relay.kept().map(|kept| {
        let identity = Zeroizing::new(BASE64.encode(&kept.identity));
        (SecretText::new(&identity), SecretText::new(&kept.invitation))
    }))
}

/// Messages for the program once the relay listens.
pub fn started(relay: &mut LocalRelay, hosted: Hosted) -> [OutsideMsg; 2] {
    let address = hosted.public_address.clone();
    let at = HostedAt { address, port: hosted.port(), reach: hosted.reach };
    let (invitation, moved_from) = (hosted.local_invitation.clone(), hosted.moved_from);
    relay.started(hosted);
    [OutsideMsg::Hosted { at, invitation, moved_from }, keeping(relay)]
}

/// Carries out an effect. Returns messages for the program.
pub fn carry_out(relay: &LocalRelay, effect: &RelayEffect) -> Vec<OutsideMsg> {
    let mut told = Vec::new();
    match effect {
        RelayEffect::Renew(link) => {
            if relay.renewed(link) {
                told.push(keeping(relay));
            }
            return told;
        }
        RelayEffect::Forget => {
            relay.forget();
            return told;
        }
        RelayEffect::Look => {}
        // Who is gone already needs nothing.
        RelayEffect::Disconnect(connection) => {
            relay.hosted().map(|hosted| hosted.disconnect(*connection));
        }
        RelayEffect::Ban(address) => {
            if relay.hosted().is_some_and(|hosted| !hosted.ban(*address)) {
                told.push(OutsideMsg::OwnAddress);
            }
        }
        RelayEffect::LiftBan(address) => {
            relay.hosted().map(|hosted| hosted.lift_ban(*address));
        }
    }
    told.extend(relay.hosted().map(|hosted| OutsideMsg::Visitors(Box::new(hosted.visitors()))));
    told
}
