//! What was measured, as the page shows it.

use crate::figures::{Function, Init, Pair, Report, Side};
use std::fmt::Write as _;

/// The tables in Markdown.
pub(crate) fn markdown(report: &Report) -> String {
    let mut text = format!("Measured on {}.\n\n{}", report.machine, functions(&report.functions));
    if let Some(pair) = &report.twin {
        text += &format!("\n{}", twin(pair));
    }
    text + "\n" + &targets(report)
}

fn functions(all: &[Function]) -> String {
    let head = "| function | zip MB | raw MB | M instructions to `/next` | of them for secrets | k instructions, warm event \
                | init ms | at 7.2 % | emulator ms | at 7.2 % | RSS MB |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
    all.iter().fold(head.to_owned(), |text, it| text + &row(it) + "\n")
}

fn row(it: &Function) -> String {
    let counted = it.instructions[0];
    let secrets = match it.secrets {
        0 => "none".to_owned(),
        count => format!("{:.2} ({count})", millions(counted.saturating_sub(it.without_secrets))),
    };
    let Init {
        full,
        quota,
        emulator,
        emulator_quota,
    } = it.init;
    format!(
        "| `{}` | {:.2} | {:.2} | {:.2} | {secrets} | {} | {} | {} | {} | {} | {} |",
        it.name,
        millions(it.zip),
        millions(it.raw),
        millions(counted),
        it.warm / 1000,
        shown(Some(full)),
        shown(quota),
        shown(emulator),
        shown(emulator_quota),
        shown(it.peak.map(megabytes)),
    )
}

fn twin(pair: &Pair) -> String {
    let head = format!(
        "| `{}` and the same in Node.js {} | ours | Node.js | ratio |\n|---|--:|--:|--:|\n",
        pair.function, pair.node
    );
    let mut text = head;
    let mut add = |what: &str, of: &dyn Fn(&Side) -> Option<f64>| {
        let Some((ours, theirs)) = of(&pair.ours).zip(of(&pair.theirs)) else {
            return;
        };
        // Writing to a text can't fail.
        let _ = writeln!(
            text,
            "| {what} | {} | {} | {} |",
            shown(Some(ours)),
            shown(Some(theirs)),
            ratio(ours, theirs)
        );
    };
    add("init ms, secret fetched", &|it| Some(it.fetched.full));
    add("at 7.2 %", &|it| it.fetched.quota);
    add("init ms, secret in the environment", &|it| Some(it.given.full));
    add("at 7.2 %", &|it| it.given.quota);
    add("emulator's init ms, secret fetched", &|it| it.fetched.emulator);
    add("at 7.2 %", &|it| it.fetched.emulator_quota);
    add("RSS MB after 1,000 events", &|it| Some(megabytes(it.peak)));
    add("zip MB", &|it| Some(millions(it.zip)));
    text
}

/// What the project set itself, and the worst that was found.
fn targets(report: &Report) -> String {
    let mut text = "| to reach | reached | worst |\n|---|---|---|\n".to_owned();
    let mut add = |target: &str, limit: f64, unit: &str, worst: Option<(f64, String)>| {
        let Some((value, who)) = worst else { return };
        let met = if value <= limit { "yes" } else { "no" };
        // Writing to a text can't fail.
        let _ = writeln!(text, "| {target} | {met} | {} {unit}{who} |", shown(Some(value)));
    };
    let worst = |of: &dyn Fn(&Function) -> Option<f64>| {
        let all = report
            .functions
            .iter()
            .filter_map(|it| Some((of(it)?, format!(" (`{}`)", it.name))));
        all.max_by(|one, other| one.0.total_cmp(&other.0))
    };
    add("zip ≤ 2.6 MB", 2.6, "MB", worst(&|it| Some(millions(it.zip))));
    add(
        "≤ 2.5 M instructions to `/next`",
        2.5,
        "M",
        worst(&|it| Some(millions(it.instructions[0]))),
    );
    let own = worst(&|it| Some(millions(it.without_secrets)));
    add("the same, secrets in the environment", 2.5, "M", own);
    add("RSS ≤ 16 MB", 16.0, "MB", worst(&|it| it.peak.map(megabytes)));
    let first = report.handshake.map(|it| it.first_ms);
    add(
        "first TLS handshake ≤ 1 ms",
        1.0,
        "ms",
        first.map(|it| (it, String::new())),
    );
    for (target, limit, times) in report.twin.iter().flat_map(quickness) {
        let met = if times >= limit { "yes" } else { "no" };
        // Writing to a text can't fail.
        let _ = writeln!(text, "| {target} | {met} | {times:.0} × |");
    }
    text
}

/// How many times as quick ours starts, its secret fetched, and how many it should be: by our clock and the emulator's.
fn quickness(pair: &Pair) -> Vec<(&'static str, f64, f64)> {
    let (ours, theirs) = (pair.ours.fetched, pair.theirs.fetched);
    let all = [
        (
            "init 20 × as quick as Node.js",
            20.0,
            Some(ours.full),
            Some(theirs.full),
        ),
        ("60 × at 7.2 %", 60.0, ours.quota, theirs.quota),
        ("20 × by the emulator", 20.0, ours.emulator, theirs.emulator),
        (
            "60 × by the emulator at 7.2 %",
            60.0,
            ours.emulator_quota,
            theirs.emulator_quota,
        ),
    ];
    let times =
        |(target, limit, ours, theirs): (_, _, Option<f64>, Option<f64>)| Some((target, limit, theirs? / ours?));
    all.into_iter().filter_map(times).collect()
}

/// Three figures that say something, or a dash.
fn shown(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(value) if value >= 100.0 => format!("{value:.0}"),
        Some(value) if value >= 10.0 => format!("{value:.1}"),
        Some(value) => format!("{value:.2}"),
    }
}

fn ratio(ours: f64, theirs: f64) -> String {
    match theirs >= ours {
        true => format!("{:.1} ×", theirs / ours),
        false => format!("1 / {:.1}", ours / theirs),
    }
}

#[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
fn millions(count: u64) -> f64 {
    count as f64 / 1e6
}

/// From kB as the system counts them.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 * 1024.0 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_function_decides_what_is_reached() {
        let of = |name: &str, zip, instructions| Function {
            name: name.to_owned(),
            zip,
            instructions: [instructions; 2],
            peak: Some(11_000),
            ..Function::default()
        };
        let report = Report {
            functions: vec![of("quick", 1_000_000, 2_000_000), of("slow", 2_700_000, 2_400_000)],
            ..Report::default()
        };
        let text = markdown(&report);
        assert!(text.contains("| zip ≤ 2.6 MB | no | 2.70 MB (`slow`) |"), "{text}");
        assert!(
            text.contains("| ≤ 2.5 M instructions to `/next` | yes | 2.40 M (`slow`) |"),
            "{text}"
        );
        assert!(text.contains("| `quick` | 1.00 | 0.00 | 2.00 | none |"), "{text}");
    }

    #[test]
    fn a_ratio_is_told_from_the_better_side() {
        assert_eq!(ratio(5.0, 125.0), "25.0 ×");
        assert_eq!(ratio(2.0, 1.0), "1 / 2.0");
    }
}
