//! The permitted shape of a commit, which sender and receiver check by the same rules. Who may remove whom depends on
//! who is present, which MLS does not know. So `commit.rs` checks that on a copy, before anything is merged.

use mls_rs::MlsRules;
use mls_rs::client_builder::PaddingMode;
use mls_rs::group::{GroupContext, Roster};
use mls_rs::identity::SigningIdentity;
use mls_rs::mls_rules::{CommitDirection, CommitOptions, CommitSource, EncryptionOptions, ProposalBundle};
use mls_rs::psk::ExternalPskId;

use crate::error::Violation;
use crate::extension::CircleContext;
use crate::keys::CircleKeys;

#[derive(Clone, Debug)]
pub(crate) struct CircleRules;

impl MlsRules for CircleRules {
    type Error = Violation;

    fn filter_proposals(
        &self,
        _: CommitDirection,
        source: CommitSource,
        roster: &Roster<'_>,
        context: &GroupContext,
        proposals: ProposalBundle,
    ) -> Result<ProposalBundle, Violation> {
        if proposals.iter_proposals().any(|proposal| proposal.is_by_reference()) {
            return Err(Violation::ForeignProposal);
        }
        match &source {
            CommitSource::NewMember(identity) => check_join(identity, roster, context, &proposals)?,
            CommitSource::ExistingMember(_) => check_member(context, &proposals)?,
        }
        Ok(proposals)
    }

    fn commit_options(
        &self,
        _: &Roster<'_>,
        _: &GroupContext,
        _: &ProposalBundle,
    ) -> Result<CommitOptions, Violation> {
        // A path always: every commit brings new keys. Group information is made when somebody asks for it.
        Ok(CommitOptions::new().with_path_required(true).with_ratchet_tree_extension(false))
    }

    fn encryption_options(&self, _: &Roster<'_>, _: &GroupContext) -> Result<EncryptionOptions, Violation> {
        // Padding is ours, in `envelope.rs`: Padmé alone leaks short lengths.
        Ok(EncryptionOptions::new(true, PaddingMode::None))
    }
}

fn check_join(
    identity: &SigningIdentity,
    roster: &Roster<'_>,
    context: &GroupContext,
    proposals: &ProposalBundle,
) -> Result<(), Violation> {
    let generation = CircleContext::from_extensions(&context.extensions)?.generation;
    let wanted = ExternalPskId::new(CircleKeys::psk_id(&context.group_id, generation));
    let mut psks = proposals.psk_proposals().iter();
    match (psks.next(), psks.next()) {
        (Some(psk), None) if psk.proposal.external_psk_id() == Some(&wanted) => {}
        _ => return Err(Violation::JoinWithoutKey),
    }
    let removes = proposals.remove_proposals();
    if removes.len() > 1 {
        return Err(Violation::JoinRemovesAnother);
    }
    for remove in removes {
        let old = roster
            .member_with_index(remove.proposal.to_remove())
            .map_err(|_| Violation::JoinRemovesAnother)?;
        if old.signing_identity.signature_key != identity.signature_key {
            return Err(Violation::JoinRemovesAnother);
        }
    }
    let allowed = 1 + removes.len() + proposals.external_init_proposals().len();
    if proposals.length() == allowed { Ok(()) } else { Err(Violation::JoinCarriesMore) }
}

fn check_member(context: &GroupContext, proposals: &ProposalBundle) -> Result<(), Violation> {
    let changes = proposals.group_context_ext_proposals();
    if changes.len() > 1 || proposals.length() != changes.len() + proposals.remove_proposals().len() {
        return Err(Violation::MemberProposal);
    }
    let now = CircleContext::from_extensions(&context.extensions)?;
    for change in changes {
        let next = CircleContext::from_extensions(&change.proposal)?;
        if now.generation.checked_add(1) != Some(next.generation) || next.owner != now.owner {
            return Err(Violation::ContextChange);
        }
    }
    Ok(())
}
