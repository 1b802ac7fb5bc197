//! The configuration of the MLS client for every group: our suite, rules and stores.

use mls_rs::client_builder::{
    BaseConfig, MakeConfig, WithCryptoProvider, WithGroupStateStorage, WithIdentityProvider, WithMlsRules,
    WithPskStore,
};

use crate::identity::KeyIdentity;
use crate::rules::CircleRules;
use crate::store::{EpochStore, PskStore};
use crate::suite::XWingProvider;

/// The configuration as a type, as the MLS library needs it.
pub(crate) type Config = MakeConfig<
    WithGroupStateStorage<
        EpochStore,
        WithPskStore<
            PskStore,
            WithMlsRules<
                CircleRules,
                WithCryptoProvider<XWingProvider, WithIdentityProvider<KeyIdentity, BaseConfig>>,
            >,
        >,
    >,
>;
