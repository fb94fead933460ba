//! A day as it is planned: who asks for what and when, what goes wrong, how the server is. Plain data, so that a failure can be
//! read, and a small day can be written by hand.

use crate::side::Side;
use crate::virtual_time::FaultConfig;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;

/// A day and its people.
#[derive(Debug)]
pub struct Plan {
    pub seed: u64,
    /// Who is asked.
    pub side: Side,
    /// The simulator's options.
    pub server: Json,
    /// Whether the client keeps the server's limits.
    pub limited: bool,
    pub fault_config: FaultConfig,
    /// Whether answers come without a `date`.
    pub dateless: bool,
    pub stores: Stores,
    pub processes: Vec<Process>,
    /// All that is asked for; what is asked for twice is here once.
    pub items: Vec<WorkItem>,
    /// What a broken disk or another version left in the store.
    pub relics: Vec<(String, Json)>,
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
    /// Several, and clients of one isolate have different ones.
    Apart,
}

/// A page, a Worker, a program: one machine at a time, the next one after a crash.
#[derive(Debug)]
pub struct Process {
    /// The clients' options.
    pub settings: Json,
    /// The clients of its isolate, each with the number of its store, if it has one.
    pub clients: Vec<Option<usize>>,
    /// How fast its clock is, in ms.
    pub offset: f64,
    /// What is done when, in ms since the day began, in this order.
    pub acts: Vec<(f64, Act)>,
}

impl Process {
    pub fn crashes(&self) -> bool {
        self.acts.iter().any(|(_, act)| matches!(act, Act::Crash { .. }))
    }

    /// Whether each of its lives tells the same time.
    pub fn keeps_its_clock(&self) -> bool {
        self.acts.iter().all(|(_, act)| !matches!(act, Act::Crash { offset, .. } if *offset != self.offset))
    }
}

impl Plan {
    /// A line for each thing.
    pub fn describe(&self) -> String {
        let Plan { side, server, fault_config, stores, relics, .. } = self;
        let mut lines = vec![
            format!("{side:?}, server {server}"),
            format!("{fault_config:?}{}", if self.dateless { ", without dates" } else { "" }),
            format!("stores: {stores:?} {relics:?}"),
        ];
        lines.extend(self.items.iter().map(|item| format!("{} {} {:?}", item.name, item.body, item.price)));
        for (number, process) in self.processes.iter().enumerate() {
            lines.push(format!("process {number}: clients with stores {:?}, {}", process.clients, process.settings));
            lines.extend(process.acts.iter().map(|(at, act)| format!("{:>9.3} {act:?}", at / 1000.0)));
        }
        lines.join("\n")
    }

    pub fn crashes(&self) -> bool {
        self.processes.iter().any(Process::crashes)
    }

    /// How many stores there are.
    pub fn store_count(&self) -> usize {
        self.processes.iter().flat_map(|process| &process.clients).flatten().max().map_or(0, |last| last + 1)
    }

    /// How often something is asked for.
    pub fn calls(&self) -> usize {
        let calls = |(_, act): &(f64, Act)| match act {
            Act::Call { .. } => 1,
            Act::Batch { items, .. } => items.len(),
            _ => 0,
        };
        self.processes.iter().flat_map(|process| &process.acts).map(calls).sum()
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
    Call { client: usize, item: usize, way: Way, timeout: f64, abort: Option<Abort> },
    /// So many callers work through a list, on a client with a budget of its own.
    Batch { client: usize, items: Vec<usize>, window: usize, budget: Option<f64>, abort: Option<Abort> },
    /// Takes up whatever nobody works on.
    Resume { client: usize, abort: Option<Abort> },
    /// Polls the last job of a client of its isolate that has another store.
    Poll { client: usize, abort: Option<Abort> },
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
pub struct WorkItem {
    pub name: String,
    pub kind: RequestKind,
    pub body: Json,
    /// Dollars.
    pub price: Option<f64>,
    /// Whether its caller keeps the job until it has acknowledged it, some time after the delivery.
    pub keep: bool,
    /// Whether it is asked for once only.
    pub unique: bool,
}

/// The name of the item that a text has in it.
pub fn item_in(text: &str) -> Option<&str> {
    let from = text.get(text.find("item-")?..)?;
    from.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()
}
