//! What the days have found, each as the smallest day that shows it. Every one is lived through under many seeds: they
//! decide about the ways of the network, and who goes on first.

use crate::mutants::Mutant;
use crate::plan::{Abort, Act, Plan, Process, Stores, Way, WorkItem};
use crate::side::Side;
use crate::virtual_time::FaultConfig;
use crate::{Outcome, live};
use luma_edge::json;
use luma_edge::json::Json;
use luma_edge::request::RequestKind;

const SEEDS: u64 = 60;

/// A day of one picture, asked for again and again.
fn day(stores: Stores, server: Json, settings: Json, acts: &[&[(f64, Act)]]) -> Plan {
    let body = json!({ "model": "photon-1", "prompt": "item-0-0: a tiger walking in snow" });
    let item =
        WorkItem { name: "item-0-0".into(), kind: RequestKind::Image, body, price: None, keep: false, unique: false };
    let process = |(number, acts): (usize, &&[(f64, Act)])| {
        let store = match stores {
            Stores::None => None,
            Stores::Own => Some(number),
            Stores::Shared | Stores::Apart => Some(0),
        };
        Process { settings: settings.clone(), clients: vec![store], offset: 0.0, acts: acts.to_vec() }
    };
    Plan {
        seed: 0,
        side: Side::DreamMachine,
        server,
        limited: true,
        fault_config: FaultConfig { transit: 1500.0, store_delay: 200.0, ..FaultConfig::NONE },
        dateless: false,
        stores,
        processes: acts.iter().enumerate().map(process).collect(),
        items: vec![item],
        relics: Vec::new(),
        settle_together: true,
    }
}

fn call(way: Way) -> Act {
    Act::Call { client: 0, item: 0, way, timeout: f64::INFINITY, abort: None }
}

const GENERATE: Way = Way::Generate;
const RESUME: Act = Act::Resume { client: 0, abort: None };

fn crash(offset: f64) -> Act {
    Act::Crash { down: 500.0, offset }
}

/// A call that is given up after so many ms.
fn given_up(after: f64) -> Act {
    let abort = Some(Abort { after, dropped: false });
    Act::Call { client: 0, item: 0, way: GENERATE, timeout: f64::INFINITY, abort }
}

fn holds(what: &str, plan: impl Fn() -> Plan) {
    for seed in 0..SEEDS {
        let Outcome { wrong, trace } = live(Plan { seed, ..plan() }, Mutant::None, true);
        assert!(wrong.is_empty(), "{what}, seed {seed}\n{}\n  {}", trace.join("\n"), wrong.join("\n  "));
    }
}

#[test]
fn two_tabs_that_lost_the_same_request_find_a_job_each() {
    let server = json!({ "faults": "create:cut-after@1, create:late=8@2, list:slow=3000%30x4", "limits": "none" });
    let tab = [(0.0, call(GENERATE))];
    holds("one lost, one late", || day(Stores::Shared, server.clone(), json!({}), &[&tab, &tab]));
    let server = json!({ "faults": "create:cut-after@1+2, list:slow=3000%30x4", "limits": "none" });
    holds("both lost", || day(Stores::Shared, server.clone(), json!({}), &[&tab, &tab]));
}

#[test]
fn a_tab_leaves_alone_what_another_one_works_on() {
    let server = json!({ "faults": "create:late=12@1, create:cut-after@3", "limits": "none", "durations": 4000 });
    let first = [(0.0, call(GENERATE)), (2500.0, call(GENERATE)), (9000.0, crash(0.0)), (9500.0, RESUME)];
    let second = [(500.0, call(GENERATE)), (5000.0, call(GENERATE)), (5500.0, RESUME), (12_000.0, call(GENERATE))];
    holds("deliveries beside a doubt", || day(Stores::Shared, server.clone(), json!({}), &[&first, &second]));
}

#[test]
fn resume_settles_what_was_only_to_be_reported() {
    let server = json!({ "faults": "create:cut-after@1, create:cut@2", "limits": "none" });
    let acts = [(0.0, call(GENERATE)), (100.0, call(GENERATE))];
    for stores in [Stores::None, Stores::Own] {
        holds("recovery report", || day(stores, server.clone(), json!({ "recovery": "report" }), &[&acts]));
    }
}

#[test]
fn what_create_gives_finished_is_not_given_again() {
    let acts = [(0.0, call(Way::Create)), (30_000.0, RESUME)];
    for stores in [Stores::None, Stores::Own] {
        holds("a sync image", || {
            let server = json!({ "durations": 2000 });
            let mut plan = day(stores, server, json!({}), &[&acts]);
            plan.items[0].body["sync"] = true.into();
            plan
        });
    }
}

#[test]
fn what_a_crash_cut_off_is_sent_again_without_any_retries() {
    let server = json!({ "faults": "create:silence@1" });
    let acts = [(0.0, call(GENERATE)), (4000.0, crash(0.0)), (5000.0, RESUME)];
    holds("maxRetries 0", || day(Stores::Own, server.clone(), json!({ "maxRetries": 0 }), &[&acts]));
}

#[test]
fn a_refusal_ends_what_was_lost_before() {
    let server = json!({ "faults": "create:silence@1", "credits": 1 });
    let acts = [(0.0, call(GENERATE)), (4000.0, crash(0.0)), (5000.0, RESUME)];
    holds("no credits", || day(Stores::Own, server.clone(), json!({}), &[&acts]));
}

#[test]
fn another_life_has_another_clock_and_time_to_look() {
    // The first answers tell the time; then a creation is dealt with long after the machine died, and shows later still.
    let server = json!({ "faults": "create:late=12@2", "listLag": 6000, "limits": "none", "durations": 3000 });
    for offset in [-300_000.0, 300_000.0] {
        let acts = [(0.0, call(GENERATE)), (30_000.0, call(GENERATE)), (33_000.0, crash(offset)), (34_000.0, RESUME)];
        holds("a clock that was corrected", || day(Stores::Own, server.clone(), json!({}), &[&acts]));
    }
}

#[test]
fn a_first_request_that_is_lost_is_found_with_a_wrong_clock() {
    let server = json!({ "faults": "create:silence-after@1" });
    for (offset, next) in
        [(-300_000.0, -300_000.0), (300_000.0, 300_000.0), (-300_000.0, 300_000.0), (300_000.0, -300_000.0)]
    {
        holds("no answer yet", || {
            let acts = [(0.0, call(GENERATE)), (4000.0, crash(next)), (90_000.0, RESUME)];
            let mut plan = day(Stores::Own, server.clone(), json!({}), &[&acts]);
            plan.processes[0].offset = offset;
            plan
        });
    }
}

#[test]
fn a_machine_that_slept_finds_what_it_lost() {
    let server = json!({ "faults": "create:late=12@2+3", "listLag": 6000, "limits": "none", "durations": 3000 });
    let sleep = Act::Doze { ms: 200_000.0 };
    let acts = [
        (0.0, call(GENERATE)),
        (20_000.0, given_up(1000.0)),
        (26_000.0, sleep),
        (230_000.0, given_up(1000.0)),
        (231_500.0, RESUME),
    ];
    for stores in [Stores::None, Stores::Own] {
        holds("a lid that was closed", || day(stores, server.clone(), json!({}), &[&acts]));
    }
}

#[test]
fn a_machine_that_slept_before_the_first_answer_finds_what_it_lost() {
    let server = json!({ "faults": "create:silence-after@1", "limits": "none", "durations": 3000 });
    let acts = [
        (0.0, given_up(1000.0)),
        (3000.0, Act::Doze { ms: 400_000.0 }),
        (410_000.0, call(GENERATE)),
        (420_000.0, RESUME),
    ];
    for stores in [Stores::None, Stores::Own] {
        holds("a lid that was closed at once", || day(stores, server.clone(), json!({}), &[&acts]));
    }
}

#[test]
fn what_was_sent_before_the_first_answer_leaves_to_others_what_is_theirs() {
    let server = json!({ "faults": "create:html-after@1+3", "limits": "none", "durations": 20_000 });
    let acts = [(0.0, call(GENERATE)), (20_000.0, call(GENERATE)), (22_000.0, call(GENERATE)), (40_000.0, RESUME)];
    holds("two in doubt, one of them unplaced", || {
        day(Stores::None, server.clone(), json!({ "recovery": "report" }), &[&acts])
    });
}

#[test]
fn what_was_sent_long_before_another_leaves_to_that_one_what_came_later() {
    let server = json!({ "faults": "create:500-after=40@1+2", "limits": "none", "durations": 20_000 });
    let acts = [(0.0, call(GENERATE)), (660_000.0, call(GENERATE)), (700_000.0, RESUME)];
    holds("neither is placed, eleven minutes apart", || Plan {
        dateless: true,
        ..day(Stores::None, server.clone(), json!({ "recovery": "report" }), &[&acts])
    });
}

#[test]
fn two_that_may_have_been_sent_at_any_time_leave_to_a_third_what_is_its() {
    let server = json!({ "faults": "create:500-after=40@1+2+4", "limits": "none", "durations": 20_000 });
    let acts = [0.0, 0.0, 20_000.0, 22_000.0].map(|at| (at, call(GENERATE)));
    let acts: Vec<_> = acts.into_iter().chain([(25_000.0, crash(0.0)), (45_000.0, RESUME)]).collect();
    for stores in [Stores::Own, Stores::Shared] {
        holds("one placed, two not", || Plan {
            dateless: true,
            ..day(stores, server.clone(), json!({ "recovery": "report" }), &[&acts])
        });
    }
}

#[test]
fn what_an_earlier_life_delivered_is_known_before_the_clock_is() {
    let offset = 583_000.0;
    let acts = [(0.0, call(GENERATE)), (60_000.0, crash(offset)), (340_000.0, call(GENERATE))];
    holds("ten minutes fast", || {
        let mut plan = day(Stores::Own, json!({ "faults": "create:cut@2" }), json!({}), &[&acts]);
        plan.processes[0].offset = offset;
        plan
    });
}

#[test]
fn a_server_that_says_when_to_come_again_may_have_made_the_job() {
    let server = json!({ "faults": "create:503-after=2@1, create:500-after=40@2", "limits": "none" });
    let acts = [(0.0, call(GENERATE)), (60_000.0, call(GENERATE))];
    holds("503 with retry-after", || day(Stores::None, server.clone(), json!({}), &[&acts]));
}

#[test]
fn a_late_job_counts_for_the_minute_in_which_it_was_made() {
    let limits = json!({ "image": { "perMinute": 1 } });
    let server = json!({ "faults": "create:late=12@1", "limits": limits, "durations": 3000 });
    let settings = json!({ "limits": limits, "recovery": "report" });
    let acts = [(0.0, call(GENERATE)), (1000.0, call(GENERATE))];
    holds("perMinute", || day(Stores::Own, server.clone(), settings.clone(), &[&acts]));
}

#[test]
fn a_list_that_is_none_is_another_miss() {
    let server = json!({ "faults": "create:cut-after@1, list:html@1, list:empty@2" });
    let plan = day(Stores::None, server, json!({ "maxRetries": 0 }), &[&[(0.0, call(GENERATE))]]);
    let Outcome { wrong, trace } = live(plan, Mutant::None, true);
    // Found by the call itself, and not by whoever takes up what it left.
    let itself = trace.iter().any(|line| line.contains("call 0 ends: Handed"));
    assert!(wrong.is_empty() && itself, "{}\n  {}", trace.join("\n"), wrong.join("\n  "));
}

#[test]
fn a_finished_job_that_recovery_finds_as_its_caller_gives_up_is_handed_over_once() {
    let server = json!({ "faults": "create:cut-after@1", "limits": "none", "durations": 3000 });
    for after in (1..12).map(|half| f64::from(half) * 500.0) {
        let given_up = Act::Resume { client: 0, abort: Some(Abort { after, dropped: false }) };
        let acts = [(0.0, call(GENERATE)), (20_000.0, given_up), (40_000.0, RESUME)];
        holds("while its ticket is written", || {
            let mut plan = day(Stores::Own, server.clone(), json!({ "recovery": "report" }), &[&acts]);
            plan.fault_config.store_delay = 1000.0;
            plan
        });
    }
}

#[test]
fn identical_creations_that_swap_their_jobs_are_paid_for_once_each() {
    let server = json!({
        "faults": "create:cut@1, create:late=12@2, create:late=12@3", "listLag": 5000, "limits": "none", "durations": 8000,
    });
    let acts = [(0.0, call(GENERATE)), (17_500.0, call(GENERATE))];
    holds("two in doubt", || day(Stores::None, server.clone(), json!({}), &[&acts]));
}

#[test]
fn what_a_tab_that_stands_still_has_sent_is_taken_by_no_other() {
    let server =
        json!({ "faults": "create:slow=4000@1, create:cut-after@2+3", "limits": "none", "durations": 400_000 });
    let first = [(0.0, call(GENERATE)), (2000.0, Act::Doze { ms: 300_000.0 })];
    let second = [(2500.0, call(GENERATE)), (2600.0, call(GENERATE))];
    holds("a tab that is frozen", || {
        day(Stores::Shared, server.clone(), json!({ "timeout": 10_000 }), &[&first, &second])
    });
}

#[test]
fn a_list_that_shows_the_newer_job_first_buys_nothing_twice() {
    // The first answer tells the time, so that the window of the third begins after the second job was made.
    let server = json!({ "faults": "create:cut-after@2+3", "limits": "none", "durations": 60_000 });
    let lagging = |stores, acts: &[&[(f64, Act)]]| {
        let plan = day(stores, server.clone(), json!({}), acts);
        Plan { fault_config: FaultConfig { list_lag: 12_000.0, ..plan.fault_config }, ..plan }
    };
    let calls = [0.0, 30_000.0, 33_500.0].map(|at| (at, call(GENERATE)));
    for stores in [Stores::None, Stores::Own] {
        holds("one client", || lagging(stores, &[&calls]));
    }
    holds("two tabs", || lagging(Stores::Shared, &[&calls[..2], &calls[2..]]));
}

#[test]
fn a_slow_read_of_the_store_forgets_nothing() {
    let server = json!({ "limits": "none", "durations": 3000 });
    let acts =
        [(0.0, call(Way::CreateAndPoll)), (1000.0, RESUME), (2000.0, call(Way::CreateAndPoll)), (2100.0, RESUME)];
    holds("a read that takes a second", || {
        let plan = day(Stores::Own, server.clone(), json!({}), &[&acts]);
        Plan {
            fault_config: FaultConfig { transit: 300.0, store_delay: 1000.0, ..FaultConfig::NONE },
            relics: vec![("ticket:torn".into(), json!("{\"v\":1,"))],
            ..plan
        }
    });
}

/// The same day at a provider that tells little.
fn at(side: Side, mut plan: Plan) -> Plan {
    plan.side = side;
    let body = json!({ "prompt": "item-0-0: a tiger walking in snow" });
    plan.items = vec![WorkItem { kind: RequestKind::Video, body, ..plan.items.remove(0) }];
    for process in &mut plan.processes {
        let settings = process.settings.as_object_mut().unwrap();
        settings.extend(side.settings().as_object().unwrap().clone());
    }
    plan
}

#[test]
fn what_fits_two_creations_is_given_to_neither() {
    let tab = [(0.0, call(GENERATE)), (1500.0, call(GENERATE))];
    for faults in ["create:cut-after@1, create:cut@2", "create:cut@1, create:cut-after@2", "create:cut-after@1+2"] {
        for side in [Side::Piapi, Side::Useapi] {
            let server = json!({ "faults": faults, "limits": "none", "durations": 60_000 });
            holds("one made of two", || at(side, day(Stores::Own, server.clone(), json!({}), &[&tab])));
        }
    }
}

#[test]
fn a_creation_that_ended_in_doubt_is_a_rival_still() {
    let server = json!({ "faults": "create:cut-after@1, create:cut@2", "limits": "none", "durations": 200_000 });
    let acts = [(0.0, given_up(2000.0)), (3000.0, RESUME), (40_000.0, call(GENERATE)), (41_000.0, call(GENERATE))];
    for stores in [Stores::None, Stores::Own] {
        holds("a doubt that is told", || at(Side::Piapi, day(stores, server.clone(), json!({}), &[&acts])));
    }
}

#[test]
fn each_job_of_others_is_read_once() {
    let server = json!({ "faults": "create:cut@9", "limits": "none", "durations": 300_000 });
    let plan = || {
        let mut plan = at(Side::Piapi, day(Stores::None, server.clone(), json!({ "limits": "none" }), &[&[], &[]]));
        let first = plan.items[0].clone();
        for number in 1..9 {
            let name = format!("item-{}-{number}", usize::from(number == 8));
            let body = json!({ "prompt": format!("{name}: a tiger walking in snow") });
            plan.items.push(WorkItem { name, body, ..first.clone() });
        }
        let made = |item| Act::Call { client: 0, item, way: GENERATE, timeout: f64::INFINITY, abort: None };
        plan.processes[0].acts = (0..8).map(|item| (0.0, made(item))).collect();
        plan.processes[1].acts = vec![(5000.0, made(8))];
        plan
    };
    let Outcome { wrong, trace } = live(plan(), Mutant::None, true);
    // A call that resumes what the search left searches anew.
    let day = trace.iter().take_while(|line| !line.contains("the day is over"));
    let second: Vec<_> = day.filter(|line| line.contains("#2 -> GET task/")).collect();
    assert!(wrong.is_empty() && second.len() == 8, "{second:#?}\n  {}", wrong.join("\n  "));
}

#[test]
fn what_ended_in_doubt_may_be_what_fits_another_creation() {
    let server = json!({ "faults": "create:cut-after@1, create:cut@2+3", "limits": "none", "durations": 300_000 });
    let other = || Act::Call { client: 0, item: 1, way: GENERATE, timeout: f64::INFINITY, abort: None };
    // Each of the first two is told to be in doubt, since one job fits both; then their tickets go.
    let acts = [(0.0, call(GENERATE)), (0.0, other()), (45_000.0, RESUME), (150_000.0, other())];
    for stores in [Stores::None, Stores::Own] {
        holds("a doubt that was told", || {
            let mut plan = at(Side::Useapi, day(stores, server.clone(), json!({}), &[&acts]));
            let body = json!({ "prompt": "item-0-1: a tiger walking in snow" });
            plan.items.push(WorkItem { name: "item-0-1".into(), body, ..plan.items[0].clone() });
            Plan { dateless: true, ..plan }
        });
    }
}

#[test]
fn a_doubt_is_told_or_kept_when_the_machine_dies_just_then() {
    let server = json!({ "faults": "create:503-after@1", "limits": "none" });
    for died in [3050.0, 3150.0, 3250.0, 3350.0, 3450.0] {
        let acts = [(0.0, call(GENERATE)), (3000.0, RESUME), (died, crash(0.0))];
        holds("a crash", || at(Side::Agents, day(Stores::Own, server.clone(), json!({}), &[&acts])));
    }
}

#[test]
fn what_another_tab_lost_is_known_before_the_first_job_is_taken() {
    let server = json!({ "faults": "create:cut-after@1+3, list:500@1+2+3+4", "limits": "none", "durations": 60_000 });
    let first = [(0.0, call(GENERATE))];
    let second = [(5000.0, call(GENERATE)), (12_000.0, call(GENERATE)), (60_000.0, RESUME)];
    holds("one placed, in the other tab", || {
        let mut plan = day(Stores::Shared, server.clone(), json!({}), &[&first, &second]);
        plan.processes[1].settings = json!({ "recovery": "report" });
        Plan { dateless: true, ..plan }
    });
}

#[test]
fn another_tab_may_have_taken_what_this_one_lost() {
    let server = json!({ "faults": "create:late=12@1, create:late=25@2", "limits": "none", "durations": 60_000 });
    let first = [(0.0, call(GENERATE)), (15_000.0, RESUME)];
    let second = [(10_000.0, call(GENERATE))];
    holds("swapped across tabs", || {
        let mut plan = day(Stores::Shared, server.clone(), json!({}), &[&first, &second]);
        plan.processes[0].settings = json!({ "recovery": "report" });
        plan
    });
}

#[test]
fn who_follows_another_tab_is_not_told_of_an_end_without_its_files() {
    // The second tab polls the first one's job while it waits for its place, and then follows.
    let limits = json!({ "image": { "concurrent": 2 } });
    let server = json!({ "limits": limits, "durations": 20_000 });
    let settings = json!({ "limits": limits });
    let sleep = Act::Doze { ms: 60_000.0 };
    let first = [(0.0, call(Way::Create)), (8000.0, RESUME), (10_000.0, sleep), (45_000.0, crash(0.0))];
    let gives_up = Act::Resume { client: 0, abort: Some(Abort { after: 25_000.0, dropped: false }) };
    let second = [(3000.0, call(GENERATE)), (4000.0, call(GENERATE)), (12_000.0, gives_up)];
    holds("a tab that stands still", || day(Stores::Shared, server.clone(), settings.clone(), &[&first, &second]));
}

#[test]
fn another_tab_may_have_delivered_what_this_one_lost() {
    let server = json!({ "faults": "create:late=12@1, create:late=25@2", "limits": "none", "durations": 3000 });
    let first = [(0.0, call(GENERATE)), (206_000.0, RESUME)];
    let second = [(200_000.0, call(GENERATE))];
    holds("swapped across tabs, and over", || {
        let mut plan = day(Stores::Shared, server.clone(), json!({}), &[&first, &second]);
        plan.processes[0].settings = json!({ "recovery": "report" });
        Plan { dateless: true, ..plan }
    });
}

#[test]
fn a_tab_that_knows_the_time_leaves_what_is_over_for_one_that_does_not() {
    let server = json!({ "faults": "create:cut@2", "limits": "none", "durations": 3000 });
    let first = [(0.0, call(GENERATE)), (925_000.0, RESUME)];
    let second = [(940_000.0, call(GENERATE))];
    holds("six minutes behind", || {
        let mut plan = day(Stores::Shared, server.clone(), json!({}), &[&first, &second]);
        plan.processes.iter_mut().for_each(|process| process.offset = -380_000.0);
        Plan { dateless: true, ..plan }
    });
}

#[test]
fn a_late_creation_counts_for_its_minute_when_another_job_was_taken_for_it() {
    let limits = json!({ "image": { "perMinute": 1 } });
    let faults = "create:late=12@1, create:late=25@2, list:403@1";
    let server = json!({ "faults": faults, "limits": limits, "durations": 3000 });
    let acts = [(0.0, call(GENERATE)), (20_000.0, call(GENERATE)), (21_000.0, call(GENERATE))];
    holds("perMinute, swapped", || Plan {
        dateless: true,
        ..day(Stores::None, server.clone(), json!({ "limits": limits }), &[&acts])
    });
}

#[test]
fn what_is_looked_for_keeps_its_place_however_long_that_takes() {
    let limits = json!({ "image": { "concurrent": 1 } });
    let faults = "create:cut-after@1, list:silence@1+2+3+4";
    let server = json!({ "faults": faults, "limits": limits, "durations": 400_000 });
    let acts = [(0.0, call(GENERATE)), (1000.0, call(GENERATE))];
    let settings = json!({ "limits": limits, "timeout": 60_000 });
    holds("a list that is silent", || day(Stores::None, server.clone(), settings.clone(), &[&acts]));
}

#[test]
fn what_is_delivered_is_not_found_again_while_the_time_is_hardly_known() {
    // The first answer tells of a job that was made at any moment of half a minute.
    let faults = "create:slow=30000@1, create:cut-after@2, create:cut@3";
    let server = json!({ "faults": faults, "limits": "none", "durations": 1000 });
    let acts = [(0.0, call(GENERATE)), (10_000.0, call(GENERATE)), (35_000.0, call(GENERATE))];
    holds("a late answer", || Plan { dateless: true, ..day(Stores::None, server.clone(), json!({}), &[&acts]) });
}

#[test]
fn what_a_machine_that_slept_lost_takes_its_place() {
    let limits = json!({ "image": { "concurrent": 1 } });
    let server = json!({ "limits": limits, "durations": 60_000 });
    // The job of the creation that is cut off runs when what waited is sent; by the clock of its machine it was sent minutes ago.
    let acts = [
        (0.0, Act::Doze { ms: 600_000.0 }),
        (601_000.0, call(GENERATE)),
        (601_000.0, call(GENERATE)),
        (603_000.0, crash(0.0)),
        (604_000.0, RESUME),
    ];
    holds("a clock that was put right", || day(Stores::Own, server.clone(), json!({ "limits": limits }), &[&acts]));
}

#[test]
fn a_creation_whose_job_another_one_was_given_counts_for_its_minute() {
    // The first creation was never made. While it is taken up it is given the job of the second one, which is then sent again.
    let limits = json!({ "image": { "perMinute": 1 } });
    let server = json!({ "faults": "create:cut@1, create:late=25@2", "limits": limits, "durations": 3000 });
    let acts = [(0.0, given_up(1900.0)), (2000.0, call(GENERATE)), (95_000.0, RESUME)];
    holds("perMinute, given away", || day(Stores::None, server.clone(), json!({ "limits": limits }), &[&acts]));
}

/// A day of one process whose two clients have a store each.
fn apart(server: Json, acts: &[(f64, Act)]) -> Plan {
    let mut plan = day(Stores::Apart, server, json!({ "limits": "none" }), &[acts]);
    plan.processes[0].clients.push(Some(1));
    plan
}

#[test]
fn a_store_has_no_ticket_of_a_client_with_another_one() {
    // The second client may be the first to see the job run; then the machine dies.
    let server = json!({ "limits": "none", "durations": 60_000 });
    let poll = Act::Poll { client: 1, abort: Some(Abort { after: 6000.0, dropped: true }) };
    let acts = [
        (0.0, call(GENERATE)),
        (3500.0, poll),
        (10_000.0, crash(0.0)),
        (12_000.0, Act::Resume { client: 1, abort: None }),
    ];
    holds("two stores", || apart(server.clone(), &acts));
}

#[test]
fn what_a_client_with_another_store_polled_is_found_for_no_lost_creation() {
    // The second creation was never made, and the job of the first one fits it.
    let server = json!({ "faults": "create:html@2", "limits": "none", "durations": 30_000 });
    let read = Act::Resume { client: 0, abort: Some(Abort { after: 1.0, dropped: true }) };
    let poll = Act::Poll { client: 1, abort: None };
    let acts = [
        (0.0, call(Way::Create)),
        (4000.0, given_up(6000.0)),
        (10_000.0, poll),
        (60_000.0, read),
        (61_000.0, crash(0.0)),
        (62_000.0, RESUME),
    ];
    holds("a poll in between", || apart(server.clone(), &acts));
}

#[test]
fn what_another_tab_sent_again_is_under_way_again() {
    // Each tab knows that the other one's creation was lost, and one of them is sent again while the other one is searched for.
    let server = json!({ "faults": "create:cut@1+3, create:slow=12000@4", "limits": "none", "durations": 100_000 });
    let first = [(0.0, call(GENERATE))];
    let second = [(10_500.0, call(GENERATE)), (11_000.0, call(GENERATE))];
    holds("sent again", || day(Stores::Shared, server.clone(), json!({}), &[&first, &second]));
}
