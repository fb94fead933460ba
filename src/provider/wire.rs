//! A request in a provider's own names, by a table.

use crate::error::{Problem, ProblemCode};
use crate::json::{Json, Kind};
use crate::rules::Form;
use crate::text::{before, within};

/// The path of a field in the request, its path in what is sent, and what becomes of it.
pub type Wire = (&'static str, &'static str, How);

/// What becomes of a field.
pub enum How {
    /// It stays what it is.
    Same,
    /// It is not sent.
    LeftOut,
    /// It is converted; null is not sent.
    By(fn(&Json) -> Json),
    /// Each item of the list that it is; anything but a list is not sent.
    Each(fn(&Json) -> Json),
}

/// The request as these tables say. Fields that are in none of them stay as they are: they are newer than this.
pub fn sent(body: &Json, tables: &[&[Wire]]) -> Json {
    let mut sent = body.clone();
    for name in &body.keys() {
        if any(tables, &|(from, ..)| before(from, b".") == name) {
            sent = sent.without(name);
        }
    }
    for table in tables {
        sent = added(sent, body, table);
    }
    sent
}

fn any(tables: &[&[Wire]], fits: &dyn Fn(&Wire) -> bool) -> bool {
    tables.iter().any(|table| table.iter().any(fits))
}

/// An object with the fields of a table added.
pub fn added(mut object: Json, body: &Json, table: &[Wire]) -> Json {
    for (from, to, how) in table {
        let Some(value) = body.at(from) else { continue };
        let value = match how {
            How::LeftOut => continue,
            How::Same => value,
            How::By(convert) => convert(&value),
            How::Each(_) if value.kind() != Kind::List => continue,
            How::Each(convert) => {
                let mut items = Vec::new();
                for item in &value.items() {
                    items.push(convert(item));
                }
                Json::list(items)
            }
        };
        if value.kind() != Kind::Null {
            object = object.with_at(to, value);
        }
    }
    object
}

/// The names that a request may have in the provider's own words.
pub fn is_native(tables: &[&[Wire]], name: &str) -> bool {
    any(tables, &|(_, to, _)| before(to, b".") == name)
}

/// The request with what is given in the provider's own words moved to where the rules look for it. What is given there too, and what
/// the form has no field for, stays where it is: the server judges it.
pub fn canonical(mut body: Json, tables: &[&[Wire]], form: &Form) -> Json {
    let mut taken = Vec::new();
    for table in tables {
        for (from, to, how) in *table {
            let first = !taken.contains(to);
            taken.push(*to);
            let Some(value) = body.at(to).filter(|_| first && from != to && !body.has(from)) else { continue };
            let holder = before(from, b".");
            if !form.fields.iter().any(|field| field.name == holder) {
                continue;
            }
            // A list of pictures is not what has a first and a last one.
            let fits = !matches!(how, How::Each(_)) || value.kind() == Kind::List;
            if fits && (holder == *from || body.get(holder).is_none_or(|held| held.kind() == Kind::Object)) {
                body = body.without_at(to).with_at(from, value);
            }
        }
    }
    body
}

/// Tells what would not be sent: a field that is given in two ways, and a part of one of which only some parts are taken.
pub fn check(body: &Json, tables: &[&[Wire]], problems: &mut Vec<Problem>) {
    for table in tables {
        for (from, to, _) in *table {
            if !to.is_empty() && from != to && body.has(from) && body.has(to) {
                let message = ["is given as ", to, " too: only one of them can be sent"];
                problems.push(Problem::of(from, ProblemCode::Conflict, &message));
            }
        }
    }
    for name in &body.keys() {
        let begins = |path: &str| path.len() > name.len() && before(path, b".") == name;
        let in_parts = any(tables, &|(from, ..)| begins(from));
        let Some(held) = body.get(name).filter(|held| in_parts && held.kind() == Kind::Object) else { continue };
        for part in held.keys().iter().filter(|part| held.has(part)) {
            let path = within(name, part);
            let further = within(&path, "");
            if !any(tables, &|(from, ..)| *from == path || from.starts_with(&further)) {
                problems.push(Problem::new(&path, ProblemCode::Unsupported, "cannot be sent to this provider"));
            }
        }
    }
}
