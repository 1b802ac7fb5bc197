//! The MLS client that every group here is made with: our suite, rules and stores.

use mls_rs::client_builder::{
    BaseConfig, MakeConfig, WithCryptoProvider, WithGroupStateStorage, WithIdentityProvider, WithMlsRules,
    WithPskStore,
};

use crate::identity::KeyIdentity;
use crate::rules::CircleRules;
use crate::store::{EpochStore, PskStore};
use crate::suite::XWingProvider;

/// As MLS wants it said.
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
