//! Finding the job of a creation whose answer was lost. The list echoes each job's request, so the job is known by what it
//! was asked for, by when it was made, and by belonging to no other ticket.

use super::account::{Hands, Known};
use super::{Client, Event, Host, Outcome, json, retry};
use crate::generation::Generation;
use crate::request::{Request, RequestKind};
use crate::value::{Kind, Value};
use std::rc::Rc;

/// When the list is looked at, in ms after the answer was lost. A job that the list shows by the last of these is found;
/// after it the creation counts as never made.
const LOOKS: [f64; 6] = [500.0, 2000.0, 5000.0, 10_000.0, 20_000.0, 30_000.0];
/// While an identical creation is under way, its job could be taken for this one's: how often that is asked, in ms.
const SIBLING: f64 = 200.0;
/// A list may hold more than one page of what was made since.
const PAGE: f64 = 100.0;
const MOST_PAGES: u32 = 10;
/// Two clocks of one provider may differ so much, in ms.
const MARGIN: f64 = 1000.0;

impl<H: Host> Client<H> {
    /// Looks for a ticket's job until it would be there; what is found belongs to the ticket from then on.
    pub(super) async fn find(
        &self,
        known: &Rc<Known<H::Value>>,
        lost_at: f64,
    ) -> Outcome<Option<Generation<H::Value>>, H> {
        let mut misses = 0;
        let mut looks = LOOKS.into_iter().map(|after| lost_at + after).peekable();
        while let Some(mut due) = looks.next() {
            let last = looks.peek().is_none();
            if due < self.host.now() && !last {
                continue;
            }
            // The last look decides, so it has to succeed.
            loop {
                self.host.sleep((due - self.host.now()).max(0.0)).await;
                while self.sibling_is_sending(known) {
                    self.host.sleep(SIBLING).await;
                }
                if self.host.stores() {
                    self.reload().await?;
                }
                match self.listed(known).await {
                    Ok(None) => break,
                    Err(error) if retry::read_again(&error) && misses < retry::MOST_MISSES => {
                        misses += 1;
                        if !last {
                            break;
                        }
                        due = self.host.now() + retry::wait(misses, error.retry_after, self.host.random());
                    }
                    outcome => return outcome,
                }
            }
        }
        Ok(None)
    }

    /// Whether the very same request is under way, here or in another tab.
    fn sibling_is_sending(&self, known: &Rc<Known<H::Value>>) -> bool {
        let now = self.host.now();
        let ticket = known.ticket.borrow();
        self.account.tickets().iter().any(|other| {
            if Rc::ptr_eq(other, known) {
                return false;
            }
            let sibling = other.ticket.borrow();
            let elsewhere = || {
                !matches!(other.hands.get(), Hands::Here)
                    && sibling.sent.is_some_and(|sent| (0.0..self.settings.timeout).contains(&(now - sent)))
            };
            sibling.unsettled()
                && (other.hands.get() == Hands::Sending || elsewhere())
                && sibling.request.kind == ticket.request.kind
                && same(&sibling.request.body, &ticket.request.body)
        })
    }

    /// One look at the list.
    async fn listed(&self, known: &Rc<Known<H::Value>>) -> Outcome<Option<Generation<H::Value>>, H> {
        let (request, from) = {
            let ticket = known.ticket.borrow();
            let first = ticket.first.or(ticket.sent).unwrap_or_default();
            (ticket.request.clone(), first + ticket.skew.unwrap_or_else(|| self.skew.low()) - MARGIN)
        };
        let mut oldest: Option<Generation<H::Value>> = None;
        for page in 0..MOST_PAGES {
            let call = self.provider.list(Some(PAGE), Some(PAGE * f64::from(page)));
            let response = self.read(&call).await.0?;
            let Some(page) = json(&response).and_then(|body| self.provider.page(body)) else {
                return Err(self.unreadable(&response, "a list of generations"));
            };
            let mut older = false;
            for generation in &page.generations {
                let created = generation.created_at.as_deref().and_then(|text| self.host.parse_date(text));
                // One that does not tell when it was made cannot be told from an earlier one.
                if created.is_none_or(|created| created < from) {
                    older |= created.is_some();
                } else if self.is_of(&request, generation) && !self.account.claimed(&generation.id, known) {
                    oldest = Some(generation.clone());
                }
            }
            if older || !page.has_more {
                break;
            }
        }
        if let Some(found) = &oldest {
            // Another may have claimed it while a later page was read.
            if self.account.claimed(&found.id, known) {
                return Ok(None);
            }
            known.ticket.borrow_mut().job = Some(found.id.clone());
            self.host.event(Event::Found { ticket: &known.ticket.borrow().id, id: &found.id });
        }
        Ok(oldest)
    }

    /// Whether a job was asked for by that request: every field that was sent, and that the documents have, is in the echo.
    fn is_of(&self, request: &Request<H::Value>, generation: &Generation<H::Value>) -> bool {
        let Some(echo) = &generation.request else { return false };
        if RequestKind::of(echo).is_ok_and(|kind| kind != request.kind) {
            return false;
        }
        let form = self.provider.form(request.kind);
        let known = |key: &str| form.is_none_or(|form| form.fields.iter().any(|field| field.name == key));
        request.body.keys().iter().all(|key| match (request.body.get(key), echo.get(key)) {
            (None, _) => true,
            (Some(sent), Some(echo)) => same(&sent, &echo),
            // An earlier version of the API may not echo its kind.
            (Some(_), None) => !known(key) || key == "generation_type",
        })
    }
}

/// Whether all that was sent is in the echo, which may hold more.
fn same<V: Value>(sent: &V, echo: &V) -> bool {
    let kind = sent.kind();
    kind == echo.kind()
        && match kind {
            Kind::Null => true,
            Kind::Bool => sent.as_bool() == echo.as_bool(),
            Kind::Number => sent.as_f64() == echo.as_f64(),
            Kind::String => sent.as_str() == echo.as_str(),
            Kind::List => {
                let (sent, echo) = (sent.items(), echo.items());
                sent.len() == echo.len() && sent.iter().zip(&echo).all(|(sent, echo)| same(sent, echo))
            }
            Kind::Object => sent.keys().iter().all(|key| match (sent.get(key), echo.get(key)) {
                (None, _) => true,
                (Some(sent), Some(echo)) => same(&sent, &echo),
                (Some(_), None) => false,
            }),
        }
}
