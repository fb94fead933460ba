//! The seam to JSON. The core reads and builds JSON through one small trait, so that natively it works on
//! `serde_json::Value` and in the npm module on the JavaScript object itself, with nothing copied and unknown fields
//! passing untouched.

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `null`, and what JavaScript calls `undefined`.
    Null,
    /// `true` or `false`.
    Bool,
    /// Any number.
    Number,
    /// A string.
    String,
    /// An array.
    List,
    /// An object.
    Object,
}

/// A JSON value, whoever holds it.
pub trait Value: Clone + serde::Serialize + 'static {
    /// What it is.
    fn kind(&self) -> Kind;
    /// The field of an object, unless it is absent or null: the APIs use both for "not given".
    fn get(&self, key: &str) -> Option<Self>;
    /// The names of an object's fields, in their order; none for anything else.
    fn keys(&self) -> Vec<String>;
    /// The items of a list; none for anything else.
    fn items(&self) -> Vec<Self>;
    /// The text of a string.
    fn as_str(&self) -> Option<String>;
    /// The value of a number.
    fn as_f64(&self) -> Option<f64>;
    /// The value of a boolean.
    fn as_bool(&self) -> Option<bool>;

    /// A new string.
    fn string(text: &str) -> Self;
    /// A new number.
    fn number(value: f64) -> Self;
    /// A new object with these fields.
    fn object(fields: Vec<(&str, Self)>) -> Self;
    /// A new list of these.
    fn list(items: Vec<Self>) -> Self;
    /// The same object with one field set; the original is left alone.
    fn with(&self, key: &str, value: Self) -> Self;

    /// The same object without a field; the original is left alone.
    fn without(&self, key: &str) -> Self {
        let names = self.keys();
        let mut fields = Vec::new();
        for name in &names {
            if name != key
                && let Some(value) = self.get(name)
            {
                fields.push((name.as_str(), value));
            }
        }
        Self::object(fields)
    }

    /// The text of a string field.
    fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.as_str()
    }

    /// The value of a boolean field.
    fn flag(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_bool()
    }

    /// The texts in a list.
    fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.items() {
            if let Some(text) = item.as_str() {
                texts.push(text);
            }
        }
        texts
    }

    /// The value of a number field.
    fn num(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }
}

#[cfg(feature = "json")]
impl Value for serde_json::Value {
    fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::String(_) => Kind::String,
            Self::Array(_) => Kind::List,
            Self::Object(_) => Kind::Object,
        }
    }

    fn get(&self, key: &str) -> Option<Self> {
        self.as_object()?.get(key).filter(|value| !value.is_null()).cloned()
    }

    fn keys(&self) -> Vec<String> {
        self.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
    }

    fn items(&self) -> Vec<Self> {
        self.as_array().cloned().unwrap_or_default()
    }

    fn as_str(&self) -> Option<String> {
        serde_json::Value::as_str(self).map(str::to_owned)
    }

    fn as_f64(&self) -> Option<f64> {
        serde_json::Value::as_f64(self)
    }

    fn as_bool(&self) -> Option<bool> {
        serde_json::Value::as_bool(self)
    }

    fn string(text: &str) -> Self {
        text.into()
    }

    fn number(value: f64) -> Self {
        // A whole number is written without a point, as JavaScript does.
        if value.fract() == 0.0 && value.abs() < 9e15 { (value as i64).into() } else { value.into() }
    }

    fn object(fields: Vec<(&str, Self)>) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn list(items: Vec<Self>) -> Self {
        Self::Array(items)
    }

    fn with(&self, key: &str, value: Self) -> Self {
        let mut fields = self.as_object().cloned().unwrap_or_default();
        fields.insert(key.to_owned(), value);
        Self::Object(fields)
    }
}
