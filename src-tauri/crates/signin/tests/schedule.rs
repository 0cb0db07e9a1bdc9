//! The rules of RFC 8628, section 3.5, hold for every sequence of answers.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use signin::{AnswerKind, PollSchedule};

const MARGIN: Duration = Duration::from_secs(1);
const SLOWER: Duration = Duration::from_secs(5);
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);
const PENDING: AnswerKind = AnswerKind::Pending { scanned: false };

/// One poll of a simulated counter.
#[derive(Clone, Debug)]
struct Turn {
    /// How long after its time the request was sent.
    late: Duration,
    /// How long the answer took.
    took: Duration,
    answer: AnswerKind,
    jitter: f64,
}

fn answers() -> impl Strategy<Value = AnswerKind> {
    prop_oneof![
        4 => any::<bool>().prop_map(|scanned| AnswerKind::Pending { scanned }),
        2 => prop::option::of(0_u64..200).prop_map(|seconds| AnswerKind::SlowDown { interval: seconds.map(Duration::from_secs) }),
        3 => Just(AnswerKind::NoAnswer),
    ]
}

fn turns() -> impl Strategy<Value = Vec<Turn>> {
    let jitter =
        prop_oneof![9 => 0.0..=1.0, 1 => prop_oneof![Just(f64::NAN), Just(-3.0), Just(f64::INFINITY)]];
    let turn = (0_u64..2_000, 0_u64..20_000, answers(), jitter).prop_map(|(late, took, answer, jitter)| {
        Turn { late: Duration::from_millis(late), took: Duration::from_millis(took), answer, jitter }
    });
    prop::collection::vec(turn, 1..60)
}

proptest! {
    #[test]
    fn a_schedule_keeps_the_rules(
        interval in 0_u64..300,
        holds in any::<bool>(),
        life in 0_u64..1_200,
        turns in turns(),
    ) {
        let start = Instant::now();
        let deadline = start + Duration::from_secs(life);
        let mut schedule = PollSchedule::new(Duration::from_secs(interval), holds, deadline, start);
        // What the rules say the interval is at least.
        let mut least = Duration::from_secs(interval.max(1));
        let mut scanned_before = false;
        let mut still_holds = holds;
        let mut earliest = if holds { start } else { start + least + MARGIN };
        let mut latest = earliest;

        for turn in turns {
            let Some(at) = schedule.next_at() else {
                prop_assert!(schedule.is_over(start), "nothing is due, but it is not over");
                break;
            };
            prop_assert!(at >= earliest, "{:?} too early", earliest - at);
            prop_assert!(at <= latest, "{:?} too late", at - latest);
            prop_assert!(at < deadline, "a poll after the deadline");

            let sent = at + turn.late;
            schedule.sent(sent);
            prop_assert_eq!(schedule.next_at(), None, "two requests in flight");

            let now = sent + turn.took;
            schedule.answered(turn.answer, now, turn.jitter);
            prop_assert_eq!(schedule.is_over(now), now >= deadline || schedule.next_at().is_none());
            match turn.answer {
                AnswerKind::Pending { scanned } if still_holds => {
                    let is_news = scanned && !scanned_before;
                    scanned_before |= scanned;
                    // Once for the news that the page is open; otherwise the interval counts from the request at least.
                    earliest = if is_news { now } else { now.max(sent + least) };
                    latest = if is_news { now } else { now + least + MARGIN };
                    continue;
                }
                AnswerKind::Pending { scanned } => {
                    scanned_before |= scanned;
                    latest = now + least + MARGIN;
                }
                AnswerKind::SlowDown { interval } => {
                    still_holds = false;
                    least = (least + SLOWER).max(interval.unwrap_or_default());
                    latest = now + least + MARGIN;
                }
                AnswerKind::NoAnswer => {
                    latest = now + least + MARGIN + LONGEST_BACKOFF;
                }
            }
            earliest = now + least + MARGIN;
        }
    }

    #[test]
    fn what_is_over_stays_over(life in 0_u64..60, later in 0_u64..1_000) {
        let start = Instant::now();
        let deadline = start + Duration::from_secs(life);
        let schedule = PollSchedule::new(Duration::from_secs(5), true, deadline, start);
        prop_assert!(schedule.is_over(deadline + Duration::from_secs(later)));
    }
}

fn after(schedule: &mut PollSchedule, answer: AnswerKind, now: Instant) -> Duration {
    schedule.sent(now);
    schedule.answered(answer, now, 0.5);
    schedule.next_at().unwrap() - now
}

#[test]
fn each_slow_down_adds_five_seconds_for_good() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(Duration::from_secs(5), false, now + Duration::from_mins(10), now);
    assert_eq!(schedule.next_at().unwrap() - now, Duration::from_secs(6));
    for (answer, seconds) in [
        (PENDING, 6),
        (AnswerKind::SlowDown { interval: None }, 11),
        (PENDING, 11),
        (AnswerKind::SlowDown { interval: Some(Duration::from_secs(2)) }, 16),
        (AnswerKind::SlowDown { interval: Some(Duration::from_secs(30)) }, 31),
        (PENDING, 31),
    ] {
        assert_eq!(after(&mut schedule, answer, now), Duration::from_secs(seconds), "{answer:?}");
    }
}

#[test]
fn a_provider_that_holds_requests_is_asked_again_at_once() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(Duration::from_secs(5), true, now + Duration::from_mins(5), now);
    assert_eq!(schedule.next_at(), Some(now));
    schedule.sent(now);
    schedule.answered(PENDING, now + Duration::from_secs(5), 0.5);
    assert_eq!(schedule.next_at(), Some(now + Duration::from_secs(5)));
}

#[test]
fn a_provider_that_only_claims_to_hold_requests_is_asked_like_any_other() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(Duration::from_secs(5), true, now + Duration::from_mins(5), now);
    assert_eq!(after(&mut schedule, PENDING, now), Duration::from_secs(6));
    // The page was opened: that is worth asking again at once, but only once.
    let scanned = AnswerKind::Pending { scanned: true };
    assert_eq!(after(&mut schedule, scanned, now), Duration::ZERO);
    assert_eq!(after(&mut schedule, scanned, now), Duration::from_secs(6));
    // And one that says "too fast" does not hold.
    assert_eq!(after(&mut schedule, AnswerKind::SlowDown { interval: None }, now), Duration::from_secs(11));
    assert_eq!(after(&mut schedule, PENDING, now), Duration::from_secs(11));
}

#[test]
fn an_interval_is_kept_however_long_it_is() {
    let now = Instant::now();
    let (life, interval) = (Duration::from_mins(10), Duration::from_mins(4));
    let mut schedule = PollSchedule::new(interval, false, now + life, now);
    assert_eq!(schedule.next_at(), Some(now + interval + MARGIN));
    assert_eq!(after(&mut schedule, PENDING, now), interval + MARGIN);

    // As long as the code's life, or without end: there is no moment at which to ask.
    for interval in [life, Duration::MAX] {
        let mut schedule = PollSchedule::new(interval, false, now + life, now);
        assert!(schedule.is_over(now), "{interval:?}");
        schedule.answered(AnswerKind::NoAnswer, now, 1.0);
        assert_eq!(schedule.next_at(), None, "{interval:?}");
    }
    let mut schedule = PollSchedule::new(Duration::from_secs(5), false, now + life, now);
    schedule.answered(AnswerKind::SlowDown { interval: Some(life) }, now, 0.0);
    assert!(schedule.is_over(now));
}

#[test]
fn while_nothing_answers_the_wait_doubles_and_an_answer_ends_that() {
    let now = Instant::now();
    let mut schedule = PollSchedule::new(Duration::from_secs(5), false, now + Duration::from_hours(1), now);
    let waits: Vec<Duration> = (0..6).map(|_| after(&mut schedule, AnswerKind::NoAnswer, now)).collect();
    assert!(waits[..3].is_sorted_by(|a, b| a < b), "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= Duration::from_secs(66)), "{waits:?}");
    assert_eq!(waits[3], waits[5], "the wait is bounded");
    assert_eq!(after(&mut schedule, PENDING, now), Duration::from_secs(6));
}

#[test]
fn tills_that_failed_together_do_not_come_back_together() {
    let now = Instant::now();
    let wait = |jitter| {
        let mut schedule =
            PollSchedule::new(Duration::from_secs(5), false, now + Duration::from_mins(5), now);
        schedule.sent(now);
        schedule.answered(AnswerKind::NoAnswer, now, jitter);
        schedule.next_at().unwrap() - now
    };
    assert!(wait(0.0) < wait(0.5) && wait(0.5) < wait(1.0));
}

#[test]
fn before_the_deadline_there_is_one_last_request_and_after_it_none() {
    let now = Instant::now();
    let last = now + Duration::from_secs(19);
    let deadline = last + MARGIN;
    let mut schedule = PollSchedule::new(Duration::from_secs(5), false, deadline, now);
    for _ in 0..2 {
        schedule.sent(now);
        schedule.answered(AnswerKind::NoAnswer, now, 1.0);
    }
    assert_eq!(schedule.next_at(), Some(last), "a back-off outlived the code");
    schedule.sent(last);
    schedule.answered(PENDING, last, 1.0);
    assert_eq!(schedule.next_at(), None);
    assert!(schedule.is_over(last));
}

#[test]
fn a_provider_that_is_back_is_not_kept_waiting_for_the_back_off() {
    let start = Instant::now();
    let interval = Duration::from_secs(5);
    let mut schedule = PollSchedule::new(interval, false, start + Duration::from_mins(10), start);
    let mut now = start;
    for _ in 0..4 {
        now = schedule.next_at().unwrap();
        schedule.sent(now);
        schedule.answered(AnswerKind::NoAnswer, now, 1.0);
    }
    assert!(now + interval + MARGIN < schedule.next_at().unwrap(), "it has backed off");
    schedule.is_reachable();
    assert_eq!(
        schedule.next_at(),
        Some(now + interval + MARGIN),
        "and no poll comes earlier than is allowed"
    );
}
