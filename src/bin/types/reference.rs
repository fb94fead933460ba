//! The reference of requests in the docs, out of the rule tables: every form with its fields, every model, every reason of
//! failure.

use luma_edge::generation::{FailureCode, Fault};
use luma_edge::json;
use luma_edge::provider::dream_machine::forms::{FORMS, MODELS};
use luma_edge::provider::failures::REASONS;
use luma_edge::provider::{Provider, ProviderId, Variant, provider};
use luma_edge::request::{GenerationRequest, RequestKind};
use luma_edge::rules::{Field, Form, Need, Shape};

const HEAD: &str = "<!-- Written by `npm run types` from the rule tables in src/: change those, not this. -->

# Reference

The same tables check requests before they are sent and make the TypeScript types; [refusals.md](refusals.md) has what refuses. A field that is not listed here is sent
as it is. A field that is `null` counts as absent. \"API\" is the OpenAPI file 1.1.0 and Luma's SDKs, \"guide\" is Luma's
documentation; both were read on 2026-11-20. What the fields are for, with examples: [requests.md](requests.md).
";

const OTHERS: &str = "<!-- Written by `npm run types` from the rule tables in src/: change those, not this. -->

# Fields of the other providers

What each field of a request means at [agents](agents.md), [useapi](useapi.md) and [piapi](piapi.md); those of Dream Machine are in
[reference.md](../reference.md). A field that a provider has not, and another has, is a problem of code `unsupported`. A field
that is listed nowhere is sent as it is. Where a provider's documents disagree on whether a field is required (`disputed`), a request
without it is sent, with a warning.
";

/// `docs/reference.md`, whole.
pub fn reference() -> String {
    let forms: String = FORMS.iter().map(dream_machine_form).collect();
    format!("{HEAD}{forms}{}{}", models(), failures())
}

/// `docs/providers/reference.md`, whole.
pub fn others() -> String {
    let mut out = OTHERS.to_owned();
    for id in ProviderId::ALL.iter().filter(|id| **id != ProviderId::DreamMachine) {
        let provider = provider(*id, Variant::default());
        for form in RequestKind::ALL.iter().filter_map(|kind| provider.form(*kind)) {
            let call = provider.create(&GenerationRequest { kind: form.kind, body: json!({}) });
            let default = form.default_model.map(|model| format!(" `{model}` is filled in when no model is given."));
            out += &format!(
                "\n## {}: {}\n\n{}\n\nSent as `{} /{}`.{}\n\n{}",
                id.as_str(),
                form.kind.as_str(),
                form.doc.text(),
                call.method.as_str(),
                call.path,
                default.unwrap_or_default(),
                table(form),
            );
        }
    }
    out
}

fn table(form: &Form) -> String {
    let rows: String = form.fields.iter().map(|field| row(field, "", form.kind)).collect();
    format!("| field | holds | required | meaning |\n| --- | --- | --- | --- |\n{rows}")
}

fn dream_machine_form(form: &Form) -> String {
    let word = form.kind.as_str();
    let takers: Vec<_> =
        MODELS.iter().filter(|model| model.kinds.contains(&form.kind)).map(|model| model.name).collect();
    let models = match (form.fields.iter().any(|field| field.name == "model"), form.default_model) {
        (false, _) => String::new(),
        (true, None) => format!("\nModels: {}.\n", code(&takers)),
        (true, Some(default)) => format!("\nModels: {}; `{default}` is filled in when none is given.\n", code(&takers)),
    };
    format!("\n## {word}\n\n{}\n\n{}{models}\n{}", form.doc.text(), sent(form.kind), table(form))
}

/// How it is called and where it goes.
fn sent(kind: RequestKind) -> String {
    let dream_machine = dream_machine();
    let request = GenerationRequest { kind, body: json!({}) };
    let (calls, call) = match kind {
        RequestKind::UpscaleVideo => ("`upscale(id, request)`", dream_machine.derive("ID", &request)),
        RequestKind::AddAudio => ("`addAudio(id, request)`", dream_machine.derive("ID", &request)),
        _ => ("`generate(request)` or `create(request)`", None),
    };
    let call = call.unwrap_or_else(|| dream_machine.create(&request));
    format!("Called with {calls}; sent as `{} /{}`.\n", call.method.as_str(), call.path)
}

fn row(field: &Field, within: &str, kind: RequestKind) -> String {
    let path = format!("{within}{}", field.name);
    let holds = match field.name {
        "generation_type" => format!("`{}`", kind.as_str()),
        _ => holds(&field.shape),
    };
    let required = match field.need {
        Need::Required(_) => "yes",
        Need::Expected(_) => "disputed",
        _ => "",
    };
    let own = format!("| `{path}` | {holds} | {required} | {} |\n", field.doc.text());
    own + &inner(&field.shape, &path, kind)
}

/// The rows of what lies inside.
fn inner(shape: &Shape, path: &str, kind: RequestKind) -> String {
    let rows = |fields: &[Field]| fields.iter().map(|field| row(field, &format!("{path}."), kind)).collect::<String>();
    match shape {
        Shape::Object(fields) => rows(fields),
        Shape::List { of, .. } => inner(of, &format!("{path}[]"), kind),
        Shape::Tagged(variants) => {
            let names: Vec<_> = variants.iter().map(|(name, _)| *name).collect();
            let tag =
                format!("| `{path}.type` | {} | yes | Says which of the following goes with it. |\n", code(&names));
            tag + &variants.iter().map(|(_, fields)| rows(fields)).collect::<String>()
        }
        _ => String::new(),
    }
}

fn holds(shape: &Shape) -> String {
    match shape {
        Shape::Text { min: 0, max } => format!("text, at most {max} characters"),
        Shape::Text { max: usize::MAX, .. } => "text of any length".into(),
        Shape::Text { min, max } => format!("text, {min} to {max} characters"),
        Shape::Name => "text".into(),
        Shape::Enum { values, unit: None } => code(values),
        Shape::Enum { values, unit: Some(unit) } => format!("{}; a bare number gets its `{unit}`", code(values)),
        Shape::Boolean => "`true` or `false`".into(),
        Shape::Number { min, max } => match (min.is_finite(), max.is_finite()) {
            (true, true) => format!("number, {min} to {max}"),
            (true, false) => format!("number, at least {min}"),
            (false, true) => format!("number, at most {max}"),
            (false, false) => "number".into(),
        },
        Shape::Soft(Shape::Name) => "text".into(),
        Shape::Soft(inner) => format!("{}; others are only warned of", holds(inner)),
        Shape::Integer => "whole number, 0 or more".into(),
        Shape::Milliseconds => "number of ms above 0".into(),
        Shape::Url(_) => "public http(s) address".into(),
        Shape::Id => "id of a generation".into(),
        Shape::Object(_) | Shape::Tagged(_) => "object".into(),
        Shape::List { max: usize::MAX, .. } => "list".into(),
        Shape::List { min: 0, max, .. } => format!("list of at most {max}"),
        Shape::List { min, max, .. } => format!("list of {min} to {max}"),
        Shape::Media(sources, _) => {
            let fields: Vec<_> = sources.iter().map(|source| source.field()).collect();
            format!("object with one of {}", code(&fields))
        }
        Shape::OneOf(shapes) => shapes.iter().map(holds).collect::<Vec<_>>().join(", or "),
    }
}

fn models() -> String {
    let rows: String = MODELS
        .iter()
        .map(|model| {
            let kinds =
                model.kinds.iter().map(|kind| format!("[{0}](#{0}), {1} s", kind.as_str(), usual(*kind, model.name)));
            let concepts = if model.concepts { "yes" } else { "no" };
            format!("| `{}` | {} | {concepts} |\n", model.name, kinds.collect::<Vec<_>>().join("; "))
        })
        .collect();
    format!(
        "\n## Models

A model that is not listed passes: the server judges it, and the fixed words of the other fields are not checked beside it.
The seconds are what such a job usually takes by reports of users, at the default length and resolution. Luma publishes no
times. They only steer when the client polls.

| model | forms and usual time | `concepts` |
| --- | --- | --- |
{rows}"
    )
}

/// How long a job of that model usually takes, in seconds.
fn usual(kind: RequestKind, model: &str) -> f64 {
    dream_machine().expected(kind, &json!({ "model": model })) / 1000.0
}

fn failures() -> String {
    let rows: String = REASONS
        .iter()
        .map(|(start, code, fault, retryable)| {
            let retryable = if *retryable { "yes" } else { "no" };
            format!("| {start} | `{}` | `{}` | {retryable} |\n", word(code), word(fault))
        })
        .collect();
    format!(
        "\n## Reasons of failure

How what a reason says, in any case of letters, becomes a generation's `failure`: the first row that fits. Any other reason is
`{}`, of fault `{}`, and counts as worth another try.

| the reason has | `failure.code` | `failure.fault` | `failure.retryable` |
| --- | --- | --- | --- |
{rows}",
        word(&FailureCode::Unknown),
        word(&Fault::Unknown),
    )
}

fn dream_machine() -> Box<dyn Provider> {
    provider(ProviderId::DreamMachine, Variant::default())
}

/// A value as it is written on the wire.
fn word(value: &impl serde::Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}

fn code(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
