//! Every time that the engine reckons with, in ms. They stand together because many of them only make sense against
//! another: a lease outlasts the longest sleep, recovery outlasts the latest arrival.

pub const SECOND: f64 = 1000.0;
pub const MINUTE: f64 = 60_000.0;

// Jobs.

/// No job is believed to run longer than this. The providers prune theirs after an hour.
pub const MAX_JOB: f64 = 3_600_000.0;
/// A job whose state has an unknown word and that has its files for so long counts as done.
pub const UNKNOWN_STATE: f64 = MINUTE;
/// A job that was there once is gone when the API has answered for so long that it is not: one that was just made may not show yet, and
/// one of several servers, or a gateway while it is set up, may not know it.
pub const MISSING_JOB: f64 = MINUTE;
/// A server may still take a creation for so long after its connection was lost.
pub const LATEST_ARRIVAL: f64 = 30_000.0;
/// An estimate of durations adapts within this time to a provider that becomes slower.
pub const DURATION_MEMORY: f64 = 600_000.0;

/// The answer to a `sync` request is waited for so long, on top of what the request itself waits for at the server.
pub const SYNC_MARGIN: f64 = 30_000.0;
/// How long a `sync` request waits at the server unless it says so itself: Dream Machine's own default.
pub const SYNC_DEFAULT: f64 = 60_000.0;
/// A `sync_timeout` counts up to this.
pub const MAX_SYNC: f64 = 86_400_000.0;

// Recovery.

/// When the list is searched, counted from the last loss. A job that the list shows by the last of these is found. After it
/// the creation counts as never made.
pub const SEARCH_TIMES: [f64; 6] = [500.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0, LATEST_ARRIVAL];
/// How often a search checks whether another creation is still under way, or another client still claims a job.
pub const CLAIM_CHECK: f64 = 500.0;
/// Two clocks of one provider may differ by this much.
pub const CLOCK_MARGIN: f64 = SECOND;
/// A provider's clock and ours may differ by this much while no answer has given the time: most are right by a few minutes,
/// and a machine that sleeps falls behind.
pub const UNKNOWN_CLOCK: f64 = 600_000.0;
/// A creation that is sent so soon after another job was made might be mistaken for that one's.
pub const RECENT_DELIVERY: f64 = 5_000.0;
/// How long a tombstone stays at least. A creation of a machine whose clock is wrong may be placed too early, where a
/// delivered job could be taken for its own. That clock may be behind, its error is allowed for, and so is the error of the
/// clock by which the tombstone was written.
pub const TOMBSTONE_LIFE: f64 = 3.0 * UNKNOWN_CLOCK;

/// What a server does not know of a creation with a key it may have forgotten after so long: luma-edge's Worker does after 7 days, and
/// this machine's clock may have been set.
pub const KEY_LIFE: f64 = 6.0 * 86_400_000.0;

// The store.

/// How often a call checks whether another one has read the store.
pub const STORE_READ_CHECK: f64 = 20.0;
/// It waits no longer than this: the other one may have died with its request.
pub const MAX_STORE_READ: f64 = 2_000.0;
/// The caller of a job that was just made gets it when its id is written down, and after this time at the latest.
pub const MAX_STORE_WRITE: f64 = 2_000.0;
/// How often a client that follows another one reads what has changed, unless the store reports changes.
pub const FOLLOW_CHECK: f64 = 2_000.0;
/// How often a call checks whether another call of its client, which holds the ticket, knows the job.
pub const SAME_CLIENT_CHECK: f64 = 200.0;

// Requests.

/// How long one HTTP request may take, unless the settings say otherwise.
pub const REQUEST_TIMEOUT: f64 = 60_000.0;
/// A `date` header is cut to seconds.
pub const DATE_RESOLUTION: f64 = SECOND;
pub const FIRST_BACKOFF: f64 = 500.0;
pub const MAX_BACKOFF: f64 = 30_000.0;
/// A server may ask for more patience than any caller has. The client does not wait longer than this.
pub const MAX_RETRY_AFTER: f64 = 120_000.0;
/// How long a provider may process a file that was uploaded. Undocumented, like the two below.
pub const UPLOAD_PROCESSING: f64 = 300_000.0;
pub const FIRST_UPLOAD_POLL: f64 = 500.0;
pub const MAX_UPLOAD_POLL: f64 = 8_000.0;
/// What a connection does at least while a file is uploaded, in bytes a ms (0.4 Mbit/s): a large file may take longer than an
/// answer may.
pub const SLOWEST_UPLOAD: f64 = 50.0;

// Polls.

/// A job that has just begun is polled this often: its end is noticed within 3 s, and a poll takes its time as well.
pub const SHORT_PAUSE: f64 = 2_500.0;
/// A job that hangs is polled at least this often.
pub const MAX_POLL_PAUSE: f64 = 60_000.0;
/// Polls are this far apart for each page that the jobs in flight fill, and never nearer than the least.
pub const POLL_SPACING: f64 = SECOND;
pub const LEAST_POLL_SPACING: f64 = 200.0;
/// Jobs that are due within this time share a poll.
pub const SHARED_POLL: f64 = SECOND;
/// A job that was seen so lately needs no other poll.
pub const FRESH: f64 = 500.0;
/// Nobody sees a hidden page, so its polls are this far apart.
pub const HIDDEN_POLL_PAUSE: f64 = 15_000.0;
/// A subscriber whose job may be done reads what the polls of other jobs have found. With each of those jobs it does so 1 ms
/// later, within these bounds: many subscribers that read often would cost more than they gain.
pub const FIRST_NEWS_CHECK: f64 = 200.0;
pub const MAX_NEWS_CHECK: f64 = 2.0 * SECOND;
/// A poll without an answer for so long keeps no other from polling: its request may have been cancelled, and no code is notified.
pub const POLL_ANSWER: f64 = 10_000.0;
/// A subscriber reads this often what another one's poll under way has found.
pub const ATTEMPT_CHECK: f64 = 100.0;
/// Timers fire early by a fraction of a ms: what is this near is due.
pub const TIMER_TOLERANCE: f64 = 1.0;
/// A call sleeps no longer than this at a stretch: one that does not run is taken for gone in the end.
pub const MAX_SLEEP: f64 = 30_000.0;

// The queue of creations.

/// The creations at the head of the queue check this often whether they may go.
pub const QUEUE_HEAD_CHECK: f64 = 100.0;
/// Those behind them check this often, since some before them may leave.
pub const QUEUE_CHECK: f64 = 2_000.0;
/// A creation that waits for a refund to pay for it checks this often.
pub const REFUND_CHECK: f64 = SECOND;
/// The observer of a waiting creation is called at least this often, and whenever its wait changes by as much.
pub const QUEUE_REPORT: f64 = 10_000.0;
/// How long a job that should have ended is still expected to run.
pub const OVERDUE: f64 = SECOND;
/// So long after a refusal one job more is tried: other programs with the same key may have ended.
pub const CONCURRENCY_PROBE: f64 = 60_000.0;

// Leases: when a call that shows no sign of life has lost what it held.

/// A waiter that does not come back for so long after it should have is gone.
pub const MISSED_CHECK: f64 = 5_000.0;
/// An attempt counts as abandoned so long after its request's own timeout.
pub const LEASE_MARGIN: f64 = 5_000.0;
/// A call runs at least this often: it waits no longer at a stretch for anything but an answer.
pub const SHORTEST_CALL_LEASE: f64 = 150_000.0;
/// A call that has not run for so long may be gone: others poll its job as well.
pub const SILENT_CALL: f64 = 60_000.0;
/// A machine that slept wakes all its calls. Only a call that stays silent for so long after that is gone.
pub const WAKE_UP_GRACE: f64 = SECOND;
