//! Invitations to the circle as it is now, and what is kept to come back by.

use shepot_protocol::{AccessKey, CircleSecret, Invitation};

use super::Server;
use crate::event::Event;
use crate::model::CommandError;
use crate::succession;

impl Server {
    /// The invitation by which we come back from now on, where the one by which we came opens nothing any more.
    pub(super) fn tell_renewed(&self) {
        let is_owner = self.circle.owner_seed.is_some();
        let keys = self.session.as_ref().and_then(|session| session.circle_keys().ok());
        if keys.is_some_and(|keys| keys.generation() > 0)
            && let Ok(invitation) = self.invitation(is_owner)
        {
            self.tell(Event::Renewed { server: self.id, link: invitation });
        }
    }

    /// An invitation to the circle as it is now.
    pub(super) fn invitation(&self, owner: bool) -> Result<String, CommandError> {
        let session = self.session.as_ref().ok_or(CommandError::NotConnected)?;
        let keys = session.circle_keys()?;
        let pin = self.link.pin().ok_or(CommandError::NotConnected)?;
        let owner_seed = match (&self.circle.owner_seed, owner) {
            (Some(seed), true) => Some(seed.clone()),
            (None, true) => return Err(CommandError::NotTheOwner),
            (_, false) => None,
        };
        let is_open_circle = self.circle.secret.is_none() && keys.generation() == 0;
        let invitation = Invitation {
            address: self.link.address().clone(),
            pin,
            access_key: self.link.newest_access_key().cloned(),
            circle_secret: (!is_open_circle).then(|| CircleSecret::new(*keys.secret())),
            owner: self.circle.owner,
            owner_seed,
            expires_at: None,
            succession: session.succession().map(succession::for_others),
        };
        Ok(invitation.to_link().to_string())
    }

    /// A relay that is its circle's owner's takes another access key with another secret.
    pub(super) fn renew_access_key(&mut self) {
        let keys = self.session.as_ref().and_then(|session| session.circle_keys().ok());
        if let Some(keys) = keys.filter(|keys| keys.generation() > 0) {
            self.link.renew_access_key(AccessKey::new(*keys.access_key()));
        }
    }

    /// After an eviction the circle has another secret than the invitation by which we came.
    pub(super) fn keep_keys(&mut self) {
        self.renew_access_key();
        let Some(session) = &self.session else { return };
        if let Ok(keys) = session.circle_keys()
            && keys.generation() > 0
        {
            self.circle.secret = Some(CircleSecret::new(*keys.secret()));
            self.circle.succession = session.succession().map(succession::for_others);
        }
    }
}
