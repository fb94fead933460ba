//! Nothing that comes from outside makes it panic.

use luma_edge::http::{Headers, Method};
use serde_json::{Value, json};

use crate::driver::*;

const METHODS: [Method; 7] =
    [Method::Get, Method::Post, Method::Delete, Method::Head, Method::Options, Method::Put, Method::Patch];
const PIECES: [&str; 26] = [
    "/",
    "generations",
    "video",
    "image",
    "reframe",
    "modify",
    "upscale",
    "audio",
    "concepts",
    "list",
    "credits",
    "ping",
    "dream-machine",
    "v1",
    "storage",
    "..",
    "%00",
    "%zz",
    "é",
    "\u{202e}",
    "?",
    "&",
    "=",
    "limit=18446744073709551616",
    "#",
    "://",
];
const WORDS: [&str; 16] = [
    "prompt",
    "model",
    "ray-2",
    "photon-1",
    "keyframes",
    "frame0",
    "type",
    "generation",
    "id",
    "url",
    "duration",
    "9e999s",
    "resolution",
    "99999999999p",
    "sync_timeout",
    "[fail:job][slow]",
];

fn value(rng: &mut fastrand::Rng, depth: u32) -> Value {
    match rng.u32(..if depth == 0 { 6 } else { 8 }) {
        0 => Value::Null,
        1 => json!(rng.bool()),
        2 => json!(rng.i64(..)),
        3 => json!(f64::from_bits(rng.u64(..))),
        4 | 5 => json!(rng.choice(WORDS).unwrap()),
        6 => (0..rng.usize(..4)).map(|_| value(rng, depth - 1)).collect(),
        _ => (0..rng.usize(..6)).map(|_| (rng.choice(WORDS).unwrap().to_owned(), value(rng, depth - 1))).collect(),
    }
}

fn body(rng: &mut fastrand::Rng) -> Option<Vec<u8>> {
    match rng.u32(..4) {
        0 => None,
        1 => Some((0..rng.usize(..64)).map(|_| rng.u8(..)).collect()),
        _ => {
            let mut body = value(rng, 3);
            if let Some(object) = body.as_object_mut() {
                object.insert("prompt".into(), json!("heron"));
                object.insert("sync".into(), json!(rng.bool()));
                object.insert("sync_timeout".into(), json!(f64::from_bits(rng.u64(..))));
            }
            Some(body.to_string().into_bytes())
        }
    }
}

#[test]
fn whatever_arrives_is_answered() {
    for seed in 0..200 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut api =
            api(json!({ "seed": seed, "limits": "none", "assetTtl": 1000, "faults": "any:empty%3,any:truncated%3" }));
        for _ in 0..50 {
            let path: String = match rng.u32(..3) {
                0 => (0..rng.usize(..12)).map(|_| *rng.choice(&PIECES).unwrap()).collect(),
                _ => format!("/dream-machine/v1/generations/{}", rng.choice(PIECES).unwrap()),
            };
            let headers = ["authorization", "range", "content-type", "access-control-request-headers"]
                .into_iter()
                .fold(Headers::new(), |headers, name| match rng.u32(..4) {
                    0 => headers.with(name, "bytes=18446744073709551615-18446744073709551615"),
                    1 => headers,
                    _ => headers.with(name, if name == "authorization" { "Bearer k" } else { "application/json" }),
                });
            let (method, body) = (*rng.choice(&METHODS).unwrap(), body(&mut rng));
            api.now = match rng.u32(..10) {
                0 => f64::from_bits(rng.u64(..)).clamp(0.0, 1e15),
                _ => api.now + 1000.0,
            };
            api.raw(method, &path, headers, body);
            api.simulator.due(api.now);
            api.simulator.delivered(api.now, rng.u64(..4), Some(rng.u16(..)));
        }
        assert_eq!(api.simulator.stats(api.now).requests.values().sum::<u64>(), 50);
        api.simulator.generations(f64::INFINITY);
    }
}
