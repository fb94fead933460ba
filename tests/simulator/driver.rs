//! A caller with a clock.

use luma_edge::http::{Headers, Method, Request, Response};
use luma_edge::simulator::{Options, Outcome, Reply, Simulator};
use serde_json::{Value, json};

/// 2024-12-02T15:34:40.388Z
pub const START: f64 = 1_733_153_680_388.0;
pub const ROOT: &str = "https://api.lumalabs.ai/dream-machine/v1";

pub struct Api {
    pub simulator: Simulator,
    pub now: f64,
    pub key: Option<&'static str>,
}

pub fn options(value: Value) -> Options {
    Options::from_json(value).unwrap()
}

/// An account with these options.
pub fn api(value: Value) -> Api {
    Api { simulator: Simulator::new(options(value)), now: START, key: Some("luma-test") }
}

impl Api {
    pub fn wait(&mut self, ms: f64) {
        self.now += ms;
    }

    /// Sends whatever is given, as it is.
    pub fn raw(&mut self, method: Method, url: &str, headers: Headers, body: Option<Vec<u8>>) -> Reply {
        self.simulator.handle(self.now, &Request { method, url: url.to_owned(), headers, body })
    }

    /// Sends to an endpoint with the key.
    pub fn reply(&mut self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let headers = Headers::new().with("content-type", "application/json");
        let headers = match self.key {
            Some(key) => headers.with("Authorization", format!("Bearer {key}")),
            None => headers,
        };
        self.raw(method, &format!("{ROOT}{path}"), headers, body.map(|body| body.to_string().into_bytes()))
    }

    /// The status and the JSON of an ordinary answer; null for one without a body.
    pub fn send(&mut self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let response = answer(self.reply(method, path, body));
        let value =
            if response.body.is_empty() { Value::Null } else { serde_json::from_slice(&response.body).unwrap() };
        (response.status, value)
    }

    pub fn post(&mut self, path: &str, body: Value) -> (u16, Value) {
        self.send(Method::Post, path, Some(&body))
    }

    pub fn get(&mut self, path: &str) -> (u16, Value) {
        self.send(Method::Get, path, None)
    }

    /// Makes a generation and gives its id.
    pub fn create(&mut self, path: &str, body: Value) -> String {
        let (status, generation) = self.post(path, body);
        assert!([200, 201].contains(&status), "{status}: {generation}");
        generation["id"].as_str().unwrap().to_owned()
    }

    pub fn video(&mut self) -> String {
        self.create("/generations/video", video())
    }

    /// Makes a video and waits until it is done.
    pub fn finished_video(&mut self) -> String {
        let id = self.video();
        self.wait(3_600_000.0);
        id
    }

    pub fn state(&mut self, id: &str) -> String {
        self.get(&format!("/generations/{id}")).1["state"].as_str().unwrap().to_owned()
    }
}

pub fn answer(reply: Reply) -> Response<Vec<u8>> {
    match reply.outcome {
        Outcome::Answer(response) => response,
        other => panic!("expected an answer, got {other:?}"),
    }
}

pub fn video() -> Value {
    json!({ "model": "ray-2", "prompt": "A heron on one leg" })
}

pub fn image() -> Value {
    json!({ "model": "photon-1", "prompt": "A heron on one leg" })
}

/// Codes of H.264's profiles: of 8 bits, and of 10.
pub const CONSTRAINED_BASELINE: u8 = 66;
pub const HIGH_10: u8 = 110;

/// The profile that an MP4 says its clip has.
pub fn h264_profile(file: &[u8]) -> u8 {
    let at = file.windows(4).position(|word| word == b"avcC").unwrap();
    file[at + 5]
}
