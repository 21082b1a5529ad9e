fn main() {
    let seed: u64 = std::env::args().nth(1).unwrap().parse().unwrap();
    let n: u64 = std::env::args().nth(2).map_or(1, |it| it.parse().unwrap());
    let t = std::time::Instant::now();
    let mut d = 0;
    let mut bad = 0;
    for s in seed..seed + n {
        if std::env::var("LIVE").is_ok() {
            eprintln!("seed {s}");
        }
        let mut plan = simulation::run::Plan::of(s);
        plan.manner.keep_log = n == 1;
        let r = simulation::run::run(&plan).unwrap();
        for l in &r.lines {
            println!("{l}");
        }
        d += r.deliveries;
        if !r.breaches.is_empty() {
            bad += 1;
        }
        for b in &r.breaches {
            println!("{s} {b}");
        }
        if n == 1 {
            println!("{:#?} {:016x}", r.faults, r.trace);
        }
    }
    eprintln!("{n} seeds {d} deliveries {bad} bad {:?}", t.elapsed());
}
