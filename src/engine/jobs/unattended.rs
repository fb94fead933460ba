//! Polling jobs that nobody waits for: their ends make room within the limits.

use super::Jobs;
use crate::engine::model::Host;
use crate::engine::model::timing::LEASE_MARGIN;
use crate::engine::scheduling::{PollSchedule, QueueEntry};

impl<H: Host> Jobs<H> {
    /// Looks at a job that nobody waits for, if one is due. Gives whether there was one.
    pub async fn poll_unattended(&self, place: &QueueEntry) -> bool {
        let (now, lease) = (self.transport.host.now(), self.transport.settings.timeout + LEASE_MARGIN);
        self.watch_unattended(place, now);
        match self.poller.poll_unattended(now, lease) {
            Some(attempt) => {
                place.keep_waiting(lease);
                self.poll_once(attempt).await;
                true
            }
            None => false,
        }
    }

    /// What runs and belongs to no call of ours is looked at as well: an earlier life's, another tab's, that of a request that is gone.
    fn watch_unattended(&self, place: &QueueEntry, now: f64) {
        for job in place.watched_jobs() {
            if self.poller.get(&job).is_none()
                && let Some(entry) = self.tickets.account.of_job(&job).filter(|entry| entry.is_silent(now))
            {
                let ticket = entry.ticket.borrow();
                let (guess, sent) =
                    (self.tickets.estimate_duration(&ticket.request), ticket.sent.unwrap_or(now).min(now));
                self.poller
                    .watch_unattended(&job, PollSchedule::of_job(sent, guess, now, self.transport.host.random()));
            }
        }
    }
}
