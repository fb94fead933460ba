//! The providers that a day may be spent at: where each is, what is asked of it, and what may be hoped for there.

use crate::plan::WorkItem;
use fastrand::Rng;
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;

/// A provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    DreamMachine,
    Agents,
    Useapi,
    Piapi,
}

impl Side {
    /// What a client has to be told.
    pub fn settings(self) -> Json {
        let key = crate::virtual_time::KEY;
        match self {
            Side::DreamMachine => json!({}),
            Side::Agents => json!({
                "provider": "agents",
                "baseUrl": "https://simulator.example/agents/v1",
                "apiKey": format!("luma-api-{key}"),
            }),
            Side::Useapi => json!({
                "provider": "useapi",
                "baseUrl": "https://simulator.example/useapi/v1/luma",
                "apiKey": format!("user:1-{key}"),
            }),
            Side::Piapi => json!({ "provider": "piapi", "baseUrl": "https://simulator.example/piapi" }),
        }
    }

    /// The routes of polls, in faults: of one job, and of many.
    pub fn polls(self) -> [&'static str; 2] {
        match self {
            Side::DreamMachine => ["get", "list"],
            Side::Agents => ["agents-get", "agents-get"],
            Side::Useapi => ["useapi-job", "useapi-jobs"],
            Side::Piapi => ["piapi-get", "piapi-histories"],
        }
    }

    /// Whether it can be asked what became of a creation: else a doubt is told, and stays one.
    pub fn settles_doubts(self) -> bool {
        self == Side::DreamMachine
    }

    /// Something to ask for, but at Dream Machine, where there is more: see `draw`.
    pub fn item(self, dice: &mut Rng, name: String, ending: &str) -> WorkItem {
        let prompt = format!("{name}: a tiger walking in snow{ending}");
        let wrong = dice.u32(..14) == 0;
        let picture = json!({ "url": "https://example.com/a.jpg" });
        let frames = json!({ "frame0": { "type": "image", "url": "https://example.com/b.jpg" } });
        let (kind, mut body) = match (self, dice.u32(..5)) {
            (Side::Agents, 3) => (
                RequestKind::Image,
                json!({ "model": "uni-1", "prompt": prompt, "image_ref": [picture, { "url": "https://example.com/c.jpg" }] }),
            ),
            (Side::Agents, 4) | (Side::Piapi, 0 | 1) => {
                (RequestKind::Video, json!({ "prompt": prompt, "keyframes": frames }))
            }
            (Side::Piapi, 2) => (RequestKind::Video, json!({ "prompt": prompt, "loop": true })),
            (Side::Agents, 0) => (RequestKind::Image, json!({ "model": "uni-1", "prompt": prompt })),
            (Side::Agents, 1) => {
                (RequestKind::Layering, json!({ "generation_type": "layering", "prompt": prompt, "media": picture }))
            }
            (Side::Useapi, 0) => (RequestKind::Image, json!({ "model": "photon-v2", "prompt": prompt })),
            (Side::Useapi, 1) => {
                (RequestKind::Video, json!({ "model": "ray-v3", "prompt": prompt, "resolution": "540p" }))
            }
            _ => (RequestKind::Video, json!({ "prompt": prompt })),
        };
        // What is refused is not sent.
        if wrong && kind == RequestKind::Video {
            body["aspect_ratio"] = name.as_str().into();
        }
        WorkItem { name, kind, body, price: Some(f64::from(dice.u32(1..4))), keep: dice.u32(..4) == 0, unique: false }
    }
}
