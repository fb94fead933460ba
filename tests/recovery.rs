//! A lost creation is recognised in the provider's list, however that writes down what was asked for and however it is paged.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod virtual_time;

use luma_edge::engine::{AccountRegistry, Answer, Client, FetchError, Host, Query};
use luma_edge::error::{Code, Error};
use luma_edge::generation::Generation;
use luma_edge::http::{Body, Headers, Method, Request};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::simulator::{Options, Simulator};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use virtual_time::{BASE, Calls, KEY, World, ask};

/// A simulator without limits that loses the answer to the first creation.
fn losing() -> Rc<RefCell<Simulator>> {
    let mut options: Options =
        serde_json::from_value(json!({ "faults": "create:cut-after@1", "limits": "none" }).into()).unwrap();
    options.seed = 1;
    Rc::new(RefCell::new(Simulator::new(options)))
}

fn paid(simulator: &Rc<RefCell<Simulator>>, world: &World) -> usize {
    simulator.borrow_mut().generations(world.true_time()).len()
}

/// A world whose lists are changed on their way.
fn world(
    simulator: &Rc<RefCell<Simulator>>,
    mut change: impl FnMut(&mut Simulator, f64, &mut Request<Json>) -> Option<Box<dyn Fn(&mut Json)>> + 'static,
) -> World {
    let network = simulator.clone();
    World::scripted(1, move |now, request| {
        let mut request = request.clone();
        let mut simulator = network.borrow_mut();
        let change = change(&mut simulator, now, &mut request);
        if request.url.is_empty() {
            return (50.0, Err(FetchError::Lost("connection reset".into())));
        }
        let (after, mut answer) = ask(&mut simulator, now, &request);
        if let (Some(change), Ok(response)) = (change, &mut answer)
            && let Body::Json(body) = &mut response.body
        {
            change(body);
        }
        (after, answer)
    })
}

fn is_list(request: &Request<Json>) -> bool {
    request.method == Method::Get && request.url.contains("/generations?")
}

async fn generate(client: &Client<World>, request: &Json) -> Result<Generation, Error> {
    client.generate(request, f64::INFINITY, &()).await
}

#[test]
fn a_text_is_the_same_however_the_server_keeps_it() {
    let picture = |url: &str| json!({ "frame0": { "type": "image", "url": url } });
    // What is sent, where the echo differs, and what stands there.
    for (sent, pointer, echoed) in [
        (json!({ "prompt": "  A tiger walking in snow\n" }), "/prompt", json!("A tiger walking in snow")),
        (json!({ "prompt": "\u{feff}\u{3000}A tiger" }), "/prompt", json!("A tiger")),
        (json!({ "prompt": "A tiger\r\nin snow\rat dusk" }), "/prompt", json!("A tiger\nin snow\nat dusk")),
        (json!({ "prompt": "Caf\u{e9} au lait" }), "/prompt", json!("Cafe\u{301} au lait")),
        (json!({ "prompt": "Cafe\u{301} au lait" }), "/prompt", json!("Caf\u{e9} au lait")),
        (json!({ "prompt": "\u{fb01}fty \u{2460} \u{ff21}\u{a0}tigers" }), "/prompt", json!("fifty 1 A tigers")),
        (json!({ "prompt": "A tiger", "loop": false, "concepts": [] }), "/concepts", json!(null)),
        (json!({ "prompt": "A tiger", "loop": false }), "/loop", json!(null)),
        (
            json!({ "prompt": "A tiger", "keyframes": picture("https://Example.com") }),
            "/keyframes/frame0/url",
            json!("https://example.com/"),
        ),
    ] {
        let simulator = losing();
        let request = Json::from(serde_json::Value::from(sent)).with("model", Json::string("ray-2"));
        let world = echoing(&simulator, pointer, echoed);
        let made = world.run(generate(&world.client(json!({})), &request));
        assert!(made.is_ok(), "{request}: {made:?}");
        assert_eq!(paid(&simulator, &world), 1, "{request}");
    }
}

/// A world whose list has that in the place of what is there in each job's request.
fn echoing(simulator: &Rc<RefCell<Simulator>>, pointer: &'static str, echoed: Json) -> World {
    world(simulator, move |_, _, request| {
        let echoed = echoed.clone();
        is_list(request).then(|| {
            Box::new(move |page: &mut Json| {
                for job in page["generations"].as_array_mut().unwrap() {
                    *job["request"].pointer_mut(pointer).unwrap() = echoed.clone().into();
                }
            }) as Box<dyn Fn(&mut Json)>
        })
    })
}

const SIGNED: &str = "https://bucket.s3.amazonaws.com/a.jpg?id=1&X-Amz-Date=20261127T000000Z&X-Amz-Signature=aaaa";

#[test]
fn a_value_is_the_same_however_the_server_writes_it() {
    let with = |name: &str, value: Json| json!({ "model": "ray-2", "prompt": "A tiger" }).with(name, value);
    let image = |name: &str, value: Json| json!({ "model": "photon-1", "prompt": "A tiger" }).with(name, value);
    let frame = || json!({ "frame0": { "type": "image", "url": SIGNED } });
    for (sent, pointer, echoed) in [
        (with("duration", json!("5s")), "/duration", json!(5)),
        (with("duration", json!("9s")), "/duration", json!("9")),
        (with("duration", json!("5s")), "/duration", json!("5 S")),
        (with("resolution", json!("720p")), "/resolution", json!(720)),
        (with("resolution", json!("4k")), "/resolution", json!("4K")),
        (with("loop", json!(true)), "/loop", json!("true")),
        (
            image("style_ref", json!([{ "url": "https://example.com/a.jpg", "weight": 0.75 }])),
            "/style_ref/0/weight",
            json!("0.75"),
        ),
        // What the server fills in, and what it leaves out.
        (
            image("image_ref", json!([{ "url": "https://example.com/a.jpg" }])),
            "/image_ref/0",
            json!({ "url": "https://example.com/a.jpg", "weight": 0.85, "id": null }),
        ),
        (
            with("keyframes", frame()),
            "/keyframes/frame0/url",
            json!("https://bucket.s3.amazonaws.com/a.jpg?X-Amz-Signature=bbbb&id=1&X-Amz-Date=20261128T000000Z"),
        ),
        (with("keyframes", frame()), "/keyframes/frame0/url", json!("https://bucket.s3.amazonaws.com/a.jpg?id=1")),
    ] {
        let simulator = losing();
        let world = echoing(&simulator, pointer, echoed.clone());
        let made = world.run(generate(&world.client(json!({})), &sent));
        assert!(made.is_ok(), "{echoed}: {made:?}");
        assert_eq!(paid(&simulator, &world), 1, "{echoed}");
    }
}

#[test]
fn another_value_is_another_request_and_another_query_proves_nothing() {
    let sent = json!({ "model": "ray-2", "prompt": "500", "duration": "5s",
        "callback_url": "https://example.com/done?id=1&sig=1",
        "keyframes": { "frame0": { "type": "image", "url": SIGNED } } });
    for (pointer, echoed, bought) in [
        ("/duration", json!("9s"), 2),
        ("/duration", json!(50), 2),
        ("/prompt", json!("500s"), 2),
        ("/callback_url", json!("https://example.com/done?id=2&sig=1"), 2),
        ("/callback_url", json!("https://example.com/done?id=1&sig=2"), 2),
        ("/keyframes/frame0/url", json!("https://bucket.s3.amazonaws.com/b.jpg?id=1"), 2),
        ("/keyframes/frame0/url", json!("https://bucket.s3.amazonaws.com/a.jpg?id=2"), 1),
        ("/keyframes/frame0/url", json!("https://bucket.s3.amazonaws.com/a.jpg"), 1),
    ] {
        let simulator = losing();
        let world = echoing(&simulator, pointer, echoed.clone());
        let outcome = world.run(generate(&world.client(json!({})), &sent));
        let code = outcome.err().map(|error| error.code);
        assert_eq!(code, (bought == 1).then_some(Code::UnknownOutcome), "{echoed}");
        assert_eq!(paid(&simulator, &world), bought, "{echoed}");
    }
}

#[test]
fn another_text_is_another_request() {
    for echoed in ["A tiger walking in sno", "A tigre walking in snow", "a tiger walking in snow", ""] {
        let simulator = losing();
        let world = world(&simulator, move |_, _, request| {
            is_list(request).then(|| {
                Box::new(move |page: &mut Json| {
                    for job in page["generations"].as_array_mut().unwrap() {
                        job["request"]["prompt"] = echoed.into();
                    }
                }) as Box<dyn Fn(&mut Json)>
            })
        });
        let request = json!({ "model": "ray-2", "prompt": "A tiger walking in snow" });
        world.run(generate(&world.client(json!({})), &request)).unwrap();
        assert_eq!(paid(&simulator, &world), 2, "{echoed}");
    }
}

#[test]
fn a_job_that_says_too_little_proves_nothing() {
    // What each row of the list lacks, and what the job itself does.
    for (missing, in_job) in [("request", true), ("created_at", true), ("request", false), ("generations", false)] {
        let simulator = losing();
        let world = world(&simulator, move |_, _, request| {
            let (list, read) = (is_list(request), request.method == Method::Get);
            (list || read && in_job).then(|| {
                Box::new(move |answer: &mut Json| {
                    let Some(rows) = answer["generations"].as_array_mut() else {
                        return drop(answer.as_object_mut().unwrap().remove(missing));
                    };
                    rows.iter_mut().for_each(|row| drop(row.as_object_mut().unwrap().remove(missing)));
                    if missing == "generations" {
                        rows.clear();
                        answer["has_more"] = true.into();
                    }
                }) as Box<dyn Fn(&mut Json)>
            })
        });
        let request = json!({ "model": "ray-2", "prompt": "A tiger walking in snow" });
        let made = world.run(generate(&world.client(json!({})), &request));
        // The job itself may say what its row does not.
        let found = missing == "request" && !in_job;
        assert_eq!(
            made.as_ref().map_err(|error| error.code).err(),
            (!found).then_some(Code::UnknownOutcome),
            "{missing}"
        );
        assert_eq!(paid(&simulator, &world), 1, "{missing}");
    }
}

/// Another client's creation.
fn create_another(simulator: &mut Simulator, now: f64) {
    let headers =
        Headers::new().with("authorization", format!("Bearer {KEY}")).with("content-type", "application/json");
    let body = json!({ "model": "ray-2", "prompt": "Another tiger" });
    let request = Request { method: Method::Post, url: format!("{BASE}/generations/video"), headers, body: Some(body) };
    ask(simulator, now, &request).1.unwrap();
}

/// What a list leaves out, and how many jobs it gives at most, whatever it is asked for.
const LISTS: [(&[&str], usize); 5] = [
    (&[], 100),
    (&["has_more"], 100),
    (&["has_more", "count"], 100),
    (&["has_more", "count", "limit", "offset"], 100),
    (&["has_more", "count", "limit", "offset"], 40),
];

/// Where the first creation is lost, and 230 others come behind it.
fn lost_before_230_others(
    simulator: &Rc<RefCell<Simulator>>,
    list: impl Fn(&mut String) + 'static,
    change: impl Fn(&mut Json) + Clone + 'static,
) -> World {
    let mut posts = 0;
    world(simulator, move |simulator, now, request| {
        if request.method == Method::Post {
            posts += 1;
            if posts == 1 {
                ask(simulator, now, request).1.unwrap_err();
                for _ in 0..230 {
                    create_another(simulator, now);
                }
                request.url.clear();
            }
        }
        is_list(request).then(|| {
            list(&mut request.url);
            Box::new(change.clone()) as Box<dyn Fn(&mut Json)>
        })
    })
}

#[test]
fn a_lost_creation_is_found_on_a_later_page_whether_or_not_the_list_says_that_there_is_one() {
    for (left_out, most) in LISTS {
        let simulator = losing();
        let shorter = move |url: &mut String| *url = url.replace("limit=100", &format!("limit={most}"));
        let world = lost_before_230_others(&simulator, shorter, move |page| {
            for name in left_out {
                page.as_object_mut().unwrap().remove(*name);
            }
        });
        let request = json!({ "model": "ray-2", "prompt": "A tiger walking in snow" });
        world.run(generate(&world.client(json!({ "limits": "none" })), &request)).unwrap();
        assert_eq!(paid(&simulator, &world), 231, "without {left_out:?}, {most} a page");
    }
}

#[test]
fn what_one_account_has_seen_of_a_servers_clock_bounds_the_search_of_another() {
    let pages_read = |clock_is_known: bool| {
        let options: Options =
            serde_json::from_value(json!({ "faults": "create:cut-after@501", "limits": "none" }).into()).unwrap();
        let simulator = Rc::new(RefCell::new(Simulator::new(options)));
        let pages = Rc::new(Cell::new(0));
        let counted = pages.clone();
        let world = world(&simulator, move |_, _, request| {
            counted.set(counted.get() + u32::from(is_list(request)));
            None
        });
        for _ in 0..500 {
            create_another(&mut simulator.borrow_mut(), world.true_time());
        }
        let isolate = AccountRegistry::default();
        let client = |key: &str| Client::within(&isolate, world.clone(), world.settings(json!({ "apiKey": key })));
        let other = client("luma-another");
        world.run(async {
            world.sleep(60_000.0).await;
            if clock_is_known {
                other.ask(Query::Ping).await.unwrap();
            }
            let request = json!({ "model": "ray-2", "prompt": "A tiger walking in snow" });
            generate(&client(KEY), &request).await.unwrap();
        });
        assert_eq!(paid(&simulator, &world), 501);
        pages.get()
    };
    let (known, unknown) = (pages_read(true), pages_read(false));
    assert!(known < unknown && known <= 2, "{known} and {unknown}");
}

#[test]
fn a_list_that_gives_one_page_for_ever_proves_nothing() {
    let simulator = losing();
    let first = |url: &mut String| *url = format!("{}offset=0", url.split("offset=").next().unwrap());
    let world = lost_before_230_others(&simulator, first, |page| page["has_more"] = true.into());
    let request = json!({ "model": "ray-2", "prompt": "A tiger walking in snow" });
    let made = world.run(generate(&world.client(json!({ "limits": "none" })), &request));
    assert_eq!(made.unwrap_err().code, Code::UnknownOutcome);
    assert_eq!(paid(&simulator, &world), 231);
}

#[test]
fn a_page_tells_whether_another_follows_even_if_the_list_does_not() {
    for (list, limit, more) in [
        (json!({ "generations": [{ "id": "a" }, { "id": "b" }] }), Some(2.0), true),
        (json!({ "generations": [{ "id": "a" }, { "id": "b" }] }), Some(3.0), false),
        (json!({ "generations": [{ "id": "a" }, { "id": "b" }] }), None, true),
        (json!({ "generations": [{ "id": "a" }, {}] }), Some(2.0), true),
        (json!({ "generations": [] }), Some(2.0), false),
        (json!({ "generations": [{ "id": "a" }], "count": 7 }), Some(1.0), true),
        (json!({ "generations": [{ "id": "a" }], "count": 7, "offset": 6 }), Some(1.0), false),
        (json!({ "generations": [{ "id": "a" }], "count": 1 }), Some(1.0), true),
        (json!({ "generations": [{ "id": "a" }], "limit": 100 }), None, false),
        (json!({ "generations": [{ "id": "a" }], "limit": 1 }), Some(50.0), true),
        (json!({ "generations": [{ "id": "a" }], "has_more": true }), Some(100.0), true),
        (json!({ "generations": [{ "id": "a" }], "has_more": false }), Some(1.0), false),
    ] {
        let answered = list.clone();
        let world = World::scripted(1, move |_, _| virtual_time::answer(200, answered.clone()));
        let page = world.run(world.client(json!({})).ask(Query::Page { limit, offset: None }));
        let Ok(Answer::Page(page)) = page else { panic!("{list}: {page:?}") };
        assert_eq!(page.has_more, more, "{list} of {limit:?}");
    }
}

#[test]
fn two_jobs_that_fitted_stay_ambiguous_when_one_has_ended() {
    // At useapi the list shows what runs and little of it. Which jobs each search sees, and which one is the creation's. The
    // answer to another creation may come meanwhile, with the first of them.
    for (searches, answered, found) in
        [("ab,b", false, None), ("ab,b,", false, None), (",b", false, Some("b")), ("ab", true, Some("b"))]
    {
        let (searches, mut lists): (Vec<&str>, _) = (searches.split(',').collect(), 0);
        let name = format!("{searches:?}");
        let world = World::scripted(1, move |now, request| {
            if request.method == Method::Post {
                let lost = Err(FetchError::Lost("connection reset".into()));
                let other = request.body.as_ref().unwrap()["prompt"] == "A fox";
                let made = || virtual_time::answer(200, json!({ "jobid": "a", "status": "created" })).1;
                return if other { (1500.0, made()) } else { (50.0, lost) };
            }
            let created = httpdate::fmt_http_date(std::time::UNIX_EPOCH + std::time::Duration::from_millis(now as u64));
            let job = |id: char, status: &str| {
                let response = json!({ "video": { "url": "https://example.com/v.mp4" } });
                json!({ "jobid": id.to_string(), "type": "video", "model": "ray-v3", "status": status, "created": created.clone(),
                    "response": response })
            };
            if request.url.contains("/jobs/") {
                return virtual_time::answer(200, job('b', "completed"));
            }
            let shown = searches[lists.min(searches.len() - 1)];
            lists += 1;
            virtual_time::answer(
                200,
                json!({ "jobs": shown.chars().map(|id| job(id, "processing")).collect::<Vec<_>>() }),
            )
        });
        let client = world.client(json!({ "provider": "useapi", "limits": "none" }));
        let prompts = if answered { &["A tiger", "A fox"][..] } else { &["A tiger"] };
        let requests: Vec<_> = prompts.iter().map(|prompt| json!({ "model": "ray-v3", "prompt": *prompt })).collect();
        let made = world.run(virtual_time::all(requests.iter().map(|request| generate(&client, request)))).remove(0);
        let made = made.as_ref().map(|job| job.id.as_str()).map_err(|error| error.code);
        assert_eq!(made, found.ok_or(Code::UnknownOutcome), "{name}");
    }
}
