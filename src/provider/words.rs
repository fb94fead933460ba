//! The words of a server that refuses, whatever common shape its error has: problem details (RFC 9457), FastAPI, Express,
//! NestJS, Spring, ASP.NET, Laravel, Rails, Django, JSON:API, OAuth, Google, AWS, Azure, Apigee, Cloudflare. One place for all
//! providers, and for what stands in front of them.

use crate::error::{Problem, ProblemCode, sentences};
use crate::json::{Json, Kind};
use crate::text::{before, concat, contains, split_at_first, whole};

/// Where the sentence is, the likeliest first. `error` may be a mere status phrase beside a `message` (Spring), or a code beside
/// an `error_description` (OAuth).
const SENTENCE: &[&str] = &[
    "message",
    "Message",
    "error_description",
    "errorMessage",
    "error_message",
    "msg",
    "defaultMessage",
    "title",
    "error",
    "reason",
    "description",
    "faultstring",
    "fault",
    "raw_message",
    "code",
];
/// Where more is told: a text, an object, or a list of problems.
const MORE: &[&str] = &["detail", "details", "errorDetails", "errors", "issues", "violations", "invalid-params"];
/// Where a problem tells its place.
const PLACE: &[&str] =
    &["loc", "path", "field", "pointer", "source.pointer", "instancePath", "propertyPath", "property", "param", "name"];
/// Lists in objects in lists: no known error is deeper.
const DEEPEST: u32 = 5;

/// The words, if there are any.
pub fn words(value: &Json) -> Option<String> {
    Some(words_and_problems(value).0).filter(|words| !words.is_empty())
}

/// The words, and the problems among them.
pub fn words_and_problems(value: &Json) -> (String, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut words = read(value, DEEPEST, &mut problems);
    if words.is_empty() && value.kind() == Kind::Object {
        words = by_field(value, &mut problems);
    }
    (words, problems)
}

fn read(value: &Json, depth: u32, problems: &mut Vec<Problem>) -> String {
    match value.kind() {
        Kind::String => value.as_str().unwrap_or_default().trim_ascii().to_owned(),
        Kind::List if depth > 0 => {
            let mut found = Vec::new();
            for entry in &value.items() {
                if let Some(problem) = problem(entry, depth - 1) {
                    found.push(problem);
                }
            }
            listed(found, problems)
        }
        Kind::Object if depth > 0 => {
            let within = |key: &&str, problems: &mut Vec<Problem>| {
                let inner = value.get(key).map(|inner| match (*key, inner.kind()) {
                    ("errors", Kind::Object) => by_field(&inner, problems),
                    _ => read(&inner, depth - 1, problems),
                });
                inner.filter(|words| !words.is_empty())
            };
            let mut words = SENTENCE.iter().find_map(|key| within(key, problems)).unwrap_or_default();
            for key in MORE {
                let more = within(key, problems).unwrap_or_default();
                if words.is_empty() || contains(&more, &words) {
                    words = more;
                } else if !more.is_empty() && !contains(&words, &more) {
                    words = concat(&[&words, ": ", &more]);
                }
            }
            words
        }
        _ => String::new(),
    }
}

/// Fields with what is wrong with each: `{ prompt: ["is too long"] }`.
fn by_field(fields: &Json, problems: &mut Vec<Problem>) -> String {
    let mut found = Vec::new();
    for field in &fields.keys() {
        for message in &fields.get(field).map(|list| list.texts()).unwrap_or_default() {
            found.push(Problem::new(field, ProblemCode::InvalidValue, message));
        }
    }
    listed(found, problems)
}

fn listed(mut found: Vec<Problem>, problems: &mut Vec<Problem>) -> String {
    let words = sentences(&found);
    problems.append(&mut found);
    words
}

/// One entry of a list, such as `{ loc: ["body", "keyframes", "frame0", "url"], msg }` or a sentence.
fn problem(entry: &Json, depth: u32) -> Option<Problem> {
    let path = PLACE.iter().find_map(|key| entry.at(key)).map(|at| path(&at)).unwrap_or_default();
    let mut message = read(entry, depth, &mut Vec::new());
    if message.is_empty() {
        if path.is_empty() {
            return None;
        }
        message = "is not accepted".into();
    }
    Some(Problem { path, code: ProblemCode::InvalidValue, message })
}

/// A place as our own problems have it: out of a list of steps, a JSON pointer, or as it is.
fn path(place: &Json) -> String {
    let mut path = String::new();
    let mut step = |name: &str| match whole(name) {
        Some(_) => path.push_str(&concat(&["[", name, "]"])),
        None if name.is_empty() || (path.is_empty() && name == "body") => {}
        None => {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
    };
    for item in &place.items() {
        step(&match item.as_f64() {
            Some(index) => crate::text::integer(index as u64),
            None => item.as_str().unwrap_or_default(),
        });
    }
    let text = place.as_str().unwrap_or_default();
    let Some((_, mut rest)) = split_at_first(&text, "/") else { return if text.is_empty() { path } else { text } };
    loop {
        let name = before(rest, b"/");
        step(name);
        match rest.get(name.len() + 1..) {
            Some(after) => rest = after,
            None => return path,
        }
    }
}
