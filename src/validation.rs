//! How a caller's plain object becomes a [`GenerationRequest`]: its kind is found, defaults are filled in, and every rule of the
//! provider is checked. This module knows the rules and the providers; neither of them knows it.

use crate::error::{Problem, ProblemCode};
use crate::json::Json;
use crate::provider::Provider;
use crate::provider::wire::{self, is_native};
use crate::request::{GenerationRequest, RequestKind};
use crate::rules::{self, Form, Source};
use crate::text::{after_last, before, concat};

impl GenerationRequest {
    /// Reads a caller's object: tells its kind, fills in what the documents call the default, writes `1080` as `1080p`,
    /// and finds every broken rule at once. `drop`: fields that the provider has not are left out instead of being refused.
    /// With a request that may be sent comes what the documents contradict each other about.
    pub fn read(provider: &dyn Provider, object: &Json, drop: bool) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        let kind = kind_of(object)?;
        Self::of_kind(provider, kind, object, drop)
    }

    /// The same where the method called says the kind.
    pub fn of_kind(
        provider: &dyn Provider,
        kind: RequestKind,
        object: &Json,
        drop: bool,
    ) -> Result<(Self, Vec<Problem>), Vec<Problem>> {
        expect_object(object)?;
        let Some(form) = provider.form(kind) else {
            return Err(vec![not_offered(kind, provider)]);
        };
        let object = &provider.canonical(form, object.without_nulls());
        let mut warnings = Vec::new();
        let mut body = complete(form, object, &mut warnings);
        let mut problems = broken(provider, form, &body);
        if drop && problems.iter().any(is_about_model) && !provider.knows_model(&body) {
            // It is another provider's: this one's own stands in for it.
            body = complete(form, &body.without("model"), &mut warnings);
            problems = broken(provider, form, &body);
        }
        if drop {
            let mut last = "";
            // From the end, so that what is left of a list stays where it was.
            for problem in problems.iter().rev().filter(|problem| problem.code == ProblemCode::Unsupported) {
                let path = dropped(&problem.path);
                // Without these it would be another request.
                if path != last && !ESSENTIAL.contains(&before(path, b".[")) {
                    body = pruned(&body, path);
                }
                last = path;
            }
            problems = broken(provider, form, &body);
        }
        let refused = problems.iter().any(|problem| problem.code.refuses());
        // What was filled in says nothing more beside what is wrong with it.
        warnings.retain(|warning| !problems.iter().any(|problem| problem.path == warning.path));
        warnings.append(&mut problems);
        if refused { Err(warnings) } else { Ok((GenerationRequest { kind, body }, warnings)) }
    }

    /// Takes the object as it is, unchecked and unchanged (`validate: false`); only its kind must be plain, since the
    /// kind chooses where it goes.
    pub fn unchecked(object: &Json) -> Result<Self, Vec<Problem>> {
        let kind = kind_of(object)?;
        Ok(GenerationRequest { kind, body: object.clone() })
    }

    /// Why it makes no job by itself, if it needs an earlier one.
    pub fn needs_parent(&self) -> Option<Problem> {
        let message = match self.kind {
            RequestKind::UpscaleVideo => "an upscale begins with a completed generation: client.upscale(id, request)",
            RequestKind::AddAudio => "added audio begins with a completed generation: client.addAudio(id, request)",
            _ => return None,
        };
        Some(Problem::new("generation_type", ProblemCode::Unsupported, message))
    }
}

/// What goes for a problem at a path. Of a picture in a form that the provider does not take nothing is left.
fn dropped(path: &str) -> &str {
    let field = after_last(path, b'.');
    let holder =
        path.len().checked_sub(field.len() + 1).filter(|_| Source::ALL.iter().any(|source| source.field() == field));
    holder.and_then(|end| path.get(..end)).unwrap_or(path)
}

/// The value without what lies at a path such as `image_ref[0].weight`, and without what is empty then.
fn pruned(value: &Json, path: &str) -> Json {
    let step = path.trim_start_matches('.');
    let name = before(step, b".[");
    let rest = step.get(name.len()..).unwrap_or_default();
    let Some(inner) = value.get(name).filter(|_| !rest.is_empty()) else { return value.without(name) };
    let inner = match rest.strip_prefix('[').and_then(|inner| crate::text::split_at_first(inner, "]")) {
        None => pruned(&inner, rest),
        Some((index, rest)) => {
            let mut items = inner.items();
            let index = crate::text::whole(index).unwrap_or(f64::INFINITY) as usize;
            let left = items.get(index).filter(|_| !rest.is_empty()).map(|item| pruned(item, rest));
            match (left.filter(|item| !is_empty(item)), items.get_mut(index)) {
                (Some(left), Some(item)) => *item = left,
                (None, Some(_)) => drop(items.remove(index)),
                (_, None) => {}
            }
            Json::list(items)
        }
    };
    if is_empty(&inner) { value.without(name) } else { value.with(name, inner) }
}

fn is_empty(value: &Json) -> bool {
    value.keys().is_empty() && value.items().is_empty()
}

/// Every broken rule, and what was surely meant otherwise.
fn broken(provider: &dyn Provider, form: &Form, body: &Json) -> Vec<Problem> {
    let mut problems = Vec::new();
    let wires = provider.wires(form.kind);
    for field in &body.keys() {
        if form.fields.iter().any(|known| known.name == field) || !body.has(field) {
            continue;
        }
        if VOCABULARY.contains(&field.as_str()) {
            let instead = INSTEAD.iter().find(|(name, _)| name == field).map_or("", |(_, instead)| *instead);
            let message = [provider.id().as_str(), " has no such field for ", form.kind.as_str(), instead];
            problems.push(Problem::of(field, ProblemCode::Unsupported, &message));
        } else if !is_native(wires, field)
            && let Some(name) = meant_field(form, field)
        {
            // What no document names passes: it is newer than this.
            problems.push(rules::mistyped(field, name));
        }
    }
    if let Some(model) = body.text("model").filter(|_| !provider.knows_model(body))
        && let Some(name) = rules::meant(&model, MODELS)
    {
        problems.push(rules::mistyped("model", name));
    }
    wire::check(body, wires, &mut problems);
    rules::check(form.fields, body, provider.knows_model(body), &mut problems);
    provider.check(form.kind, body, &mut problems);
    problems
}

/// The field of a request that another name was meant for.
fn meant_field(form: &Form, name: &str) -> Option<&'static str> {
    let mut known = rules::names(form.fields);
    known.extend_from_slice(VOCABULARY);
    rules::meant(name, &known).or_else(|| ELSEWHERE.iter().find(|(other, _)| *other == name).map(|(_, ours)| *ours))
}

/// What does the work of a field that a provider has not.
const INSTEAD: [(&str, &str); 2] =
    [("callback_url", "; poll, watch or resume it"), ("concepts", "; say it in the prompt")];

/// What other services call what has another name here.
const ELSEWHERE: [(&str, &str); 12] = [
    ("image", "keyframes.frame0 or image_ref"),
    ("image_url", "keyframes.frame0 or image_ref"),
    ("start_image", "keyframes.frame0"),
    ("start_frame", "keyframes.frame0"),
    ("image_end_url", "keyframes.frame1"),
    ("end_image", "keyframes.frame1"),
    ("end_frame", "keyframes.frame1"),
    ("video_url", "media.url"),
    ("ratio", "aspect_ratio"),
    ("seconds", "duration"),
    ("quality", "resolution"),
    ("webhook_url", "callback_url"),
];

/// Every model that is known at some provider, for names that are almost one of these.
pub const MODELS: &[&str] = &[
    "ray-3.2",
    "uni-1",
    "uni-1-max",
    "ray-2",
    "ray-flash-2",
    "ray-1-6",
    "photon-1",
    "photon-flash-1",
    "ray-v1",
    "ray-v2",
    "ray-v3",
    "ray-v3-flash",
    "ray-v3-reasoning",
    "photon-v2",
    "image-v2",
];

fn is_about_model(problem: &Problem) -> bool {
    problem.path == "model" && problem.code == ProblemCode::Unsupported
}

/// Fields that are never left out; a model of another provider's gives way to the provider's own.
const ESSENTIAL: [&str; 4] = ["prompt", "model", "media", "generation_type"];

/// The fields that some provider has and others have not: all of the canonical vocabulary but what every form takes.
pub const VOCABULARY: &[&str] = &[
    "aspect_ratio",
    "auto_controls",
    "callback_ref",
    "callback_secret",
    "callback_url",
    "character_ref",
    "concepts",
    "controls",
    "duration",
    "edit_keyframes",
    "email",
    "exr_export",
    "first_frame",
    "format",
    "grid_position_x",
    "grid_position_y",
    "hdr",
    "image_ref",
    "keyframe_indexes",
    "keyframes",
    "loop",
    "media",
    "mode",
    "modify_image_ref",
    "negative_prompt",
    "resized_height",
    "resized_width",
    "resolution",
    "service_mode",
    "source_position",
    "style",
    "style_ref",
    "sync",
    "sync_timeout",
    "user_id",
    "web_search",
    "x_end",
    "x_start",
    "y_end",
    "y_start",
];

fn kind_of(object: &Json) -> Result<RequestKind, Vec<Problem>> {
    expect_object(object)?;
    RequestKind::of(object).map_err(|problem| vec![problem])
}

fn expect_object(object: &Json) -> Result<(), Vec<Problem>> {
    if object.kind() == crate::json::Kind::Object {
        return Ok(());
    }
    let message = "A request is an object, such as { model: \"ray-3.2\", prompt: \"A tiger walking in snow\" }";
    Err(vec![Problem::new("", ProblemCode::InvalidType, message)])
}

fn not_offered(kind: RequestKind, provider: &dyn Provider) -> Problem {
    let message = [provider.id().as_str(), " does not offer ", kind.as_str()];
    Problem::of("generation_type", ProblemCode::Unsupported, &message)
}

/// Fills in the form's default model, and the unit that a person leaves out of `1080` or `5`. A duration that was a number is told
/// of: frames or ms may have been meant. A resolution's `p` is in no doubt.
fn complete(form: &Form, object: &Json, warnings: &mut Vec<Problem>) -> Json {
    let mut body = object.clone();
    if let Some(model) = form.default_model
        && body.get("model").is_none()
    {
        body = body.with("model", Json::string(model));
    }
    for field in form.fields {
        if let Some(unit) = field.shape.unit()
            && let Some(value) = body.get(field.name)
            && let Some(number) = bare_number(&value)
        {
            let whole = concat(&[&number, unit]);
            if unit == "s" && value.as_f64().is_some() {
                warnings.push(Problem::of(field.name, ProblemCode::Suspicious, &["a number: ", &whole, " is sent"]));
            }
            body = body.with(field.name, Json::string(&whole));
        }
    }
    body
}

fn bare_number(value: &Json) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text).filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()));
    }
    // Whole numbers of a plausible size; anything else is left for the rules to name.
    let number = value.as_f64().filter(|number| (1.0..1e5).contains(number) && number.fract() == 0.0)?;
    Some(crate::text::integer(number as u64))
}
