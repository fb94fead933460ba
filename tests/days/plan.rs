//! What a seed decides: who asks for what and when, what goes wrong, how the server is. Plain data, so that a failure can
//! be read.

use crate::virtual_time::Weather;
use fastrand::Rng;
use luma_edge::request::RequestKind;
use serde_json::{Value, json};

/// A day and its people.
#[derive(Debug)]
pub struct Plan {
    pub seed: u64,
    /// The simulator's options.
    pub server: Value,
    /// Whether the client keeps the server's limits.
    pub limited: bool,
    pub weather: Weather,
    pub stores: Stores,
    pub processes: Vec<Process>,
    /// All that is asked for; what is asked for twice is here once.
    pub wishes: Vec<Wish>,
    /// What a broken disk or another version left in the store.
    pub relics: Vec<(String, Value)>,
    /// The processes take up what is left at the same time, and not one after the other.
    pub settle_together: bool,
}

/// Where tickets are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stores {
    /// In memory: every client has its own.
    None,
    /// A store for each process.
    Own,
    /// One for all.
    Shared,
}

/// A page, a Worker, a program: one machine at a time, the next one after a crash.
#[derive(Debug)]
pub struct Process {
    /// The clients' options.
    pub settings: Value,
    /// Clients of one isolate.
    pub clients: usize,
    /// How fast its clock is, in ms.
    pub offset: f64,
    /// What is done when, in ms since the day began, in this order.
    pub acts: Vec<(f64, Act)>,
}

impl Process {
    pub fn crashes(&self) -> bool {
        self.acts.iter().any(|(_, act)| matches!(act, Act::Crash { .. }))
    }
}

impl Plan {
    /// A line for each thing.
    pub fn describe(&self) -> String {
        let Plan { server, weather, stores, relics, .. } = self;
        let mut lines =
            vec![format!("server {server}"), format!("{weather:?}"), format!("stores: {stores:?} {relics:?}")];
        lines.extend(self.wishes.iter().map(|wish| format!("{} {} {:?}", wish.name, wish.body, wish.price)));
        for (number, process) in self.processes.iter().enumerate() {
            lines.push(format!("process {number}: {} clients, {}", process.clients, process.settings));
            lines.extend(process.acts.iter().map(|(at, act)| format!("{:>9.3} {act:?}", at / 1000.0)));
        }
        lines.join("\n")
    }

    pub fn crashes(&self) -> bool {
        self.processes.iter().any(Process::crashes)
    }

    pub fn has_budgets(&self) -> bool {
        let batch = |(_, act): &(f64, Act)| matches!(act, Act::Batch { budget: Some(_), .. });
        self.processes.iter().any(|process| process.settings.get("budget").is_some() || process.acts.iter().any(batch))
    }
}

impl Act {
    /// Whether tickets are taken up after it.
    pub fn takes_up(&self) -> bool {
        matches!(self, Act::Resume { .. } | Act::Crash { .. })
    }
}

#[derive(Clone, Debug)]
pub enum Act {
    /// One call. Times are in ms.
    Call { client: usize, wish: usize, way: Way, timeout: f64, abort: Option<Abort> },
    /// So many callers work through a list, on a client with a budget of its own.
    Batch { client: usize, wishes: Vec<usize>, window: usize, budget: Option<f64>, abort: Option<Abort> },
    /// Takes up whatever nobody works on.
    Resume { client: usize, abort: Option<Abort> },
    /// The machine dies, and comes back with its clock set anew.
    Crash { down: f64, offset: f64 },
    /// The lid is closed for so long.
    Doze { ms: f64 },
    /// The page is shown or hidden.
    Show(bool),
}

/// A caller who wants no more of it.
#[derive(Clone, Copy, Debug)]
pub struct Abort {
    /// Ms after the call.
    pub after: f64,
    /// The call is dropped, and nobody hears its end; else it is told, and gives an error.
    pub dropped: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
    /// `generate`.
    Generate,
    /// `create`, then `poll`.
    CreateAndPoll,
    /// `create`; what becomes of it is left to `resume`.
    Create,
}

/// Something to ask for. Its name is somewhere in the body, so that whoever sees the body knows whose it is.
#[derive(Clone, Debug)]
pub struct Wish {
    pub name: String,
    pub kind: RequestKind,
    pub body: Value,
    /// Dollars.
    pub price: Option<f64>,
    /// Whether it is asked for once only.
    pub unique: bool,
}

/// The name of the wish that a text has in it.
pub fn wish_in(text: &str) -> Option<&str> {
    let from = text.get(text.find("wish-")?..)?;
    from.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()
}

/// What goes wrong at a creation, and at a look.
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
    "html",
    "html-after",
    "html=502",
    "truncated",
    "empty",
    "late=1",
    "late",
    "late=12",
];
const LOOK_FAULTS: &[&str] =
    &["refused", "cut", "silence", "slow=4000", "429=3", "500", "503=2", "html", "truncated", "empty"];

const MINUTE: f64 = 60_000.0;

/// The day of a seed.
pub fn plan(seed: u64) -> Plan {
    // Another stream than the universe's.
    let mut dice = Rng::with_seed(seed ^ 0x5eed_0fda_7500_0000);
    let dice = &mut dice;
    let stores = *pick(dice, &[Stores::None, Stores::Own, Stores::Own, Stores::Shared, Stores::Shared]);
    let count = match stores {
        Stores::Shared => 2,
        _ => 1 + usize::from(chance(dice, 0.2)),
    };
    let mut weather = weather(dice, count);
    let budgets = chance(dice, 0.2);
    let (limits, limited) = limits(dice);
    // Luma's own rates are in the table of prices; all else costs what the caller says.
    let mut wishes = Vec::new();
    let mut processes = Vec::new();
    for number in 0..count {
        // Without a common store nobody can tell whose an identical job is: then no two clients ask for the same.
        let first = if stores == Stores::Shared && !budgets { 0 } else { wishes.len() };
        let mine = 1 + dice.usize(..5);
        if wishes.len() < first + mine {
            let unique = chance(dice, 0.3);
            for _ in wishes.len()..first + mine {
                let name = format!("wish-{number}-{}", wishes.len());
                wishes.push(wish(dice, name, unique));
            }
        }
        let mine = first..wishes.len();
        processes.push(process(dice, number, stores, budgets, mine, &weather));
    }
    if stores == Stores::Shared {
        // Tabs of one browser, processes of one machine: they have one clock. See `Day::next_offset`.
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
    if stores == Stores::Shared || processes.iter().any(Process::crashes) {
        weather.store_failure = 0.0;
    }
    let limits_of_client = if limited { limits.clone() } else { json!("none") };
    for process in &mut processes {
        process.settings["limits"] = limits_of_client.clone();
    }
    count_uses(&mut wishes, &processes);
    let mut server = json!({
        "limits": limits,
        "faults": faults(dice),
        "credits": if chance(dice, 0.05) { 600.0 } else { 1e6 },
        "latency": dice.u32(1..400),
        "listLag": if chance(dice, 0.3) { dice.u32(..8_000) } else { 0 },
    });
    if chance(dice, 0.5) {
        server["durations"] = json!(dice.u32(3_000..60_000));
    }
    let relics = if stores != Stores::None && chance(dice, 0.1) { relics(dice) } else { Vec::new() };
    Plan { seed, server, limited, weather, stores, processes, wishes, relics, settle_together: dice.bool() }
}

fn weather(dice: &mut Rng, processes: usize) -> Weather {
    let rough = chance(dice, 0.7);
    Weather {
        transit: if rough { f64::from(dice.u32(1..2_000)) } else { 0.0 },
        store_delay: if chance(dice, 0.6) { f64::from(dice.u32(1..300)) } else { 0.0 },
        store_failure: if chance(dice, 0.1) { 0.1 } else { 0.0 },
        restless: if chance(dice, 0.3) { 0.2 } else { 0.0 },
        // A store that cannot lock is for one client.
        locking: processes > 1 || chance(dice, 0.7),
        ..Weather::CALM
    }
}

/// The server's limits, and whether the client is told.
fn limits(dice: &mut Rng) -> (Value, bool) {
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
fn faults(dice: &mut Rng) -> String {
    let mut faults = Vec::new();
    let mut some = |on: &str, kinds: &[&str], most: usize| {
        for _ in 0..dice.usize(..=most) {
            let (kind, percent, times) = (pick(dice, kinds), dice.u32(5..70), dice.u32(1..5));
            faults.push(format!("{on}:{kind}%{percent}x{times}"));
        }
    };
    some("create", CREATION_FAULTS, 4);
    some("get", LOOK_FAULTS, 2);
    some("list", LOOK_FAULTS, 2);
    faults.join(", ")
}

fn process(
    dice: &mut Rng,
    number: usize,
    stores: Stores,
    budgets: bool,
    mine: std::ops::Range<usize>,
    weather: &Weather,
) -> Process {
    let clients = if weather.locking && chance(dice, 0.15) { 2 } else { 1 };
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
        let client = dice.usize(..clients);
        let act = if chance(dice, 0.15) {
            let wishes = (0..1 + dice.usize(..6)).map(|_| dice.usize(mine.clone())).collect();
            let budget = (budgets && dice.bool()).then(|| f64::from(dice.u32(1..8)));
            Act::Batch { client, wishes, window: 1 + dice.usize(..4), budget, abort: abort(dice, hurry / 2.0) }
        } else {
            let way = *pick(dice, &[Way::Generate, Way::Generate, Way::CreateAndPoll, Way::Create]);
            let timeout = if chance(dice, hurry) { dice.f64() * 2.0 * MINUTE } else { f64::INFINITY };
            Act::Call { client, wish: dice.usize(mine.clone()), way, timeout, abort: abort(dice, hurry) }
        };
        acts.push((at, act));
    }
    for _ in 0..dice.usize(..3) {
        acts.push((dice.f64() * length, Act::Resume { client: dice.usize(..clients), abort: abort(dice, hurry) }));
    }
    // What dies without a store takes its tickets along: nothing is promised then.
    if stores != Stores::None && chance(dice, 0.5) {
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
        "whenLost": *pick(dice, &["find", "find", "find", "report"]),
    });
    if budgets && number == 0 {
        settings["budget"] = json!({ "usd": dice.u32(1..12), "price": 1.0 });
    }
    Process { settings, clients, offset: offset(dice), acts }
}

/// Right, some seconds off, some minutes off.
fn offset(dice: &mut Rng) -> f64 {
    let most = *pick(dice, &[0.0, 3_000.0, 10.0 * MINUTE]);
    (dice.f64() * 2.0 - 1.0) * most
}

fn wish(dice: &mut Rng, name: String, plain: bool) -> Wish {
    let ending = match dice.u32(..12) {
        0 if !plain => " [fail:job]",
        1 if !plain => " [fail:moderation]",
        2 => " [fast]",
        3 => " [slow]",
        _ => "",
    };
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
        body["callback_url"] = json!("https://example.com/done?ticket={ticket}");
    }
    let price = dice.bool().then(|| f64::from(dice.u32(1..4)));
    Wish { name, kind, body, price, unique: false }
}

fn count_uses(wishes: &mut [Wish], processes: &[Process]) {
    let mut uses = vec![0; wishes.len()];
    for (_, act) in processes.iter().flat_map(|process| &process.acts) {
        match act {
            Act::Call { wish, .. } => uses[*wish] += 1,
            Act::Batch { wishes, .. } => wishes.iter().for_each(|wish| uses[*wish] += 1),
            _ => {}
        }
    }
    for (wish, uses) in wishes.iter_mut().zip(uses) {
        wish.unique = uses <= 1;
    }
}

fn relics(dice: &mut Rng) -> Vec<(String, Value)> {
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
