//! What it tells of the account. All providers of a simulator share its money: what was spent elsewhere is missing here.

use serde_json::{Value, json};

use super::prices::points;
use crate::simulator::api::Api;
use crate::simulator::jobs::Phase;
use crate::simulator::world::World;

/// The balance.
pub(super) fn info(world: &World, now: f64) -> Value {
    let unfinished = world.jobs.iter().filter(|job| job.api == Api::Piapi && job.ends > now);
    let frozen: f64 = unfinished.map(|job| job.charge).sum();
    let credits = &world.credits;
    let used = credits.charged - credits.refunded - frozen;
    json!({
        "id": 1,
        "name": "simulated",
        "plan": "free",
        "type": "individual",
        "is_enable": true,
        "credit_pack_info": {
            "available_credits": points(credits.balance),
            "used_credits": points(used),
            "total_credits": points(credits.balance + used + frozen),
            "frozen_credits": points(frozen),
            "expired_credits": 0,
            "inactive_credits": 0,
        },
        "equivalent_in_usd": credits.balance / 100.0,
    })
}

/// How many tasks are under way.
pub(super) fn active(world: &World, now: f64) -> Value {
    let count = |phase: Phase| world.jobs.iter().filter(|job| job.api == Api::Piapi && job.phase(now) == phase).count();
    let (pending, processing) = (count(Phase::Queued), count(Phase::Running));
    json!({ "luma": {
        "staged_count": 0,
        "pending_count": pending,
        "processing_count": processing,
        "active_tasks": pending + processing,
    } })
}
