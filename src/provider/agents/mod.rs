//! Luma's Agents API: `https://agents.lumalabs.ai/v1`, by its SDKs (luma-agents 0.5.0 of 2026-08-04) and
//! docs.agents.lumalabs.ai, read on 2026-11-20. Jobs can be made and read, neither listed nor removed;
//! files can.

mod answers;
mod files;
pub mod forms;
mod prices;
mod rules;
mod uploads;
mod wire;

use super::call::path_to;
use super::{ApiCall, File, FilePage, FileQuery, Provider, ProviderId, Upload, UploadForm, UploadedFile, bearer};
use crate::error::{Error, Problem};
use crate::generation::Generation;
use crate::http::{Body, Response};
use crate::json::Json;
use crate::limits::Limits;
use crate::pricing::Estimate;
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::Form;

/// The Agents API.
pub struct Agents;

impl Provider for Agents {
    fn id(&self) -> ProviderId {
        ProviderId::Agents
    }

    fn base_url(&self) -> &'static str {
        "https://agents.lumalabs.ai/v1"
    }

    fn authorization(&self, key: &str) -> (&'static str, String) {
        bearer(key)
    }

    /// 10 at once and 30 a minute, by the early guide; later pages say that it depends on the plan.
    fn limits(&self) -> Limits {
        Limits::numbers((10.0, 30.0), (10.0, 30.0))
    }

    fn one_limit(&self) -> bool {
        true
    }

    fn forms(&self) -> &'static [Form] {
        forms::FORMS
    }

    fn knows(&self, model: &str) -> bool {
        forms::kinds_of(model).is_some()
    }

    fn check(&self, kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
        rules::check(kind, body, problems);
    }

    #[cfg(feature = "types")]
    fn rules(&self) -> Vec<&'static [crate::rules::Rule]> {
        vec![rules::RULES]
    }

    fn wires(&self, kind: RequestKind) -> &'static [&'static [super::wire::Wire]] {
        wire::tables(kind)
    }

    fn canonical(&self, form: &Form, body: Json) -> Json {
        wire::canonical(form, body)
    }

    fn create(&self, request: &GenerationRequest) -> ApiCall {
        ApiCall::post("generations", wire::body(request))
    }

    fn get(&self, id: &str) -> ApiCall {
        ApiCall::get(path_to("generations/", id))
    }

    fn upload_form(&self) -> Option<UploadForm> {
        Some(UploadForm::Bytes)
    }

    fn upload(&self, file: &File, answers: &[Json]) -> Option<Upload> {
        uploads::next(file, answers)
    }

    /// Its two 429s: that for a minute's creations tells of their limit; that for jobs that run does not, and always asks for
    /// the same wait (guide).
    fn refusal(&self, response: &Response<Body>) -> Error {
        let mut error = super::refusal(ProviderId::Agents, response);
        if response.headers.get("x-ratelimit-limit").is_some() {
            error.concurrency_limited = false;
        } else if response.status == 429 && response.headers.get("retry-after") == Some("60") {
            error.concurrency_limited = true;
        }
        error
    }

    fn files(&self, query: &FileQuery) -> Option<ApiCall> {
        Some(files::call(query))
    }

    fn file(&self, answer: &Json) -> Option<UploadedFile> {
        files::file(answer)
    }

    fn file_page(&self, answer: &Json) -> Option<FilePage> {
        files::page(answer)
    }

    fn generation(&self, answer: &Json) -> Option<Generation> {
        answers::generation(answer)
    }

    fn estimate(&self, request: &GenerationRequest) -> Estimate {
        prices::estimate(request)
    }

    fn expected(&self, kind: RequestKind, body: &Json) -> f64 {
        prices::expected(kind, body)
    }
}
