//! Checking requests.

use super::Jobs;
use crate::engine::model::{Event, Host, Outcome, Unsupported};
use crate::engine::transport::checked_id;
use crate::error::{Code, Error, Problem, ProblemCode};
use crate::json::Json;
use crate::request::{GenerationRequest, RequestKind};
use crate::text::concat;

/// A request that was checked, and the earlier job that it starts from, if any.
pub struct ValidatedRequest {
    pub(super) request: GenerationRequest,
    pub(super) parent: Option<String>,
    /// What its ticket says beside it.
    pub(super) label: Option<String>,
    pub(super) keep: bool,
}

impl ValidatedRequest {
    fn new(request: GenerationRequest, parent: Option<String>) -> Self {
        ValidatedRequest { request, parent, label: None, keep: false }
    }

    /// The same, with the caller's own word for it on its ticket; `keep` lets a completed job's ticket stay until it is acknowledged.
    pub fn noted(mut self, label: Option<String>, keep: bool) -> Self {
        (self.label, self.keep) = (label, keep);
        self
    }
}

impl<H: Host> Jobs<H> {
    /// Checks a request that makes a job.
    pub fn validate(&self, request: &Json) -> Outcome<ValidatedRequest> {
        let request = if self.transport.settings.validate {
            self.warned(GenerationRequest::read(&*self.transport.provider, request, self.drops()))?
        } else {
            self.prepare(request)?
        };
        match request.needs_parent() {
            Some(problem) => Err(Error::invalid(vec![problem])),
            None => Ok(ValidatedRequest::new(request, None)),
        }
    }

    /// Checks a request that makes a job out of an earlier one: a larger video, sound.
    pub fn validate_derived(&self, kind: RequestKind, id: &str, request: &Json) -> Outcome<ValidatedRequest> {
        let parent = Some(checked_id(id)?.to_owned());
        let request = if self.transport.settings.validate {
            self.warned(GenerationRequest::of_kind(&*self.transport.provider, kind, request, self.drops()))?
        } else {
            GenerationRequest { kind, body: request.clone() }
        };
        if self.transport.provider.derive(id, &request).is_none() {
            return Err(self.transport.unsupported(kind.as_str()));
        }
        Ok(ValidatedRequest::new(request, parent))
    }

    /// Checks a request without sending it: every broken rule, and what the documents contradict each other about.
    pub fn check(&self, request: &Json) -> Vec<Problem> {
        match GenerationRequest::read(&*self.transport.provider, request, self.drops()) {
            Ok((_, disputed)) => disputed,
            Err(problems) => problems,
        }
    }

    /// The request as it will be sent.
    pub fn prepare(&self, request: &Json) -> Outcome<GenerationRequest> {
        if self.transport.settings.validate {
            let read = GenerationRequest::read(&*self.transport.provider, request, self.drops());
            read.map(|(request, _)| request).map_err(Error::invalid)
        } else {
            GenerationRequest::unchecked(request).map_err(Error::invalid)
        }
    }

    /// A request that is about to be sent, after reporting its warnings.
    fn warned(&self, read: Result<(GenerationRequest, Vec<Problem>), Vec<Problem>>) -> Outcome<GenerationRequest> {
        let (request, warnings) = read.map_err(Error::invalid)?;
        for Problem { path, code, message } in &warnings {
            self.transport.host.event(Event::Warning { path, code: *code, message });
        }
        Ok(request)
    }

    /// A server's refusal of a request, with the words in it that look mistyped: they may be why.
    pub(super) fn with_hints(&self, mut error: Error, request: &GenerationRequest) -> Error {
        if error.code != Code::InvalidRequest || !self.transport.settings.validate {
            return error;
        }
        let provider = &*self.transport.provider;
        let read = GenerationRequest::of_kind(provider, request.kind, &request.body, false);
        for hint in read.map_or_else(|problems| problems, |(_, warnings)| warnings) {
            if hint.code == ProblemCode::Suspicious {
                error.message.push_str(&concat(&["; ", &hint.path, " ", &hint.message]));
                error.problems.push(hint);
            }
        }
        error
    }

    fn drops(&self) -> bool {
        self.transport.settings.unsupported == Unsupported::Drop
    }
}
