//! The TypeScript of everything that Rust defines, with its docs.

use crate::capabilities::{Capabilities, CapabilityField};
use luma_edge::engine::{
    Budget, Event, Limit, Limits, Progress, QueuePosition, RecoveryMode, Settings, TicketInfo, Unsupported, is_refusal,
};
use luma_edge::error::{Code, Creation, ErrorData, Problem, ProblemCode};
use luma_edge::generation::{Failure, FailureCode, Fault, GenerationData, Output, ProviderCode, State};
use luma_edge::pricing::{Certainty, Estimate};
use luma_edge::provider::{
    ActiveTasks, CreditUnit, Credits, FilePage, Page, ProviderId, UploadedFile, Variant, provider,
};
use luma_edge::request::RequestKind;
use luma_edge::rules::{Field, Form, Shape, Source};
use ts_rs::{Config, TS};

/// `npm/generated/types.ts`, whole.
pub fn types() -> String {
    let mut out = String::from(
        "// Written by `npm run types` from the Rust types and rule tables in src/: change those, not this.\n",
    );
    let config = Config::new().with_large_int("number");
    macro_rules! declare {
        ($($type:ty),* $(,)?) => { $(out.push_str(&declaration::<$type>(&config));)* };
    }
    for given in [
        declaration::<Settings>(&config),
        declaration::<Limits>(&config),
        declaration::<Limit>(&config),
        declaration::<Budget>(&config),
    ] {
        out.push_str(&taking_undefined(&given));
    }
    declare!(
        RecoveryMode,
        Unsupported,
        ProviderId,
        State,
        Fault,
        FailureCode,
        ProviderCode,
        Failure,
        Output,
        GenerationData,
        Progress,
        QueuePosition,
        TicketInfo,
        Code,
        ProblemCode,
        Problem,
        Creation,
        ErrorData,
        Certainty,
        Estimate,
        Page,
        CreditUnit,
        Credits,
        UploadedFile,
        FilePage,
        ActiveTasks,
        Event<'static>,
        CapabilityField,
        Capabilities,
    );
    for kind in RequestKind::ALL {
        out.push_str(&interface(kind));
    }
    let follows_up = |kind: &RequestKind| matches!(kind, RequestKind::UpscaleVideo | RequestKind::AddAudio);
    let names: Vec<_> = RequestKind::ALL.into_iter().filter(|kind| !follows_up(kind)).map(name).collect();
    out.push_str("\n/** Everything that `generate` and `create` take. Fields that are newer than this package pass through. */\n");
    out.push_str(&format!("export type GenerationRequest = {};\n", names.join(" | ")));
    out
}

/// A Rust type, as serde writes it.
fn declaration<T: TS + 'static>(config: &Config) -> String {
    let docs = T::docs().map(|docs| comment(&docs, "")).unwrap_or_default();
    format!("\n{docs}export {}\n", T::decl_concrete(config))
}

/// `npm/generated/names.ts`, whole: what the JavaScript side has to know before the WebAssembly is there.
pub fn names() -> String {
    let quoted = |name: &str| format!("\"{name}\"");
    let list = |names: Vec<String>| names.join(", ");
    let providers = list(ProviderId::ALL.iter().map(|id| quoted(id.as_str())).collect());
    let forms = ProviderId::KEY_FORMS.iter().map(|(form, id)| format!("[{}, {}]", quoted(form), quoted(id.as_str())));
    let settings = list(Settings::names().map(quoted).collect());
    let word = |code| serde_json::to_string(code).unwrap_or_default();
    let warnings = list(ProblemCode::WARNINGS.iter().map(word).collect());
    let refusals = list((400..500).filter(|status| is_refusal(*status)).map(|status| status.to_string()).collect());
    format!(
        "// Written by `npm run types` from the Rust tables in src/: change those, not this.\n\n\
        /** The providers. */\nexport const PROVIDERS = [{providers}] as const;\n\n\
        /** How keys begin that tell their provider. */\nexport const KEY_FORMS = [{}] as const;\n\n\
        /** The options of `createClient` that are plain data. */\nexport const SETTINGS = [{settings}] as const;\n\n\
        /** The codes of problems with which a request is sent all the same. */\nexport const WARNINGS = [{warnings}] as const;\n\n\
        /** The 4xx that are decided before any work. Another, such as nginx's 499, tells of a connection: what was asked for may be done. */\n\
        export const REFUSALS: readonly number[] = [{refusals}];\n",
        list(forms.collect()),
    )
}

/// The same for what callers give: `undefined`, as an environment's variable may be, is as good as nothing also for
/// `exactOptionalPropertyTypes`.
fn taking_undefined(declaration: &str) -> String {
    let mut out = String::new();
    for line in declaration.split_inclusive('\n') {
        match (line.contains("?: "), line.rsplit_once(", ")) {
            (true, Some((field, end))) => out.push_str(&format!("{field} | undefined, {end}")),
            _ => out.push_str(line),
        }
    }
    out
}

/// What stands before and behind the type of a field that callers give.
fn marks(required: bool) -> (&'static str, &'static str) {
    if required { ("", "") } else { ("?", " | undefined") }
}

/// A kind of request, out of the tables of all providers: one field, however many have it.
fn interface(kind: RequestKind) -> String {
    let forms: Vec<(ProviderId, &Form)> =
        ProviderId::ALL.iter().filter_map(|id| Some((*id, provider(*id, Variant::default()).form(kind)?))).collect();
    let Some((_, first)) = forms.first() else { return String::new() };
    let mut names: Vec<&str> = Vec::new();
    for field in forms.iter().flat_map(|(_, form)| form.fields) {
        if !names.contains(&field.name) {
            names.push(field.name);
        }
    }
    let fields: String = names.into_iter().map(|name| merged(name, kind, &forms)).collect();
    format!("\n{}export interface {} {{\n{fields}}}\n", comment(first.doc.text(), ""), self::name(kind))
}

/// A field of whichever providers have it, with what it is at each of them.
fn merged(name: &str, kind: RequestKind, forms: &[(ProviderId, &Form)]) -> String {
    let having: Vec<(ProviderId, &Field)> = forms
        .iter()
        .filter_map(|(id, form)| Some((*id, form.fields.iter().find(|field| field.name == name)?)))
        .collect();
    let mut shapes: Vec<String> = Vec::new();
    let mut docs: Vec<(Vec<&str>, &str)> = Vec::new();
    for (id, field) in &having {
        let shape =
            if name == "generation_type" { format!("\"{}\"", kind.as_str()) } else { shape(&field.shape, kind, "  ") };
        if !shapes.contains(&shape) {
            shapes.push(shape);
        }
        match docs.iter_mut().find(|(_, text)| *text == field.doc.text()) {
            Some((ids, _)) => ids.push(label(*id)),
            None => docs.push((vec![label(*id)], field.doc.text())),
        }
    }
    let everywhere = having.len() == forms.len();
    let required = everywhere && having.iter().all(|(_, field)| field.is_required());
    let described: Vec<String> = match docs.as_slice() {
        [(_, text)] if everywhere => vec![(*text).to_owned()],
        docs => docs.iter().map(|(ids, text)| format!("{}: {text}", ids.join(", "))).collect(),
    };
    let (mark, end) = marks(required);
    format!("{}  {name}{mark}: {}{end};\n", comment(&described.join(" "), "  "), shapes.join(" | "))
}

/// The provider before what is told of a field there.
fn label(id: ProviderId) -> &'static str {
    if id == ProviderId::Useapi { "useapi (experimental)" } else { id.as_str() }
}

fn name(kind: RequestKind) -> String {
    let words = kind.as_str().split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    });
    words.collect::<String>() + "Request"
}

fn line(field: &Field, kind: RequestKind, indent: &str) -> String {
    let shape = match field.name {
        "generation_type" => format!("\"{}\"", kind.as_str()),
        _ => shape(&field.shape, kind, indent),
    };
    let (mark, end) = marks(field.is_required());
    format!("{}{indent}{}{mark}: {shape}{end};\n", comment(field.doc.text(), indent), field.name)
}

fn shape(shape_: &Shape, kind: RequestKind, indent: &str) -> String {
    let object = |fields: &[Field], tag: &str| {
        let deeper = format!("{indent}  ");
        let lines: String = fields.iter().map(|field| line(field, kind, &deeper)).collect();
        format!("{{\n{tag}{lines}{indent}}}")
    };
    match shape_ {
        Shape::Text { .. } | Shape::Name | Shape::Url(_) | Shape::Id => "string".into(),
        Shape::Soft(inner) => shape(inner, kind, indent),
        Shape::Enum { values, unit } => {
            let values: Vec<_> = values.iter().map(|value| format!("\"{value}\"")).collect();
            let number = if unit.is_some() { " | number" } else { "" };
            // `string & {}` keeps the known words in an editor's list and lets new ones through.
            format!("{} | (string & {{}}){number}", values.join(" | "))
        }
        Shape::Boolean => "boolean".into(),
        Shape::Number { .. } | Shape::Integer | Shape::Milliseconds => "number".into(),
        Shape::Object(fields) => object(fields, ""),
        Shape::List { of, .. } => format!("Array<{}>", shape(of, kind, indent)),
        Shape::Media(sources, _) => sources.iter().map(|source| media(*source)).collect::<Vec<_>>().join(" | "),
        Shape::OneOf(shapes) => shapes.iter().map(|one| shape(one, kind, indent)).collect::<Vec<_>>().join(" | "),
        Shape::Tagged(variants) => {
            let tagged = |(tag, fields): &(&str, &[Field])| object(fields, &format!("{indent}  type: \"{tag}\";\n"));
            variants.iter().map(tagged).collect::<Vec<_>>().join(" | ")
        }
    }
}

fn media(source: Source) -> &'static str {
    match source {
        Source::Url => "{ url: string }",
        Source::Generation => "{ type: \"generation\"; id: string; media_type?: string | undefined }",
        Source::Data => "{ data: string; media_type: string }",
        Source::File => "{ file_id: string }",
    }
}

/// Docs as a comment, whichever form they come in.
fn comment(docs: &str, indent: &str) -> String {
    let lines = docs
        .lines()
        .map(|line| line.trim().trim_start_matches("/**").trim_start_matches("*/").trim_start_matches('*').trim());
    let lines: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    format!("{indent}/** {} */\n", lines.join(" "))
}
