use super::*;

fn next(expression: &str, zone: &str, after: &str) -> String {
    let schedule = Schedule::parse(expression, zone).unwrap();
    let after: Timestamp = after.parse().unwrap();
    schedule.next_after(after).map_or("never".into(), |at| at.to_string())
}

#[test]
fn the_days_on_which_clocks_change_in_malta() {
    let two = "cron(0 2 * * ? *)";
    let half = "cron(30 2 * * ? *)";
    let cases = [
        // Spring: 02:00 to 03:00 does not exist on the day; the next run is a day later, in summer time.
        (two, "2026-03-27T12:00:00Z", "2026-03-28T01:00:00Z"),
        (two, "2026-03-28T01:00:00Z", "2026-03-30T00:00:00Z"),
        (half, "2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z"),
        (two, "2027-03-27T01:00:00Z", "2027-03-29T00:00:00Z"),
        (half, "2027-03-28T00:59:59Z", "2027-03-29T00:30:00Z"),
        // Autumn: 02:00 to 03:00 comes twice; only the first counts.
        (two, "2026-10-24T12:00:00Z", "2026-10-25T00:00:00Z"),
        (two, "2026-10-25T00:00:00Z", "2026-10-26T01:00:00Z"),
        (half, "2026-10-25T00:15:00Z", "2026-10-25T00:30:00Z"),
        (half, "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
        (half, "2026-10-25T01:15:00Z", "2026-10-26T01:30:00Z"),
    ];
    for (expression, after, expected) in cases {
        assert_eq!(
            next(expression, "Europe/Malta", after),
            expected,
            "{expression} after {after}"
        );
    }
}

#[test]
fn a_year_in_malta_has_one_run_less_than_days() {
    let schedule = Schedule::parse("cron(0 2 * * ? *)", "Europe/Malta").unwrap();
    let end: Timestamp = "2026-12-31T23:00:00Z".parse().unwrap();
    let start: Timestamp = "2025-12-31T23:00:00Z".parse().unwrap();
    let runs = std::iter::successors(schedule.next_after(start), |at| schedule.next_after(*at));
    assert_eq!(runs.take_while(|at| *at < end).count(), 364);
}

#[test]
fn fields_take_stars_lists_ranges_steps_and_names() {
    let cases = [
        ("cron(0 2 * * ? *)", "2026-11-21T04:00:00Z", "2026-11-22T02:00:00Z"),
        ("cron(* * * * ? *)", "2026-11-21T04:00:30Z", "2026-11-21T04:01:00Z"),
        ("cron(0/20 * * * ? *)", "2026-11-21T04:21:00Z", "2026-11-21T04:40:00Z"),
        (
            "cron(*/20 8-10 * * ? *)",
            "2026-11-21T10:40:00Z",
            "2026-11-22T08:00:00Z",
        ),
        ("cron(5,50 1 * * ? *)", "2026-11-21T01:05:00Z", "2026-11-21T01:50:00Z"),
        (
            "cron(0 10 ? * MON-FRI *)",
            "2026-11-20T10:00:00Z",
            "2026-11-23T10:00:00Z",
        ),
        ("cron(0 10 ? * 1 *)", "2026-11-21T00:00:00Z", "2026-11-22T10:00:00Z"),
        (
            "cron(0 0 1 jan,JUL ? *)",
            "2026-11-21T00:00:00Z",
            "2027-01-01T00:00:00Z",
        ),
        ("cron(0 0 29 2 ? *)", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z"),
        ("cron(0 0 1 1 ? 2026)", "2026-11-21T00:00:00Z", "never"),
        ("cron(0 0 30 2 ? *)", "2026-11-21T00:00:00Z", "never"),
    ];
    for (expression, after, expected) in cases {
        assert_eq!(next(expression, "UTC", after), expected, "{expression}");
    }
}

#[test]
fn rates_are_counted_from_the_epoch_and_ignore_the_zone() {
    let cases = [
        ("rate(5 minutes)", "2026-11-21T04:05:00Z", "2026-11-21T04:10:00Z"),
        ("rate(1 minute)", "2026-11-21T04:05:59.9Z", "2026-11-21T04:06:00Z"),
        ("rate(1 hour)", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z"),
        ("rate(1 day)", "2026-11-21T04:05:00Z", "2026-11-22T00:00:00Z"),
    ];
    for (expression, after, expected) in cases {
        assert_eq!(next(expression, "Europe/Malta", after), expected, "{expression}");
    }
}

#[test]
fn what_is_not_understood_is_named() {
    let cases = [
        ("every minute", "UTC", "neither"),
        ("rate(0 minutes)", "UTC", "not positive"),
        ("rate(5 weeks)", "UTC", "unit"),
        ("cron(0 2 * * ?)", "UTC", "5 fields"),
        ("cron(0 2 * * * *)", "UTC", "exactly one"),
        ("cron(60 2 * * ? *)", "UTC", "minutes: \"60\""),
        ("cron(0 2 L * ? *)", "UTC", "day of month: \"L\""),
        ("cron(0 2 ? * FRI-MON *)", "UTC", "backwards"),
        ("cron(0 5-1 * * ? *)", "UTC", "backwards"),
        ("cron(0/0 2 * * ? *)", "UTC", "step"),
        ("cron(0 2 * * ? *)", "Mars/Olympus", "time zone"),
    ];
    for (expression, zone, part) in cases {
        let text = Schedule::parse(expression, zone).unwrap_err().to_string();
        assert!(text.contains(part), "{expression}: {text}");
    }
}
