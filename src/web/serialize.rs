//! Our own structures as JavaScript objects. What serde-wasm-bindgen does, for the few shapes that we have: it brings a
//! hash map and `core::fmt`, 6 kB of the module in brotli, and this none of it.
//!
//! Each value is set where it belongs, instead of being handed up from shape to shape to be set there.

use super::value::{self, Json};
use js_sys::{Array, Object};
use serde::ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use std::cell::RefCell;
use std::fmt::{self, Display};
use wasm_bindgen::JsValue;

/// The structure as a plain object; what is `None` is not there.
pub fn to_js(value: &(impl Serialize + ?Sized)) -> JsValue {
    let holder = Object::new();
    let _ = value.serialize(Place { object: &holder, key: WHOLE });
    value::get(&holder, WHOLE)
}

/// The key under which the whole is handed over.
const WHOLE: &str = "";

thread_local! {
    /// The JavaScript value on its way through serde, which has no form for it.
    static PASSING: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}

/// The name under which a [`Place`] knows that a value waits in [`PASSING`].
const PASS: &str = "luma_edge::Json";

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PASSING.with(|passing| passing.replace(self.0.clone()));
        serializer.serialize_unit_struct(PASS)
    }
}

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

type Done = Result<(), Unknown>;

/// Where a value belongs.
#[derive(Clone, Copy)]
struct Place<'a> {
    object: &'a JsValue,
    key: &'a str,
}

impl Place<'_> {
    fn put(self, value: &JsValue) {
        value::set(self.object, self.key, value);
    }

    fn put_object(self) -> Object {
        let object = Object::new();
        self.put(&object);
        object
    }
}

/// Shapes that are numbers in JavaScript.
macro_rules! numbers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Done {
            self.serialize_f64(value as f64)
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

impl<'a> Serializer for Place<'a> {
    type Ok = ();
    type Error = Unknown;
    type SerializeSeq = Items;
    type SerializeMap = Entries;
    type SerializeStruct = Members;
    type SerializeTuple = Impossible<(), Unknown>;
    type SerializeTupleStruct = Impossible<(), Unknown>;
    type SerializeTupleVariant = Impossible<(), Unknown>;
    type SerializeStructVariant = Impossible<(), Unknown>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32
    }

    none_of_ours! {
        serialize_char(char) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Self::SerializeStructVariant;
    }

    fn serialize_f64(self, value: f64) -> Done {
        value::set_number(self.object, self.key, value);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Done {
        value::set_flag(self.object, self.key, value);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Done {
        value::set_text(self.object, self.key, value);
        Ok(())
    }

    fn serialize_none(self) -> Done {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        Ok(())
    }

    fn serialize_unit_struct(self, name: &'static str) -> Done {
        if name == PASS {
            PASSING.with(|passing| self.put(&passing.take()));
        }
        Ok(())
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Done {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(self, _: &'static str, _: u32, _: &'static str, _: &T) -> Done {
        Err(Unknown)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items, Unknown> {
        let list = Array::new();
        self.put(&list);
        Ok(Items(list))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Unknown> {
        Ok(Entries { object: self.put_object(), key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members, Unknown> {
        Ok(Members(self.put_object()))
    }
}

struct Items(Array);

impl SerializeSeq for Items {
    type Ok = ();
    type Error = Unknown;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        self.0.push(&to_js(value));
        Ok(())
    }

    fn end(self) -> Done {
        Ok(())
    }
}

struct Members(Object);

impl SerializeStruct for Members {
    type Ok = ();
    type Error = Unknown;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        value.serialize(Place { object: &self.0, key })
    }

    fn end(self) -> Done {
        Ok(())
    }
}

struct Entries {
    object: Object,
    key: String,
}

impl SerializeMap for Entries {
    type Ok = ();
    type Error = Unknown;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.key = to_js(key).as_string().unwrap_or_default();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(Place { object: &self.object, key: &self.key })
    }

    fn end(self) -> Done {
        Ok(())
    }
}
