//! Reading the options of `createClient`.

use crate::engine::model::timing::REQUEST_TIMEOUT;
use crate::engine::model::{Budget, Key, RecoveryMode, Settings, Unsupported};
use crate::error::{Code, Error, Problem, ProblemCode, sentences};
use crate::json::{Json, Kind};
use crate::limits::{Limit, Limits};
use crate::provider::ProviderId;
use crate::rules::{self, Field, Shape};
use crate::text::{self, concat};

const ANY_TEXT: Shape = Shape::Text { min: 0, max: usize::MAX };

/// The options by their names in JavaScript; [`Settings`] says what they mean.
const OPTIONS: &[Field] = &[
    Field::new("provider", Shape::Name, ""),
    Field::new("apiKey", ANY_TEXT, ""),
    Field::new("baseUrl", ANY_TEXT, ""),
    Field::new("timeout", Shape::Milliseconds, ""),
    Field::new("maxRetries", Shape::Number { min: 0.0, max: 100.0 }, ""),
    Field::new("validate", Shape::Boolean, ""),
    Field::new("legacyPath", Shape::Boolean, ""),
    Field::new("unsupported", Shape::Enum { values: &["refuse", "drop"], unit: None }, ""),
    Field::new("schema", Shape::Enum { values: &["2026", "2025"], unit: None }, ""),
    Field::new("recovery", Shape::Enum { values: RecoveryMode::NAMES, unit: None }, ""),
    Field::new("idempotencyKeys", Shape::Boolean, ""),
    Field::new("budget", Shape::Object(BUDGET), ""),
];

const BUDGET: &[Field] =
    &[Field::required("usd", DOLLARS, "must be the dollars that may be spent", ""), Field::new("price", DOLLARS, "")];
const DOLLARS: Shape = Shape::Number { min: 0.0, max: 1e9 };
const LIMITS: &[Field] =
    &[Field::new("video", Shape::Object(LIMIT), ""), Field::new("image", Shape::Object(LIMIT), "")];
const LIMIT: &[Field] = &[Field::new("concurrent", ONE_OR_MORE, ""), Field::new("perMinute", ONE_OR_MORE, "")];
const ONE_OR_MORE: Shape = Shape::Number { min: 1.0, max: 1e6 };

impl Settings {
    /// The names of the options that are read here.
    #[cfg(feature = "types")]
    pub fn names() -> impl Iterator<Item = &'static str> {
        OPTIONS.iter().map(|field| field.name).chain(["limits"])
    }

    /// Reads the caller's options.
    pub fn read(options: &Json) -> Result<Self, Error> {
        let mut problems = Vec::new();
        rules::check(OPTIONS, options, true, &mut problems);
        let name = options.text("provider");
        let key = options.text("apiKey");
        let base_url = options.text("baseUrl");

        let limits = limits(options, &mut problems);
        if let Some(budget) = options.get("budget") {
            known_only("budget", &budget, BUDGET, &mut problems);
        }
        // What is not known is refused here.
        problems.retain(|problem| problem.code.refuses());
        let mut found = |path, code, message: &str| problems.push(Problem::new(path, code, message));
        if key.as_deref().is_some_and(|key| key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            let empty = key.as_deref() == Some("");
            let itself = "must be the key itself, without spaces or line ends";
            let message = if empty { "is empty: is the environment variable not set?" } else { itself };
            found("apiKey", ProblemCode::InvalidValue, message);
        }
        let assumed = || Some(ProviderId::assumed(key.as_deref()));
        let provider = name.map_or_else(assumed, |name| ProviderId::named(&name));
        if provider.is_none() {
            let mut known = Vec::new();
            for id in ProviderId::ALL {
                known.push(id.as_str());
            }
            found("provider", ProblemCode::InvalidValue, &concat(&["must be one of ", &text::join(&known, ", ")]));
        }
        let provider = match provider {
            Some(provider) if problems.is_empty() => provider,
            _ => {
                let message = concat(&["createClient: ", &sentences(&problems)]);
                return Err(Error::new(Code::InvalidRequest, message).with_problems(problems));
            }
        };
        if key.is_none() && base_url.is_none() {
            let message = "createClient needs an apiKey, or the baseUrl of a proxy that adds one";
            return Err(Error::new(Code::Authentication, message));
        }
        Ok(Settings {
            provider,
            api_key: key.map(Key::new),
            base_url: base_url.map(|url| text::without_end(&url, "/").to_owned()),
            timeout: options.num("timeout").unwrap_or(REQUEST_TIMEOUT),
            max_retries: options.num("maxRetries").unwrap_or(4.0) as u32,
            validate: options.flag("validate").unwrap_or(true),
            limits,
            budget: options.get("budget").and_then(|budget| budget_of(&budget)),
            recovery: RecoveryMode::named(&options.text("recovery").unwrap_or_default()),
            idempotency_keys: options.flag("idempotencyKeys"),
            unsupported: match options.text("unsupported").as_deref() {
                Some("drop") => Unsupported::Drop,
                _ => Unsupported::Refuse,
            },
            schema_2025: options.text("schema").as_deref() == Some("2025"),
            legacy_path: options.flag("legacyPath").unwrap_or(false),
        })
    }
}

impl Budget {
    /// Reads a caller's budget, if there is one.
    pub fn read(value: &Json) -> Result<Option<Budget>, Error> {
        if value.kind() == Kind::Null {
            return Ok(None);
        }
        let mut problems = Vec::new();
        rules::check(
            &[Field::new("budget", Shape::Object(BUDGET), "")],
            &Json::object(vec![("budget", value.clone())]),
            true,
            &mut problems,
        );
        known_only("budget", value, BUDGET, &mut problems);
        if problems.is_empty() { Ok(budget_of(value)) } else { Err(Error::invalid(problems)) }
    }
}

/// A budget that was checked.
fn budget_of(value: &Json) -> Option<Budget> {
    Some(Budget { usd: value.num("usd")?, price: value.num("price") })
}

/// What the account may do, from a tier's name or in numbers.
fn limits(options: &Json, problems: &mut Vec<Problem>) -> Option<Limits> {
    let given = options.get("limits")?;
    match given.as_str().as_deref() {
        Some("build") => return Some(Limits::BUILD),
        Some("none") => return Some(Limits::NONE),
        Some(_) => problems.push(Problem::new("limits", ProblemCode::InvalidValue, "must be build, none or numbers")),
        None => rules::check(&[Field::new("limits", Shape::Object(LIMITS), "")], options, true, problems),
    }
    // A name that is not known would stand for a limit that is not kept.
    known_only("limits", &given, LIMITS, problems);
    let mut limit = |kind: &str| {
        let limit = given.get(kind);
        if let Some(limit) = &limit {
            known_only(&concat(&["limits.", kind]), limit, LIMIT, problems);
        }
        let number = |name: &str| limit.as_ref().and_then(|limit| limit.num(name)).map(f64::floor);
        Limit { concurrent: number("concurrent"), per_minute: number("perMinute") }
    };
    Some(Limits { video: limit("video"), image: limit("image") })
}

fn known_only(path: &str, object: &Json, fields: &[Field], problems: &mut Vec<Problem>) {
    for key in &object.keys() {
        if !fields.iter().any(|field| field.name == key) {
            problems.push(Problem::new(&concat(&[path, ".", key]), ProblemCode::Unsupported, "is not known"));
        }
    }
}
