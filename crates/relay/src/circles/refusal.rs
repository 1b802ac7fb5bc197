//! What a refusal refers to, so that the asker knows which of its requests was refused.

use shepot_protocol::message::{Refusal, RequestKind};
use shepot_protocol::{CircleId, ClientToRelay, RelayToClient};

use super::NotDone;
use crate::signature::commit_id;

/// A request, as a refusal refers to it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    request: RequestKind,
    circle: Option<CircleId>,
    /// The publish id or the commit id. `None`: the request has neither.
    id: Option<[u8; 16]>,
}

impl Subject {
    pub(crate) fn of(request: &ClientToRelay) -> Self {
        let (circle, id) = match request {
            ClientToRelay::Hello(_) | ClientToRelay::Ping { .. } | ClientToRelay::ShowRecord => (None, None),
            ClientToRelay::Enter(enter) => (Some(enter.circle()), None),
            ClientToRelay::Leave { circle } | ClientToRelay::JoinLease { circle } => (Some(*circle), None),
            ClientToRelay::CreateGroup(created) => (Some(created.circle), None),
            ClientToRelay::GroupInfoResponse(answer) => (Some(answer.circle), None),
            ClientToRelay::Commit(commit) => (Some(commit.circle), Some(commit_id(&commit.blob).0)),
            ClientToRelay::Endorse(endorse) => (Some(endorse.circle), Some(endorse.commit.0)),
            ClientToRelay::Publish(publish) => (Some(publish.circle), Some(publish.publish_id.0)),
            ClientToRelay::Signal(signal) => (Some(signal.circle), None),
        };
        Self { request: RequestKind::from(request), circle, id }
    }

    /// The frames for the asker: the succession, if that is the cause, and the refusal.
    pub(crate) fn refusal(self, refused: &NotDone) -> impl Iterator<Item = RelayToClient> {
        let Self { request, circle, id } = self;
        let NotDone { cause, later, retry_after } = refused;
        let word = circle.zip(later.as_deref().copied());
        let word = word.map(|(circle, succession)| RelayToClient::Superseded { circle, succession });
        let refusal = Refusal {
            cause: *cause,
            request: Some(request),
            circle,
            subject: id,
            retry_after: *retry_after,
            closing: false,
        };
        word.into_iter().chain([RelayToClient::Refused(refusal)])
    }
}
