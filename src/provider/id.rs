//! Which providers there are.

use serde::Serialize;

/// The providers by name. `useapi` is experimental: its vendor has stopped to list it, and nothing says that it still answers.
/// A build has those whose feature is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum ProviderId {
    /// Luma's Dream Machine API.
    #[cfg(feature = "dream-machine")]
    DreamMachine,
    /// Luma's Agents API.
    #[cfg(feature = "agents")]
    Agents,
    /// useapi.net's Luma API, which is experimental.
    #[cfg(feature = "useapi")]
    Useapi,
    /// PiAPI's Luma API.
    #[cfg(feature = "piapi")]
    Piapi,
}

impl ProviderId {
    /// Those of this build; the first is who is asked by default.
    pub const ALL: &[ProviderId] = &[
        #[cfg(feature = "dream-machine")]
        ProviderId::DreamMachine,
        #[cfg(feature = "agents")]
        ProviderId::Agents,
        #[cfg(feature = "useapi")]
        ProviderId::Useapi,
        #[cfg(feature = "piapi")]
        ProviderId::Piapi,
    ];

    /// The name in options and results.
    pub fn as_str(self) -> &'static str {
        match self {
            #[cfg(feature = "dream-machine")]
            ProviderId::DreamMachine => "dream-machine",
            #[cfg(feature = "agents")]
            ProviderId::Agents => "agents",
            #[cfg(feature = "useapi")]
            ProviderId::Useapi => "useapi",
            #[cfg(feature = "piapi")]
            ProviderId::Piapi => "piapi",
        }
    }

    /// The provider of that name.
    pub fn named(name: &str) -> Option<ProviderId> {
        ProviderId::ALL.iter().copied().find(|id| id.as_str() == name)
    }

    /// The name of the provider whose keys have this form. Such a key must not be sent to anybody else.
    pub fn of_key(key: &str) -> Option<&'static str> {
        if key.starts_with("luma-api-") {
            Some("agents")
        } else if key.starts_with("user:") {
            Some("useapi")
        } else {
            None
        }
    }
}
