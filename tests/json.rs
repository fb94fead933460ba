//! The one JSON type: the same cases for both of its forms. Natively it holds `serde_json`'s value:
//!
//!   cargo test --test json
//!
//! and in the client's wasm JavaScript's:
//!
//!   CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=wasm-bindgen-test-runner \
//!     cargo test --target wasm32-unknown-unknown --features web --test json
//!
//! Two values are compared by their text: JavaScript's `===` compares objects by identity. The names of fields here are in the order of
//! the alphabet, which is the only order that `serde_json` keeps.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use luma_edge::json::{Json, Kind};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[cfg(not(feature = "web"))]
mod form {
    use luma_edge::json::Json;

    pub fn parse(text: &str) -> Json {
        serde_json::from_str(text).unwrap()
    }

    pub fn stringify(json: &Json) -> String {
        json.to_string()
    }
}

#[cfg(feature = "web")]
mod form {
    use js_sys::JSON;
    use luma_edge::json::Json;

    pub fn parse(text: &str) -> Json {
        JSON::parse(text).unwrap().into()
    }

    pub fn stringify(json: &Json) -> String {
        JSON::stringify(json.as_ref()).unwrap().into()
    }
}

use form::{parse, stringify};

#[test]
fn each_value_is_of_its_kind() {
    for (text, kind) in [
        ("null", Kind::Null),
        ("true", Kind::Bool),
        ("false", Kind::Bool),
        ("0", Kind::Number),
        ("-1.5e3", Kind::Number),
        (r#""""#, Kind::String),
        (r#""true""#, Kind::String),
        ("[]", Kind::List),
        (r#"[{}]"#, Kind::List),
        ("{}", Kind::Object),
        (r#"{"length":1}"#, Kind::Object),
    ] {
        assert_eq!(parse(text).kind(), kind, "{text}");
    }
    assert_eq!(Json::default().kind(), Kind::Null);
    assert_eq!(Json::string("1").kind(), Kind::String);
    assert_eq!(Json::number(1.0).kind(), Kind::Number);
    assert_eq!(Json::object(vec![]).kind(), Kind::Object);
    assert_eq!(Json::list(vec![]).kind(), Kind::List);
}

#[test]
fn a_field_that_is_absent_or_null_is_none() {
    let object = parse(r#"{"empty":"","list":[],"no":false,"nothing":null,"zero":0}"#);
    for name in ["empty", "list", "no", "zero"] {
        assert!(object.get(name).is_some(), "{name}");
    }
    for name in ["nothing", "absent", "", "Zero"] {
        assert!(object.get(name).is_none(), "{name}");
    }
    for other in ["null", "true", "1", r#""text""#, "[1]"] {
        assert!(parse(other).get("zero").is_none(), "{other}");
    }
}

#[test]
fn a_field_of_a_field_is_found() {
    let object = parse(r#"{"a":{"b":[{"c":"deep"}]}}"#);
    let list = object.get("a").and_then(|a| a.get("b")).unwrap();
    assert_eq!(list.items()[0].text("c").as_deref(), Some("deep"));
}

#[test]
fn a_field_of_another_type_is_none() {
    let object = parse(r#"{"flag":true,"num":1,"text":"1"}"#);
    let read = |name: &str| (object.text(name), object.flag(name), object.num(name));
    assert_eq!(read("flag"), (None, Some(true), None));
    assert_eq!(read("num"), (None, None, Some(1.0)));
    assert_eq!(read("text"), (Some("1".into()), None, None));
    assert_eq!(read("absent"), (None, None, None));
}

#[test]
fn the_names_of_fields_come_in_their_order() {
    assert_eq!(parse(r#"{"a":1,"b":null,"c":{"d":2}}"#).keys(), ["a", "b", "c"]);
    assert_eq!(parse(r#"{"":0,"ä":1,"🐅":2}"#).keys(), ["", "ä", "🐅"]);
    for other in ["null", "true", "1", r#""text""#, "[1,2]", "{}"] {
        assert!(parse(other).keys().is_empty(), "{other}");
    }
}

#[test]
fn the_items_of_a_list_come_in_their_order() {
    let items = parse(r#"[1,"two",null,[3],{"four":4},true]"#).items();
    let texts: Vec<_> = items.iter().map(stringify).collect();
    assert_eq!(texts, ["1", r#""two""#, "null", "[3]", r#"{"four":4}"#, "true"]);
    for other in ["null", "true", "1", r#""text""#, r#"{"0":1,"length":1}"#, "[]"] {
        assert!(parse(other).items().is_empty(), "{other}");
    }
}

#[test]
fn of_a_list_the_texts_are_taken() {
    assert_eq!(parse(r#"["a",1,null,"",["b"],"c"]"#).texts(), ["a", "", "c"]);
    assert!(parse(r#""a""#).texts().is_empty());
}

#[test]
fn what_is_built_reads_as_it_was_built() {
    let inner = Json::object(vec![("flag", parse("true")), ("text", Json::string("é"))]);
    let built = Json::object(vec![("inner", inner), ("list", Json::list(vec![Json::number(1.0), parse("null")]))]);
    assert_eq!(stringify(&built), r#"{"inner":{"flag":true,"text":"é"},"list":[1,null]}"#);
    assert_eq!(stringify(&Json::object(vec![])), "{}");
    assert_eq!(stringify(&Json::list(vec![])), "[]");
}

#[test]
fn a_changed_object_is_another_one() {
    let original = parse(r#"{"a":1,"b":{"c":2},"d":null}"#);
    let before = stringify(&original);
    assert_eq!(stringify(&original.with("e", parse("[5]"))), r#"{"a":1,"b":{"c":2},"d":null,"e":[5]}"#);
    assert_eq!(stringify(&original.with("a", Json::string("x"))), r#"{"a":"x","b":{"c":2},"d":null}"#);
    assert_eq!(
        stringify(&original.with("b", parse("null")).with("f", parse("6"))),
        r#"{"a":1,"b":null,"d":null,"f":6}"#
    );
    // What is null is not given, and does not go along.
    assert_eq!(stringify(&original.without("a")), r#"{"b":{"c":2}}"#);
    assert_eq!(stringify(&original.without("absent")), r#"{"a":1,"b":{"c":2}}"#);
    assert_eq!(stringify(&original), before);
    let copy = original.clone().with("a", parse("9"));
    assert_eq!((copy.num("a"), original.num("a")), (Some(9.0), Some(1.0)));
}

#[test]
fn numbers_keep_their_value() {
    for (text, value) in [
        ("0", 0.0),
        ("7", 7.0),
        ("-7", -7.0),
        ("7.0", 7.0),
        ("0.1", 0.1),
        ("-2.5e-3", -0.0025),
        ("5e-324", 5e-324),
        ("9007199254740991", 9_007_199_254_740_991.0),
        // Rounded, as in JavaScript.
        ("9007199254740993", 9_007_199_254_740_992.0),
        ("18446744073709551616", 18_446_744_073_709_551_616.0),
        ("-9223372036854775809", -9_223_372_036_854_775_808.0),
        ("1e21", 1e21),
        ("1.7976931348623157e308", f64::MAX),
    ] {
        assert_eq!(parse(text).as_f64(), Some(value), "{text}");
        assert_eq!(Json::number(value).as_f64(), Some(value), "{text}");
    }
    for other in ["null", "true", r#""1""#, "[1]", "{}"] {
        assert_eq!(parse(other).as_f64(), None, "{other}");
    }
}

#[test]
fn a_whole_number_is_written_without_a_point() {
    for (value, text) in
        [(0.0, "0"), (-0.0, "0"), (5.0, "5"), (-5.0, "-5"), (1e15, "1000000000000000"), (0.5, "0.5"), (-1.25, "-1.25")]
    {
        assert_eq!(stringify(&Json::number(value)), text);
    }
}

#[test]
fn a_negative_zero_is_read_as_one() {
    assert_eq!(parse("-0").as_f64().map(f64::to_bits), Some((-0.0_f64).to_bits()));
    assert_eq!(parse("-0.0").kind(), Kind::Number);
}

#[test]
fn strings_keep_every_character() {
    for text in [
        "",
        "A tiger",
        "é ä 中",
        "🐅",
        "👩‍👩‍👧",
        "\u{feff}marked",
        "a\0b",
        "\"quoted\" \\ \n\t\u{1f}",
        "\u{2028}\u{ffff}\u{10ffff}",
    ] {
        let json = Json::string(text);
        assert_eq!(json.as_str().as_deref(), Some(text));
        assert_eq!(parse(&stringify(&json)).as_str().as_deref(), Some(text));
        let object = Json::object(vec![(text, Json::string(text))]);
        assert_eq!((object.keys(), object.text(text)), (vec![text.to_owned()], Some(text.to_owned())));
        assert_eq!(object.with(text, Json::number(1.0)).num(text), Some(1.0), "{text:?}");
    }
    assert_eq!(parse(r#""\ud83d\udc05""#).as_str().as_deref(), Some("🐅"));
    assert_eq!(stringify(&Json::string("🐅")), r#""🐅""#);
    for other in ["null", "true", "1", r#"["a"]"#, r#"{"a":"b"}"#] {
        assert_eq!(parse(other).as_str(), None, "{other}");
    }
}

#[test]
fn all_forms_of_one_text_are_normalized_to_one() {
    for (text, normalized) in [
        ("", ""),
        (" \t\n", ""),
        ("  A\ttiger \r\n walks ", "A tiger walks"),
        // Blanks of JavaScript's: U+FEFF is one, U+0085 and U+180E are none.
        ("\u{feff}A\u{2028}tiger\u{a0}\u{1680}walks\u{3000}", "A tiger walks"),
        ("\u{85}A\u{85}tiger\u{180e}", "\u{85}A\u{85}tiger\u{180e}"),
        ("e\u{301} ﬁne ﾎﾟ １２", "é fine ポ 12"),
        ("🐅", "🐅"),
    ] {
        assert_eq!(Json::string(text).normalized().as_deref(), Some(normalized), "{text:?}");
    }
    for other in ["null", "true", "1", r#"["a"]"#, r#"{"a":"b"}"#] {
        assert_eq!(parse(other).normalized(), None, "{other}");
    }
}

#[test]
fn a_text_of_json_is_parsed() {
    for text in ["null", "true", "-1.5", r#""text""#, "[]", r#"{"a":[1,{"b":null}]}"#] {
        assert_eq!(Json::string(text).parsed().as_ref().map(stringify).as_deref(), Some(text));
    }
    assert_eq!(Json::string(" \n[1, 2]\t").parsed().as_ref().map(stringify).as_deref(), Some("[1,2]"));
    for text in ["", " ", "{", "A tiger", "{} {}", "'a'", "[1,]", "undefined", "NaN", "\u{feff}1"] {
        assert!(Json::string(text).parsed().is_none(), "{text}");
    }
    for other in ["null", "true", "1", "[1]", "{}"] {
        assert!(parse(other).parsed().is_none(), "{other}");
    }
}

#[test]
fn a_boolean_is_neither_a_number_nor_a_text() {
    assert_eq!((parse("true").as_bool(), parse("false").as_bool()), (Some(true), Some(false)));
    for other in ["null", "0", "1", r#""true""#, "[]", "{}"] {
        assert_eq!(parse(other).as_bool(), None, "{other}");
    }
}

/// What only JavaScript's values can be.
#[cfg(feature = "web")]
mod javascript {
    use super::{parse, stringify, test};
    use js_sys::{Date, Object, Reflect};
    use luma_edge::json::{Json, Kind};
    use serde::Serialize;
    use wasm_bindgen::JsValue;

    fn object(fields: &[(&str, &JsValue)]) -> Json {
        let object = Object::new();
        for (name, value) in fields {
            Reflect::set(&object, &(*name).into(), value).unwrap();
        }
        JsValue::from(object).into()
    }

    #[test]
    fn half_a_surrogate_pair_passes_untouched() {
        let text = r#"{"lone":"a\ud83d"}"#;
        let original = parse(text);
        let changed = original.with("more", original.get("lone").unwrap());
        assert_eq!(stringify(&changed), r#"{"lone":"a\ud83d","more":"a\ud83d"}"#);
        assert_eq!(stringify(&changed.without("more")), text);
        assert_eq!(stringify(&Json::list(original.get("lone").into_iter().collect())), r#"["a\ud83d"]"#);
        // Rust has no such string.
        assert_eq!(original.text("lone").as_deref(), Some("a\u{fffd}"));
    }

    #[test]
    fn what_is_unknown_passes_untouched_and_in_its_order() {
        let original = parse(r#"{"z":1,"newer":{"b":[],"a":null},"a":2}"#);
        assert_eq!(original.keys(), ["z", "newer", "a"]);
        assert_eq!(
            stringify(&original.with("y", Json::number(3.0))),
            r#"{"z":1,"newer":{"b":[],"a":null},"a":2,"y":3}"#
        );
        assert_eq!(stringify(&original.without("z")), r#"{"newer":{"b":[],"a":null},"a":2}"#);
    }

    #[test]
    fn nothing_is_copied() {
        let original = parse(r#"{"newer":{}}"#);
        let newer = |json: &Json| JsValue::from(json.get("newer").unwrap().as_ref());
        // By identity.
        assert_eq!(newer(&original), newer(&original.with("a", Json::number(1.0))));
        assert_eq!(newer(&original), newer(&original.without("a")));
        assert_eq!(
            newer(&original),
            JsValue::from(Json::list(vec![original.get("newer").unwrap()]).items()[0].as_ref())
        );
        let date = JsValue::from(Date::new_0());
        assert_eq!(object(&[("date", &date)]).get("date").unwrap().as_ref(), &date);
    }

    #[test]
    fn what_is_handed_out_is_the_value_itself() {
        #[derive(Serialize)]
        struct Holder {
            raw: Json,
        }
        let raw = parse(r#"{"lone":"\ud83d","z":1,"a":null}"#);
        let holder = Holder { raw: raw.clone() }.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap();
        assert_eq!(&Reflect::get(&holder, &"raw".into()).unwrap(), raw.as_ref());
    }

    #[test]
    fn undefined_is_absent() {
        let json = object(&[("given", &JsValue::TRUE), ("undefined", &JsValue::UNDEFINED)]);
        assert!(json.get("undefined").is_none());
        assert_eq!(stringify(&json.without("given")), "{}");
        let undefined = Json::from(JsValue::UNDEFINED);
        assert_eq!(undefined.kind(), Kind::Null);
        assert!(undefined.get("a").is_none() && undefined.keys().is_empty() && undefined.items().is_empty());
        assert!(undefined.as_str().is_none() && undefined.as_f64().is_none() && undefined.as_bool().is_none());
        assert_eq!(stringify(&undefined.with("a", Json::number(1.0))), r#"{"a":1}"#);
    }
}

#[test]
fn a_deep_copy_is_the_same_and_another() {
    for text in [
        "null",
        "7",
        r#""text""#,
        "[]",
        r#"[[1],{"a":[{"b":null}]}]"#,
        r#"{"a":{"b":[1,{"c":"\ud83d\ude00"}]},"z":false}"#,
    ] {
        let value = parse(text);
        assert_eq!(stringify(&value.deep_copy()), stringify(&value));
    }
}
