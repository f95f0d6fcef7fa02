//! plotters as it comes: its own backend, mesh, labels and fonts, nothing set that need not be.

use super::gallery::{HERE, clean, noise, samples, timing};
use helpers::chart::{self, Figure};
use helpers::{Nanos, Ratio, Status, Timing, millis, nanos, predict};
use plotters::prelude::*;
use plotters_svg::SVGBackend;

const SIZE: (u32, u32) = (760, 420);
/// Where plotters writes what is then taken into the page.
const DRAFT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/gallery/draft.svg");

/// Title, plotters' picture, ours.
pub(crate) fn pairs() -> Vec<(&'static str, String, Figure)> {
    vec![ladder(), histogram(), series(), speed_up(), turns()]
}

/// A chart with axes over these ranges.
macro_rules! plain {
    ($title:expr, $x:expr, $y:expr, $draw:expr) => {{
        {
            let root = SVGBackend::new(DRAFT, SIZE).into_drawing_area();
            let _ = root.fill(&WHITE);
            let builder = ChartBuilder::on(&root)
                .caption($title, ("sans-serif", 24))
                .x_label_area_size(40)
                .y_label_area_size(60)
                .margin(10)
                .build_cartesian_2d($x, $y);
            if let Ok(mut chart) = builder {
                let _ = chart.configure_mesh().draw();
                #[allow(clippy::redundant_closure_call)]
                ($draw)(&mut chart);
            }
            let _ = root.present();
        }
        std::fs::read_to_string(DRAFT).unwrap_or_default()
    }};
}

fn ladder() -> (&'static str, String, Figure) {
    let rows: Vec<Timing> = [
        ("function call", 1.46),
        ("clock, by vDSO", 23.0),
        ("getppid, libc", 164.0),
        ("pipe write + read", 690.0),
        ("fork + wait", 301_000.0),
    ]
    .map(|(name, middle)| clean(name, middle, 0.1))
    .into();
    let dots: Vec<(f64, f64)> = rows.iter().zip(0..).map(|(row, i)| (row.samples[0], f64::from(i))).collect();
    let svg =
        plain!("What things cost", (1.0..1e6).log_scale(), -0.5..4.5, |chart: &mut ChartContext<_, _>| {
            let _ = chart.draw_series(dots.iter().map(|at| Circle::new(*at, 5, BLUE.filled())));
        });
    let ours = chart::dots(&rows).subject(&rows[2]).guess(&predict("getppid, libc").at(nanos(50.0)));
    ("What things cost, over five decades", svg, ours.machine(HERE).figure())
}

fn histogram() -> (&'static str, String, Figure) {
    let samples = samples(164.0, 0.03, 2000);
    let most = samples.iter().copied().fold(0.0, f64::max);
    let mut bins = vec![0_u32; 60];
    for sample in &samples {
        bins[((sample / most * 60.0) as usize).min(59)] += 1;
    }
    let tallest = f64::from(bins.iter().copied().max().unwrap_or(1));
    let svg = plain!("getppid", 0.0..most, 0.0..tallest, |chart: &mut ChartContext<_, _>| {
        let bar = |(i, n): (usize, &u32)| {
            let (x0, x1) = (most / 60.0 * i as f64, most / 60.0 * (i + 1) as f64);
            Rectangle::new([(x0, 0.0), (x1, f64::from(*n))], BLUE.filled())
        };
        let _ = chart.draw_series(bins.iter().enumerate().map(bar));
    });
    let ours = chart::distribution(&timing("getppid, libc", samples, Status::Clean));
    ("A distribution with a long tail", svg, ours.machine(HERE).figure())
}

fn series() -> (&'static str, String, Figure) {
    let values: Vec<f64> = noise(11, 256)
        .into_iter()
        .enumerate()
        .map(|(i, u)| if i % 16 == 0 { 2400.0 + 900.0 * u } else { 120.0 + 60.0 * u })
        .collect();
    let svg = plain!("Time per touch", 0.0..256.0, 0.0..3400.0, |chart: &mut ChartContext<_, _>| {
        let points = values.iter().enumerate().map(|(i, v)| (i as f64, *v));
        let _ = chart.draw_series(LineSeries::new(points, &BLUE));
    });
    let touches: Vec<Nanos> = values.iter().copied().map(Nanos).collect();
    let ours = chart::line("page", "time per touch").series("first touch", &touches);
    ("One page after the other", svg, ours.machine(HERE).figure())
}

fn speed_up() -> (&'static str, String, Figure) {
    let threads = [1_u64, 2, 3, 4, 6, 8];
    let speed = threads.map(|n| n as f64 / (1.0 + 0.12 * (n as f64 - 1.0)));
    let svg = plain!("Speed-up", 1.0..8.0, 0.0..8.0, |chart: &mut ChartContext<_, _>| {
        let points = threads.iter().zip(speed).map(|(n, speed)| (*n as f64, speed));
        if let Ok(series) = chart.draw_series(LineSeries::new(points, &BLUE)) {
            series.label("measured");
        }
        if let Ok(series) = chart.draw_series(LineSeries::new([(1.0, 1.0), (8.0, 8.0)], &RED)) {
            series.label("ideal");
        }
        let _ = chart.configure_series_labels().draw();
    });
    let ours = chart::line("threads", "speed-up").places(&threads).series("measured", &speed.map(Ratio));
    let ours = ours.curve("ideal", &threads.map(|n| Ratio(n as f64)));
    ("Measured and ideal", svg, ours.machine(HERE).figure())
}

fn turns() -> (&'static str, String, Figure) {
    let mut now = 0.0;
    let mut turns = Vec::new();
    for (number, u) in noise(31, 30).into_iter().enumerate() {
        let took = if u < 0.3 { 4.0 * u / 0.3 } else { 3.98 };
        turns.push(((number * 7 + (u * 3.0) as usize) % 4, now, now + took));
        now += took;
    }
    let svg = plain!("Who ran when", 0.0..100.0, -0.5..3.5, |chart: &mut ChartContext<_, _>| {
        let bar = |(thread, from, to): &(usize, f64, f64)| {
            let y = *thread as f64;
            Rectangle::new([(*from, y - 0.3), (*to, y + 0.3)], Palette99::pick(*thread).filled())
        };
        let _ = chart.draw_series(turns.iter().map(bar));
    });
    let ours = turns.iter().fold(chart::timeline(millis(100.0)), |chart, (thread, from, to)| {
        chart.turn(&format!("thread {}", thread + 1), 1, millis(*from), millis(*to))
    });
    ("Four threads on one CPU", svg, ours.machine(HERE).figure())
}
