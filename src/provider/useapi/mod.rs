//! useapi.net's Luma API: `https://api.useapi.net/v1/luma`, by its documents of 2026-04-06.
//!
//! Experimental: the vendor's own index of 2026-07-26 does not list it any more. It works on Luma accounts that its user
//! brings along. A document that leaves something open is completed by that of the vendor's sibling for Dreamina, and
//! answers are read with tolerance.

pub mod accounts;
mod answers;
mod emails;
mod failures;
pub mod forms;
mod references;
mod refusals;
mod uploads;
mod wire;

use super::call::path_to;
use super::{
    AccountQuery, ActiveTasks, ApiCall, Credits, File, Lookup, Page, Provider, ProviderId, RecoverySupport, Upload,
    UploadForm, bearer,
};
use crate::error::{Error, Problem};
use crate::generation::Generation;
use crate::http::{Body, Response};
use crate::json::Json;
use crate::limits::{Limit, Limits};
use crate::pricing::Estimate;
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::Form;
use crate::text::{before, split_at_first};
use std::borrow::Cow;

/// The provider.
pub struct Useapi;

fn job(id: &str) -> ApiCall {
    ApiCall::get(path_to("jobs/", id))
}

/// An account on Luma's Unlimited plan has four places, for whatever is made (set-up page). A free one has a single place,
/// and several accounts have more: a client that is refused learns the first, its options can tell the second.
const PLACES: Limit = Limit { concurrent: Some(4.0), per_minute: None };

impl Provider for Useapi {
    fn id(&self) -> ProviderId {
        ProviderId::Useapi
    }

    fn base_url(&self) -> &'static str {
        "https://api.useapi.net/v1/luma"
    }

    fn authorization(&self, key: &str) -> (&'static str, String) {
        bearer(key)
    }

    fn limits(&self) -> Limits {
        Limits { video: PLACES, image: PLACES }
    }

    fn one_limit(&self) -> bool {
        true
    }

    fn forms(&self) -> &'static [Form] {
        forms::FORMS
    }

    fn knows(&self, model: &str) -> bool {
        forms::kind_of(model).is_some()
    }

    fn check(&self, kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
        forms::check(kind, body, problems);
        references::check(body, problems);
    }

    #[cfg(feature = "types")]
    fn rules(&self) -> Vec<&'static [crate::rules::Rule]> {
        vec![forms::RULES, forms::RULES_OF_MODELS]
    }

    fn wires(&self, _kind: RequestKind) -> &'static [&'static [super::wire::Wire]] {
        &[wire::FIELDS]
    }

    fn create(&self, request: &GenerationRequest) -> ApiCall {
        ApiCall::post(if request.kind == RequestKind::Image { "images" } else { "videos" }, wire::body(request))
    }

    fn get(&self, id: &str) -> ApiCall {
        job(before(id, answers::BETWEEN.as_bytes()))
    }

    fn part_calls(&self, id: &str) -> Vec<ApiCall> {
        let mut calls = Vec::new();
        let mut rest = id;
        while let Some((_, after)) = split_at_first(rest, answers::BETWEEN) {
            calls.push(job(before(after, answers::BETWEEN.as_bytes())));
            rest = after;
        }
        calls
    }

    fn merge_parts(&self, answers: Vec<Json>) -> Json {
        Json::object(vec![("jobs", Json::list(answers))])
    }

    fn accounts(&self, query: &AccountQuery) -> Option<ApiCall> {
        Some(match query {
            AccountQuery::All => accounts::list(),
            AccountQuery::One(email) => accounts::one(email),
            AccountQuery::Add(session) => accounts::add(session),
            AccountQuery::Remove(email) => accounts::remove(email),
        })
    }

    /// Those that are executing, all on one page.
    fn list(&self, _limit: Option<f64>, _offset: Option<f64>) -> Option<ApiCall> {
        Some(ApiCall::get("jobs"))
    }

    fn recovery_support(&self) -> RecoverySupport {
        RecoverySupport::RunningJobs
    }

    fn echo(&self, request: &GenerationRequest) -> Json {
        answers::echo(&request.body)
    }

    fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        Cow::Owned(emails::hidden(text))
    }

    /// It has no ping of its own, and a list of what runs costs nothing.
    fn lookup(&self, lookup: Lookup) -> Option<ApiCall> {
        match lookup {
            Lookup::Ping | Lookup::ActiveTasks => Some(ApiCall::get("jobs")),
            Lookup::Credits => Some(accounts::list()),
            _ => None,
        }
    }

    fn upload_form(&self) -> Option<UploadForm> {
        Some(UploadForm::Bytes)
    }

    fn upload(&self, file: &File, answers: &[Json]) -> Option<Upload> {
        uploads::next(file, answers)
    }

    fn refusal(&self, response: &Response<Body>) -> Error {
        refusals::read(response)
    }

    fn generation(&self, answer: &Json) -> Option<Generation> {
        answers::generation(answer, answer.get("request"))
    }

    fn page(&self, answer: &Json) -> Option<Page> {
        answers::page(answer)
    }

    fn credits(&self, answer: &Json) -> Option<Credits> {
        accounts::credits(answer)
    }

    fn active(&self, answer: &Json) -> Option<ActiveTasks> {
        answers::active(answer)
    }

    /// Both subscriptions are paid by the month, and what a job takes of Luma's credits only the finished job says.
    fn estimate(&self, _request: &GenerationRequest) -> Estimate {
        let basis =
            "useapi.net and the Luma account behind it are paid by subscription: no price for a job is published";
        Estimate::unpublished(None, basis.into(), "2026-04-06")
    }

    fn expected(&self, kind: RequestKind, body: &Json) -> f64 {
        wire::expected(kind, body)
    }
}
