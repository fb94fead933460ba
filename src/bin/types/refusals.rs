//! The page of everything that refuses a request, out of the rule tables, each rule with its source.

use luma_edge::error::ProblemCode;
use luma_edge::provider::{ProviderId, Variant, provider};
use luma_edge::request::RequestKind;
use luma_edge::rules::{Field, Need, Rule, Shape};

const HEAD: &str = "<!-- Written by `npm run types` from the rule tables in src/: change those, not this. -->

# What is refused, and by which source

A request is refused before it is sent only where a document of the provider's says that the server refuses it, or where it cannot be sent
as it stands. Everything else goes out: `validate` and an event of type `warning` tell of what the documents disagree about (`disputed`)
and of what was surely meant otherwise (`suspicious`). `createClient({ validate: false })` refuses nothing.

Beside a model that this version does not know, the lists of words are not checked, since it may know others. For every field: a value of
another JSON type than the documented one is refused, and a `null` counts as absent. Numbers that JSON has not (`NaN`, `Infinity`) are refused,
and texts with half of a character (a lone surrogate), which strict servers refuse. An address is refused that no server elsewhere could fetch:
`blob:`, this machine, a private network, and `data:`, unless it is a picture or video in base64, which is
[a file](media.md#what-is-accepted). A field that the form's table in [reference.md](reference.md) or
[providers/reference.md](providers/reference.md) has not, and another one has, is `unsupported`.
";

/// Rules that are no table's, since they count or compare.
const IN_CODE: &[(ProviderId, &str, &str, &str, &str)] = &[
    (
        ProviderId::DreamMachine,
        "model",
        "a model that is known not to take this form",
        "unsupported",
        "API, the models of each request",
    ),
    (ProviderId::DreamMachine, "concepts", "any, with `ray-1-6`", "unsupported", "guide, concepts"),
    (
        ProviderId::Agents,
        "model",
        "one of another service, or one that is known not to take this form",
        "unsupported",
        "luma-agents 0.5.0",
    ),
    (
        ProviderId::Agents,
        "keyframe_indexes",
        "another number of them than of pictures; one twice; for `video` beyond 120, or 240 in 10 s",
        "required, conflict, out_of_range",
        "luma-agents 0.5.0",
    ),
    (
        ProviderId::Agents,
        "keyframes, hdr",
        "an earlier video, by its `media_type`, beside another frame or in HDR",
        "conflict",
        "docs.agents.lumalabs.ai, 2026-11-20",
    ),
    (
        ProviderId::Agents,
        "media.media_type",
        "missing beside an address of a video whose ending does not tell",
        "required",
        "luma-agents 0.5.0",
    ),
    (
        ProviderId::Agents,
        "media_type",
        "a video's where a picture goes, or a picture's where a video goes",
        "invalid_value",
        "luma-agents 0.5.0",
    ),
    (
        ProviderId::Agents,
        "aspect_ratio",
        "for `modify_video`, whose result has the shape of its source",
        "unsupported",
        "answered 422 in a real run of a third party, 2026",
    ),
    (ProviderId::Agents, "image_ref", "on other forms than `image`", "unsupported", "luma-agents 0.5.0"),
    (ProviderId::Agents, "any", "given in the API's own words too: only one can be sent", "conflict", "cannot be sent"),
    (
        ProviderId::Useapi,
        "model",
        "one of another service, or one that makes something else",
        "unsupported",
        "useapi.net, 2026-04-06",
    ),
    (ProviderId::Useapi, "files", "of two Luma accounts", "conflict", "useapi.net, 2026-04-06"),
    (ProviderId::Piapi, "model", "one that PiAPI has not", "unsupported", "piapi.ai docs, 2026-02"),
];

struct Row {
    forms: Vec<&'static str>,
    field: String,
    when: String,
    code: String,
    source: String,
}

/// `docs/refusals.md`, whole.
pub fn refusals() -> String {
    let mut out = HEAD.to_owned();
    for id in ProviderId::ALL {
        let mut rows: Vec<Row> = Vec::new();
        let provider = provider(*id, Variant::default());
        for form in RequestKind::ALL.iter().filter_map(|kind| provider.form(*kind)) {
            for field in form.fields.iter().filter(|field| field.name != "generation_type") {
                collect(field, "", "", form.kind.as_str(), &mut rows);
            }
            for rule in provider.rules().into_iter().flatten() {
                across(rule, form.kind, &mut rows);
            }
        }
        let everywhere = RequestKind::ALL.iter().filter(|kind| provider.form(**kind).is_some()).count();
        out += &format!(
            "\n## {}\n\n| field | refused | code | forms | source |\n| --- | --- | --- | --- | --- |\n",
            id.as_str()
        );
        for Row { forms, field, when, code, source } in rows {
            let forms = if forms.len() == everywhere { "all".to_owned() } else { forms.join(", ") };
            out += &format!("| `{field}` | {when} | `{code}` | {forms} | {source} |\n");
        }
        for (_, field, when, code, source) in IN_CODE.iter().filter(|rule| rule.0 == *id) {
            out += &format!("| `{field}` | {when} | `{code}` | any | {source} |\n");
        }
    }
    out
}

fn across(rule: &Rule, kind: RequestKind, rows: &mut Vec<Row>) {
    if rule.kind.is_none_or(|of| of == kind) && rule.code.refuses() {
        add(rows, kind.as_str(), rule.path, rule.message.to_owned(), rule.code, rule.source.text());
    }
}

/// What refuses a field and what lies inside. Where its own text names no source, that of what it lies in holds.
fn collect(field: &Field, within: &str, outer: &str, form: &'static str, rows: &mut Vec<Row>) {
    let path = format!("{within}{}", field.name);
    let source = source(field.doc.text()).unwrap_or(outer).to_owned();
    if matches!(field.need, Need::Required(_)) {
        add(rows, form, &path, "missing".into(), ProblemCode::Required, &source);
    }
    shape(&field.shape, &path, &source, form, rows);
}

fn shape(shape_: &Shape, path: &str, source: &str, form: &'static str, rows: &mut Vec<Row>) {
    let mut refused = |when: String, code| add(rows, form, path, when, code, source);
    match shape_ {
        Shape::Text { min, max } => {
            if *min > 1 {
                refused(format!("under {min} characters"), ProblemCode::TooShort);
            }
            if *max < usize::MAX {
                refused(format!("over {max} characters"), ProblemCode::TooLong);
            }
        }
        Shape::Enum { values, .. } => {
            let words: Vec<_> = values.iter().map(|word| format!("`{word}`")).collect();
            refused(format!("none of {}", words.join(", ")), ProblemCode::InvalidValue);
        }
        Shape::Number { min, max } => {
            if min.is_finite() {
                refused(format!("under {min}"), ProblemCode::OutOfRange);
            }
            if max.is_finite() {
                refused(format!("over {max}"), ProblemCode::OutOfRange);
            }
        }
        Shape::Integer => refused("under 0".into(), ProblemCode::OutOfRange),
        Shape::Object(fields) => {
            for field in *fields {
                collect(field, &format!("{path}."), source, form, rows);
            }
        }
        Shape::List { of, min, max } => {
            if *min > 0 {
                refused(format!("under {min}"), ProblemCode::TooFew);
            }
            if *max < usize::MAX {
                refused(format!("over {max}"), ProblemCode::TooMany);
            }
            shape(of, &format!("{path}[]"), source, form, rows);
        }
        Shape::Tagged(variants) => {
            let words: Vec<_> = variants.iter().map(|(word, _)| format!("`{word}`")).collect();
            add(
                rows,
                form,
                &format!("{path}.type"),
                format!("none of {}", words.join(", ")),
                ProblemCode::InvalidValue,
                source,
            );
            for (_, fields) in *variants {
                for field in *fields {
                    collect(field, &format!("{path}."), source, form, rows);
                }
            }
        }
        Shape::Media(sources, _) => {
            let words: Vec<_> = sources.iter().map(|source| format!("`{}`", source.field())).collect();
            refused(format!("not exactly one of {}", words.join(", ")), ProblemCode::Conflict);
        }
        Shape::OneOf(shapes) => {
            for one in *shapes {
                shape(one, path, source, form, rows);
            }
        }
        Shape::Name | Shape::Boolean | Shape::Milliseconds | Shape::Url(_) | Shape::Id | Shape::Soft(_) => {}
    }
}

fn add(rows: &mut Vec<Row>, form: &'static str, field: &str, when: String, code: ProblemCode, source: &str) {
    let code = serde_json::json!(code).as_str().unwrap_or_default().to_owned();
    let same = |row: &&mut Row| row.field == field && row.when == when && row.code == code && row.source == source;
    match rows.iter_mut().find(same) {
        Some(row) => row.forms.push(form),
        None => rows.push(Row { forms: vec![form], field: field.into(), when, code, source: source.into() }),
    }
}

/// What stands in the last brackets of a field's text.
fn source(text: &str) -> Option<&str> {
    let (_, last) = text.rsplit_once('(')?;
    last.split_once(')').map(|(source, _)| source)
}
