use luma_edge::http::Method;
use serde_json::{Value, json};

use crate::driver::*;

fn with_callback(prompt: &str) -> Value {
    json!({ "model": "ray-2", "prompt": prompt, "callback_url": "https://example.com/hook" })
}

/// Delivers all that is due until nothing is planned, answering as told, and gives when and what.
fn deliver(api: &mut Api, mut answer: impl FnMut(usize) -> Option<u16>) -> Vec<(f64, String)> {
    let mut seen = Vec::new();
    while let Some(at) = api.simulator.next_due() {
        for callback in api.simulator.due(at) {
            assert_eq!(callback.url, "https://example.com/hook");
            let generation: Value = serde_json::from_str(&callback.body).unwrap();
            seen.push((at - START, generation["state"].as_str().unwrap().to_owned()));
            api.simulator.delivered(at, callback.id, answer(seen.len()));
        }
    }
    seen
}

#[test]
fn each_change_of_state_is_told() {
    for (prompt, expected) in [
        ("heron", vec![(500.0, "dreaming"), (10_000.0, "completed")]),
        ("heron [fail:job]", vec![(500.0, "dreaming"), (10_000.0, "failed")]),
        ("heron [fail:dispatch]", vec![(500.0, "failed")]),
    ] {
        let mut api = api(json!({ "durations": 10_000 }));
        api.create("/generations/video", with_callback(prompt));
        let seen = deliver(&mut api, |_| Some(200));
        let seen: Vec<_> = seen.iter().map(|(at, state)| (*at, state.as_str())).collect();
        assert_eq!(seen, expected, "{prompt}");
        let callbacks = api.simulator.stats(api.now).callbacks;
        assert_eq!((callbacks.delivered, callbacks.given_up), (expected.len() as u64, 0));
    }
}

#[test]
fn anything_but_200_is_tried_three_more_times_100_ms_apart() {
    let mut api = api(json!({ "durations": 10_000 }));
    api.create("/generations/video", with_callback("heron"));
    let answers = [None, Some(500), Some(200), Some(204), Some(404), None, Some(302)];
    let seen = deliver(&mut api, |nth| answers[nth - 1]);
    let times: Vec<f64> = seen.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [500.0, 600.0, 700.0, 10_000.0, 10_100.0, 10_200.0, 10_300.0]);
    let callbacks = api.simulator.stats(api.now).callbacks;
    assert_eq!((callbacks.sent, callbacks.delivered, callbacks.given_up), (7, 1, 1));
}

#[test]
fn a_late_read_still_shows_each_state_as_it_was() {
    let mut api = api(json!({ "durations": 10_000 }));
    api.create("/generations/video", with_callback("heron"));
    let due = api.simulator.due(START + 1e6);
    let states: Vec<Value> =
        due.iter().map(|c| serde_json::from_str::<Value>(&c.body).unwrap()["state"].clone()).collect();
    assert_eq!(states, ["dreaming", "completed"]);
    assert_eq!(api.simulator.next_due(), None);
    assert_eq!(api.simulator.due(START + 2e6), []);
}

#[test]
fn what_is_deleted_is_not_told_of() {
    let mut api = api(json!({}));
    let id = api.create("/generations/video", with_callback("heron"));
    assert!(api.simulator.next_due().is_some());
    api.send(Method::Delete, &format!("/generations/{id}"), None);
    assert_eq!(api.simulator.next_due(), None);
    // A report that nobody waits for changes nothing.
    api.simulator.delivered(START, 1, Some(200));
    assert_eq!(api.simulator.stats(START).callbacks.delivered, 0);
}
