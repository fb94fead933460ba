//! What each provider has, as data: for pages that show or hide controls, and for the table in the docs.
// Indexing a JSON value gives null where there is nothing.
#![allow(clippy::indexing_slicing)]

use luma_edge::json::Json;
use luma_edge::provider::{
    AccountQuery, FileFilter, FileQuery, Lookup, ProviderId, RecoverySupport, UploadForm, Variant, agents,
    dream_machine, piapi, provider, useapi,
};
use luma_edge::request::{GenerationRequest, RequestKind};
use luma_edge::rules::{Field, Form, Need, Shape};
use serde_json::{Map, Value, json};

/// `npm/generated/capabilities.ts`, whole.
pub fn capabilities() -> String {
    let pretty = |data: Map<String, Value>| serde_json::to_string_pretty(&data).unwrap_or_default();
    let all = ProviderId::ALL.iter().map(|id| (id.as_str().to_owned(), of(*id, Variant::default()))).collect();
    let older = Variant { schema_2025: true, ..Variant::default() };
    let differ = ProviderId::ALL.iter().filter(|id| of(**id, older) != of(**id, Variant::default()));
    let differ = differ.map(|id| (id.as_str().to_owned(), of(*id, older))).collect();
    format!(
        "// Written by `npm run types` from the rule tables in src/: change those, not this.\n\n\
         import type {{ Capabilities }} from \"../client/capabilities.js\";\nimport type {{ ProviderId }} from \"./types.js\";\n\n\
         /** Of each provider. */\nexport const capabilities: Record<ProviderId, Capabilities> = {};\n\n\
         /** With the option `schema: \"2025\"`, where that makes a difference. */\nexport const schema2025: Partial<Record<ProviderId, Capabilities>> = {};\n",
        pretty(all),
        pretty(differ),
    )
}

fn of(id: ProviderId, variant: Variant) -> Value {
    let provider = provider(id, variant);
    let forms = RequestKind::ALL.into_iter().filter_map(|kind| provider.form(kind));
    let requests: Map<String, Value> =
        forms.map(|form| (form.kind.as_str().to_owned(), request(form, &models(id, variant, form.kind)))).collect();
    let derives = |kind| {
        provider.form(kind).is_some()
            && provider.derive("id", &GenerationRequest { kind, body: Json::object(Vec::new()) }).is_some()
    };
    let reads = |lookup| provider.lookup(lookup).is_some();
    json!({
        "provider": id,
        "requests": requests,
        "calls": {
            "upscale": derives(RequestKind::UpscaleVideo),
            "addAudio": derives(RequestKind::AddAudio),
            "list": provider.list(None, None).is_some(),
            "delete": provider.delete("id").is_some(),
            "credits": reads(Lookup::Credits),
            "cameraMotions": reads(Lookup::CameraMotions),
            "concepts": reads(Lookup::Concepts),
            "activeTasks": reads(Lookup::ActiveTasks),
            "ping": reads(Lookup::Ping),
            "upload": provider.upload_form().is_some(),
            "files": provider.files(&FileQuery::Page(FileFilter::default())).is_some(),
            "accounts": provider.accounts(&AccountQuery::All).is_some(),
        },
        "upload": provider.upload_form().map(|form| match form {
            UploadForm::Bytes => "bytes",
            UploadForm::Base64 => "base64",
        }),
        "recovery": match provider.recovery_support() {
            RecoverySupport::FullListing => "always",
            RecoverySupport::RunningJobs => "unique",
            RecoverySupport::None => "never",
        },
    })
}

fn request(form: &Form, models: &[&str]) -> Value {
    json!({ "model": form.default_model, "models": models, "fields": fields(form.fields) })
}

/// The models that make such things, the likeliest first.
fn models(id: ProviderId, variant: Variant, kind: RequestKind) -> Vec<&'static str> {
    match id {
        ProviderId::DreamMachine => {
            let models = dream_machine::forms::MODELS.iter();
            models.filter(|model| model.kinds.contains(&kind)).map(|model| model.name).collect()
        }
        ProviderId::Agents => {
            let models = agents::forms::MODELS.iter();
            models.filter(|(_, kinds)| kinds.contains(&kind)).map(|(name, _)| *name).collect()
        }
        ProviderId::Useapi => {
            useapi::forms::MODELS.iter().filter(|(_, makes)| *makes == kind).map(|(name, _)| *name).collect()
        }
        ProviderId::Piapi => piapi::forms::models(variant.schema_2025).to_vec(),
    }
}

fn fields(fields: &[Field]) -> Value {
    let named = |field: &Field| {
        let mut description = shape(&field.shape);
        if let Some(description) = description.as_object_mut() {
            description.insert("required".into(), field.is_required().into());
        }
        (field.name.to_owned(), description)
    };
    fields
        .iter()
        .filter(|field| field.name != "generation_type" && !matches!(field.need, Need::Unspoken))
        .map(named)
        .collect::<Map<_, _>>()
        .into()
}

fn shape(of: &Shape) -> Value {
    match of {
        Shape::Text { min, max } => json!({ "type": "text", "min": min, "max": limit(*max) }),
        Shape::Name => json!({ "type": "text" }),
        Shape::Enum { values, .. } => json!({ "type": "enum", "values": values }),
        Shape::Boolean => json!({ "type": "boolean" }),
        Shape::Number { min, max } => {
            let mut description = json!({ "type": "number" });
            for (name, bound) in [("min", min), ("max", max)] {
                if bound.is_finite() {
                    description[name] = json!(bound);
                }
            }
            description
        }
        // Its bounds are what is documented, and what a page offers.
        Shape::Soft(inner) => shape(inner),
        Shape::Integer | Shape::Milliseconds => json!({ "type": "integer" }),
        Shape::Url(_) => json!({ "type": "url" }),
        Shape::Id => json!({ "type": "id" }),
        Shape::Object(inner) => json!({ "type": "object", "fields": fields(inner) }),
        Shape::List { of, min, max } => {
            json!({ "type": "list", "of": shape(of), "min": min, "max": limit(*max) })
        }
        Shape::Tagged(variants) => {
            let named = |(name, inner): &(&str, &[Field])| ((*name).to_owned(), fields(inner));
            json!({ "type": "tagged", "variants": variants.iter().map(named).collect::<Map<_, _>>() })
        }
        Shape::Media(sources, _) => {
            json!({ "type": "media", "by": sources.iter().map(|source| source.field()).collect::<Vec<_>>() })
        }
        Shape::OneOf(shapes) => json!({ "type": "one_of", "of": shapes.iter().map(shape).collect::<Vec<_>>() }),
    }
}

const BEGIN: &str = "<!-- capabilities -->";
const END: &str = "<!-- /capabilities -->";

/// The page with the table of capabilities between its marks.
pub fn with_table(page: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{}\n{END}{after}", table()))
}

fn table() -> String {
    let providers: Vec<_> = ProviderId::ALL.iter().map(|id| (id.as_str(), of(*id, Variant::default()))).collect();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let row = |name: String, cell: &dyn Fn(&Value) -> String| {
        line([name].into_iter().chain(providers.iter().map(|(_, description)| cell(description))).collect())
    };
    let yes = |found: bool| if found { "yes" } else { "" }.to_owned();
    let mut out =
        line(["".to_owned()].into_iter().chain(providers.iter().map(|(name, _)| (*name).to_owned())).collect());
    out += &line(vec!["---".to_owned(); providers.len() + 1]);
    for kind in RequestKind::ALL {
        let of_kind = |description: &Value| description["requests"].get(kind.as_str()).cloned();
        if matches!(kind, RequestKind::UpscaleVideo | RequestKind::AddAudio) {
            continue;
        }
        out += &row(format!("**`{}`**", kind.as_str()), &|description| {
            of_kind(description).map_or(String::new(), |form| match form["model"].as_str() {
                Some(model) => format!("`{model}`"),
                None => "yes".to_owned(),
            })
        });
        let mut names: Vec<String> = Vec::new();
        for (_, description) in &providers {
            for name in of_kind(description)
                .iter()
                .filter_map(|form| form["fields"].as_object())
                .flat_map(|fields| fields.keys())
            {
                if !names.contains(name) && !["prompt", "model"].contains(&name.as_str()) {
                    names.push(name.clone());
                }
            }
        }
        for name in names {
            out += &row(format!("`{name}`"), &|description| {
                of_kind(description).and_then(|form| form["fields"].get(&name).map(cell)).unwrap_or_default()
            });
        }
    }
    for (call, name) in [
        ("upscale", "`upscale`"),
        ("addAudio", "`addAudio`"),
        ("list", "`list`"),
        ("delete", "`delete`"),
        ("credits", "`credits`"),
        ("cameraMotions", "`cameraMotions`"),
        ("concepts", "`concepts`"),
        ("activeTasks", "`activeTasks`"),
        ("ping", "`ping`"),
        ("upload", "`upload` of its own"),
        ("files", "`files`"),
        ("accounts", "`accounts`"),
    ] {
        out += &row(name.to_owned(), &|description| yes(description["calls"][call] == true));
    }
    out += &row("a lost creation is found".to_owned(), &|description| match description["recovery"].as_str() {
        Some("always") => "yes".to_owned(),
        Some("unique") => "if it is the only one".to_owned(),
        _ => String::new(),
    });
    out
}

/// What a field may be, short.
fn cell(field: &Value) -> String {
    match (field["type"].as_str(), field["values"].as_array(), field["by"].as_array()) {
        (Some("enum"), Some(values), _) => values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        (Some("media"), _, Some(by)) => by.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        (Some("list"), ..) => field["max"].as_u64().map_or("yes".to_owned(), |max| format!("up to {max}")),
        _ => "yes".to_owned(),
    }
}

/// The most of something, where there is one.
fn limit(max: usize) -> Option<usize> {
    (max < usize::MAX).then_some(max)
}
