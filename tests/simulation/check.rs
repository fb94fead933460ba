//! What must hold of every day, whatever went wrong on it. The simulator knows the truth: which jobs were made and paid for.

use crate::day::FinalState;
use crate::ledger::{Claim, End, Ledger};
use crate::mutants::Mutant;
use crate::plan::{Plan, Process, Stores, WorkItem, item_in};
use crate::side::Side;
use crate::virtual_time::EPOCH;
use luma_edge::error::Code;
use luma_edge::provider::{ProviderId, Variant, provider};
use luma_edge::request::GenerationRequest;
use std::collections::{BTreeMap, BTreeSet};

/// All that is wrong with a day.
pub fn check(plan: &Plan, mutant: Mutant, final_state: &FinalState) -> Vec<String> {
    let mut wrong = final_state.seen.borrow().wrong.clone();
    let jobs = jobs(final_state);
    let ledger = final_state.ledger.borrow();
    deliveries(plan, &ledger, &jobs, &mut wrong);
    purchases(plan, &ledger, &jobs, &mut wrong);
    calls(plan, &ledger, &mut wrong);
    left_behind(plan, &ledger, &mut wrong);
    budgets(plan, &ledger, &jobs, &mut wrong);
    batches(plan, &ledger, &jobs, &mut wrong);
    limits(plan, final_state, &mut wrong);
    requests(plan, final_state, &jobs, &mut wrong);
    stores(plan, mutant, final_state, &mut wrong);
    for error in ledger.errors.iter().filter(|error| error.contains(crate::virtual_time::KEY)) {
        wrong.push(format!("the key shows in an error: {error}"));
    }
    wrong
}

/// What the provider made: the name of each job's item, when it was made, and whether it failed, by its id.
type Jobs = BTreeMap<String, (String, f64, bool)>;

fn jobs(final_state: &FinalState) -> Jobs {
    let all = final_state.simulator.borrow_mut().made(final_state.now + 60_000.0);
    all.into_iter()
        .filter(|job| job.id != final_state.parent && job.request["prompt"] != "the parent of others")
        .map(|job| {
            let item = item_in(&job.request.to_string()).unwrap_or_default().to_owned();
            (job.id, (item, job.created, job.failed))
        })
        .collect()
}

/// Every job is handed over once: who waits for it at the same moment hears of it as well.
fn deliveries(plan: &Plan, ledger: &Ledger, jobs: &Jobs, wrong: &mut Vec<String>) {
    let mut first: BTreeMap<&str, f64> = BTreeMap::new();
    let mut claims: BTreeMap<&str, Vec<&Claim>> = BTreeMap::new();
    for delivery in &ledger.deliveries {
        let Some((item, ..)) = jobs.get(&delivery.job) else {
            wrong.push(format!("{} is handed over, and nobody made it", delivery.job));
            continue;
        };
        let earlier = *first.entry(&delivery.job).or_insert(delivery.at);
        // One that is kept is handed over until it is acknowledged.
        let kept = plan.items.iter().any(|known| known.keep && known.name == *item);
        // That a client with another store polled it is known as long as its isolate lives, and there alone.
        let unknown = (plan.crashes() || plan.processes.len() > 1) && ledger.polled.contains(&delivery.job);
        if delivery.began > earlier && !kept && !unknown {
            wrong.push(format!("{} ({item}) is handed over again to {:?}", delivery.job, delivery.to));
        }
        if let Claim::Call(call) = delivery.to
            && ledger.calls[call].item != *item
        {
            wrong.push(format!("call {call} of {} is given {item}", ledger.calls[call].item));
        }
        let claims = claims.entry(&delivery.job).or_default();
        let same_kind = |other: &&Claim| std::mem::discriminant(*other) == std::mem::discriminant(&delivery.to);
        let other = claims.iter().find(|other| same_kind(other) && **other != &delivery.to);
        if let Some(other) = other.filter(|_| !kept) {
            wrong.push(format!("{} ({item}) is handed to {:?} and to {other:?}", delivery.job, delivery.to));
        }
        claims.push(&delivery.to);
    }
    let mut doubts: BTreeMap<&str, usize> = BTreeMap::new();
    for call in ledger.calls.iter().filter(|call| !plan.side.settles_doubts() && call.in_doubt()) {
        *doubts.entry(&call.item).or_default() += 1;
    }
    for (job, (item, created, _)) in jobs.iter().filter(|(job, _)| !first.contains_key(job.as_str())) {
        match doubts.get_mut(item.as_str()).filter(|left| **left > 0) {
            // Its caller knows that it may be there.
            Some(left) => *left -= 1,
            None => {
                let at = (created - EPOCH) / 1000.0;
                wrong.push(format!("{job} ({item}, made at {at:.3}) is paid for, and nobody gets it"));
            }
        }
    }
}

/// Nothing is bought more often than it was asked for.
fn purchases(plan: &Plan, ledger: &Ledger, jobs: &Jobs, wrong: &mut Vec<String>) {
    for item in &plan.items {
        let made = jobs.values().filter(|(name, ..)| *name == item.name).count();
        let asked = ledger.calls.iter().filter(|call| call.item == item.name).count();
        if made > asked {
            wrong.push(format!("{} is asked for {asked} times and bought {made} times", item.name));
        }
    }
}

/// Every call comes to an end that is allowed.
fn calls(plan: &Plan, ledger: &Ledger, wrong: &mut Vec<String>) {
    let endless = endless(ledger);
    let delivered: BTreeSet<&str> = ledger.deliveries.iter().map(|delivery| delivery.job.as_str()).collect();
    for (number, call) in ledger.calls.iter().enumerate() {
        let mut bad = |what: &str| wrong.push(format!("call {number} of {}: {what}", call.item));
        match &call.ended {
            None => bad("has no end"),
            Some((_, End::Left(job))) if !delivered.contains(job.as_str()) => bad(&format!("its job {job} is lost")),
            Some((_, End::Doubt(Some(ticket)))) => {
                let ends = ledger.resumed.get(ticket).map(Vec::as_slice).unwrap_or_default();
                if !ends.iter().any(|end| settles(plan, end, true)) {
                    bad(&format!("its doubt about {ticket} is not settled: {ends:?}"));
                }
            }
            Some((_, End::Refused(code))) if !may_refuse(plan, *code, call.quit, &call.item, endless) => {
                bad(&format!("is refused as {code:?}"));
            }
            _ => {}
        }
        let valid = plan.items.iter().find(|item| item.name == call.item).is_some_and(|item| !item.is_wrong());
        if !valid && !matches!(call.ended, Some((_, End::Refused(Code::InvalidRequest)))) {
            bad("is wrong and is not refused as such");
        }
    }
}

/// Whether a ticket's end is one for a creation that was in doubt, or never sent.
fn settles(plan: &Plan, end: &End, withdrawn: bool) -> bool {
    match end {
        End::Handed(_) => true,
        // Another client had it, and there the end is told, unless it died just then.
        End::Refused(Code::Gone) => plan.crashes(),
        End::Refused(Code::NotFound | Code::Store) => false,
        End::Refused(Code::Aborted) => withdrawn,
        End::Refused(_) => true,
        End::Doubt(_) => !plan.side.settles_doubts(),
        End::Left(_) | End::Crashed => false,
    }
}

/// Whether that is a way to refuse, on such a day.
fn may_refuse(plan: &Plan, code: Code, quit: bool, item: &str, endless: bool) -> bool {
    let faults = plan.server["faults"].as_str().unwrap_or_default();
    let rough = |kind: &str| faults.contains(&format!("create:{kind}"));
    let item = plan.items.iter().find(|known| known.name == item);
    match code {
        Code::InvalidRequest => item.is_some_and(|item| item.is_wrong()),
        Code::Aborted | Code::Timeout => quit,
        Code::RateLimited => {
            let faulty = rough("429") || rough("concurrent");
            faulty || !plan.limited || plan.processes.len() > 1 || plan.crashes() || endless
        }
        Code::Network => rough("refused"),
        Code::InsufficientCredits => plan.server["credits"].as_f64() < Some(1e6),
        Code::BudgetExceeded => plan.has_budgets(),
        Code::Store => plan.fault_config.store_failure > 0.0,
        _ => false,
    }
}

/// What a crash leaves behind is taken up, and comes to an end that somebody hears.
fn left_behind(plan: &Plan, ledger: &Ledger, wrong: &mut Vec<String>) {
    for (ticket, withdrawn) in &ledger.orphaned {
        let ends = ledger.resumed.get(ticket).map(Vec::as_slice).unwrap_or_default();
        // One that was withdrawn has to be brought to an end; whoever asked for it does not listen any more.
        if !ends.iter().any(|end| settles(plan, end, *withdrawn)) {
            wrong.push(format!("ticket {ticket}, left behind by a crash, comes to no end: {ends:?}"));
        }
    }
}

/// At no moment are jobs running or made that cost more than may be spent.
fn budgets(plan: &Plan, ledger: &Ledger, jobs: &Jobs, wrong: &mut Vec<String>) {
    for (number, process) in plan.processes.iter().enumerate() {
        // A machine that comes back begins with a new budget; so does a second client.
        let Some(most) = process.settings["budget"]["usd"].as_f64() else { continue };
        if process.crashes() || process.clients.len() > 1 || plan.stores == Stores::Shared {
            continue;
        }
        let mine = format!("item-{number}-");
        let bought = || jobs.iter().filter(|(_, (item, ..))| item.starts_with(&mine));
        for (_, (_, moment, _)) in bought() {
            // A failed job is refunded once its error is delivered.
            let delivered =
                |job: &str| ledger.deliveries.iter().any(|delivery| delivery.job == job && delivery.at <= *moment);
            let counts = |(job, (_, created, failed)): &(&String, &(String, f64, bool))| {
                created <= moment && !(*failed && delivered(job.as_str()))
            };
            let cost: f64 = bought().filter(counts).map(|(_, (item, ..))| price(plan, item)).sum();
            if cost > most + 1e-6 {
                wrong.push(format!("process {number} may spend ${most} and spends ${cost}"));
                break;
            }
        }
    }
}

/// Nor by a batch more than it may.
fn batches(plan: &Plan, ledger: &Ledger, jobs: &Jobs, wrong: &mut Vec<String>) {
    let mut spent: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for delivery in &ledger.deliveries {
        let Claim::Call(call) = delivery.to else { continue };
        if let (Some((batch, most)), Some((item, _, false))) = (ledger.calls[call].batch, jobs.get(&delivery.job)) {
            spent.entry(batch).or_insert((most, 0.0)).1 += price(plan, item);
        }
    }
    for (most, cost) in spent.into_values().filter(|(most, cost)| *cost > most + 1e-6) {
        wrong.push(format!("a batch may spend ${most} and spends ${cost}"));
    }
}

/// What a client takes an item to cost.
fn price(plan: &Plan, item: &str) -> f64 {
    let item = plan.items.iter().find(|known| known.name == item);
    item.and_then(|item| item.price.or(item.published())).unwrap_or(1.0)
}

/// Whether there may be jobs whose end nobody sees, since they were in doubt: the client takes them to run for twice the usual
/// time, and some take longer.
fn endless(ledger: &Ledger) -> bool {
    let calls = ledger.calls.iter().filter_map(|call| Some(&call.ended.as_ref()?.1));
    calls.chain(ledger.resumed.values().flatten()).any(|end| matches!(end, End::Doubt(_)))
}

/// No creation is refused for a limit, as long as the client knows them and is alone. After a crash its store tells what runs, by
/// the clock of that time, and nothing of what the last minute has seen the end of, nor of what another store tells.
fn limits(plan: &Plan, final_state: &FinalState, wrong: &mut Vec<String>) {
    let limited = final_state.simulator.borrow_mut().stats(final_state.now + 60_000.0).limited;
    let alone = plan.limited && plan.processes.len() == 1;
    let informed = !plan.crashes()
        || matches!(plan.stores, Stores::Own | Stores::Shared) && plan.processes.iter().all(Process::keeps_its_clock);
    // What a crash cut off counts for twice the usual time, until it is taken up; some take longer.
    let slow = plan.items.iter().any(|item| item.body.to_string().contains("[slow]"));
    let cut_off = slow && !final_state.ledger.borrow().orphaned.is_empty();
    let running = alone && informed && !endless(&final_state.ledger.borrow()) && !cut_off;
    let minute = alone && !plan.crashes();
    if running && limited.concurrent > 0 || minute && limited.per_minute > 0 {
        wrong.push(format!("limits are broken: {limited:?}"));
    }
}

/// Requests are bounded: creations by what was asked for and how often that may be tried, polls by the jobs.
fn requests(plan: &Plan, final_state: &FinalState, jobs: &Jobs, wrong: &mut Vec<String>) {
    let seen = final_state.seen.borrow();
    let ledger = final_state.ledger.borrow();
    let lives = |process: usize| {
        let acts = &plan.processes[process].acts;
        1 + acts.iter().filter(|(_, act)| act.takes_up()).count() as u64
    };
    // A ticket that another program's jobs leave no room for is taken up again and again.
    let taken_up = ledger.resumed.values().map(|ends| ends.len() as u64).max().unwrap_or_default();
    // A limit that the client is not told of is tried once a minute while its own jobs run; and so is one that another program uses up, of
    // whose jobs no common store tells.
    let known = match plan.stores {
        Stores::Shared => true,
        Stores::None | Stores::Own => plan.processes.len() == 1,
        Stores::Apart => plan.processes.len() == 1 && !plan.crashes(),
    };
    let knows_all = plan.limited && known;
    let minutes = if knows_all { 0 } else { ((final_state.now - EPOCH) / 60_000.0) as u64 };
    for item in &plan.items {
        let most: u64 = ledger
            .calls
            .iter()
            .filter(|call| call.item == item.name)
            .map(|call| {
                let retries = plan.processes[call.process].settings["maxRetries"].as_u64().unwrap_or_default();
                // Faults that strike while a ticket is taken up let it be taken up again.
                // And whenever one of them ends.
                (1 + retries) * (lives(call.process) + MOST_STRIKES + taken_up) + jobs.len() as u64 + minutes
            })
            .sum();
        let sent = seen.sent.get(&item.name).copied().unwrap_or_default();
        if sent > most {
            wrong.push(format!("{} is sent {sent} times, {most} at most", item.name));
        }
    }
    // Where no list tells how jobs stand, each is polled by itself. A slow one may run for most of the day.
    let alone = if plan.side == Side::DreamMachine { 1 } else { 4 };
    let slow = ((final_state.now - EPOCH) / 10_000.0) as u64;
    let most = alone * LOOKS_PER_JOB * (jobs.len() + ledger.calls.len() + ledger.resumed.len() + 1) as u64 + slow;
    if seen.polls > most {
        wrong.push(format!("{} polls for {} jobs, {most} at most", seen.polls, jobs.len()));
    }
}

/// All creation faults of a day strike less often.
const MOST_STRIKES: u64 = 16;
/// For each job, each call and each ticket taken up: some 20 polls of a job, six after a lost creation.
const LOOKS_PER_JOB: u64 = 80;

/// Nothing of ours stays in the stores, and what is not ours is left alone.
fn stores(plan: &Plan, mutant: Mutant, final_state: &FinalState, wrong: &mut Vec<String>) {
    if mutant == Mutant::Kept {
        return;
    }
    // A spent budget leaves what was not bought.
    let ledger = final_state.ledger.borrow();
    let unpaid = |ticket: &str| {
        let ends = ledger.resumed.get(ticket).map(Vec::as_slice).unwrap_or_default();
        ends.last() == Some(&End::Refused(Code::BudgetExceeded))
    };
    let relic =
        |ticket: &str| unpaid(ticket) || plan.relics.iter().any(|(key, _)| key.strip_prefix("ticket:") == Some(ticket));
    for ticket in final_state.tickets_left.iter().filter(|ticket| !relic(ticket)) {
        wrong.push(format!("ticket {ticket} is left"));
    }
    for store in &final_state.stores {
        let entries = store.entries();
        for key in entries.keys().filter_map(|key| key.strip_prefix("ticket:")).filter(|ticket| !relic(ticket)) {
            wrong.push(format!("ticket {key} is left in the store"));
        }
        for (key, value) in &plan.relics {
            let aside = key.replace("ticket:", "quarantine:");
            let kept = entries.get(key).or(entries.get(&aside));
            if key != "durations" && kept != Some(value) {
                wrong.push(format!("{key} became {kept:?}"));
            }
        }
        for (key, value) in &entries {
            if value.to_string().contains(crate::virtual_time::KEY) {
                wrong.push(format!("the key is in the store: {key}"));
            }
        }
    }
}

impl WorkItem {
    fn is_wrong(&self) -> bool {
        ["aspect_ratio", "loop"].iter().any(|field| self.body[*field] == *self.name)
    }

    /// What the client's own table says. Budgets are Dream Machine's alone.
    fn published(&self) -> Option<f64> {
        let provider = provider(ProviderId::DreamMachine, Variant::default());
        let read = GenerationRequest::read(&*provider, &self.body, false).map(|(request, _)| request);
        let derived = |_| GenerationRequest { kind: self.kind, body: self.body.clone() };
        provider.estimate(&read.unwrap_or_else(derived)).usd
    }
}
