//! What rules, prices and readers ask of an object's fields. A path such as `data.error` names a field within fields.

use crate::json::{Json, Kind};
use crate::text::split_at_first;

impl Json {
    /// Whether the field is there.
    pub fn has(&self, path: &str) -> bool {
        self.at(path).is_some()
    }

    /// Whether the field is `true`.
    pub fn is_on(&self, name: &str) -> bool {
        self.flag(name) == Some(true)
    }

    /// Whether the field is one of these texts.
    pub fn is_one_of(&self, path: &str, texts: &[&str]) -> bool {
        self.at(path).and_then(|value| value.as_str()).is_some_and(|text| texts.contains(&text.as_str()))
    }

    /// The items of a list field; none where it is no list.
    pub fn items_of(&self, path: &str) -> Vec<Json> {
        self.at(path).map(|list| list.items()).unwrap_or_default()
    }

    /// The field at the end of a path.
    pub fn at(&self, path: &str) -> Option<Json> {
        match split_at_first(path, ".") {
            Some((name, rest)) => self.get(name)?.at(rest),
            None => self.get(path),
        }
    }

    /// The first text at one of these paths that is not empty.
    pub fn first_text(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| self.at(path)?.as_str().filter(|text| !text.is_empty()))
    }

    /// The same object with the field at the end of a path set; what is missing on the way becomes an object.
    pub fn with_at(&self, path: &str, value: Json) -> Json {
        match split_at_first(path, ".") {
            Some((name, rest)) => {
                let inner = self.get(name).unwrap_or_else(|| Json::object(Vec::new()));
                self.with(name, inner.with_at(rest, value))
            }
            None => self.with(path, value),
        }
    }

    /// The same object without the field at the end of a path, and without what is empty then.
    pub fn without_at(&self, path: &str) -> Json {
        let Some((name, rest)) = split_at_first(path, ".") else { return self.without(path) };
        let Some(inner) = self.get(name) else { return self.clone() };
        let left = inner.without_at(rest);
        if left.keys().is_empty() { self.without(name) } else { self.with(name, left) }
    }

    /// The same value without fields that are null, at any depth.
    pub fn without_nulls(&self) -> Json {
        match self.kind() {
            Kind::Object => {
                let names = self.keys();
                let mut given = Vec::new();
                for name in &names {
                    if let Some(value) = self.get(name) {
                        given.push((name.as_str(), value.without_nulls()));
                    }
                }
                Json::object(given)
            }
            Kind::List => Json::list(self.items().iter().map(Json::without_nulls).collect()),
            _ => self.clone(),
        }
    }
}
