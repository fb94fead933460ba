//! Which providers there are.

use serde::Serialize;

/// The providers by name. `useapi` is experimental: its vendor has stopped to list it, and nothing says that it still answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub enum ProviderId {
    /// Luma's Agents API.
    Agents,
    /// Luma's Dream Machine API.
    DreamMachine,
    /// useapi.net's Luma API, which is experimental.
    Useapi,
    /// PiAPI's Luma API.
    Piapi,
}

impl ProviderId {
    /// All of them, as the documents list them.
    pub const ALL: &[ProviderId] =
        &[ProviderId::Agents, ProviderId::DreamMachine, ProviderId::Useapi, ProviderId::Piapi];
    /// The name in options and results.
    pub fn as_str(self) -> &'static str {
        match self {
            ProviderId::DreamMachine => "dream-machine",
            ProviderId::Agents => "agents",
            ProviderId::Useapi => "useapi",
            ProviderId::Piapi => "piapi",
        }
    }

    /// The provider of that name.
    pub fn named(name: &str) -> Option<ProviderId> {
        ProviderId::ALL.iter().copied().find(|id| id.as_str() == name)
    }

    /// How the keys of a provider begin, where they have a form of their own. Such a key must not be sent to anybody else.
    pub const KEY_FORMS: &[(&str, ProviderId)] = &[("luma-api-", ProviderId::Agents), ("user:", ProviderId::Useapi)];

    /// The provider of a client that names none. A key of no form may be Dream Machine's, and must not go to another service. Without a
    /// key it is Agents, the API that Luma goes on with: some server in front has the key.
    pub fn assumed(key: Option<&str>) -> ProviderId {
        key.map_or(ProviderId::Agents, |key| ProviderId::of_key(key).unwrap_or(ProviderId::DreamMachine))
    }

    /// The provider whose keys have this form.
    pub fn of_key(key: &str) -> Option<ProviderId> {
        let known = ProviderId::KEY_FORMS.iter().find(|(form, _)| key.starts_with(form));
        known.map(|(_, id)| *id)
    }
}
