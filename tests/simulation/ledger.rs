//! What callers asked for and what they got.

use luma_edge::error::{Code, Error};
use luma_edge::generation::Generation;
use luma_edge::json::Json;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A caller's request that was not refused on the spot, or was.
#[derive(Debug)]
pub struct Call {
    pub process: usize,
    pub machine: u64,
    pub item: String,
    pub unique: bool,
    /// The batch that it is of, and what that may spend.
    pub batch: Option<(usize, f64)>,
    pub began: f64,
    pub ended: Option<(f64, End)>,
    /// Whether its caller had a deadline or a signal that fired.
    pub quit: bool,
}

impl Call {
    /// Whether a job may have been made that its caller was told no more of.
    pub fn in_doubt(&self) -> bool {
        matches!(self.ended, Some((_, End::Doubt(_) | End::Crashed)))
    }
}

/// No store takes longer to write, in ms.
const WRITTEN: f64 = 1000.0;

/// How a call, or the taking up of a ticket, ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// With its job, finished or failed.
    Handed(String),
    /// With a job that goes on.
    Left(String),
    /// In doubt, with the ticket that will tell, if one was told.
    Doubt(Option<String>),
    /// Without a job, and none is to come.
    Refused(Code),
    /// Its machine died.
    Crashed,
}

/// A job that was handed to somebody.
#[derive(Debug)]
pub struct Delivery {
    pub job: String,
    pub to: Claim,
    pub began: f64,
    pub at: f64,
}

/// On what ground.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    Call(usize),
    Ticket(String),
}

/// A ticket's end on its way to a caller: the client has written that it is there.
struct Handing {
    machine: u64,
    ticket: String,
    end: End,
    at: f64,
}

/// All of it.
#[derive(Default)]
pub struct Ledger {
    pub calls: Vec<Call>,
    pub deliveries: Vec<Delivery>,
    /// Jobs that were polled by a client with another store.
    pub polled: BTreeSet<String>,
    /// How each taking up of a ticket ended.
    pub resumed: BTreeMap<String, Vec<End>>,
    /// Tickets without a job that a crash left behind, each with whether it was withdrawn.
    pub orphaned: BTreeMap<String, bool>,
    /// Ends that are being told: their calls settle when all that was written is durable.
    handing: Vec<Handing>,
    pub running: usize,
    /// How many calls are under way on each machine.
    pub active: BTreeMap<u64, usize>,
    /// The errors that callers had, to be searched.
    pub errors: Vec<String>,
}

pub type SharedLedger = Rc<RefCell<Ledger>>;

/// What came of a call, by its result.
pub fn end_of(result: &Result<Generation, Error>) -> End {
    match result {
        Ok(generation) if generation.state.is_final() => End::Handed(generation.id.clone()),
        Ok(generation) => End::Left(generation.id.clone()),
        Err(error) => match (&error.generation, &error.creation) {
            (Some(job), _) if job.state.is_final() => End::Handed(job.id.clone()),
            (Some(job), _) => End::Left(job.id.clone()),
            (None, Some(creation)) => End::Doubt(Some(creation.ticket.clone())),
            (None, None) => End::Refused(error.code),
        },
    }
}

impl Ledger {
    pub fn begin(&mut self, call: Call) -> usize {
        self.calls.push(call);
        self.calls.len() - 1
    }

    /// A call is over. One that was made and waited for ends twice; the later end counts.
    pub fn end(&mut self, call: usize, at: f64, result: &Result<Generation, Error>) {
        self.record_error(result);
        let end = end_of(result);
        self.hand_over(&end, Claim::Call(call), self.calls[call].began, at);
        self.calls[call].quit |=
            result.as_ref().is_err_and(|error| matches!(error.code, Code::Aborted | Code::Timeout));
        self.calls[call].ended = Some((at, end));
    }

    /// A call was dropped, and nobody heard what became of it.
    pub fn drop_call(&mut self, call: usize, at: f64) {
        let known = match self.calls[call].ended.take() {
            Some((_, End::Left(job))) => End::Left(job),
            _ => End::Doubt(None),
        };
        self.calls[call].quit = true;
        self.calls[call].ended = Some((at, known));
    }

    /// A job was polled by a client with another store. When it is over its ticket goes, unless its own client had it before.
    pub fn poll(&mut self, machine: u64, began: f64, at: f64, result: &Result<Generation, Error>) {
        let end = end_of(result);
        let first = !self.deliveries.iter().any(|delivery| end == End::Handed(delivery.job.clone()));
        let went = |handing: &Handing| handing.machine == machine && handing.end == end && handing.at >= began;
        match self.handing.iter().position(went).filter(|_| first) {
            Some(handing) => {
                let ticket = self.handing.remove(handing).ticket;
                self.resume(&ticket, began, at, result);
            }
            None => self.record_error(result),
        }
    }

    /// A ticket was taken up.
    pub fn resume(&mut self, ticket: &str, began: f64, at: f64, result: &Result<Generation, Error>) {
        self.record_error(result);
        let end = end_of(result);
        self.hand_over(&end, Claim::Ticket(ticket.to_owned()), began, at);
        self.resumed.entry(ticket.to_owned()).or_default().push(end);
    }

    /// A ticket is at its end, and its caller about to be told.
    pub fn handing(&mut self, machine: u64, ticket: &str, end: End, at: f64) {
        self.handing.push(Handing { machine, ticket: ticket.to_owned(), end, at });
    }

    /// A machine died, and its calls with it. `over` tells whether the store knows that a ticket came to that end: who
    /// dies just then has been told.
    pub fn crash(
        &mut self,
        machine: u64,
        at: f64,
        tickets: impl Iterator<Item = (String, Json)>,
        over: impl Fn(&str, &End) -> bool,
    ) {
        let (dead, alive): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.handing).into_iter().partition(|handing| handing.machine == machine);
        self.handing = alive;
        for Handing { ticket, end, at: written, .. } in dead {
            if !over(&ticket, &end) {
                continue;
            }
            match &end {
                End::Handed(job) if self.deliveries.iter().any(|delivery| delivery.job == *job) => continue,
                End::Handed(job) => {
                    let (job, to) = (job.clone(), Claim::Ticket(ticket.clone()));
                    self.deliveries.push(Delivery { job, to, began: written, at: written });
                }
                _ if at - written > WRITTEN => continue,
                _ => {}
            }
            self.resumed.entry(ticket).or_default().push(end);
        }
        for call in self.calls.iter_mut().filter(|call| call.machine == machine) {
            match call.ended {
                None => call.ended = Some((at, End::Crashed)),
                // That it was dropped may not have been written yet.
                Some((dropped, End::Doubt(None))) if at - dropped < WRITTEN => call.quit = false,
                _ => {}
            }
        }
        for (ticket, value) in tickets.filter(|(_, value)| value.get("request").is_some() && value.get("job").is_none())
        {
            self.orphaned.insert(ticket, value.get("withdrawn").is_some());
        }
    }

    fn hand_over(&mut self, end: &End, to: Claim, began: f64, at: f64) {
        if let End::Handed(job) = end {
            self.deliveries.push(Delivery { job: job.clone(), to, began, at });
        }
    }

    fn record_error(&mut self, result: &Result<Generation, Error>) {
        if let Err(error) = result {
            self.errors.push(format!("{error:?} {}", serde_json::to_string(error).unwrap()));
        }
    }
}
