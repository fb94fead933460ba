//! Faults as they are written: text for a command line, JSON for a program.

use std::str::FromStr;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::super::api::route_names;
use super::{Fault, Faults, Kind, On, When};

/// How much later a slow answer comes unless it is said, in ms.
const SLOW: f64 = 30_000.0;
/// How long after its connection was cut a call is dealt with late unless it is said, in ms.
const LATE: f64 = 5_000.0;

const KINDS: &str = "refused, cut, cut-after, late, silence, silence-after, slow, html, html-after, truncated, empty, \
                     concurrent, wrapped, wrapped-after, or a status from 400 to 599 (429, 503-after)";

impl FromStr for Faults {
    type Err = String;

    /// Reads faults with commas between.
    fn from_str(text: &str) -> Result<Self, String> {
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Fault::from_str).collect()
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |what: &str| format!("fault `{text}`: {what}");
        let (on, rest) = text.split_once(':').ok_or_else(|| {
            wrong("expected what it concerns, a colon and what happens, such as `create:cut-after@2`")
        })?;
        let (rest, times) = match rest.rsplit_once('x') {
            Some((rest, digits)) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
                (rest, Some(digits))
            }
            _ => (rest, None),
        };
        let mark = rest.find(['@', '/', '%']).unwrap_or(rest.len());
        let (what, when) = rest.split_at_checked(mark).unwrap_or((rest, ""));
        let (kind, value) = what.split_once('=').map_or((what, None), |(kind, value)| (kind, Some(value)));
        let number = |digits: &str| digits.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
        let when = match (when.get(..1), when.get(1..).unwrap_or("")) {
            (Some("@"), list) => list.split('+').map(|n| n.parse().ok()).collect::<Option<_>>().map(When::Nth),
            (Some("/"), n) => n.parse().ok().map(When::Every),
            (Some("%"), percent) => number(percent).map(|percent| When::Chance(percent / 100.0)),
            _ => Some(When::Always),
        };
        let draft = Draft {
            on: on.to_owned(),
            kind: kind.to_owned(),
            value: value.map(|v| number(v).ok_or_else(|| wrong("what follows `=` is not a number"))).transpose()?,
            meant: None,
            when: when.ok_or_else(|| wrong("`@` takes 2 or 2+5, `/` takes 3, `%` takes 10"))?,
            times: times.and_then(|digits| digits.parse().ok()),
        };
        draft.finish(text.to_owned()).map_err(|what| wrong(&what))
    }
}

/// What both forms come to before it is judged.
struct Draft {
    on: String,
    kind: String,
    value: Option<f64>,
    /// What the value was said to be, in JSON.
    meant: Option<&'static str>,
    when: When,
    times: Option<u64>,
}

impl Draft {
    fn finish(self, text: String) -> Result<Fault, String> {
        let Draft { on, kind: word, value, meant, when, times } = self;
        if value.is_some_and(|number| number < 0.0) {
            return Err("a value is not negative".into());
        }
        let (name, after) = word.strip_suffix("-after").map_or((word.as_str(), false), |name| (name, true));
        let status = |number: f64| (200.0..600.0).contains(&number).then_some(number as u16);
        let (kind, always_after) = match (name, name.parse::<f64>()) {
            ("refused", _) if !after => (Kind::Refused, false),
            ("cut", _) => (Kind::Cut, false),
            // A delay in JSON is in ms; as text it is in s, as a status' is.
            ("late", _) if !after => {
                let unit = if meant.is_some() { 1.0 } else { 1000.0 };
                (Kind::Late { ms: value.map_or(LATE, |value| value * unit) }, false)
            }
            ("silence", _) => (Kind::Silence, false),
            ("slow", _) => (Kind::Slow { ms: value.unwrap_or(SLOW) }, true),
            ("html", _) => match status(value.unwrap_or(200.0)) {
                Some(status) => (Kind::Html { status }, false),
                None => return Err("`html` takes a status from 200 to 599".into()),
            },
            ("concurrent", _) if !after => (Kind::Concurrent, false),
            ("wrapped", _) => match status(value.unwrap_or(500.0)).filter(|status| *status >= 400) {
                Some(status) => (Kind::Wrapped { status }, false),
                None => return Err("`wrapped` takes a status from 400 to 599".into()),
            },
            ("truncated", _) => (Kind::Truncated, true),
            ("empty", _) => (Kind::Empty, true),
            (_, Ok(number)) if (400.0..600.0).contains(&number) => {
                (Kind::Status { status: number as u16, retry_after: value }, false)
            }
            _ => return Err(format!("unknown kind `{word}`, expected one of {KINDS}")),
        };
        let takes = match kind {
            Kind::Status { .. } => Some("retryAfter"),
            Kind::Slow { .. } | Kind::Late { .. } => Some("delay"),
            Kind::Html { .. } | Kind::Wrapped { .. } => Some("status"),
            _ => None,
        };
        match (takes, meant) {
            (None, _) if value.is_some() => return Err(format!("`{word}` takes no value")),
            (Some(takes), Some(meant)) if takes != meant => {
                return Err(format!("`{word}` takes `{takes}`, not `{meant}`"));
            }
            _ => {}
        }
        if when == When::Every(0) || matches!(&when, When::Nth(list) if list.contains(&0)) {
            return Err("calls are counted from 1".into());
        }
        let on = match on.trim() {
            "any" => On::Any,
            "create" => On::Create,
            other => match other.split_once(' ') {
                Some((method, pattern)) => On::Path { method: method.into(), pattern: pattern.trim().into() },
                None if route_names().any(|name| name == other) => On::Route(other.into()),
                None => {
                    let names: Vec<_> = route_names().collect();
                    return Err(format!(
                        "unknown call `{other}`, expected any, create, {} or a method and a path (`GET */generations/*`)",
                        names.join(", ")
                    ));
                }
            },
        };
        Ok(Fault { on, when, times, kind, after: after || always_after, text })
    }
}

/// One fault as a JSON object.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    #[serde(default = "any")]
    on: String,
    kind: Value,
    at: Option<Value>,
    every: Option<u64>,
    probability: Option<f64>,
    times: Option<u64>,
    retry_after: Option<f64>,
    delay: Option<f64>,
    status: Option<f64>,
}

fn any() -> String {
    "any".into()
}

impl Written {
    fn read(value: Value) -> Result<Fault, String> {
        let text = value.to_string();
        let wrong = |what: &str| format!("fault {text}: {what}");
        let written: Written = serde_json::from_value(value).map_err(|error| wrong(&error.to_string()))?;
        let nth = match written.at {
            Some(Value::Array(list)) => Some(list.iter().map(Value::as_u64).collect::<Option<Vec<_>>>()),
            Some(one) => Some(one.as_u64().map(|n| vec![n])),
            None => None,
        };
        let when = match (nth, written.every, written.probability) {
            (None, None, None) => When::Always,
            (Some(Some(list)), None, None) => When::Nth(list),
            (None, Some(n), None) => When::Every(n),
            (None, None, Some(p)) => When::Chance(p),
            (Some(None), ..) => {
                return Err(wrong("`at` takes the number of a call, or several of them"));
            }
            _ => {
                return Err(wrong("only one of `at`, `every` and `probability` can say when"));
            }
        };
        let values = [("retryAfter", written.retry_after), ("delay", written.delay), ("status", written.status)];
        let mut given = values.iter().filter_map(|(name, value)| value.map(|value| (*name, value)));
        let value = given.next();
        if given.next().is_some() {
            return Err(wrong("only one of `retryAfter`, `delay` and `status` goes with a kind"));
        }
        let draft = Draft {
            on: written.on,
            kind: written.kind.as_str().map_or_else(|| written.kind.to_string(), str::to_owned),
            value: value.map(|(_, value)| value),
            meant: value.map(|(name, _)| name),
            when,
            times: written.times,
        };
        draft.finish(text.clone()).map_err(|what| wrong(&what))
    }
}

impl<'de> Deserialize<'de> for Faults {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::Null => Ok(Faults::default()),
            Value::String(text) => text.parse(),
            Value::Array(list) => list
                .into_iter()
                .map(|entry| match entry {
                    Value::String(text) => text.parse(),
                    other => Written::read(other),
                })
                .collect(),
            one @ Value::Object(_) => Written::read(one).map(|fault| [fault].into_iter().collect()),
            other => Err(format!("expected text, a fault or a list of them, not {other}")),
        }
        .map_err(D::Error::custom)
    }
}
