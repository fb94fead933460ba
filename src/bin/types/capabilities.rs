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
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use ts_rs::TS;

/// What a provider has.
#[derive(PartialEq, Serialize, TS)]
pub struct Capabilities {
    provider: ProviderId,
    /// The kinds of request that it takes, by `generation_type`, each with the model that is filled in, if any, the models that are known,
    /// and its fields. A newer model passes.
    #[ts(
        type = "Partial<Record<string, { model: string | null; models: string[]; fields: Record<string, CapabilityField> }>>"
    )]
    requests: BTreeMap<&'static str, RequestCapabilities>,
    /// Which calls it answers.
    #[ts(inline)]
    calls: Calls,
    /// How it takes files itself; `null` where it takes none and `createClient` needs an `upload`.
    #[ts(type = "\"bytes\" | \"base64\" | null")]
    upload: Option<&'static str>,
    /// Whether a creation whose answer was lost can be found: always, when a single job fits, or never.
    #[ts(type = "\"always\" | \"unique\" | \"never\"")]
    recovery: &'static str,
}

#[derive(PartialEq, Serialize)]
struct RequestCapabilities {
    model: Option<&'static str>,
    models: Vec<&'static str>,
    fields: Fields,
}

#[derive(PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
struct Calls {
    upscale: bool,
    add_audio: bool,
    list: bool,
    delete: bool,
    credits: bool,
    camera_motions: bool,
    concepts: bool,
    active_tasks: bool,
    ping: bool,
    upload: bool,
    files: bool,
    accounts: bool,
}

/// What a field of a request may hold at a provider.
#[derive(Default, PartialEq, Serialize, TS)]
#[ts(optional_fields)]
pub struct CapabilityField {
    /// `enum`: one of `values`, or one that is newer; `media`: an object with one of the fields in `by`.
    #[ts(
        type = "\"text\" | \"enum\" | \"boolean\" | \"number\" | \"integer\" | \"url\" | \"id\" | \"object\" | \"list\" | \"tagged\" | \"media\" | \"one_of\""
    )]
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<&'static [&'static str]>,
    /// The fewest characters or items, or the least number.
    #[ts(optional, type = "number")]
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<Value>,
    /// The most; `null` where there is no limit.
    #[ts(optional, type = "number | null")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<Value>,
    #[ts(optional, type = "Array<\"url\" | \"id\" | \"data\" | \"file_id\">")]
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<Vec<&'static str>>,
    #[ts(optional, type = "Record<string, CapabilityField>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Fields>,
    #[ts(optional, type = "Record<string, Record<string, CapabilityField>>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    variants: Option<BTreeMap<&'static str, Fields>>,
    #[ts(optional, type = "CapabilityField | Array<CapabilityField>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<Of>,
}

type Fields = BTreeMap<&'static str, CapabilityField>;

#[derive(PartialEq, Serialize)]
#[serde(untagged)]
enum Of {
    Items(Box<CapabilityField>),
    Either(Vec<CapabilityField>),
}

/// `npm/generated/capabilities.ts`, whole.
pub fn capabilities() -> String {
    // By way of a value, whose fields are in the order of their names.
    let pretty = |data: Vec<Capabilities>| {
        let by_provider: Value = data.iter().map(|one| (one.provider.as_str().to_owned(), json!(one))).collect();
        serde_json::to_string_pretty(&by_provider).unwrap_or_default()
    };
    let all = ProviderId::ALL.iter().map(|id| of(*id, Variant::default())).collect();
    let older = Variant { schema_2025: true, ..Variant::default() };
    let differ = ProviderId::ALL.iter().map(|id| of(*id, older));
    let differ = differ.filter(|older| *older != of(older.provider, Variant::default())).collect();
    format!(
        "// Written by `npm run types` from the rule tables in src/: change those, not this.\n\n\
         import type {{ Capabilities, ProviderId }} from \"./types.js\";\n\n\
         /** Of each provider. */\nexport const capabilities: Record<ProviderId, Capabilities> = {};\n\n\
         /** With the option `schema: \"2025\"`, where that makes a difference. */\nexport const schema2025: Partial<Record<ProviderId, Capabilities>> = {};\n",
        pretty(all),
        pretty(differ),
    )
}

fn of(id: ProviderId, variant: Variant) -> Capabilities {
    let provider = provider(id, variant);
    let forms = RequestKind::ALL.into_iter().filter_map(|kind| provider.form(kind));
    let derives = |kind| {
        provider.form(kind).is_some()
            && provider.derive("id", &GenerationRequest { kind, body: Json::object(Vec::new()) }).is_some()
    };
    let reads = |lookup| provider.lookup(lookup).is_some();
    Capabilities {
        provider: id,
        requests: forms.map(|form| (form.kind.as_str(), request(form, models(id, variant, form.kind)))).collect(),
        calls: Calls {
            upscale: derives(RequestKind::UpscaleVideo),
            add_audio: derives(RequestKind::AddAudio),
            list: provider.list(None, None).is_some(),
            delete: provider.delete("id").is_some(),
            credits: reads(Lookup::Credits),
            camera_motions: reads(Lookup::CameraMotions),
            concepts: reads(Lookup::Concepts),
            active_tasks: reads(Lookup::ActiveTasks),
            ping: reads(Lookup::Ping),
            upload: provider.upload_form().is_some(),
            files: provider.files(&FileQuery::Page(FileFilter::default())).is_some(),
            accounts: provider.accounts(&AccountQuery::All).is_some(),
        },
        upload: provider.upload_form().map(|form| match form {
            UploadForm::Bytes => "bytes",
            UploadForm::Base64 => "base64",
        }),
        recovery: match provider.recovery_support() {
            RecoverySupport::FullListing => "always",
            RecoverySupport::RunningJobs => "unique",
            RecoverySupport::None => "never",
        },
    }
}

fn request(form: &'static Form, models: Vec<&'static str>) -> RequestCapabilities {
    RequestCapabilities { model: form.default_model, models, fields: fields(form.fields) }
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

fn fields(fields: &'static [Field]) -> Fields {
    let shown = fields.iter().filter(|field| field.name != "generation_type" && !matches!(field.need, Need::Unspoken));
    let named = |field: &'static Field| {
        (field.name, CapabilityField { required: Some(field.is_required()), ..shape(&field.shape) })
    };
    shown.map(named).collect()
}

fn shape(of: &'static Shape) -> CapabilityField {
    let plain = |r#type| CapabilityField { r#type, ..CapabilityField::default() };
    match of {
        Shape::Text { min, max } => CapabilityField { min: Some(json!(min)), max: Some(limit(*max)), ..plain("text") },
        Shape::Name => plain("text"),
        Shape::Enum { values, .. } => CapabilityField { values: Some(values), ..plain("enum") },
        Shape::Boolean => plain("boolean"),
        Shape::Number { min, max } => {
            let bound = |bound: &f64| bound.is_finite().then(|| json!(bound));
            CapabilityField { min: bound(min), max: bound(max), ..plain("number") }
        }
        // Its bounds are what is documented, and what a page offers.
        Shape::Soft(inner) => shape(inner),
        Shape::Integer | Shape::Milliseconds => plain("integer"),
        Shape::Url(_) => plain("url"),
        Shape::Id => plain("id"),
        Shape::Object(inner) => CapabilityField { fields: Some(fields(inner)), ..plain("object") },
        Shape::List { of, min, max } => {
            let of = Some(Of::Items(Box::new(shape(of))));
            CapabilityField { of, min: Some(json!(min)), max: Some(limit(*max)), ..plain("list") }
        }
        Shape::Tagged(variants) => {
            let variants = variants.iter().map(|(name, inner)| (*name, fields(inner))).collect();
            CapabilityField { variants: Some(variants), ..plain("tagged") }
        }
        Shape::Media(sources, _) => {
            CapabilityField { by: Some(sources.iter().map(|source| source.field()).collect()), ..plain("media") }
        }
        Shape::OneOf(shapes) => {
            CapabilityField { of: Some(Of::Either(shapes.iter().map(shape).collect())), ..plain("one_of") }
        }
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
    let providers: Vec<_> =
        ProviderId::ALL.iter().map(|id| (id.as_str(), json!(of(*id, Variant::default())))).collect();
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

/// The most of something; `null` where there is none.
fn limit(max: usize) -> Value {
    if max < usize::MAX { json!(max) } else { Value::Null }
}
