//! The shape of a body: types, required fields, closed lists of values. Errors read as the API's framework
//! (FastAPI over pydantic 2) tells it, one entry for each problem, under status 422.

use serde_json::{Map, Value, json};

use crate::simulator::options::Validation;

/// What a value must be.
pub(crate) enum Type {
    Text,
    /// An absolute URL; `http` or `https` when the guide decides, since it takes nothing else.
    Uri,
    /// An address that the schema has as any text.
    Address,
    /// A UUID when the guide decides; any text by the OpenAPI file, whose own SDK's tests send such.
    Uuid,
    Flag,
    Integer,
    Number,
    OneOf(&'static [&'static str]),
    Literal(&'static str),
    List(&'static Type),
    Object(&'static [Field]),
    /// An object whose `type` says which other fields it has.
    Tagged(&'static [(&'static str, &'static [Field])]),
}

/// One field of an object.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) ty: Type,
    pub(crate) need: Need,
}

/// Whether a field must be there, and what stands for it when it is not. A null counts as absent.
pub(crate) enum Need {
    Optional,
    Default(Preset),
    Required,
    /// Required by the OpenAPI file; the guide's examples leave it out.
    RequiredBySchema(Preset),
}

/// What the echo shows for a field that was left out.
#[derive(Clone, Copy)]
pub(crate) enum Preset {
    Text(&'static str),
    Flag(bool),
    Integer(i64),
}

impl From<Preset> for Value {
    fn from(preset: Preset) -> Value {
        match preset {
            Preset::Text(text) => text.into(),
            Preset::Flag(flag) => flag.into(),
            Preset::Integer(number) => number.into(),
        }
    }
}

/// Checks an object and gives it as the provider keeps it: known fields only, each of them there, null or filled in.
pub(crate) fn check(body: &Value, fields: &[Field], by: Validation) -> Result<Value, Vec<Value>> {
    let mut walk = Walk { by, at: vec!["body".into()], problems: Vec::new() };
    let kept = walk.object(body, fields);
    if walk.problems.is_empty() { Ok(kept) } else { Err(walk.problems) }
}

struct Walk {
    by: Validation,
    at: Vec<Value>,
    problems: Vec<Value>,
}

impl Walk {
    fn problem(&mut self, kind: &str, message: impl Into<String>, input: &Value) -> Value {
        let message: String = message.into();
        self.problems.push(json!({ "type": kind, "loc": self.at, "msg": message, "input": input }));
        Value::Null
    }

    fn problem_with(&mut self, kind: &str, message: impl Into<String>, input: &Value, context: Value) -> Value {
        self.problem(kind, message, input);
        if let Some(Value::Object(entry)) = self.problems.last_mut() {
            entry.insert("ctx".into(), context);
        }
        Value::Null
    }

    fn within(&mut self, step: impl Into<Value>, check: impl FnOnce(&mut Self) -> Value) -> Value {
        self.at.push(step.into());
        let kept = check(self);
        self.at.pop();
        kept
    }

    fn value(&mut self, value: &Value, ty: &Type) -> Value {
        match (ty, value) {
            (Type::Text, Value::String(_)) | (Type::Flag, Value::Bool(_)) | (Type::Number, Value::Number(_)) => {
                value.clone()
            }
            (Type::Integer, Value::Number(number)) => match number.as_f64() {
                Some(whole) if whole.fract() == 0.0 => value.clone(),
                _ => {
                    let message = "Input should be a valid integer, got a number with a fractional part";
                    self.problem("int_from_float", message, value)
                }
            },
            (Type::Text, _) => self.problem("string_type", "Input should be a valid string", value),
            (Type::Flag, _) => self.problem("bool_type", "Input should be a valid boolean", value),
            (Type::Integer, _) => self.problem("int_type", "Input should be a valid integer", value),
            (Type::Number, _) => self.problem("float_type", "Input should be a valid number", value),
            (Type::Address, Value::String(_)) if self.by == Validation::Schema => value.clone(),
            (Type::Uri | Type::Address, _) => self.uri(value),
            (Type::Uuid, _) => self.uuid(value),
            (Type::OneOf(words), _) => self.one_of("enum", words, value),
            (Type::Literal(word), _) => self.one_of("literal_error", &[word], value),
            (Type::List(of), Value::Array(list)) => {
                list.iter().enumerate().map(|(n, one)| self.within(n, |walk| walk.value(one, of))).collect()
            }
            (Type::List(_), _) => self.problem("list_type", "Input should be a valid list", value),
            (Type::Object(fields), _) => self.object(value, fields),
            (Type::Tagged(forms), _) => self.tagged(value, forms),
        }
    }

    fn object(&mut self, value: &Value, fields: &[Field]) -> Value {
        let Value::Object(given) = value else {
            let message = "Input should be a valid dictionary or object to extract fields from";
            return self.problem("model_attributes_type", message, value);
        };
        let mut kept = Map::new();
        for Field { name, ty, need } in fields {
            let one = match (given.get(*name).filter(|one| !one.is_null()), need) {
                (Some(one), _) => self.within(*name, |walk| walk.value(one, ty)),
                (None, Need::Optional) => Value::Null,
                (None, Need::Default(preset)) => (*preset).into(),
                (None, Need::RequiredBySchema(preset)) if self.by == Validation::Documented => (*preset).into(),
                (None, Need::Required | Need::RequiredBySchema(_)) => {
                    self.within(*name, |walk| walk.problem("missing", "Field required", value))
                }
            };
            kept.insert((*name).into(), one);
        }
        kept.into()
    }

    fn tagged(&mut self, value: &Value, forms: &[(&'static str, &'static [Field])]) -> Value {
        let Value::Object(given) = value else {
            return self.object(value, &[]);
        };
        let Some(tag) = given.get("type") else {
            let message = "Unable to extract tag using discriminator 'type'";
            return self.problem_with("union_tag_not_found", message, value, json!({ "discriminator": "'type'" }));
        };
        match forms.iter().find(|(name, _)| tag == name) {
            Some((name, fields)) => {
                let mut kept = self.within(*name, |walk| walk.object(value, fields));
                if let Value::Object(kept) = &mut kept {
                    kept.insert("type".into(), tag.clone());
                }
                kept
            }
            // Left to the guide's rules, which have a message of their own for it.
            None if tag.is_string() && self.by == Validation::Documented => value.clone(),
            None => {
                let expected = quoted(forms.iter().map(|(name, _)| *name), ", ");
                let tag = tag.as_str().map_or_else(|| tag.to_string(), str::to_owned);
                let message =
                    format!("Input tag '{tag}' found using 'type' does not match any of the expected tags: {expected}");
                let context = json!({ "discriminator": "'type'", "tag": tag, "expected_tags": expected });
                self.problem_with("union_tag_invalid", message, value, context)
            }
        }
    }

    fn one_of(&mut self, kind: &str, words: &[&str], value: &Value) -> Value {
        if value.as_str().is_some_and(|word| words.contains(&word)) {
            return value.clone();
        }
        let expected = match words {
            [first @ .., last] if !first.is_empty() => {
                format!("{} or '{last}'", quoted(first.iter().copied(), ", "))
            }
            _ => quoted(words.iter().copied(), ", "),
        };
        self.problem_with(kind, format!("Input should be {expected}"), value, json!({ "expected": expected }))
    }

    fn uri(&mut self, value: &Value) -> Value {
        let Value::String(text) = value else {
            return self.problem("url_type", "URL input should be a string or URL", value);
        };
        let Some((scheme, rest)) = text.split_once(':').filter(|(scheme, _)| is_scheme(scheme)) else {
            let why = "relative URL without a base";
            let message = format!("Input should be a valid URL, {why}");
            return self.problem_with("url_parsing", message, value, json!({ "error": why }));
        };
        if self.by == Validation::Schema {
            return value.clone();
        }
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            let expected = "'http' or 'https'";
            let message = format!("URL scheme should be {expected}");
            return self.problem_with("url_scheme", message, value, json!({ "expected_schemes": expected }));
        }
        let host = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.chars().any(char::is_whitespace) {
            let why = "empty host";
            let message = format!("Input should be a valid URL, {why}");
            return self.problem_with("url_parsing", message, value, json!({ "error": why }));
        }
        value.clone()
    }

    fn uuid(&mut self, value: &Value) -> Value {
        let Value::String(text) = value else {
            return self.problem("uuid_type", "UUID input should be a string, bytes or UUID object", value);
        };
        match uuid::Uuid::try_parse(text) {
            Err(error) if self.by == Validation::Documented => {
                let message = format!("Input should be a valid UUID, {error}");
                self.problem_with("uuid_parsing", message, value, json!({ "error": error.to_string() }))
            }
            _ => value.clone(),
        }
    }
}

/// By RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ['+', '-', '.'].contains(&c))
}

fn quoted<'a>(words: impl Iterator<Item = &'a str>, between: &str) -> String {
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(between)
}
