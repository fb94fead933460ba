use luma_edge::http::{Headers, Method};
use luma_edge::simulator::{Options, Outcome, Reply};
use serde_json::{Value, json};

use crate::driver::*;

/// What the caller sees, in a word.
fn seen(reply: &Reply) -> String {
    match &reply.outcome {
        Outcome::Refused => "refused".into(),
        Outcome::Cut => "cut".into(),
        Outcome::Silence => "silence".into(),
        Outcome::Truncated(response) => format!("half of {}", response.status),
        Outcome::Answer(response) => {
            let kind = response.headers.get("content-type").unwrap_or("-").split(';').next().unwrap().to_owned();
            let retry = response.headers.get("retry-after").map(|s| format!(" retry-after {s}")).unwrap_or_default();
            format!("{} {kind} {}{retry}", response.status, if response.body.is_empty() { "empty" } else { "full" })
        }
    }
}

#[test]
fn each_kind_does_what_its_line_in_the_table_says() {
    let cases = [
        ("refused", "refused", 0.0, 0),
        ("cut", "cut", 50.0, 0),
        ("cut-after", "cut", 50.0, 1),
        ("late", "cut", 50.0, 0),
        ("silence", "silence", 50.0, 0),
        ("silence-after", "silence", 50.0, 1),
        ("slow", "201 application/json full", 30_050.0, 1),
        ("slow=500", "201 application/json full", 550.0, 1),
        ("429", "429 application/json full", 50.0, 0),
        ("429=7", "429 application/json full retry-after 7", 50.0, 0),
        ("503=2.5", "503 application/json full retry-after 2.5", 50.0, 0),
        ("500", "500 application/json full", 50.0, 0),
        ("500-after", "500 application/json full", 50.0, 1),
        ("html", "200 text/html full", 50.0, 0),
        ("html=502", "502 text/html full", 50.0, 0),
        ("html-after", "200 text/html full", 50.0, 1),
        ("concurrent", "429 application/json full retry-after 5", 50.0, 0),
        ("wrapped", "200 application/json full", 50.0, 0),
        ("wrapped=429", "200 application/json full", 50.0, 0),
        ("wrapped-after", "200 application/json full", 50.0, 1),
        ("truncated", "half of 201", 50.0, 1),
        ("empty", "201 application/json empty", 50.0, 1),
    ];
    for (kind, expected, after, created) in cases {
        let mut api = api(json!({ "faults": format!("create:{kind}@1") }));
        let reply = api.reply(Method::Post, "/generations/video", Some(&video()));
        assert_eq!((seen(&reply), reply.after), (expected.to_owned(), after), "{kind}");
        assert_eq!(api.simulator.generations(api.now).len(), created, "{kind}");
        // Nothing of a refused connection arrives.
        assert_eq!(api.simulator.requests().len(), if kind == "refused" { 0 } else { 1 }, "{kind}");
        assert_eq!(api.simulator.stats(api.now).faults[&format!("create:{kind}@1")], 1, "{kind}");
        assert_eq!(api.post("/generations/video", video()).0, 201, "{kind}: struck twice");
    }
}

#[test]
fn an_error_is_written_as_its_api_writes_errors() {
    let agents = "https://agents.lumalabs.ai/v1/generations";
    let useapi = "https://api.useapi.net/v1/luma/videos";
    let piapi = "https://api.piapi.ai/api/v1/task";
    let cases = [
        (format!("{ROOT}/generations"), "500", 500, json!({ "detail": "Simulated fault" })),
        (format!("{ROOT}/generations"), "concurrent", 429, json!({ "detail": "Too many concurrent jobs" })),
        (format!("{ROOT}/generations"), "wrapped", 200, json!({ "detail": "Simulated fault" })),
        (agents.into(), "503", 503, json!({ "detail": "Simulated fault" })),
        (agents.into(), "429", 429, json!({ "detail": "Rate limit exceeded" })),
        (agents.into(), "concurrent", 429, json!({ "detail": "Too many concurrent jobs" })),
        (useapi.into(), "500", 500, json!({ "error": "Simulated fault" })),
        (useapi.into(), "429=7", 429, json!({ "error": "Rate limit exceeded" })),
        (useapi.into(), "wrapped=400", 200, json!({ "error": "Simulated fault" })),
        (piapi.into(), "500", 500, json!({ "code": 500, "data": null, "message": "Simulated fault" })),
        (piapi.into(), "404", 404, json!({ "code": 404, "data": null, "message": "Simulated fault" })),
        (piapi.into(), "concurrent", 429, json!({ "code": 429, "data": null, "message": "too many concurrent tasks" })),
        (piapi.into(), "wrapped=429", 200, json!({ "code": 429, "data": null, "message": "Rate limit exceeded" })),
    ];
    for (url, kind, status, body) in cases {
        let mut api = api(json!({ "faults": format!("any:{kind}") }));
        let response = answer(api.raw(Method::Post, &url, Headers::new(), Some(b"{}".to_vec())));
        let found: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!((response.status, found), (status, body), "{kind} at {url}");
    }
    // What tells the two of the Agents API apart.
    let fields = |kind: &str| {
        let mut api = api(json!({ "faults": format!("any:{kind}") }));
        let response = answer(api.raw(Method::Post, agents, Headers::new(), None));
        ["retry-after", "x-ratelimit-limit", "x-api-version"].map(|name| response.headers.get(name).map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(fields("concurrent"), [some("60"), None, some("2026-04-01")]);
    assert_eq!(fields("429=60"), [some("60"), some("30"), some("2026-04-01")]);
    // Where no account has room, the answer says until when.
    let mut full = api(json!({ "faults": "any:concurrent" }));
    let full = answer(full.raw(Method::Post, useapi, Headers::new(), None));
    let body: Value = serde_json::from_slice(&full.body).unwrap();
    assert_eq!((full.status, &body["error"]), (429, &json!("All accounts are at capacity")));
    assert!(body["retryAfter"].is_string());
    // A storage speaks of itself.
    let mut api = api(json!({ "faults": "asset:503" }));
    let stored = answer(api.raw(Method::Get, "https://simulator.example/storage/x/video.mp4", Headers::new(), None));
    let page = String::from_utf8(stored.body).unwrap();
    assert!(stored.status == 503 && page.contains("<Message>Simulated fault</Message>"), "{page}");
}

#[test]
fn a_fault_strikes_when_it_says() {
    let strikes = |text: &str| {
        let mut api = api(json!({ "faults": text }));
        let mut struck: Vec<u32> = Vec::new();
        for n in 1..=12 {
            if answer(api.reply(Method::Get, "/ping", None)).status != 200 {
                struck.push(n);
            }
        }
        struck
    };
    assert_eq!(strikes("ping:500@3"), [3]);
    assert_eq!(strikes("ping:500@3+5"), [3, 5]);
    assert_eq!(strikes("ping:500/4"), [4, 8, 12]);
    assert_eq!(strikes("ping:500/4x2"), [4, 8]);
    assert_eq!(strikes("ping:500x3"), [1, 2, 3]);
    assert_eq!(strikes("any:500%100"), (1..=12).collect::<Vec<_>>());
    assert!(strikes("any:500%0").is_empty());
    assert_eq!(strikes("list:500, ping:503@2"), [2]);
    assert_eq!(strikes("GET */ping:500@1"), [1]);
    assert_eq!(strikes("GET /dream-machine/v1/ping:500@1"), [1]);
    assert!(strikes("POST */ping:500").is_empty());
    assert!(strikes("GET *ng*i*:500@1").is_empty());
    let some = strikes("ping:500%50");
    assert!(some.len() > 1 && some.len() < 11, "{some:?}");
    assert_eq!(some, strikes("ping:500%50"), "the same seed, the same strikes");
}

#[test]
fn the_first_fault_decides_and_the_second_keeps_its_count() {
    let mut api = api(json!({ "faults": "ping:500@1, any:503@2" }));
    let mut statuses = || answer(api.reply(Method::Get, "/ping", None)).status;
    assert_eq!([statuses(), statuses(), statuses()], [500, 503, 200]);
}

#[test]
fn create_means_every_call_that_makes_a_job() {
    let mut api = api(json!({ "faults": "create:500", "validation": "schema" }));
    for path in ["/generations", "/generations/image", "/generations/id/audio", "/generations/video/modify"] {
        assert_eq!(api.post(path, video()).0, 500, "{path}");
    }
    assert_eq!(api.get("/generations").0, 200);
}

#[test]
fn a_late_call_is_dealt_with_when_nobody_waits_for_it_any_more() {
    for (fault, after) in [
        (json!("create:late@1+2"), 5_000.0),
        (json!("create:late=7.5@1+2"), 7_500.0),
        (json!({ "on": "create", "kind": "late", "delay": 300, "at": [1, 2] }), 300.0),
    ] {
        let mut api = api(json!({ "faults": fault, "limits": { "video": { "concurrent": 2 } } }));
        let first = api.now + after;
        assert_eq!(seen(&api.reply(Method::Post, "/generations/video", Some(&video()))), "cut", "{fault}");
        api.wait(100.0);
        assert_eq!(seen(&api.reply(Method::Post, "/generations/video", Some(&video()))), "cut", "{fault}");
        assert_eq!(api.simulator.next_due(), Some(first), "{fault}");
        assert!(api.simulator.generations(first - 1.0).is_empty(), "{fault}");
        api.video();
        assert_eq!(api.simulator.generations(first).len(), 2, "{fault}");
        // The limit is that of the moment when it is dealt with.
        assert_eq!(api.simulator.stats(first + 100.0).limited.concurrent, 1, "{fault}");
        let ages: Vec<f64> = api
            .simulator
            .generations(first + 10_000.0)
            .iter()
            .map(|job| {
                let at = humantime::parse_rfc3339(job["created_at"].as_str().unwrap()).unwrap();
                at.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64() * 1000.0 - START
            })
            .collect();
        assert_eq!(ages, [after - 1.0, after], "{fault}");
        assert_eq!(api.simulator.next_due(), None, "{fault}");
    }
}

#[test]
fn a_late_call_has_its_callbacks() {
    let mut api = api(json!({ "faults": "create:late@1", "durations": 1_000 }));
    let body = json!({ "model": "ray-2", "prompt": "A heron", "callback_url": "https://example.com/hook" });
    api.reply(Method::Post, "/generations/video", Some(&body));
    assert!(api.simulator.due(api.now + 5_000.0).is_empty());
    let due = api.simulator.due(api.now + 6_000.0);
    assert_eq!(due.iter().map(|callback| &*callback.url).collect::<Vec<_>>(), ["https://example.com/hook"; 2]);
}

#[test]
fn a_preflight_is_never_struck() {
    let mut api = api(json!({ "faults": "any:cut" }));
    let reply = api.raw(Method::Options, &format!("{ROOT}/generations"), Headers::new(), None);
    assert_eq!(answer(reply).status, 204);
}

#[test]
fn the_json_form_says_the_same() {
    let cases = [
        (json!({ "on": "get", "kind": "cut-after", "at": 2 }), "get:cut-after@2"),
        (json!({ "kind": 503, "retryAfter": 3, "at": [1, 4] }), "any:503=3@1+4"),
        (json!({ "on": "list", "kind": "slow", "delay": 700, "every": 3, "times": 2 }), "list:slow=700/3x2"),
        (json!({ "on": "POST */generations/*", "kind": "html", "status": 502 }), "POST */generations/*:html=502"),
        (json!({ "kind": "500-after", "probability": 0.25 }), "any:500-after%25"),
        (json!({ "on": "create", "kind": "wrapped-after", "status": 429, "at": 3 }), "create:wrapped-after=429@3"),
        (json!({ "on": "create", "kind": "concurrent", "every": 4 }), "create:concurrent/4"),
    ];
    let day = |faults: &Value| {
        let mut api = api(json!({ "faults": faults, "limits": "none", "credits": 1e6 }));
        let mut calls = Vec::new();
        for _ in 0..24 {
            for (method, path) in [(Method::Post, "/video"), (Method::Get, ""), (Method::Get, "/x")] {
                let reply = api.reply(method, &format!("/generations{path}"), Some(&video()));
                calls.push((seen(&reply), reply.after));
            }
        }
        calls
    };
    let quiet = day(&json!(""));
    for (value, text) in cases {
        let struck = day(&json!([value]));
        assert_eq!(struck, day(&json!(text)), "{value}");
        assert_ne!(struck, quiet, "{value}");
    }
}

#[test]
fn a_wrong_fault_is_an_error_with_a_sentence() {
    let cases: [(Value, &str); 21] = [
        (json!("create"), "expected what it concerns, a colon"),
        (json!("create:explode"), "unknown kind `explode`, expected one of refused, cut"),
        (json!("crate:cut"), "unknown call `crate`, expected any, create, video"),
        (json!("get:200"), "unknown kind `200`"),
        (json!("get:late-after"), "unknown kind `late-after`"),
        (json!("get:refused-after"), "unknown kind `refused-after`"),
        (json!("get:cut@0"), "calls are counted from 1"),
        (json!("get:cut/0"), "calls are counted from 1"),
        (json!("get:cut@two"), "`@` takes 2 or 2+5"),
        (json!([{ "kind": "slow", "delay": -5 }]), "a value is not negative"),
        (json!("get:cut=5"), "`cut` takes no value"),
        (json!([{ "kind": 503, "delay": 5 }]), "`503` takes `retryAfter`, not `delay`"),
        (json!([{ "kind": "slow", "delay": 5, "status": 500 }]), "only one of `retryAfter`, `delay` and `status`"),
        (json!("get:html=100"), "`html` takes a status from 200 to 599"),
        (json!("create:wrapped=200"), "`wrapped` takes a status from 400 to 599"),
        (json!("create:concurrent=5"), "`concurrent` takes no value"),
        (json!("create:concurrent-after"), "unknown kind `concurrent-after`"),
        (json!("get:429=soon"), "what follows `=` is not a number"),
        (json!([{ "kind": "cut", "at": 1, "every": 2 }]), "only one of `at`, `every` and `probability`"),
        (json!([{ "kind": "cut", "often": true }]), "unknown field `often`"),
        (json!(5), "expected text, a fault or a list of them, not 5"),
    ];
    for (faults, expected) in cases {
        let error = Options::from_json(json!({ "faults": faults })).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}
