//! What a request may say, and which of it together.

use serde_json::{Map, Value};

use crate::simulator::limits::Kind;

/// One kind of request: its closed lists, each with the value that stands for an absent one in front.
pub(super) struct Form {
    pub(super) kind: Kind,
    pub(super) choices: &'static [Choice],
    pub(super) references: &'static [&'static str],
    /// How many characters a prompt may have, where that is documented.
    pub(super) longest_prompt: Option<usize>,
    /// What is wrong with values that are each right.
    pub(super) together: fn(&Map<String, Value>) -> Result<(), String>,
}

pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) otherwise: &'static str,
    pub(super) values: &'static [&'static str],
}

const fn choice(name: &'static str, otherwise: &'static str, values: &'static [&'static str]) -> Choice {
    Choice { name, otherwise, values }
}

const RATIOS: Choice = choice("aspect_ratio", "16:9", &["9:16", "3:4", "1:1", "4:3", "16:9", "21:9"]);

pub(super) static VIDEO: Form = Form {
    kind: Kind::Video,
    choices: &[
        choice("model", "ray-v3-flash", &["ray-v3-flash", "ray-v3", "ray-v3-reasoning"]),
        choice("resolution", "draft", &["draft", "540p", "720p", "1080p"]),
        RATIOS,
        choice("duration", "5s", &["5s", "10s"]),
        choice("dynamic_range", "sdr", &["sdr", "hdr", "hdr_exr"]),
    ],
    references: &["imageStart", "imageEnd", "imageCharacter"],
    longest_prompt: None,
    together: video,
};

pub(super) static IMAGE: Form = Form {
    kind: Kind::Image,
    choices: &[
        choice("model", "photon-v2", &["photon-v2", "image-v2"]),
        choice("resolution", "720p", &["720p", "1080p"]),
        RATIOS,
    ],
    references: &["imageRef1", "imageRef2", "imageRef3", "imageRef4"],
    longest_prompt: Some(2000),
    together: image,
};

fn text<'a>(request: &'a Map<String, Value>, name: &str) -> &'a str {
    request.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The published table of what each model makes.
fn video(request: &Map<String, Value>) -> Result<(), String> {
    let [model, resolution, duration, range] =
        ["model", "resolution", "duration", "dynamic_range"].map(|name| text(request, name));
    let resolutions: &[&str] = match (model, range) {
        ("ray-v3-reasoning", "hdr_exr") => &["720p"],
        ("ray-v3-reasoning", _) => &["720p", "1080p"],
        (_, "hdr_exr") => &["540p", "720p"],
        (_, "hdr") => &["540p", "720p", "1080p"],
        _ => &["draft", "540p", "720p", "1080p"],
    };
    if !resolutions.contains(&resolution) {
        let listed = resolutions.join(", ");
        return Err(format!("Model {model} with dynamic_range {range} supports resolution {listed}, not {resolution}"));
    }
    if range != "sdr" && duration != "5s" {
        return Err(format!("dynamic_range {range} supports duration 5s, not {duration}"));
    }
    if request.contains_key("imageCharacter") && (model, range) != ("ray-v3", "sdr") {
        return Err("imageCharacter is supported by model ray-v3 with dynamic_range sdr only".into());
    }
    Ok(())
}

fn image(request: &Map<String, Value>) -> Result<(), String> {
    let refers = IMAGE.references.iter().any(|name| request.contains_key(*name));
    if text(request, "model") == "image-v2" && refers && text(request, "resolution") != "720p" {
        return Err("Model image-v2 with references supports resolution 720p only".into());
    }
    Ok(())
}
