//! Creations whose jobs could be taken for each other's: those of one request, and all others that look alike in the list.
//!
//! Jobs of one request are as good as each other (`recovery`). But useapi and PiAPI echo only a few fields of what runs. There
//! a job that fits a lost creation may have been asked for otherwise. And no provider echoes the video that an upscale was made out
//! of. Recovery takes such a job only if it can be no other one's. Otherwise the outcome stays unknown, and the caller gets that error.

use super::Tickets;
use super::entry::TicketEntry;
use super::ticket::Ticket;
use crate::engine::model::Host;
use crate::engine::model::timing::CLOCK_MARGIN;
use crate::generation::Generation;
use std::rc::Rc;

impl<H: Host> Tickets<H> {
    /// Those of the other creations whose jobs may be taken for this one's, where they are wanted.
    pub fn all_indistinguishable(
        &self,
        entry: &Rc<TicketEntry>,
        wanted: &dyn Fn(&TicketEntry) -> bool,
    ) -> Vec<Rc<TicketEntry>> {
        self.account.tickets_that(&|other| {
            !Rc::ptr_eq(other, entry)
                && wanted(other)
                && self.indistinguishable(&entry.ticket.borrow().request, &other.ticket.borrow().request)
        })
    }

    /// A creation's answer was lost at that time, by this process's clock. Recovery may give it the job of another one that is
    /// alike, which then needs as much time to get this one's. So all of them that are lost count from the last loss.
    pub fn note_loss(&self, entry: &Rc<TicketEntry>, at: f64) {
        entry.last_loss.set(Some(at));
        entry.ticket.borrow_mut().lost_at.get_or_insert(at);
        let was_lost_before = |other: &TicketEntry| other.last_loss.get().is_some_and(|before| before < at);
        for other in &self.all_indistinguishable(entry, &was_lost_before) {
            other.last_loss.set(Some(at));
        }
    }

    /// Whether a job that fits this creation may as well be that of another one: its answer was lost, or it was given up with
    /// its outcome unknown.
    pub fn is_ambiguous(&self, entry: &Rc<TicketEntry>) -> bool {
        self.has_partial_echo()
            && (!self.all_indistinguishable(entry, &TicketEntry::is_unsettled).is_empty()
                || self.fits_an_unknown_one(entry))
    }

    /// Whether the job of a creation that was given up can have been made since this one was first sent.
    fn fits_an_unknown_one(&self, entry: &Rc<TicketEntry>) -> bool {
        let ticket = entry.ticket.borrow();
        let Some(from) = self.earliest(&ticket) else { return false };
        self.account.any_outcome_unknown(&|other| {
            other.id != ticket.id
                && self.indistinguishable(&other.request, &ticket.request)
                && self.latest(other).is_some_and(|until| until >= from)
        })
    }

    /// Whether a job that fits this creation may be that of one with the same request about another video.
    pub fn may_have_another_parent(&self, entry: &TicketEntry, job: &Generation) -> bool {
        let ticket = entry.ticket.borrow();
        let Some(created) = self.transport.created_at(job).filter(|_| ticket.parent.is_some()) else { return false };
        let may_be_of = |other: &Ticket| {
            other.parent != ticket.parent
                && self.earliest(other).is_some_and(|from| from <= created)
                && self.latest(other).is_some_and(|until| created <= until)
                && self.is_job_of(&other.request, job)
        };
        let unsettled_of = |other: &Rc<TicketEntry>| other.is_unsettled() && may_be_of(&other.ticket.borrow());
        !self.account.tickets_that(&unsettled_of).is_empty() || self.account.any_outcome_unknown(&may_be_of)
    }

    /// Recovery gives a job to a creation. It may be that of another one of the same request, which then needs the job of this
    /// one.
    pub fn assign(&self, entry: &Rc<TicketEntry>, job: &Generation) {
        {
            let mut ticket = entry.ticket.borrow_mut();
            ticket.job = Some(job.id.clone());
            ticket.found = self.transport.created_at(job);
        }
        self.account.job_known(entry);
        self.hand_window_on(entry);
    }

    /// The job of a ticket was recovered. Others of the same request that could have made it search as far back as this one did,
    /// and leave alone what this one knew to be another's.
    pub fn hand_window_on(&self, entry: &Rc<TicketEntry>) {
        // Where little is echoed, no job is given to a creation while another one could have made it.
        if self.has_partial_echo() {
            return;
        }
        let (found, from, parent, excluded) = {
            let ticket = entry.ticket.borrow();
            let (Some(found), Some(from)) = (ticket.found, self.earliest(&ticket)) else { return };
            (found, from, ticket.parent.clone(), ticket.excluded_jobs.clone())
        };
        for other in &self.all_indistinguishable(entry, &|other| other.ticket.borrow().parent == parent) {
            self.extend_window(other, found, from, &excluded);
        }
    }

    /// A job that was made at `found` belongs to another creation, which was sent at `from`, both by the server's clock. If this
    /// one could have made it, what the other one made may be left for this one.
    pub fn extend_window(&self, entry: &Rc<TicketEntry>, found: f64, from: f64, excluded: &[String]) {
        {
            let mut ticket = entry.ticket.borrow_mut();
            let Some(earliest) = self.earliest(&ticket).filter(|_| ticket.is_unsettled()) else { return };
            if earliest > found || earliest <= from {
                return;
            }
            ticket.first = Some(from + CLOCK_MARGIN - self.skew_of(&ticket).0);
            for job in excluded {
                ticket.exclude(job);
            }
        }
        // Tickets that other clients hold are theirs to write.
        if entry.is_held() {
            self.persist(entry);
        }
    }

    /// A ticket goes whose job is not known. A job that fits another creation may be its own.
    pub fn remember_unknown(&self, entry: &TicketEntry) {
        if self.has_partial_echo() && entry.ticket.borrow().is_unsettled() {
            self.account.remember_unknown(&entry.ticket.borrow());
        }
    }
}
