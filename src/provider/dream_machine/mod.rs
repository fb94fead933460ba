//! Luma's Dream Machine API: `https://api.lumalabs.ai/dream-machine/v1`, documented at docs.lumalabs.ai and by the
//! OpenAPI file of Luma's SDKs (1.1.0). Read on 2026-11-20.

pub mod forms;
mod prices;
pub mod rules;

use super::answer::{jobs, list_of, luma_job};
use super::call::{path_to, with_query};
use super::elsewhere::other_kind;
use super::{ApiCall, CreditUnit, Credits, Lookup, Page, Provider, ProviderId, RecoverySupport, Variant, bearer};
use crate::error::{Problem, ProblemCode};
use crate::generation::Generation;
use crate::http::segment;
use crate::json::Json;
use crate::limits::Limits;
use crate::pricing::Estimate;
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::{Form, check_across};
use crate::text::{concat, integer};

/// The Dream Machine API.
pub struct DreamMachine {
    /// Which of its two video paths to use.
    pub variant: Variant,
}

impl Provider for DreamMachine {
    fn id(&self) -> ProviderId {
        ProviderId::DreamMachine
    }

    fn base_url(&self) -> &'static str {
        "https://api.lumalabs.ai/dream-machine/v1"
    }

    fn authorization(&self, key: &str) -> (&'static str, String) {
        bearer(key)
    }

    /// Luma's Build tier (docs.lumalabs.ai, rate limits page, read on 2026-11-20).
    fn limits(&self) -> Limits {
        Limits::BUILD
    }

    fn forms(&self) -> &'static [Form] {
        forms::FORMS
    }

    fn knows(&self, model: &str) -> bool {
        forms::model(model).is_some()
    }

    fn check(&self, kind: RequestKind, body: &Json, problems: &mut Vec<Problem>) {
        if let Some(model) = body.text("model").and_then(|name| forms::model(&name)) {
            if !model.kinds.contains(&kind) {
                problems.push(other_kind(model.name, kind));
            }
            if !model.concepts && !body.items_of("concepts").is_empty() {
                let message = "concepts are not supported for this model";
                problems.push(Problem::new("concepts", ProblemCode::Unsupported, message));
            }
        }
        check_across(rules::RULES, kind, body, problems);
    }

    #[cfg(feature = "types")]
    fn rules(&self) -> Vec<&'static [crate::rules::Rule]> {
        vec![rules::RULES]
    }

    fn create(&self, request: &GenerationRequest) -> ApiCall {
        let path = match request.kind {
            RequestKind::Image => "generations/image",
            RequestKind::ReframeImage => "generations/image/reframe",
            RequestKind::ReframeVideo => "generations/video/reframe",
            RequestKind::ModifyVideo => "generations/video/modify",
            _ if self.variant.legacy_path => "generations",
            _ => "generations/video",
        };
        // The API requires it of these forms; the guide's examples leave it out.
        let by_media = !matches!(request.kind, RequestKind::Video | RequestKind::Image);
        let body = match by_media && !request.body.has("generation_type") {
            true => request.body.with("generation_type", Json::string(request.kind.as_str())),
            false => request.body.clone(),
        };
        ApiCall::post(path, body)
    }

    fn derive(&self, id: &str, request: &GenerationRequest) -> Option<ApiCall> {
        let what = if request.kind == RequestKind::AddAudio { "/audio" } else { "/upscale" };
        Some(ApiCall::post(concat(&["generations/", &segment(id), what]), request.body.clone()))
    }

    fn get(&self, id: &str) -> ApiCall {
        ApiCall::get(path_to("generations/", id))
    }

    fn list(&self, limit: Option<f64>, offset: Option<f64>) -> Option<ApiCall> {
        let text = |number: Option<f64>| number.map(|number| integer(number as u64));
        let (limit, offset) = (text(limit), text(offset));
        let parameters = [("limit", limit.as_deref()), ("offset", offset.as_deref())];
        Some(ApiCall::get(with_query("generations", &parameters)))
    }

    fn lists_states(&self) -> bool {
        true
    }

    fn recovery_support(&self) -> RecoverySupport {
        RecoverySupport::FullListing
    }

    fn delete(&self, id: &str) -> Option<ApiCall> {
        Some(ApiCall::delete(path_to("generations/", id)))
    }

    fn lookup(&self, lookup: Lookup) -> Option<ApiCall> {
        Some(ApiCall::get(match lookup {
            Lookup::CameraMotions => "generations/camera_motion/list",
            Lookup::Concepts => "generations/concepts/list",
            Lookup::Credits => "credits",
            Lookup::ActiveTasks => return None,
            Lookup::Ping => "ping",
        }))
    }

    /// Reads both shapes in the wild: the guide writes `version` for a video's model and nulls for what is not there,
    /// the OpenAPI file writes `model` and leaves fields out.
    fn generation(&self, answer: &Json) -> Option<Generation> {
        let mut job = luma_job(answer, ProviderId::DreamMachine, &["failure_reason"])?;
        job.model = answer.first_text(&["model", "version"]);
        job.request = answer.get("request");
        Some(job.into())
    }

    fn page(&self, answer: &Json) -> Option<Page> {
        let list = list_of(answer, "generations")?;
        let entries = list.items().len();
        let (limit, offset, count) = (answer.num("limit"), answer.num("offset"), answer.num("count"));
        // The API requires the list alone. Its `count` is that of the page, unless it is larger: then of all.
        let stated = answer.flag("has_more");
        let length = entries as f64;
        let may_follow = match (count, limit) {
            (Some(count), _) if count > length => offset.unwrap_or_default() + length < count,
            (_, Some(limit)) => length >= limit,
            _ => true,
        };
        Some(Page {
            raw: None,
            generations: jobs(&list, &|job| self.generation(job)),
            has_more: stated.unwrap_or(entries > 0 && may_follow),
            says_more: stated.is_some(),
            entries,
            limit,
            offset,
            count,
        })
    }

    fn credits(&self, answer: &Json) -> Option<Credits> {
        Some(Credits { amount: answer.num("credit_balance")?, unit: CreditUnit::UsdCents, raw: answer.clone() })
    }

    fn estimate(&self, request: &GenerationRequest) -> Estimate {
        prices::estimate(request)
    }

    fn expected(&self, kind: RequestKind, body: &Json) -> f64 {
        prices::expected(kind, body)
    }
}
