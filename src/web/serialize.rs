//! Our own structures as JavaScript objects. What serde-wasm-bindgen does, for the few shapes that we have: it brings a
//! hash map and `core::fmt`, 6 kB of the module in brotli, and this none of it.
//!
//! Each value is set where it belongs, instead of being handed up from shape to shape to be set there.

use super::value::{self, Json};
use crate::value::Value;
use serde::ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct};
use serde::{Serialize, Serializer};
use std::fmt::{self, Display};
use wasm_bindgen::JsValue;

/// The structure as a plain object; what is `None` is not there.
pub fn to_js(value: &dyn Structure) -> JsValue {
    let place = Place { object: value::object(), key: WHOLE };
    value.put(&place);
    value::get(&place.object, WHOLE)
}

/// The key under which the whole is handed over.
const WHOLE: &str = "";

/// What can be put in a [`Place`]: so that whoever wants it as an object need not be compiled for each.
pub trait Structure {
    fn put(&self, place: &Place<'_>);
}

impl<T: Serialize> Structure for T {
    fn put(&self, place: &Place<'_>) {
        let Ok(()) = self.serialize(place);
    }
}

/// The name under which a [`Place`] knows that JavaScript holds a value on its way through serde, which has no form for it.
const HELD: &str = "luma_edge::Json";

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        value::hold(&self.0);
        serializer.serialize_unit_struct(HELD)
    }
}

/// Nothing can go wrong, and what cannot is not looked out for after each field.
#[derive(Debug)]
pub enum Never {}

impl Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl std::error::Error for Never {}

impl ser::Error for Never {
    fn custom<T: Display>(_: T) -> Self {
        not_ours()
    }
}

/// A shape that none of our structures has: it is nowhere in the wasm.
fn not_ours() -> ! {
    std::process::abort()
}

type Done = Result<(), Never>;

/// Where a value belongs: a field of an object, or the end of a list.
pub struct Place<'a> {
    object: JsValue,
    key: &'a str,
}

impl Place<'_> {
    fn put(&self, value: &JsValue) {
        value::set(&self.object, self.key, value);
    }

    /// A place in a new object or list, which is put here.
    fn inside(&self, object: JsValue) -> Place<'static> {
        self.put(&object);
        Place { object, key: WHOLE }
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
        $(fn $method(self, $(_: $type),*) -> Result<$result, Never> {
            not_ours()
        })*
    };
}

impl Serializer for &Place<'_> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Place<'static>;
    type SerializeMap = Entries;
    type SerializeStruct = Place<'static>;
    type SerializeTuple = Impossible<(), Never>;
    type SerializeTupleStruct = Impossible<(), Never>;
    type SerializeTupleVariant = Impossible<(), Never>;
    type SerializeStructVariant = Impossible<(), Never>;

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
        value::set_number(&self.object, self.key, value);
        Ok(())
    }

    fn serialize_bool(self, value: bool) -> Done {
        value::set_flag(&self.object, self.key, value);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Done {
        value::set_text(&self.object, self.key, value);
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
        if name == HELD {
            self.put(&value::held());
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
        not_ours()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Place<'static>, Never> {
        Ok(self.inside(value::list()))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Never> {
        Ok(Entries { object: self.inside(value::object()).object, key: String::new() })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Place<'static>, Never> {
        Ok(self.inside(value::object()))
    }
}

impl SerializeSeq for Place<'static> {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&*self)
    }

    fn end(self) -> Done {
        Ok(())
    }
}

impl SerializeStruct for Place<'static> {
    type Ok = ();
    type Error = Never;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Done {
        self.key = key;
        value.serialize(&*self)
    }

    fn end(self) -> Done {
        Ok(())
    }
}

pub struct Entries {
    object: JsValue,
    key: String,
}

impl SerializeMap for Entries {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        self.key = Json(to_js(&key)).as_str().unwrap_or_default();
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&Place { object: self.object.clone(), key: &self.key })
    }

    fn end(self) -> Done {
        Ok(())
    }
}
