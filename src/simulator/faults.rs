//! Which calls go wrong, how and how often.
//!
//! A fault is data. As text it is `on:kind[=value][when][xTimes]`, several of them with commas between:
//!
//! | part | written | meaning |
//! | --- | --- | --- |
//! | on | `any` | every call |
//! | | `create` | every call that makes a job |
//! | | `get`, `video`, `asset`, ... | one route, by the name it has in the statistics |
//! | | `POST */generations/*` | a method and a path, `*` standing for anything |
//! | kind | see below | |
//! | value | `=3` | a status: its `retry-after` in s; `slow`: ms more; `late`: s until the work; `html`, `wrapped`: the status |
//! | when | `@2`, `@2+5` | the second of these calls; the second and the fifth |
//! | | `/3` | each third one |
//! | | `%10` | one in ten, by chance |
//! | times | `x2` | the first two times only |
//!
//! | kind | what the caller sees | the work was done |
//! | --- | --- | --- |
//! | `refused` | no connection: the call never arrives | no |
//! | `cut` | the connection is closed without an answer | no |
//! | `cut-after` | the same | yes |
//! | `late` | the same | yes, 5 s later |
//! | `silence` | no answer, ever | no |
//! | `silence-after` | the same | yes |
//! | `slow` | the answer, 30 s later | yes |
//! | `429`, `500`, `503`, any status from 400 to 599 | that status and an error as the API writes them | no |
//! | `503-after`, likewise | the same | yes |
//! | `concurrent` | 429, as when too many jobs run | no |
//! | `wrapped` | 200, and within it an error of 500, or of the status that is the value | no |
//! | `wrapped-after` | the same | yes |
//! | `html` | 200 and an HTML page, as from a portal or a gateway | no |
//! | `html-after` | the same | yes |
//! | `truncated` | half of the answer, then the connection is cut | yes |
//! | `empty` | the right status and no body | yes |

mod text;

use super::answer::{self, Outcome, Reply, Worked};
use super::random::Dice;
use crate::http::Response;

/// The faults of a simulator, each with its own count. The first that strikes decides.
#[derive(Clone, Debug, Default)]
pub struct Faults(Vec<Counted>);

#[derive(Clone, Debug)]
struct Counted {
    fault: Fault,
    matching: u64,
    struck: u64,
}

impl FromIterator<Fault> for Faults {
    fn from_iter<I: IntoIterator<Item = Fault>>(faults: I) -> Self {
        let counted = |fault| Counted { fault, matching: 0, struck: 0 };
        Faults(faults.into_iter().map(counted).collect())
    }
}

/// One thing that goes wrong. Read it from text: `"create:cut-after@2".parse()`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    on: On,
    when: When,
    times: Option<u64>,
    pub(crate) kind: Kind,
    /// Whether it strikes after the work was done.
    pub(crate) after: bool,
    /// As it was written, for the statistics.
    pub(crate) text: String,
}

#[derive(Clone, Debug, PartialEq)]
enum On {
    Any,
    Create,
    Route(String),
    Path { method: String, pattern: String },
}

#[derive(Clone, Debug, PartialEq)]
enum When {
    Always,
    Nth(Vec<u64>),
    Every(u64),
    Chance(f64),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Refused,
    Cut,
    Late { ms: f64 },
    Silence,
    Slow { ms: f64 },
    Status { status: u16, retry_after: Option<f64> },
    Concurrent,
    Wrapped { status: u16 },
    Html { status: u16 },
    Truncated,
    Empty,
}

/// What an error that is made up is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Wrong {
    Status(u16),
    /// As many jobs run as may.
    ConcurrencyLimited,
}

impl Wrong {
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Wrong::ConcurrencyLimited => "Too many concurrent jobs",
            Wrong::Status(429) => "Rate limit exceeded",
            Wrong::Status(_) => "Simulated fault",
        }
    }
}

/// What a fault can be aimed at.
pub(crate) struct Call<'a> {
    pub(crate) route: &'a str,
    pub(crate) creates: bool,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
}

impl Faults {
    /// Counts the call with every fault that it concerns, and gives the one that strikes it.
    pub(crate) fn strike(&mut self, call: &Call<'_>, dice: &mut Dice) -> Option<Fault> {
        let mut first = None;
        for counted in self.0.iter_mut().filter(|counted| counted.fault.concerns(call)) {
            counted.matching += 1;
            let spent = counted.fault.times.is_some_and(|times| counted.struck >= times);
            // The dice are thrown in any case, so that one fault does not change when another strikes.
            if counted.fault.when.now(counted.matching, dice) && !spent && first.is_none() {
                counted.struck += 1;
                first = Some(counted.fault.clone());
            }
        }
        first
    }
}

impl Fault {
    fn concerns(&self, call: &Call<'_>) -> bool {
        match &self.on {
            On::Any => true,
            On::Create => call.creates,
            On::Route(name) => name == call.route,
            On::Path { method, pattern } => method == call.method && matches(pattern, call.path),
        }
    }
}

impl Fault {
    /// What the caller sees in place of an answer, or what is left of the one that the work gave. `error` writes one.
    pub(crate) fn spoil(
        &self,
        worked: Option<Worked>,
        latency: f64,
        error: impl Fn(Wrong) -> Response<Vec<u8>>,
    ) -> Reply {
        let Worked { after, response } =
            worked.unwrap_or_else(|| Worked { after: latency, response: answer::no_content(200) });
        let outcome = match self.kind {
            Kind::Refused => Outcome::Refused,
            Kind::Cut | Kind::Late { .. } => Outcome::Cut,
            Kind::Silence => Outcome::Silence,
            Kind::Slow { ms } => {
                return Reply { after: after + ms, outcome: Outcome::Answer(response) };
            }
            Kind::Html { status } => Outcome::Answer(answer::html(status)),
            Kind::Truncated => Outcome::Truncated(response),
            Kind::Empty => Outcome::Answer(answer::with_body(response.status, "application/json", Vec::new())),
            Kind::Status { status, retry_after } => {
                let mut response = error(Wrong::Status(status));
                if let Some(seconds) = retry_after {
                    response.headers = response.headers.with("retry-after", seconds.to_string());
                }
                Outcome::Answer(response)
            }
            Kind::Concurrent => Outcome::Answer(error(Wrong::ConcurrencyLimited)),
            Kind::Wrapped { status } => Outcome::Answer(Response { status: 200, ..error(Wrong::Status(status)) }),
        };
        Reply { after, outcome }
    }
}

impl When {
    fn now(&self, nth: u64, dice: &mut Dice) -> bool {
        match self {
            When::Always => true,
            When::Nth(list) => list.contains(&nth),
            When::Every(n) => nth.is_multiple_of(*n),
            When::Chance(probability) => dice.happens(*probability),
        }
    }
}

/// Whether `*`, each for any run of characters, makes the pattern the path.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((head, rest)) => path.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| tail.get(at..).is_some_and(|end| matches(rest, end)))
        }),
    }
}
