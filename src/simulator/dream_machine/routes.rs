//! The endpoints, by the OpenAPI file; the older `POST /generations` and `camera_motion/list` by the guide.

use super::forms::{self, Form};
use crate::http::Method;
use crate::simulator::api::NoRoute;

/// What stands before every path of this API.
pub(crate) const BASE: &str = "/dream-machine/v1";

/// One endpoint, with the id that its path carries.
#[derive(Clone, Copy)]
pub(crate) enum Route<'a> {
    Create(&'static Form),
    Upscale(&'a str),
    Audio(&'a str),
    Get(&'a str),
    Delete(&'a str),
    List,
    Concepts,
    CameraMotions,
    Credits,
    Ping,
}

/// The names of all routes, in faults and statistics.
pub(crate) const NAMES: &[&str] = &[
    "video",
    "image",
    "reframe-image",
    "reframe-video",
    "modify",
    "upscale",
    "audio",
    "get",
    "list",
    "delete",
    "concepts",
    "camera-motions",
    "credits",
    "ping",
];

impl Route<'_> {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Route::Create(form) => form.route,
            Route::Upscale(_) => "upscale",
            Route::Audio(_) => "audio",
            Route::Get(_) => "get",
            Route::Delete(_) => "delete",
            Route::List => "list",
            Route::Concepts => "concepts",
            Route::CameraMotions => "camera-motions",
            Route::Credits => "credits",
            Route::Ping => "ping",
        }
    }

    /// Whether it makes a job.
    pub(crate) fn creates(&self) -> bool {
        matches!(self, Route::Create(_) | Route::Upscale(_) | Route::Audio(_))
    }
}

/// The endpoint behind what follows the base path.
pub(crate) fn find(method: Method, tail: &str) -> Result<Route<'_>, NoRoute> {
    use Method::{Delete, Get, Post};
    let parts: Vec<&str> = tail.trim_start_matches('/').split('/').collect();
    Ok(match (method, parts.as_slice()) {
        (Get, ["ping"]) => Route::Ping,
        (Get, ["credits"]) => Route::Credits,
        (Get, ["generations"]) => Route::List,
        (Post, ["generations"] | ["generations", "video"]) => Route::Create(&forms::VIDEO),
        (Post, ["generations", "image"]) => Route::Create(&forms::IMAGE),
        (Post, ["generations", "image", "reframe"]) => Route::Create(&forms::REFRAME_IMAGE),
        (Post, ["generations", "video", "reframe"]) => Route::Create(&forms::REFRAME_VIDEO),
        (Post, ["generations", "video", "modify"]) => Route::Create(&forms::MODIFY_VIDEO),
        (Get, ["generations", "concepts", "list"]) => Route::Concepts,
        (Get, ["generations", "camera_motion", "list"]) => Route::CameraMotions,
        (Post, ["generations", id, "upscale"]) if !id.is_empty() => Route::Upscale(id),
        (Post, ["generations", id, "audio"]) if !id.is_empty() => Route::Audio(id),
        (Get, ["generations", id]) if !id.is_empty() => Route::Get(id),
        (Delete, ["generations", id]) if !id.is_empty() => Route::Delete(id),
        (_, ["ping" | "credits"] | ["generations", "concepts" | "camera_motion", "list"]) => {
            return Err(NoRoute::Method("GET"));
        }
        (_, ["generations"]) => return Err(NoRoute::Method("GET, POST")),
        (_, ["generations", "image" | "video"]) => {
            return Err(NoRoute::Method("POST, GET, DELETE"));
        }
        (_, ["generations", id]) if !id.is_empty() => return Err(NoRoute::Method("GET, DELETE")),
        (_, ["generations", _, "upscale" | "audio"])
        | (_, ["generations", "image" | "video", "reframe"])
        | (_, ["generations", "video", "modify"]) => return Err(NoRoute::Method("POST")),
        _ => return Err(NoRoute::Path),
    })
}
