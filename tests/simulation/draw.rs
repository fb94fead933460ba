//! What a seed decides.

use crate::plan::{Abort, Act, Plan, Process, Stores, Way, WorkItem};
use crate::side::Side;
use crate::virtual_time::FaultConfig;
use fastrand::Rng;
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;
use std::ops::Range;

/// What goes wrong at a creation, and at a poll.
const CREATION_FAULTS: &[&str] = &[
    "refused",
    "cut",
    "cut-after",
    "silence",
    "silence-after",
    "slow=4000",
    "slow=30000",
    "429=2",
    "429",
    "500",
    "500-after",
    "503",
    "503=1",
    "503-after",
    "503-after=2",
    "500-after=40",
    "408",
    "408-after",
    "html",
    "html-after",
    "html=502",
    "truncated",
    "empty",
    "late=1",
    "late",
    "late=12",
    "concurrent",
    "wrapped",
    "wrapped-after",
];
const POLL_FAULTS: &[&str] =
    &["refused", "cut", "silence", "slow=4000", "429=3", "500", "503=2", "html", "truncated", "empty", "wrapped"];

/// Where days are spent: most where most is promised.
const SIDES: &[Side] = &[
    Side::DreamMachine,
    Side::DreamMachine,
    Side::DreamMachine,
    Side::DreamMachine,
    Side::Agents,
    Side::Useapi,
    Side::Piapi,
];

const MINUTE: f64 = 60_000.0;

/// The day of a seed.
pub fn plan(seed: u64) -> Plan {
    // Another stream than the universe's.
    let mut dice = Rng::with_seed(seed ^ 0x5eed_0fda_7500_0000);
    let dice = &mut dice;
    let stores = *pick(dice, &[Stores::None, Stores::Own, Stores::Own, Stores::Shared, Stores::Shared]);
    // From dice of their own: all other days stay what they were.
    let stores = if chance(&mut Rng::with_seed(seed ^ 0xa9a7_0000), 0.25) { Stores::Apart } else { stores };
    let side = *pick(dice, SIDES);
    // Clients with different stores can tell identical jobs apart as long as their isolate lives, by what that remembers.
    let alike = stores == Stores::Apart && (side == Side::Useapi || chance(dice, 0.4));
    let count = match stores {
        Stores::Shared => 2,
        // Two programs without a common store cannot tell their jobs apart there.
        _ if side == Side::Useapi => 1,
        _ => 1 + usize::from(chance(dice, 0.2)),
    };
    let mut fault_config = fault_config(dice, count);
    let budgets = side == Side::DreamMachine && chance(dice, 0.2);
    let (mut limits, mut limited) = limits(dice);
    if side == Side::Useapi {
        // There each account has room for so many, which no client is told.
        (limits, limited) = (json!("none"), false);
    }
    // Luma's own rates are in the table of prices; all else costs what the caller says.
    let mut items = Vec::new();
    let mut processes = Vec::new();
    // Whether one store may be that of several processes.
    let shared = stores == Stores::Shared || stores == Stores::Apart && !alike;
    let mut groups = Vec::new();
    for number in 0..count {
        // Without a common store nobody can tell whose an identical job is: then no two clients ask for the same.
        if stores == Stores::Apart && !alike {
            while groups.len() < 2 {
                groups.push(group(dice, side, number, items.len(), &mut items));
            }
        } else {
            let first = if stores == Stores::Shared && !budgets { 0 } else { items.len() };
            groups = vec![group(dice, side, number, first, &mut items)];
        }
        processes.push(process(dice, number, stores, budgets, &groups, &fault_config));
    }
    if shared {
        // Tabs of one browser, processes of one machine: they have one clock.
        let common = processes[0].offset;
        for process in &mut processes {
            process.offset = common;
            for (_, act) in &mut process.acts {
                if let Act::Crash { offset, .. } = act {
                    *offset = common;
                }
            }
        }
    }
    // A client whose word is lost by its store cannot keep another one, or its next life, from mistaking its job for theirs.
    if shared || processes.iter().any(Process::crashes) {
        fault_config.store_failure = 0.0;
    }
    let limits_of_client = if limited { limits.clone() } else { json!("none") };
    for process in &mut processes {
        process.settings["limits"] = limits_of_client.clone().into();
        for (name, value) in side.settings().as_object().into_iter().flatten() {
            process.settings[name] = value.clone();
        }
    }
    count_uses(&mut items, &processes);
    let mut server = json!({
        "limits": limits,
        "faults": faults(dice, side),
        "credits": if chance(dice, 0.05) { 600.0 } else { 1e6 },
        "latency": dice.u32(1..400),
        "listLag": if chance(dice, 0.3) { dice.u32(..8_000) } else { 0 },
    });
    if chance(dice, 0.5) {
        server["durations"] = dice.u32(3_000..60_000).into();
    }
    let relics = if stores != Stores::None && chance(dice, 0.1) { relics(dice) } else { Vec::new() };
    let (dateless, settle_together) = (chance(dice, 0.15), dice.bool());
    if side == Side::DreamMachine && server["listLag"] == 0 && chance(dice, 0.4) {
        fault_config.list_lag = f64::from(dice.u32(..8_000));
    }
    Plan { seed, side, server, limited, fault_config, dateless, stores, processes, items, relics, settle_together }
}

fn fault_config(dice: &mut Rng, processes: usize) -> FaultConfig {
    let rough = chance(dice, 0.7);
    FaultConfig {
        transit: if rough { f64::from(dice.u32(1..2_000)) } else { 0.0 },
        store_delay: if chance(dice, 0.6) { f64::from(dice.u32(1..300)) } else { 0.0 },
        store_failure: if chance(dice, 0.1) { 0.1 } else { 0.0 },
        restless: if chance(dice, 0.3) { 0.2 } else { 0.0 },
        locking: processes > 1 || chance(dice, 0.7),
        ..FaultConfig::NONE
    }
}

/// The server's limits, and whether the client is told.
fn limits(dice: &mut Rng) -> (Json, bool) {
    match dice.u32(..10) {
        0 => (json!("none"), true),
        1 => (json!("build"), true),
        2 => (json!({ "video": { "concurrent": 2 }, "image": { "concurrent": 2 } }), false),
        _ => {
            let mut of = || json!({ "concurrent": dice.u32(1..5), "perMinute": dice.u32(1..9) });
            (json!({ "video": of(), "image": of() }), true)
        }
    }
}

/// A few that strike a few times each: they cease.
fn faults(dice: &mut Rng, side: Side) -> String {
    let mut faults = Vec::new();
    let mut some = |on: &str, kinds: &[&str], most: usize| {
        for _ in 0..dice.usize(..=most) {
            let (kind, percent, times) = (pick(dice, kinds), dice.u32(5..70), dice.u32(1..5));
            faults.push(format!("{on}:{kind}%{percent}x{times}"));
        }
    };
    some("create", CREATION_FAULTS, 4);
    for polls in side.polls() {
        some(polls, POLL_FAULTS, 2);
    }
    // A list that is refused leaves a doubt, and pages of it are done without.
    let [one, list] = side.polls();
    if one != list {
        some(list, &["403"], 1);
    }
    faults.join(", ")
}

/// What the clients of a store or a process ask for: the items from `first` on, to which it adds until there are enough.
fn group(dice: &mut Rng, side: Side, number: usize, first: usize, items: &mut Vec<WorkItem>) -> Range<usize> {
    let mine = 1 + dice.usize(..5);
    if items.len() < first + mine {
        let unique = chance(dice, 0.3);
        for _ in items.len()..first + mine {
            let name = format!("item-{number}-{}", items.len());
            items.push(item(dice, side, name, unique));
        }
    }
    first..items.len()
}

/// The clients of a process. `alike`: those with different stores ask for the same.
fn clients(dice: &mut Rng, number: usize, stores: Stores, alike: bool, locking: bool) -> Vec<Option<usize>> {
    let store = match stores {
        Stores::None => None,
        Stores::Own => Some(number),
        Stores::Shared => Some(0),
        Stores::Apart => {
            let first = if alike { 2 * number } else { 0 };
            let mut clients = vec![Some(first), Some(first + 1)];
            if alike && chance(dice, 0.2) {
                clients[1] = None;
            }
            if number > 0 && chance(dice, 0.5) {
                clients.remove(dice.usize(..2));
            }
            if locking && chance(dice, 0.3) {
                clients.push(*pick(dice, &clients));
            }
            return clients;
        }
    };
    // A store that cannot lock is for one client.
    let several = locking && chance(dice, 0.15);
    vec![store; if several { 2 } else { 1 }]
}

/// `groups`: what the clients of each store ask for, or those of all stores.
fn process(
    dice: &mut Rng,
    number: usize,
    stores: Stores,
    budgets: bool,
    groups: &[Range<usize>],
    fault_config: &FaultConfig,
) -> Process {
    let alike = groups.len() == 1;
    let clients = clients(dice, number, stores, alike, fault_config.locking);
    let wanted = |client: usize| groups[if alike { 0 } else { clients[client].unwrap_or(0) }].clone();
    let length = f64::from(dice.u32(1..6)) * MINUTE;
    let patient = chance(dice, 0.5);
    let mut acts: Vec<(f64, Act)> = Vec::new();
    let abort = |dice: &mut Rng, probability: f64| {
        chance(dice, probability).then(|| Abort {
            after: dice.f64() * *pick(dice, &[300.0, 3_000.0, 30_000.0, 120_000.0]),
            dropped: chance(dice, 0.3),
        })
    };
    let hurry = if patient { 0.0 } else { 0.35 };
    for _ in 0..1 + dice.usize(..8) {
        let at = *pick(dice, &[0.0, 0.3, 1.0]) * dice.f64() * length;
        let client = dice.usize(..clients.len());
        let act = if chance(dice, 0.15) {
            let items = (0..1 + dice.usize(..6)).map(|_| dice.usize(wanted(client))).collect();
            let budget = (budgets && dice.bool()).then(|| f64::from(dice.u32(1..8)));
            Act::Batch { client, items, window: 1 + dice.usize(..4), budget, abort: abort(dice, hurry / 2.0) }
        } else {
            let way = *pick(dice, &[Way::Generate, Way::Generate, Way::CreateAndPoll, Way::Create]);
            let timeout = if chance(dice, hurry) { dice.f64() * 2.0 * MINUTE } else { f64::INFINITY };
            Act::Call { client, item: dice.usize(wanted(client)), way, timeout, abort: abort(dice, hurry) }
        };
        acts.push((at, act));
    }
    for _ in 0..dice.usize(..3) {
        acts.push((
            dice.f64() * length,
            Act::Resume { client: dice.usize(..clients.len()), abort: abort(dice, hurry) },
        ));
    }
    for _ in 0..if stores == Stores::Apart { dice.usize(..4) } else { 0 } {
        let client = dice.usize(..clients.len());
        // Only a store has the tombstone that tells whose ticket went.
        if clients[client].is_some() {
            acts.push((dice.f64() * length, Act::Poll { client, abort: abort(dice, hurry) }));
        }
    }
    // What dies without a store takes its tickets along: nothing is promised then. Nor is it to clients that ask for the same and have
    // different stores: their next life cannot tell whose a job is.
    let mortal = stores != Stores::None && (stores != Stores::Apart || !alike);
    if mortal && chance(dice, 0.5) {
        for _ in 0..1 + dice.usize(..3) {
            let down = dice.f64() * *pick(dice, &[100.0, 10_000.0, 5.0 * MINUTE]);
            acts.push((dice.f64() * length, Act::Crash { down, offset: offset(dice) }));
        }
    }
    if chance(dice, 0.2) {
        for _ in 0..1 + dice.usize(..2) {
            let ms = dice.f64() * *pick(dice, &[1_000.0, MINUTE, 10.0 * MINUTE]);
            acts.push((dice.f64() * length, Act::Doze { ms }));
        }
    }
    if chance(dice, 0.2) {
        let hidden = dice.f64() * length;
        acts.push((hidden, Act::Show(false)));
        acts.push((hidden + dice.f64() * length, Act::Show(true)));
    }
    acts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut settings = json!({
        "timeout": *pick(dice, &[5_000, 20_000, 60_000]),
        "maxRetries": *pick(dice, &[0, 2, 4, 4]),
        "recovery": *pick(dice, &["find", "find", "find", "report"]),
    });
    if budgets && number == 0 {
        settings["budget"] = json!({ "usd": dice.u32(1..12), "price": 1.0 }).into();
    }
    Process { settings, clients, offset: offset(dice), acts }
}

/// Right, some seconds off, some minutes off.
fn offset(dice: &mut Rng) -> f64 {
    let most = *pick(dice, &[0.0, 3_000.0, 10.0 * MINUTE]);
    (dice.f64() * 2.0 - 1.0) * most
}

fn item(dice: &mut Rng, side: Side, name: String, plain: bool) -> WorkItem {
    let ending = match dice.u32(..12) {
        0 if !plain => " [fail:job]",
        1 if !plain => " [fail:moderation]",
        2 => " [fast]",
        3 => " [slow]",
        _ => "",
    };
    if side != Side::DreamMachine {
        return side.item(dice, name, ending);
    }
    let prompt = format!("{name}: a tiger walking in snow{ending}");
    let picture = json!({ "url": "https://example.com/a.jpg" });
    let clip = json!({ "url": "https://example.com/a.mp4" });
    let (kind, mut body) = match dice.u32(..14) {
        0..3 => (RequestKind::Video, json!({ "model": "ray-2", "prompt": prompt })),
        3 => {
            (RequestKind::Video, json!({ "model": "ray-flash-2", "prompt": prompt, "resolution": 720, "duration": 9 }))
        }
        4..7 => (RequestKind::Image, json!({ "model": "photon-1", "prompt": prompt })),
        7 => (
            RequestKind::Image,
            json!({ "model": "photon-flash-1", "prompt": prompt, "sync": true, "sync_timeout": 5 }),
        ),
        8 => (
            RequestKind::ReframeImage,
            json!({ "model": "photon-1", "prompt": prompt, "media": picture, "aspect_ratio": "1:1" }),
        ),
        9 => (
            RequestKind::ReframeVideo,
            json!({ "model": "ray-2", "prompt": prompt, "media": clip, "aspect_ratio": "9:16", "x_start": 0, "x_end": 512 }),
        ),
        10 => {
            (RequestKind::ModifyVideo, json!({ "model": "ray-2", "prompt": prompt, "media": clip, "mode": "flex_1" }))
        }
        11 => (
            RequestKind::UpscaleVideo,
            json!({ "resolution": "4k", "callback_url": format!("https://example.com/{name}") }),
        ),
        12 => {
            (RequestKind::AddAudio, json!({ "prompt": format!("{name}: snow under paws"), "negative_prompt": "music" }))
        }
        // What is refused is not sent.
        _ => (RequestKind::Video, json!({ "model": "ray-2", "prompt": prompt, "aspect_ratio": name })),
    };
    if body.get("callback_url").is_none() && chance(dice, 0.15) {
        body["callback_url"] = "https://example.com/done?ticket={ticket}".into();
    }
    let price = dice.bool().then(|| f64::from(dice.u32(1..4)));
    WorkItem { name, kind, body, price, keep: dice.u32(..4) == 0, unique: false }
}

fn count_uses(items: &mut [WorkItem], processes: &[Process]) {
    let mut uses = vec![0; items.len()];
    for (_, act) in processes.iter().flat_map(|process| &process.acts) {
        match act {
            Act::Call { item, .. } => uses[*item] += 1,
            Act::Batch { items, .. } => items.iter().for_each(|item| uses[*item] += 1),
            _ => {}
        }
    }
    for (item, uses) in items.iter_mut().zip(uses) {
        item.unique = uses <= 1;
    }
}

fn relics(dice: &mut Rng) -> Vec<(String, Json)> {
    let all = [
        ("ticket:torn", json!("{\"v\":1,\"requ")),
        ("ticket:empty", json!({})),
        ("ticket:list", json!([1, 2, 3])),
        ("ticket:newer", json!({ "v": 99, "state": "teleporting" })),
        ("durations", json!("nonsense")),
        ("something-else", json!({ "of": "another program" })),
    ];
    all.into_iter().filter(|_| dice.bool()).map(|(key, value)| (key.to_owned(), value)).collect()
}

fn chance(dice: &mut Rng, probability: f64) -> bool {
    dice.f64() < probability
}

fn pick<'a, T>(dice: &mut Rng, from: &'a [T]) -> &'a T {
    &from[dice.usize(..from.len())]
}
