//! Our own structures as JavaScript objects. What serde-wasm-bindgen does, for the few shapes that we have: it brings a
//! hash map and `core::fmt`, 6 kB of the module in brotli, and this none of it.

use super::value::{Json, set};
use js_sys::{Array, Object};
use serde::ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use std::cell::RefCell;
use std::fmt::{self, Display};
use wasm_bindgen::JsValue;

/// The structure as a plain object; what is `None` is not there.
pub fn to_js(value: &(impl Serialize + ?Sized)) -> JsValue {
    value.serialize(ToJs).unwrap_or(JsValue::UNDEFINED)
}

thread_local! {
    /// The JavaScript value on its way through serde, which has no form for it.
    static PASSING: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}

/// The name under which [`ToJs`] knows that a value waits in [`PASSING`].
const PASS: &str = "luma_edge::Json";

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PASSING.with(|passing| passing.replace(self.0.clone()));
        serializer.serialize_unit_struct(PASS)
    }
}

struct ToJs;

/// A shape that none of our structures has.
#[derive(Debug)]
struct Unknown;

impl Display for Unknown {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Unknown {}

impl ser::Error for Unknown {
    fn custom<T: Display>(_: T) -> Self {
        Unknown
    }
}

type Js = Result<JsValue, Unknown>;

/// Shapes that are numbers in JavaScript.
macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Js {
            Ok(JsValue::from_f64(value as f64))
        })*
    };
}

/// Shapes that do not occur.
macro_rules! none_of_ours {
    ($($method:ident($($type:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $type),*) -> Result<$result, Unknown> {
            Err(Unknown)
        })*
    };
}

impl Serializer for ToJs {
    type Ok = JsValue;
    type Error = Unknown;
    type SerializeSeq = List;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeTuple = Impossible<JsValue, Unknown>;
    type SerializeTupleStruct = Impossible<JsValue, Unknown>;
    type SerializeTupleVariant = Impossible<JsValue, Unknown>;
    type SerializeStructVariant = Impossible<JsValue, Unknown>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    }

    none_of_ours! {
        serialize_char(char) -> JsValue;
        serialize_bytes(&[u8]) -> JsValue;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_bool(self, value: bool) -> Js {
        Ok(JsValue::from_bool(value))
    }

    fn serialize_str(self, value: &str) -> Js {
        Ok(JsValue::from_str(value))
    }

    fn serialize_none(self) -> Js {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Js {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Js {
        Ok(JsValue::UNDEFINED)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Js {
        Ok(if name == PASS { PASSING.with(RefCell::take) } else { JsValue::UNDEFINED })
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Js {
        Ok(JsValue::from_str(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Js {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Js {
        Err(Unknown)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List, Unknown> {
        Ok(List(Array::new()))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, Unknown> {
        Ok(Fields { object: Object::new(), key: JsValue::UNDEFINED })
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Fields, Unknown> {
        self.serialize_map(Some(length))
    }
}

struct List(Array);

impl SerializeSeq for List {
    type Ok = JsValue;
    type Error = Unknown;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unknown> {
        self.0.push(&value.serialize(ToJs)?);
        Ok(())
    }

    fn end(self) -> Js {
        Ok(self.0.into())
    }
}

struct Fields {
    object: Object,
    key: JsValue,
}

impl SerializeStruct for Fields {
    type Ok = JsValue;
    type Error = Unknown;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unknown> {
        let value = value.serialize(ToJs)?;
        if !value.is_undefined() {
            set(&self.object, key, &value);
        }
        Ok(())
    }

    fn end(self) -> Js {
        Ok(self.object.into())
    }
}

impl SerializeMap for Fields {
    type Ok = JsValue;
    type Error = Unknown;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unknown> {
        self.key = key.serialize(ToJs)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unknown> {
        let key = self.key.as_string().unwrap_or_default();
        self.serialize_field_of_map(&key, value)
    }

    fn end(self) -> Js {
        Ok(self.object.into())
    }
}

impl Fields {
    fn serialize_field_of_map<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unknown> {
        set(&self.object, key, &value.serialize(ToJs)?);
        Ok(())
    }
}
