use luma_edge::simulator::{Limits, Options, Validation};
use serde_json::json;

#[test]
fn by_default_each_provider_has_the_limits_that_it_documents() {
    let options = Options::from_json(json!({})).unwrap();
    assert_eq!((options.validation, options.limits, options.credits), (Validation::Documented, None, 100_000.0));
}

#[test]
fn limits_are_named_or_numbered() {
    let limits = |value| Options::from_json(json!({ "limits": value })).unwrap().limits.unwrap();
    assert_eq!(limits(json!("build")), Limits::build());
    assert_eq!(limits(json!("none")), Limits::none());
    let some = limits(json!({ "video": { "concurrent": 2 } }));
    assert_eq!(some.video.map(|limit| (limit.concurrent, limit.per_minute)), Some((Some(2), None)));
    assert_eq!(some.image, Limits::build().image);
    assert_eq!(limits(json!({ "video": null })).video, None);
}

#[test]
fn a_wrong_option_is_an_error_with_a_sentence_that_names_it() {
    let cases = [
        (json!({ "sede": 1 }), "unknown field `sede`, expected one of `seed`"),
        (json!({ "seed": -1 }), "`seed`: invalid value"),
        (json!({ "seed": "x" }), "`seed`: invalid type"),
        (
            json!({ "validation": "strict" }),
            "`validation`: unknown variant `strict`, expected `documented` or `schema`",
        ),
        (json!({ "credits": -5 }), "`credits`: expected a number that is not negative"),
        (json!({ "latency": "slow" }), "`latency`: invalid type"),
        (json!({ "limits": "scale" }), "`limits`: expected \"build\", \"none\""),
        (json!({ "limits": { "audio": {} } }), "`limits`: unknown field `audio`"),
        (json!({ "durations": { "ray-3": 5 } }), "`durations`: unknown name `ray-3`, expected one of ray-1-6"),
        (json!({ "durations": -1 }), "`durations`: expected a number that is not negative"),
        (json!({ "durations": "long" }), "`durations`: expected ms"),
        (json!({ "apiKeys": "k" }), "`apiKeys`: invalid type"),
    ];
    for (value, expected) in cases {
        let error = Options::from_json(value).unwrap_err();
        assert!(error.starts_with("simulator options: ") && error.contains(expected), "{error}");
    }
}
