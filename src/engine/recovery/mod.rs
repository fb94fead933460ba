//! Recovery: finding the outcome of a creation whose answer was lost. Where the server honours idempotency keys, it knows
//! (`ask`). Else the provider's list is searched for the job, by what was asked for and by when it was made (`search`).
//!
//! Several creations of one request may be lost at the same time, and which job belongs to which cannot be known. It need not be: jobs
//! of one request are as good as each other. By four rules each such creation gets one job, or is known not to have been made:
//!
//! * **A job that fits and belongs to no ticket belongs to the creation whose search finds it first.**
//! * **While another creation that the job would fit is under way, recovery waits for its answer**, which tells whether the job
//!   is its own.
//! * **A creation that is given a job hands its window on.** The job may be that of another one, whose turn it then is to take
//!   what the first one made, perhaps before the other was sent. So the other searches as far back as the first one did
//!   (`Tickets::assign`).
//! * **Nothing was made if no such job is left 30 s after the last loss among these creations** (`Tickets::note_loss`). Every
//!   job that was made shows by then. So where none is left, as many were found as were made, whichever has which.
//!
//! Upscales of different videos, and sound for them, look alike in the list, which does not name the video, and are not as good
//! as each other. A job that may be either's is given to neither, and the outcome stays unknown.
//!
//! Creations of one request may be sent at the same time. If each waited for the answer to the one before, no two would ever be
//! lost at once. But measured, 400 identical pictures then take 16 % longer with answers after 0.75 s, and twice as long with
//! answers after 1.5 s, since only one creation goes out in a round trip. Where the list shows little of a job, waiting would
//! not make it certain either: there a creation is alike to others that ask for something else (`tickets::ambiguity`).
//!
//! This room knows tickets and reads the list. It does not know calls, limits or polls, and it never sends a creation.

mod ask;
mod claim;
mod search;

use super::model::Host;
use super::tickets::Tickets;
use super::transport::Transport;
use crate::generation::Generation;
use std::rc::Rc;

/// Searches for lost jobs on behalf of one client.
pub struct Recovery<H: Host> {
    transport: Rc<Transport<H>>,
    tickets: Rc<Tickets<H>>,
}

/// What a search came to.
pub enum Recovered {
    Job(Generation),
    /// Nothing was made. `claimed_by_others`: jobs that fit belong to other tickets, and one of them may be what was made of this
    /// creation.
    NotMade {
        claimed_by_others: bool,
    },
    /// The outcome is unknown, and another search would find no more: a job that fits may be another creation's, or the list does not show
    /// all that was made.
    Undecided,
    /// The outcome cannot be told by this search. A later one may tell it.
    Unknown,
}

impl<H: Host> Recovery<H> {
    pub fn new(transport: Rc<Transport<H>>, tickets: Rc<Tickets<H>>) -> Self {
        Recovery { transport, tickets }
    }
}
