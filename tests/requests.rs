//! Requests: what each becomes on the wire, and what is found wrong with each before anything is sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use luma_edge::error::{Problem, ProblemCode};
use luma_edge::http::Payload;
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::provider::{Provider, ProviderId, Variant, provider};
use luma_edge::request::{GenerationRequest, RequestKind};
use serde_json::Value;

const IMAGE: &str = "https://example.com/start.jpg";
const VIDEO: &str = "https://example.com/clip.mp4";
const ID: &str = "123e4567-e89b-12d3-a456-426614174000";

fn read(provider: &dyn Provider, object: &Json) -> Result<GenerationRequest, Vec<Problem>> {
    GenerationRequest::read(provider, object, false).map(|(request, _)| request)
}

fn dream_machine() -> Box<dyn Provider> {
    provider(ProviderId::DreamMachine, Variant::default())
}

fn problems(request: &Json) -> Vec<Problem> {
    read(&*dream_machine(), request).err().unwrap_or_default()
}

/// What is told of a request that is sent all the same.
fn warnings(request: &Json) -> Vec<(String, ProblemCode)> {
    let read = GenerationRequest::read(&*dream_machine(), request, false);
    let (_, warnings) = read.unwrap_or_else(|found| panic!("{request}: {found:?}"));
    warnings.into_iter().map(|problem| (problem.path, problem.code)).collect()
}

fn image() -> Json {
    json!({ "type": "image", "url": IMAGE })
}

fn generation() -> Json {
    json!({ "type": "generation", "id": ID })
}

/// A Ray 2 request with these keyframes and nothing else wrong.
fn framed(keyframes: Json) -> Json {
    json!({ "model": "ray-2", "prompt": "A tiger in snow", "keyframes": keyframes })
}

#[test]
fn each_form_goes_to_its_path_with_its_own_body() {
    let video = "generations/video";
    let table = [
        (video, json!({ "model": "ray-2", "prompt": "A tiger in snow", "resolution": "720p", "duration": "5s" })),
        (video, json!({ "model": "ray-flash-2", "prompt": "A tiger in snow", "aspect_ratio": "9:21", "loop": true })),
        (video, framed(json!({ "frame0": image() }))),
        (video, framed(json!({ "frame1": image() }))),
        (video, framed(json!({ "frame0": image(), "frame1": image() }))),
        (video, framed(json!({ "frame0": generation() }))),
        (video, framed(json!({ "frame1": generation() }))),
        (video, framed(json!({ "frame0": generation(), "frame1": image() }))),
        (video, framed(json!({ "frame0": image(), "frame1": generation() }))),
        (video, framed(json!({ "frame0": generation(), "frame1": generation() }))),
        (video, json!({ "model": "ray-2", "prompt": "A car", "concepts": [{ "key": "dolly_zoom" }] })),
        (video, json!({ "model": "ray-2", "prompt": "A tiger", "callback_url": "https://example.com/hook?t=1" })),
        ("generations/image", json!({ "model": "photon-1", "prompt": "A teddy bear", "aspect_ratio": "3:4" })),
        (
            "generations/image",
            json!({ "model": "photon-flash-1", "prompt": "Sunglasses", "image_ref": [{ "url": IMAGE, "weight": 0.85 }] }),
        ),
        (
            "generations/image",
            json!({ "model": "photon-1", "prompt": "A dog", "style_ref": [{ "url": IMAGE, "weight": 0.8 }] }),
        ),
        (
            "generations/image",
            json!({ "model": "photon-1", "prompt": "A warrior", "character_ref": { "identity0": { "images": [IMAGE] } } }),
        ),
        (
            "generations/image",
            json!({ "model": "photon-1", "prompt": "Sunflowers", "modify_image_ref": { "url": IMAGE, "weight": 1 },
                    "format": "png", "sync": true, "sync_timeout": 30 }),
        ),
        (
            "generations/image/reframe",
            json!({ "model": "photon-1", "aspect_ratio": "16:9", "media": { "url": IMAGE }, "grid_position_x": 0,
                    "x_start": 0, "x_end": 100, "y_start": 10, "y_end": 90, "resized_width": 640, "resized_height": 360 }),
        ),
        (
            "generations/video/reframe",
            json!({ "model": "ray-2", "aspect_ratio": "21:9", "media": { "url": VIDEO }, "prompt": "" }),
        ),
        (
            "generations/video/modify",
            json!({ "model": "ray-2", "media": { "url": VIDEO }, "first_frame": { "url": IMAGE }, "mode": "flex_1",
                    "prompt": "In watercolours" }),
        ),
    ];
    let provider = dream_machine();
    for (path, body) in table {
        let request = read(&*provider, &body).unwrap_or_else(|found| panic!("{body}: {found:?}"));
        let call = provider.create(&request);
        // The API requires it of what begins with media.
        let kind = request.kind.as_str();
        let sent = if body.has("media") { body.with("generation_type", json!(kind)) } else { body.clone() };
        assert_eq!((call.path.as_str(), call.body), (path, Some(Payload::Json(sent))), "{body}");
    }
}

#[test]
fn the_older_path_is_there_for_who_asks() {
    let provider = provider(ProviderId::DreamMachine, Variant { legacy_path: true, ..Variant::default() });
    for (path, body) in [
        ("generations", json!({ "model": "ray-2", "prompt": "A tiger" })),
        ("generations/image", json!({ "model": "photon-1", "prompt": "A tiger" })),
    ] {
        let request = read(&*provider, &body).unwrap();
        assert_eq!(provider.create(&request).path, path);
    }
}

#[test]
fn the_kind_follows_from_the_word_else_the_model_else_the_fields() {
    use RequestKind::*;
    for (request, kind) in [
        (json!({ "prompt": "x" }), Video),
        (json!({ "generation_type": "image", "prompt": "x" }), Image),
        (json!({ "model": "photon-9", "prompt": "x" }), Image),
        (json!({ "model": "ray-9", "prompt": "x", "format": "png" }), Video),
        (json!({ "model": "new-thing", "prompt": "x", "style_ref": [] }), Image),
        (json!({ "prompt": "x", "character_ref": {} }), Image),
        (json!({ "prompt": "x", "sync": true }), Image),
        (json!({ "prompt": "x", "sync": null }), Video),
        (json!({ "type": "image", "prompt": "x" }), Image),
        (json!({ "type": "image_edit", "prompt": "x" }), Image),
        (json!({ "type": "video_edit", "prompt": "x" }), ModifyVideo),
        (json!({ "type": "video_reframe", "prompt": "x" }), ReframeVideo),
        (json!({ "type": "layering", "prompt": "x" }), Layering),
        (json!({ "type": "hologram", "prompt": "x" }), Video),
        (json!({ "media": { "url": VIDEO }, "mode": "flex_1" }), ModifyVideo),
        (json!({ "media": { "url": VIDEO }, "model": "photon-1" }), ReframeImage),
        (json!({ "media": { "url": IMAGE }, "model": "ray-2" }), ReframeVideo),
        (json!({ "media": { "url": "https://example.com/a?b=c.png" }, "format": "jpg" }), ReframeImage),
        (json!({ "media": { "url": "https://example.com/a" }, "first_frame": {} }), ReframeVideo),
        (json!({ "media": { "url": "https://example.com/a.PNG?x=1" } }), ReframeImage),
        (json!({ "media": { "url": "https://example.com/a.mov" } }), ReframeVideo),
    ] {
        assert_eq!(RequestKind::of(&request), Ok(kind), "{request}");
    }
    for request in [json!({ "generation_type": "hologram" }), json!({ "media": { "url": "https://example.com/a" } })] {
        assert_eq!(RequestKind::of(&request).unwrap_err().code, ProblemCode::UnknownType, "{request}");
    }
}

#[test]
fn defaults_and_units_are_filled_in() {
    let provider = dream_machine();
    for (given, sent) in [
        (json!({ "prompt": "A tiger" }), json!({ "prompt": "A tiger", "model": "ray-2" })),
        (
            json!({ "prompt": "A tiger", "generation_type": "image" }),
            json!({ "prompt": "A tiger", "generation_type": "image", "model": "photon-1" }),
        ),
        (
            json!({ "model": "ray-2", "prompt": "A tiger", "resolution": "1080", "duration": 5 }),
            json!({ "model": "ray-2", "prompt": "A tiger", "resolution": "1080p", "duration": "5s" }),
        ),
        (
            json!({ "model": "ray-2", "prompt": "A tiger", "resolution": 720 }),
            json!({ "model": "ray-2", "prompt": "A tiger", "resolution": "720p" }),
        ),
    ] {
        assert_eq!(read(&*provider, &given).unwrap().body, sent, "{given}");
    }
}

#[test]
fn unchecked_requests_go_as_they_are() {
    let odd = json!({ "model": "ray-2", "resolution": 1080, "loop": "yes", "keyframes": {} });
    assert_eq!(GenerationRequest::unchecked(&odd).unwrap(), GenerationRequest { kind: RequestKind::Video, body: odd });
}

#[test]
fn what_is_new_passes_through() {
    for request in [
        json!({ "model": "ray-4", "prompt": "A tiger", "duration": "60s", "resolution": "8k", "aspect_ratio": "5:4" }),
        json!({ "model": "ray-2", "prompt": "A tiger", "seed": 7, "new_field": { "deep": [1, 2] } }),
        json!({ "model": "photon-2", "prompt": "A tiger", "format": "avif" }),
        json!({ "model": "ray-2", "prompt": "A tiger", "concepts": [{ "key": "concept_of_tomorrow" }] }),
    ] {
        assert_eq!(problems(&request), [], "{request}");
    }
}

#[test]
fn each_bad_input_is_found_at_its_path() {
    use ProblemCode::*;
    let long = "ä".repeat(5001);
    let ray = |more: Json| {
        let mut request = json!({ "model": "ray-2", "prompt": "A tiger in snow" });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let photon = |more: Json| {
        let mut request = ray(more);
        request.as_object_mut().unwrap().entry("model").and_modify(|model| *model = "photon-1".into());
        request
    };
    let looped = |keyframes: Json| ray(json!({ "loop": true, "keyframes": keyframes }));
    let reframe = |more: Json| {
        let mut request = json!({ "model": "photon-1", "aspect_ratio": "1:1", "media": { "url": IMAGE } });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let five = json!([{ "url": IMAGE }, { "url": IMAGE }, { "url": IMAGE }, { "url": IMAGE }, { "url": IMAGE }]);
    let table: Vec<(Json, &str, ProblemCode, &str)> = vec![
        // The guide's own messages.
        (json!({ "model": "ray-2" }), "prompt", Required, "Prompt is required"),
        (json!({ "model": "ray-2", "prompt": "" }), "prompt", Required, "Prompt is required"),
        (json!({ "model": "ray-2", "prompt": null }), "prompt", Required, "Prompt is required"),
        (
            json!({ "model": "ray-2", "prompt": "🐅🐅" }),
            "prompt",
            TooShort,
            "Prompt is too short, minimum length is 3 characters",
        ),
        (
            json!({ "model": "ray-2", "prompt": long }),
            "prompt",
            TooLong,
            "Prompt is too long, maximum length is 5000 characters",
        ),
        (looped(json!({ "frame1": image() })), "loop", Conflict, "Loop is not supported for end frame"),
        (
            looped(json!({ "frame0": image(), "frame1": image() })),
            "loop",
            Conflict,
            "Loop is not supported for keyframes",
        ),
        (looped(json!({ "frame1": generation() })), "loop", Conflict, "Loop is not supported for extend reverse"),
        (
            looped(json!({ "frame0": generation(), "frame1": image() })),
            "loop",
            Conflict,
            "Loop is not supported for interpolate video to image",
        ),
        (
            looped(json!({ "frame0": image(), "frame1": generation() })),
            "loop",
            Conflict,
            "Loop is not supported for interpolate image to video",
        ),
        (
            looped(json!({ "frame0": generation(), "frame1": generation() })),
            "loop",
            Conflict,
            "Loop is not supported for interpolate between two videos",
        ),
        (ray(json!({ "keyframes": {} })), "keyframes", Required, "No keyframes provided"),
        (ray(json!({ "keyframes": { "frame0": null } })), "keyframes", Required, "No keyframes provided"),
        (
            json!({ "generation_type": "hologram", "prompt": "x" }),
            "generation_type",
            UnknownType,
            "Unknown request type",
        ),
        (json!({ "generation_type": "upscale_video", "resolution": true }), "resolution", InvalidType, ""),
        (json!({ "generation_type": "add_audio", "prompt": 7 }), "prompt", InvalidType, ""),
        // Types.
        (json!([]), "", InvalidType, ""),
        (json!("A tiger"), "", InvalidType, ""),
        (json!({ "model": "ray-2", "prompt": 7 }), "prompt", InvalidType, "must be a string"),
        (ray(json!({ "loop": "yes" })), "loop", InvalidType, "must be true or false"),
        (ray(json!({ "keyframes": [image()] })), "keyframes", InvalidType, "must be an object"),
        (ray(json!({ "model": 2 })), "model", InvalidType, "must be a string"),
        (ray(json!({ "duration": -5 })), "duration", InvalidType, "must be one of 5s, 9s"),
        (ray(json!({ "duration": 0 })), "duration", InvalidType, "must be one of 5s, 9s"),
        (ray(json!({ "resolution": -1 })), "resolution", InvalidType, "must be one of 540p, 720p, 1080p, 4k"),
        (ray(json!({ "model": "ray-9", "duration": -5 })), "duration", InvalidType, "must be a string"),
        (ray(json!({ "concepts": "dolly_zoom" })), "concepts", InvalidType, "must be a list"),
        (ray(json!({ "concepts": [{}] })), "concepts[0].key", Required, ""),
        // Documented words.
        (ray(json!({ "aspect_ratio": "2:1" })), "aspect_ratio", InvalidValue, ""),
        (photon(json!({ "format": "gif" })), "format", InvalidValue, "must be one of jpg, png"),
        (
            json!({ "model": "ray-2", "media": { "url": VIDEO }, "mode": "wild_1" }),
            "mode",
            InvalidValue,
            "must be one of adhere_1, adhere_2, adhere_3, flex_1, flex_2, flex_3, reimagine_1, reimagine_2, reimagine_3",
        ),
        // Counts and ranges.
        (photon(json!({ "image_ref": five })), "image_ref", TooMany, "must have at most 4"),
        (photon(json!({ "character_ref": {} })), "character_ref.identity0", Required, ""),
        (
            photon(json!({ "character_ref": { "identity0": { "images": [] } } })),
            "character_ref.identity0.images",
            TooFew,
            "must have at least 1",
        ),
        (
            photon(json!({ "character_ref": { "identity0": { "images": [IMAGE, IMAGE, IMAGE, IMAGE, IMAGE] } } })),
            "character_ref.identity0.images",
            TooMany,
            "must have at most 4",
        ),
        (
            photon(json!({ "modify_image_ref": { "url": IMAGE, "weight": "1" } })),
            "modify_image_ref.weight",
            InvalidType,
            "",
        ),
        (reframe(json!({ "grid_position_x": 1.5 })), "grid_position_x", InvalidType, "must be a whole number"),
        // What the other forms need.
        (json!({ "model": "photon-1", "media": { "url": IMAGE } }), "aspect_ratio", Required, ""),
        (json!({ "media": { "url": IMAGE }, "aspect_ratio": "1:1" }), "model", Required, "the model is required"),
        (json!({ "generation_type": "reframe_video", "model": "ray-2", "aspect_ratio": "1:1" }), "media", Required, ""),
        (json!({ "model": "ray-2", "media": {}, "mode": "flex_1" }), "media.url", Required, ""),
        (json!({ "model": "ray-2", "mode": "flex_1" }), "media", Required, ""),
        (
            json!({ "generation_type": "modify_video", "model": "ray-2", "media": { "url": VIDEO } }),
            "mode",
            Required,
            "",
        ),
        // Models against forms.
        (
            json!({ "model": "photon-1", "generation_type": "video", "prompt": "A tiger" }),
            "model",
            Unsupported,
            "photon-1 does not do video",
        ),
        (json!({ "model": "ray-2", "generation_type": "image", "prompt": "A tiger" }), "model", Unsupported, ""),
        (json!({ "model": "ray-1-6", "mode": "flex_1", "media": { "url": VIDEO } }), "model", Unsupported, ""),
        (
            json!({ "model": "ray-1-6", "prompt": "A car", "concepts": [{ "key": "dolly_zoom" }] }),
            "concepts",
            Unsupported,
            "concepts are not supported for this model",
        ),
        // Keyframes.
        (
            ray(json!({ "keyframes": { "frame0": { "type": "sound", "url": IMAGE } } })),
            "keyframes.frame0.type",
            InvalidValue,
            "must be one of image, generation",
        ),
        (ray(json!({ "keyframes": { "frame0": { "type": "image" } } })), "keyframes.frame0.url", Required, ""),
        (ray(json!({ "keyframes": { "frame1": { "type": "generation" } } })), "keyframes.frame1.id", Required, ""),
        (
            ray(json!({ "keyframes": { "frame1": { "type": "generation", "id": "a/b" } } })),
            "keyframes.frame1.id",
            InvalidValue,
            "",
        ),
    ];
    for (request, path, code, message) in table {
        let found = problems(&request);
        let hit = found.iter().find(|problem| problem.path == path && problem.code == code);
        let hit = hit.unwrap_or_else(|| panic!("{request}: no {code:?} at {path:?} in {found:?}"));
        assert!(message.is_empty() || hit.message == message, "{request}: {}", hit.message);
        assert_eq!(found.len(), 1, "{request}: {found:?}");
    }
}

#[test]
fn what_no_document_refuses_is_sent_and_told() {
    use ProblemCode::*;
    let ray = |more: Json| with(json!({ "model": "ray-2", "prompt": "A tiger in snow" }), more);
    let photon = |more: Json| with(json!({ "model": "photon-1", "prompt": "A tiger in snow" }), more);
    let reframe =
        |more: Json| with(json!({ "model": "photon-1", "aspect_ratio": "1:1", "media": { "url": IMAGE } }), more);
    let modify = |more: Json| with(json!({ "model": "ray-2", "mode": "flex_1", "media": { "url": VIDEO } }), more);
    let silent = |keyframes: Json| json!({ "model": "ray-2", "keyframes": keyframes });
    let reference = |more: Json| json!([with(json!({ "url": IMAGE }), more)]);
    let table: Vec<(Json, Vec<(&str, ProblemCode)>)> = vec![
        // A picture as a keyframe does without a prompt.
        (silent(json!({ "frame0": image() })), vec![]),
        (silent(json!({ "frame1": image() })), vec![]),
        (silent(json!({ "frame0": generation(), "frame1": image() })), vec![]),
        (with(silent(json!({ "frame0": image() })), json!({ "prompt": "" })), vec![]),
        // The API takes any word, any number, any length here.
        (ray(json!({ "duration": "7s" })), vec![("duration", Disputed)]),
        (ray(json!({ "resolution": "480p" })), vec![("resolution", Disputed)]),
        (photon(json!({ "image_ref": reference(json!({ "weight": 1.01 })) })), vec![("image_ref[0].weight", Disputed)]),
        (
            photon(json!({ "modify_image_ref": { "url": IMAGE, "weight": -0.1 } })),
            vec![("modify_image_ref.weight", Disputed)],
        ),
        (
            photon(
                json!({ "style_ref": [{ "url": IMAGE }, { "url": IMAGE }, { "url": IMAGE }, { "url": IMAGE }, { "url": IMAGE }] }),
            ),
            vec![],
        ),
        (photon(json!({ "sync_timeout": 90_000 })), vec![]),
        (photon(json!({ "sync_timeout": -1 })), vec![("sync_timeout", Disputed)]),
        (reframe(json!({ "grid_position_x": -5 })), vec![("grid_position_x", Disputed)]),
        (reframe(json!({ "x_start": 0, "x_end": 0 })), vec![("x_end", Disputed)]),
        (reframe(json!({ "y_start": 9, "y_end": 8 })), vec![("y_end", Disputed)]),
        (reframe(json!({ "prompt": "a".repeat(5001) })), vec![("prompt", Disputed)]),
        (modify(json!({ "prompt": "a".repeat(5001) })), vec![("prompt", Disputed)]),
        (modify(json!({ "prompt": "x" })), vec![]),
        // Surely meant otherwise.
        (ray(json!({ "image_url": IMAGE })), vec![("image_url", Suspicious)]),
        (ray(json!({ "aspectRatio": "1:1" })), vec![("aspectRatio", Suspicious)]),
        (ray(json!({ "aspect_ration": "1:1" })), vec![("aspect_ration", Suspicious)]),
        (ray(json!({ "Loop": true })), vec![("Loop", Suspicious)]),
        (ray(json!({ "callbackUrl": "https://example.com" })), vec![("callbackUrl", Suspicious)]),
        (ray(json!({ "styleRef": [] })), vec![("styleRef", Suspicious)]),
        (ray(json!({ "duration": 5 })), vec![("duration", Suspicious)]),
        (ray(json!({ "duration": 7 })), vec![("duration", Disputed)]),
        (ray(json!({ "model": "ray-9", "duration": 7 })), vec![("duration", Suspicious)]),
        (ray(json!({ "resolution": 1080 })), vec![]),
        (ray(json!({ "resolution": "1080" })), vec![]),
        (ray(json!({ "model": "ray2" })), vec![("model", Suspicious)]),
        (ray(json!({ "model": "ray-2 " })), vec![("model", Suspicious)]),
        (ray(json!({ "model": "Ray-Flash-2" })), vec![("model", Suspicious)]),
        (ray(json!({ "model": "ray-4" })), vec![]),
        (ray(json!({ "prompt": "   " })), vec![("prompt", Suspicious)]),
        (ray(json!({ "prompt": "\u{3000}\n\t" })), vec![("prompt", Suspicious)]),
        (
            ray(json!({ "keyframes": { "frame0": image(), "frame_1": image() } })),
            vec![("keyframes.frame_1", Suspicious)],
        ),
        (
            ray(json!({ "keyframes": { "frame0": { "type": "image", "url": IMAGE, "id": ID } } })),
            vec![("keyframes.frame0.id", Suspicious)],
        ),
        (
            ray(json!({ "keyframes": { "frame0": { "type": "image", "url": VIDEO } } })),
            vec![("keyframes.frame0.url", Suspicious)],
        ),
        (photon(json!({ "image_ref": reference(json!({ "Weight": 1 })) })), vec![("image_ref[0].Weight", Suspicious)]),
        (modify(json!({ "media": { "url": IMAGE } })), vec![("media.url", Suspicious)]),
        // Newer, and nothing else.
        (ray(json!({ "seed": 7, "camera": {} })), vec![]),
    ];
    for (request, expected) in table {
        let expected: Vec<_> = expected.into_iter().map(|(path, code)| (path.to_owned(), code)).collect();
        assert_eq!(warnings(&request), expected, "{request:.300}");
    }
}

#[test]
fn without_a_picture_a_prompt_is_needed() {
    for keyframes in [json!({ "frame0": generation() }), json!({ "frame0": generation(), "frame1": generation() })] {
        let found = problems(&json!({ "model": "ray-2", "keyframes": keyframes }));
        assert_eq!((found.len(), found[0].path.as_str(), found[0].code), (1, "prompt", ProblemCode::Required));
    }
}

#[test]
fn null_counts_as_absent_on_the_wire_too() {
    let given = json!({ "model": "photon-1", "prompt": "A tiger", "format": null, "newer": { "a": null, "b": [null, { "c": null }] },
        "image_ref": [{ "url": IMAGE, "weight": null }] });
    let sent = json!({ "model": "photon-1", "prompt": "A tiger", "newer": { "b": [null, {}] }, "image_ref": [{ "url": IMAGE }] });
    assert_eq!(read(&*dream_machine(), &given).unwrap().body, sent);
    let filled = read(&*dream_machine(), &json!({ "prompt": "A tiger", "model": null, "sync": null })).unwrap();
    assert_eq!(filled.body, json!({ "prompt": "A tiger", "model": "ray-2" }));
}

fn with(base: Json, more: Json) -> Json {
    let mut request = base;
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

#[test]
fn lengths_count_unicode_characters() {
    for (prompt, fine) in [("🐅🐅🐅".to_owned(), true), ("🐅".repeat(5000), true), ("🐅".repeat(5001), false)]
    {
        assert_eq!(problems(&json!({ "model": "ray-2", "prompt": prompt })).is_empty(), fine);
    }
}

#[test]
fn all_problems_come_at_once() {
    let found = problems(&json!({
        "model": "ray-2", "prompt": "x", "aspect_ratio": "2:1", "loop": true, "callback_url": "ftp://example.com",
        "keyframes": { "frame0": { "type": "image", "url": "blob:https://example.com/1" }, "frame1": { "type": "image", "url": IMAGE } },
    }));
    let mut paths: Vec<_> = found.iter().map(|problem| problem.path.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["aspect_ratio", "callback_url", "keyframes.frame0.url", "loop", "prompt"]);
}

#[test]
fn addresses_that_no_server_could_fetch_are_found() {
    for (url, fine) in [
        ("https://example.com/a.jpg", true),
        ("http://example.com:8080", true),
        ("HTTPS://EXAMPLE.COM/A.JPG", true),
        ("https://user:pass@example.com/a", true),
        ("https://172.32.0.1/a", true),
        ("https://[2001:db8::1]/a", true),
        ("https://localhost.example.com/a", true),
        ("https://example.com/bücher.jpg", true),
        ("", false),
        ("a.jpg", false),
        ("//example.com/a.jpg", false),
        ("ftp://example.com/a.jpg", false),
        ("file:///a.jpg", false),
        ("data:image/png;base64,AAAA", false),
        ("blob:https://example.com/1", false),
        ("https://", false),
        ("https:///a.jpg", false),
        ("https://example.com/a b.jpg", false),
        ("https://localhost/a.jpg", false),
        ("http://LOCALHOST:3000/a.jpg", false),
        ("http://app.localhost/a.jpg", false),
        ("http://printer.local/a.jpg", false),
        ("http://127.0.0.1/a.jpg", false),
        ("http://127.1.2.3/a.jpg", false),
        ("http://0.0.0.0/a.jpg", false),
        ("http://10.1.2.3/a.jpg", false),
        ("http://172.16.0.1/a.jpg", false),
        ("http://192.168.0.1/a.jpg", false),
        ("http://169.254.169.254/latest", false),
        ("http://2130706433/a.jpg", false),
        ("http://0x7f000001/a.jpg", false),
        ("http://0x7F.1/a.jpg", false),
        ("http://0177.0.0.1/a.jpg", false),
        ("http://127.1:3000/a.jpg", false),
        ("http://127.0.0.1./a.jpg", false),
        ("http://2852039166/latest", false),
        ("http://172.1048577/a.jpg", false),
        ("http://134744072/a.jpg", true),
        ("http://8.8.8.8/a.jpg", true),
        ("http://172.32.0.1/a.jpg", true),
        ("http://0xcafe.example/a.jpg", true),
        ("http://1.2.3.4.5.6.7.8.example/a.jpg", true),
        ("http://[::1]:3000/a.jpg", false),
        ("http://[0:0:0:0:0:0:0:1]/a.jpg", false),
        ("http://[::ffff:127.0.0.1]/a.jpg", false),
        ("http://[2606:4700::1111]/a.jpg", true),
        ("http://[fd00::1]/a.jpg", false),
    ] {
        let found = problems(&framed(json!({ "frame0": { "type": "image", "url": url } })));
        assert_eq!(found.is_empty(), fine, "{url}: {found:?}");
        for problem in found {
            assert_eq!(
                (problem.path.as_str(), problem.code),
                ("keyframes.frame0.url", ProblemCode::InvalidUrl),
                "{url}"
            );
        }
    }
    let found = problems(&framed(json!({ "frame0": { "type": "image", "url": "data:image/png;base64,AAAA" } })));
    assert!(found[0].message.contains("give the file itself"), "{}", found[0].message);
}

#[test]
fn nearly_every_request_has_a_price() {
    use luma_edge::pricing::Certainty::{Approximate, Unknown};
    let video = |more: Json| {
        let ray = json!({ "model": "ray-2", "prompt": "A tiger" });
        more.keys().iter().fold(ray, |request, key| request.with(key, more.get(key).unwrap()))
    };
    let media =
        |model: &str, url: &str, ratio: &str| json!({ "model": model, "media": { "url": url }, "aspect_ratio": ratio });
    let (list, guide) = (Some("2025-05-06"), Some("2026-11-20"));
    for (request, usd, as_of) in [
        // The table of videos: 5 and 9 s of four sizes.
        (video(json!({})), 0.71, list),
        (video(json!({ "resolution": "540p" })), 0.40, list),
        (video(json!({ "resolution": "540p", "duration": "9s" })), 0.72, list),
        (video(json!({ "resolution": "720p", "duration": "5s" })), 0.71, list),
        (video(json!({ "duration": "9s" })), 1.27, list),
        (video(json!({ "resolution": "1080p" })), 0.86, list),
        (video(json!({ "resolution": 1080, "duration": 9 })), 1.54, list),
        (video(json!({ "resolution": "4k", "duration": "9s", "aspect_ratio": "9:16" })), 1.72, list),
        (video(json!({ "model": "ray-flash-2", "resolution": "540p" })), 0.14, list),
        (video(json!({ "model": "ray-flash-2", "duration": "9s" })), 0.44, list),
        (video(json!({ "model": "ray-flash-2", "resolution": "4k", "duration": "9s" })), 0.89, list),
        // 1920 x 1080 at $0.0073 and $0.0019 for a million pixels.
        (json!({ "model": "photon-1", "prompt": "A tiger" }), 0.0151, list),
        (json!({ "model": "photon-flash-1", "prompt": "A tiger" }), 0.0039, list),
        // A reframe has the sizes of the guide and the rate of what is generated, not of what is modified.
        (media("photon-1", IMAGE, "16:9"), 0.0172, list),
        (media("photon-flash-1", IMAGE, "1:1"), 0.0045, list),
        (media("ray-2", VIDEO, "16:9"), 3.6239, list),
        (media("ray-flash-2", VIDEO, "1:1"), 3.7371, list),
        // 1280 x 720 x 24 x 10 = 221.184 million pixels, at $0.01582 each.
        (json!({ "model": "ray-2", "media": { "url": VIDEO }, "mode": "flex_1" }), 3.4991, guide),
        (json!({ "model": "ray-flash-2", "media": { "url": VIDEO }, "mode": "flex_1" }), 1.8049, guide),
        // What no list had.
        (video(json!({ "model": "ray-9" })), 0.0, None),
        (video(json!({ "model": "ray-1-6" })), 0.0, None),
    ] {
        let provider = dream_machine();
        let estimate = provider.estimate(&read(&*provider, &request).unwrap());
        let known = as_of.is_some();
        assert_eq!(estimate.certainty, if known { Approximate } else { Unknown }, "{request}");
        assert_eq!(estimate.usd.map(|usd| (usd * 1e4).round() / 1e4), known.then_some(usd), "{request}");
        assert_eq!(
            estimate.usd.map(|usd| (usd * 1e6).round() / 1e6),
            estimate.usd,
            "{request}: no more places than money has"
        );
        assert_eq!((estimate.source.is_some(), estimate.as_of), (known, as_of.unwrap_or("2025-05-06")), "{request}");
        assert_eq!(estimate.basis.starts_with('$'), known, "{}", estimate.basis);
    }
}

#[test]
fn what_is_made_out_of_a_video_is_priced_for_the_longest_one() {
    use luma_edge::request::RequestKind::{AddAudio, UpscaleVideo};
    for (kind, body, usd) in [
        (UpscaleVideo, json!({ "resolution": "720p" }), 0.54),
        (UpscaleVideo, json!({}), 0.81),
        (UpscaleVideo, json!({ "resolution": "4k" }), 0.99),
        (AddAudio, json!({ "prompt": "Wind" }), 0.18),
    ] {
        let estimate = dream_machine().estimate(&GenerationRequest { kind, body });
        assert_eq!(estimate.usd.map(|usd| (usd * 1e4).round() / 1e4), Some(usd), "{kind:?}: {}", estimate.basis);
    }
}

#[test]
fn a_price_says_what_it_stands_on() {
    let provider = dream_machine();
    let basis = |request: Json| provider.estimate(&read(&*provider, &request).unwrap()).basis;
    for (request, expected) in [
        (json!({ "model": "ray-2", "prompt": "A tiger" }), "$0.71 for 5s at 720p"),
        (
            json!({ "model": "ray-2", "prompt": "A tiger", "resolution": "1080p" }),
            "$0.86 for 5s at 1080p; charged by the pixel it would be $1.5925",
        ),
        (
            json!({ "model": "ray-2", "media": { "url": VIDEO }, "aspect_ratio": "16:9" }),
            "$3.6239 for the longest source that ray-2 takes, 10 s, in 16:9; at the rate for modifying it would be $8.9578",
        ),
    ] {
        assert_eq!(basis(request), expected);
    }
}

/// Anything at all, built from a seed.
fn anything(seed: &mut fastrand::Rng, depth: u32) -> Value {
    let words = [
        "model",
        "prompt",
        "ray-2",
        "photon-1",
        "keyframes",
        "frame0",
        "type",
        "image",
        "url",
        "weight",
        "media",
        "mode",
        "image_ref",
        "images",
        "identity0",
        "character_ref",
        "loop",
        "generation_type",
        "",
        "🐅",
        IMAGE,
    ];
    match seed.u32(..if depth == 0 { 6 } else { 9 }) {
        0 => Value::Null,
        1 => seed.bool().into(),
        2 => seed.i64(..).into(),
        3 => (seed.f64() * 1e300).into(),
        4 => words[seed.usize(..words.len())].into(),
        5 => "x".repeat(seed.usize(..20)).into(),
        6 => (0..seed.usize(..6)).map(|_| anything(seed, depth - 1)).collect(),
        _ => Value::Object(
            (0..seed.usize(..9))
                .map(|_| (words[seed.usize(..words.len())].to_owned(), anything(seed, depth - 1)))
                .collect(),
        ),
    }
}

#[test]
fn random_json_is_judged_without_a_panic() {
    let provider = dream_machine();
    for seed in 0..20_000 {
        let value = anything(&mut fastrand::Rng::with_seed(seed), 4).into();
        let _ = read(&*provider, &value);
        let _ = GenerationRequest::unchecked(&value);
        let _ = provider.generation(&value);
        let _ = provider.page(&value);
        let _ = provider.credits(&value);
    }
}
