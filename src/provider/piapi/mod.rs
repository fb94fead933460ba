//! PiAPI's Luma API: `https://api.piapi.ai`, documented at piapi.ai/docs/dream-machine, whose request has changed several times: the
//! fields of 2026 are sent, or those of 2025 if the settings say so, never both.

mod answers;
mod failures;
pub mod forms;
mod prices;
mod rules;
mod wire;

use super::call::path_to;
use super::elsewhere::elsewhere;
use super::refusal::refusal_of;
use super::{
    ActiveTasks, ApiCall, CreditUnit, Credits, File, Lookup, Page, Provider, ProviderId, RecoverySupport, Upload,
    UploadForm, Variant,
};
use crate::error::{Code, Error, Problem};
use crate::generation::Generation;
use crate::http::{Body, Response};
use crate::json::Json;
use crate::limits::Limits;
use crate::pricing::Estimate;
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::{Form, check_across};
use crate::text::{concat, integer};

/// The provider.
pub struct Piapi {
    /// Which form of its requests is sent.
    pub variant: Variant,
}

const BASE: &str = "https://api.piapi.ai";
/// The same API by a sister brand (third parties, 2026).
const SISTER: &str = "https://api.goapi.ai";

/// Where files are handed over, which is on a host of its own.
const UPLOAD: &str = "api/ephemeral_resource";
const UPLOAD_BASE: &str = "https://upload.theapi.app";

/// How many rows a page of the history has by default, and at most (piapi.ai history docs, 2025-04).
const PAGE: f64 = 10.0;
const LARGEST_PAGE: u64 = 100;

impl Provider for Piapi {
    fn id(&self) -> ProviderId {
        ProviderId::Piapi
    }

    fn base_url(&self) -> &'static str {
        BASE
    }

    /// Another base URL is a proxy, and the key is for that proxy.
    fn base_url_for<'a>(&self, path: &str, base: &'a str) -> &'a str {
        if path == UPLOAD && [BASE, SISTER].contains(&base) { UPLOAD_BASE } else { base }
    }

    fn authorization(&self, key: &str) -> (&'static str, String) {
        ("x-api-key", key.to_owned())
    }

    /// They depend on the plan, and no numbers are published.
    fn limits(&self) -> Limits {
        Limits::NONE
    }

    fn forms(&self) -> &'static [Form] {
        if self.variant.schema_2025 { forms::FORMS_2025 } else { forms::FORMS_2026 }
    }

    fn knows(&self, model: &str) -> bool {
        forms::model(model, self.variant.schema_2025).1
    }

    fn check(&self, kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
        let schema_2025 = self.variant.schema_2025;
        if let Some(model) = body.text("model")
            && forms::is_elsewhere(&model, schema_2025)
        {
            let known = if schema_2025 { "ray-v2 and ray-v1" } else { "ray-v2" };
            problems.push(elsewhere(ProviderId::Piapi, &model, kind, known, Some("ray-v2")));
        }
        check_across(rules::RULES, kind, body, problems);
        check_across(if schema_2025 { rules::RULES_2025 } else { rules::RULES_2026 }, kind, body, problems);
    }

    #[cfg(feature = "types")]
    fn rules(&self) -> Vec<&'static [crate::rules::Rule]> {
        vec![rules::RULES, if self.variant.schema_2025 { rules::RULES_2025 } else { rules::RULES_2026 }]
    }

    fn wires(&self, _kind: RequestKind) -> &'static [&'static [super::wire::Wire]] {
        wire::tables(self.variant.schema_2025)
    }

    fn create(&self, request: &GenerationRequest) -> ApiCall {
        ApiCall::post("api/v1/task", wire::task(&request.body, self.variant.schema_2025))
    }

    fn get(&self, id: &str) -> ApiCall {
        ApiCall::get(path_to("api/v1/task/", id))
    }

    /// Its pages have numbers: of an offset that is no whole number of pages, smaller ones are read.
    fn list(&self, limit: Option<f64>, offset: Option<f64>) -> Option<ApiCall> {
        let offset = offset.unwrap_or(0.0) as u64;
        let mut size = (limit.unwrap_or(PAGE) as u64).clamp(1, LARGEST_PAGE);
        while !offset.is_multiple_of(size) {
            size -= 1;
        }
        let (page, size) = (integer(offset.checked_div(size).unwrap_or(0) + 1), integer(size));
        Some(ApiCall::get(concat(&["api/open/tasks/histories?model=luma&page=", &page, "&page_size=", &size])))
    }

    /// Nobody says that the history shows a task from its first moment, so one that is not in it proves nothing.
    fn recovery_support(&self) -> RecoverySupport {
        RecoverySupport::RunningJobs
    }

    fn echo(&self, request: &GenerationRequest) -> Json {
        wire::input(&request.body, self.variant.schema_2025)
    }

    /// Calls a task off, which is possible until it starts; PiAPI documented it for Luma until 2025.
    fn delete(&self, id: &str) -> Option<ApiCall> {
        Some(ApiCall::delete(path_to("api/v1/task/", id)))
    }

    /// Why it was not called off is not known: a task that has begun is not called off, and no document says any more that Luma's tasks ever are.
    /// That a retry finds none proves nothing either.
    fn not_removed(&self, mut error: Error, _retried: bool) -> Result<(), Error> {
        if let Some(status @ (400 | 404 | 405)) = error.status {
            error.code = if status == 404 { Code::NotFound } else { Code::Unsupported };
            let why = " (PiAPI does not call tasks of Luma's off, or this one runs already, or is over: get() tells)";
            error.message.push_str(why);
        }
        Err(error)
    }

    fn lookup(&self, lookup: Lookup) -> Option<ApiCall> {
        match lookup {
            Lookup::Credits | Lookup::Ping => Some(ApiCall::get("account/info")),
            Lookup::ActiveTasks => Some(ApiCall::get("account/active_tasks")),
            _ => None,
        }
    }

    fn upload_form(&self) -> Option<UploadForm> {
        Some(UploadForm::Base64)
    }

    /// The file is kept for a day (integrations, 2026).
    fn upload(&self, file: &File, answers: &[Json]) -> Option<Upload> {
        let Some(answer) = answers.first() else {
            let named = Json::object(vec![("file_name", Json::string(&file.name))]);
            let body = named.with("file_data", file.base64.clone()?);
            return Some(Upload::Send(ApiCall::post(UPLOAD, body)));
        };
        let url = answer.first_text(&["data.url", "url"])?;
        Some(Upload::Done(Json::object(vec![("url", Json::string(&url))])))
    }

    /// The envelope has a code of its own, which may tell of a failure within a 200. With a task in it, it is the task that
    /// failed, and that is another matter.
    fn status(&self, response: &Response<Body>) -> u16 {
        let Body::Json(answer) = &response.body else { return response.status };
        match answer.num("code") {
            Some(code) if response.status < 300 && code >= 400.0 && answers::generation(answer).is_none() => {
                // A number of its own proves nothing.
                if code < 600.0 { code as u16 } else { 500 }
            }
            _ => response.status,
        }
    }

    fn refusal(&self, response: &Response<Body>) -> Error {
        let words = match &response.body {
            Body::Json(answer) => answer.get("data").and_then(|data| failures::reason(&data)),
            _ => None,
        };
        let words = words.map(|reason| Body::Json(Json::object(vec![("message", Json::string(&reason))])));
        let body = words.as_ref().unwrap_or(&response.body);
        let status = self.status(response);
        let mut error = refusal_of(ProviderId::Piapi, status, &response.headers, body);
        if error.code == Code::Authentication && status == 403 {
            error.message.push_str(" (or the account's plan, which may not include this)");
        }
        error
    }

    fn generation(&self, answer: &Json) -> Option<Generation> {
        answers::generation(answer)
    }

    fn page(&self, answer: &Json) -> Option<Page> {
        answers::page(answer)
    }

    fn credits(&self, answer: &Json) -> Option<Credits> {
        let amount = answer.at("data.equivalent_in_usd")?.as_f64()?;
        Some(Credits { amount, unit: CreditUnit::Usd, raw: answer.clone() })
    }

    fn active(&self, answer: &Json) -> Option<ActiveTasks> {
        answers::active(answer)
    }

    fn estimate(&self, request: &GenerationRequest) -> Estimate {
        prices::estimate(&request.body)
    }

    fn expected(&self, _kind: RequestKind, body: &Json) -> f64 {
        prices::expected(body)
    }
}
