//! A request in a provider's own names, by a table.

use crate::json::{Json, Kind};
use crate::text::before;

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
    let known = |name: &str| tables.iter().any(|table| table.iter().any(|(from, ..)| before(from, b".") == name));
    let mut sent = body.clone();
    for name in body.keys() {
        if known(&name) {
            sent = sent.without(&name);
        }
    }
    for table in tables {
        sent = added(sent, body, table);
    }
    sent
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
                for item in value.items() {
                    items.push(convert(&item));
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
