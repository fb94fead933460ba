//! Mutants: bugs that are added on purpose, in the layers around the engine. A proof that can find nothing proves nothing.

use crate::plan::{Plan, Stores};
use crate::virtual_time::{Answer, FaultConfig, Happening, Store, ask};
use luma_edge::engine::FetchError;
use luma_edge::http::{Method, Request};
use luma_edge::json::Json;
use luma_edge::simulator::Simulator;
use std::collections::BTreeMap;

/// What is wrong with the client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mutant {
    None,
    /// A creation whose answer is lost is sent once more, as HTTP libraries do.
    Resent,
    /// Tickets are not written.
    Forgotten,
    /// One more than may be.
    OneTooMany,
    /// More is spent than may be.
    Overspent,
    /// Nobody is kept from what another works on.
    Unlocked,
    /// Tickets are not deleted.
    Kept,
    /// A ticket is written into the stores of other clients as well.
    Misfiled,
}

impl Mutant {
    /// A creation, or a poll, on its way through a client's network.
    pub fn send(self, simulator: &mut Simulator, now: f64, request: &Request<Json>) -> Answer {
        let answer = ask(simulator, now, request);
        let lost = matches!(answer.1, Err(FetchError::Lost(_)));
        if self == Mutant::Resent && request.method == Method::Post && lost {
            return ask(simulator, now, request);
        }
        answer
    }

    /// A machine writes into its store: this mutant may write the same elsewhere.
    pub fn see(self, plan: &Plan, stores: &BTreeMap<u64, Store>, machine: u64, happening: &Happening<'_>) {
        if let (Mutant::Misfiled, Stores::Apart, Happening::Written(key, Some(value))) = (self, plan.stores, happening)
            && key.starts_with("ticket:")
        {
            let others = stores.values().filter(|store| *store != &stores[&machine]);
            others.for_each(|store| store.put(key, (*value).clone()));
        }
    }

    /// The faults, with what this mutant adds to them.
    pub fn fault_config(self, fault_config: FaultConfig) -> FaultConfig {
        FaultConfig {
            keeps: self != Mutant::Forgotten,
            deletes: self != Mutant::Kept,
            locking: fault_config.locking && self != Mutant::Unlocked,
            ..fault_config
        }
    }

    /// A client's settings, as it reads them.
    pub fn settings(self, plan: &Plan, process: usize) -> Json {
        let mut settings = plan.processes[process].settings.clone();
        if let (Mutant::Overspent, Some(usd)) = (self, settings["budget"]["usd"].as_f64()) {
            settings["budget"]["usd"] = (usd + 1.0).into();
        }
        if self == Mutant::OneTooMany {
            for kind in ["video", "image"] {
                for limit in ["concurrent", "perMinute"] {
                    if let Some(most) = settings["limits"].get(kind).and_then(|of| of.get(limit)?.as_u64()) {
                        settings["limits"][kind][limit] = (most + 1).into();
                    }
                }
            }
        }
        settings
    }
}
