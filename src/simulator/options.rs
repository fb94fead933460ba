//! The options of a simulator.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de::Error as _};
use serde_json::Value;

use super::faults::Faults;
use super::limits::ByKind;

/// How a simulator behaves. From JavaScript the names are camelCase; one that is unknown is an error.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// The same seed and the same calls at the same times give the same answers.
    pub seed: u64,
    /// How much of what is sent is checked.
    pub validation: Validation,
    /// Which calls go wrong, and how.
    pub faults: Faults,
    /// How much may be made at once and in a minute at each provider; absent, what that provider documents.
    #[serde(deserialize_with = "limits")]
    pub limits: Option<Limits>,
    /// The keys that are good; any but the empty one when there is none here.
    pub api_keys: Vec<String>,
    /// The balance to begin with, in US cents.
    #[serde(deserialize_with = "amount")]
    pub credits: f64,
    /// Time until an ordinary answer, in ms.
    #[serde(deserialize_with = "amount")]
    pub latency: f64,
    /// How long a new job is not in the list yet, in ms; by its id it is found at once.
    #[serde(deserialize_with = "amount")]
    pub list_lag: f64,
    /// How long Agents works on a file that it has whole, in ms: until then it is `pending`.
    #[serde(deserialize_with = "amount")]
    pub file_lag: f64,
    /// Exactly how long jobs take, in ms, in place of a plausible time: see [`Durations`].
    pub durations: Durations,
    /// How long a link to an asset is good for, in ms; when absent as its provider documents: an hour at Agents, else for
    /// ever.
    #[serde(deserialize_with = "optional_amount")]
    pub asset_ttl: Option<f64>,
    /// Where links to assets point: the simulator's own root, without an API's path.
    pub base_url: String,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            seed: 1,
            validation: Validation::Documented,
            faults: Faults::default(),
            limits: None,
            api_keys: Vec::new(),
            credits: 100_000.0,
            latency: 50.0,
            list_lag: 0.0,
            file_lag: 0.0,
            durations: Durations::default(),
            asset_ttl: None,
            base_url: "https://simulator.luma-edge.invalid".into(),
        }
    }
}

impl Options {
    /// Reads what JavaScript or a command line gave.
    ///
    /// # Errors
    /// A sentence that names the option at fault.
    pub fn from_json(value: Value) -> Result<Options, String> {
        serde_path_to_error::deserialize(value).map_err(|error| {
            let at = match error.path().to_string() {
                path if path == "." => String::new(),
                path => format!("`{path}`: "),
            };
            format!("simulator options: {at}{}", error.into_inner())
        })
    }
}

/// Which of the provider's documents decides what is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Validation {
    /// The guide: the rules and messages that it lists, and what it leaves out may be left out.
    Documented,
    /// The OpenAPI file: types, required fields and closed lists of values, nothing else. Ids need not exist.
    Schema,
}

/// For one kind of job; what is absent is without a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limit {
    /// How many may be unfinished at once.
    pub concurrent: Option<usize>,
    /// How many may be created in any 60 s.
    pub per_minute: Option<usize>,
}

/// The limits of each kind; a kind without one is unlimited.
pub type Limits = ByKind<Option<Limit>>;

impl Limits {
    /// Luma's Build tier, by its guide: 10 videos at once and 20 a minute, 40 images at once and 80 a minute.
    pub fn build() -> Limits {
        let of = |concurrent, per_minute| Some(Limit { concurrent: Some(concurrent), per_minute: Some(per_minute) });
        Limits { video: of(10, 20), image: of(40, 80) }
    }

    /// No limit at all.
    pub fn none() -> Limits {
        Limits::default()
    }
}

fn limits<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Limits>, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Numbers {
        video: Option<Limit>,
        image: Option<Limit>,
    }
    impl Default for Numbers {
        fn default() -> Self {
            let Limits { video, image } = Limits::build();
            Numbers { video, image }
        }
    }
    match Value::deserialize(from)? {
        Value::String(name) if name == "build" => Ok(Some(Limits::build())),
        Value::String(name) if name == "none" => Ok(Some(Limits::none())),
        value @ Value::Object(_) => serde_json::from_value(value)
            .map(|Numbers { video, image }| Some(Limits { video, image }))
            .map_err(D::Error::custom),
        other => Err(D::Error::custom(format!(
            "expected \"build\", \"none\" or {{ video: {{ concurrent, perMinute }}, image: {{ .. }} }}, not {other}"
        ))),
    }
}

/// Exactly how long jobs take from their creation to their end, in ms. A number is for all; a table is by model
/// (`ray-2`), by operation (the request's `generation_type` or `type`: `upscale_video`, `layering`) or by kind (`video`, `image`), the first of
/// these that is there.
#[derive(Clone, Debug, Default)]
pub struct Durations(BTreeMap<String, f64>);

/// The name under which a number for all is kept.
const ALL: &str = "";

impl Durations {
    /// The same for every job.
    pub fn all(ms: f64) -> Durations {
        Durations([(ALL.to_owned(), ms)].into())
    }

    /// The first of these names that has a time.
    pub(crate) fn first<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Option<f64> {
        let mut names = names.into_iter().chain([ALL]);
        names.find_map(|name| self.0.get(name).copied())
    }
}

/// All that a table of durations may name.
const TIMED: &[&str] = &[
    "ray-1-6",
    "ray-2",
    "ray-flash-2",
    "photon-1",
    "photon-flash-1",
    "ray-v3",
    "ray-v3-flash",
    "ray-v3-reasoning",
    "photon-v2",
    "image-v2",
    "reframe_image",
    "reframe_video",
    "modify_video",
    "upscale_video",
    "add_audio",
    "ray-v1",
    "ray-v2",
    "video_generation",
    "extend_video",
    "uni-1",
    "uni-1-max",
    "ray-3.2",
    "image_edit",
    "video_edit",
    "video_reframe",
    "layering",
    "video",
    "image",
];

impl<'de> Deserialize<'de> for Durations {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from)? {
            Value::Number(all) => Ok(Durations::all(not_negative(all.as_f64()).map_err(D::Error::custom)?)),
            Value::Object(table) => table
                .into_iter()
                .map(|(name, value)| match TIMED.contains(&name.as_str()) {
                    true => Ok((name, not_negative(value.as_f64())?)),
                    false => Err(format!("unknown name `{name}`, expected one of {}", TIMED.join(", "))),
                })
                .collect::<Result<_, _>>()
                .map(Durations)
                .map_err(D::Error::custom),
            other => Err(D::Error::custom(format!("expected ms, for all or by model, operation or kind, not {other}"))),
        }
    }
}

fn amount<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    not_negative(Some(f64::deserialize(from)?)).map_err(D::Error::custom)
}

fn optional_amount<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(from)? {
        None => Ok(None),
        some => not_negative(some).map(Some).map_err(D::Error::custom),
    }
}

fn not_negative(number: Option<f64>) -> Result<f64, String> {
    number.filter(|n| n.is_finite() && *n >= 0.0).ok_or_else(|| "expected a number that is not negative".to_owned())
}
