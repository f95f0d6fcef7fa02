//! Every kind of chart in every regime: compared with a reviewed picture, on a screen and on a telephone, and checked for what a
//! reader could not read. `UPDATE_EXPECT=1 cargo test -p helpers --test all chart::` draws the pictures anew; look at each before
//! you commit it.

use crate::gallery::{self, Piece};
use expect_test::expect_file;
use helpers::chart::{self, Figure};
use helpers::{Status, Timing, millis, nanos};
use std::panic::catch_unwind;
use std::path::PathBuf;

const SCREEN: f64 = 760.0;
const PHONE: f64 = 320.0;

#[test]
fn every_picture_is_the_reviewed_one() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut differing = Vec::new();
    for Piece { name, draw } in gallery::pieces() {
        for (width, place) in [(SCREEN, folder.join(name)), (PHONE, folder.join("phone").join(name))] {
            let svg = draw(width).svg;
            let place = place.with_extension("svg");
            let lines = differing_lines(&std::fs::read_to_string(&place).unwrap_or_default(), &svg);
            if lines == 0 {
                continue;
            }
            // Few differences are printed; of another picture it takes minutes to find what is the same.
            let golden = expect_file![&place];
            let is_printed = lines <= 40 || std::env::var_os("UPDATE_EXPECT").is_some();
            if !is_printed || catch_unwind(|| golden.assert_eq(&svg)).is_err() {
                differing.push(format!("{name} at {width} px in {lines} lines"));
            }
        }
    }
    assert!(differing.is_empty(), "these differ: {}", differing.join(", "));
}

/// How many lines of two texts, an element each, are not the same.
fn differing_lines(one: &str, other: &str) -> usize {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    one.iter().zip(&other).filter(|(a, b)| a != b).count() + one.len().abs_diff(other.len())
}

#[test]
fn every_picture_can_be_read_on_a_screen_and_on_a_phone() {
    let mut faults = Vec::new();
    for Piece { name, draw } in gallery::pieces() {
        for width in [SCREEN, PHONE] {
            faults.extend(draw(width).faults().iter().map(|fault| format!("{name} at {width} px: {fault}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_same_data_give_the_same_bytes() {
    for (one, other) in gallery::pieces().into_iter().zip(gallery::pieces()) {
        assert!((one.draw)(SCREEN) == (other.draw)(SCREEN), "{}", one.name);
    }
}

#[test]
fn every_figure_is_whole() {
    for Piece { name, draw } in gallery::pieces() {
        let figure = draw(SCREEN);
        // HTML as this crate writes it is XML but for its images, which close nothing.
        let html = figure.html().replace("\"><figcaption>", "\"/><figcaption>");
        for markup in [&figure.svg, &format!("<div>{html}</div>")] {
            let document =
                roxmltree::Document::parse(markup).unwrap_or_else(|fault| panic!("{name}: {fault}"));
            assert!(!document.descendants().any(|node| node.has_tag_name("script")), "{name}");
        }
        assert!(figure.svg.starts_with("<svg xmlns=") && figure.svg.contains("role=\"img\""), "{name}");
        assert!(figure.svg.contains("<title>") && figure.svg.contains("<desc>"), "{name}");
        assert!(!figure.title.is_empty() && !figure.subtitle.is_empty(), "{name}");
        let start: String = figure.title.trim_end_matches('.').chars().take(100).collect();
        assert!(figure.alt.starts_with(&start), "{name}: {}", figure.alt);
        assert!(figure.alt.chars().count() < 400, "{name} is told in {} letters", figure.alt.chars().count());
        assert!(figure.table.rows.iter().all(|row| row.len() == figure.table.headers.len()), "{name}");
        assert!(figure.text.starts_with(&figure.title), "{name}");
        assert!(!figure.text.lines().any(|line| line.starts_with("EVCXR_")), "{name}");
        assert!(figure.svg.len() < 110_000, "{name} takes {} bytes", figure.svg.len());
        for bad in ["NaN", "inf ", "None", "\u{0}"] {
            assert!(!figure.svg.contains(bad), "{name} holds {bad}");
        }
    }
}

#[test]
fn what_ends_before_it_begins_is_told_and_not_turned_round() {
    let [early, late] = [millis(1.0), millis(2.0)];
    let spans = chart::spans().span("reader", "runs", early, late).span("reader", "sleeps", late, early);
    let lanes = chart::timeline(late).interval("lane", "waits", late, early).mark("a turn", late, early);
    for figure in
        [spans.figure(), chart::spans().span("reader", "runs", late, early).figure(), lanes.figure()]
    {
        assert!(figure.text.contains("ends before it begins"), "{}", figure.text);
        assert!(
            !figure.text.contains("1.00 ms of it") && !figure.text.contains("sleeps for"),
            "{}",
            figure.text
        );
    }
    let strip = chart::folded(late, &[("tick", early, late), ("tick", late, early)]).figure();
    assert!(strip.text.contains("unavailable: the moments of 1 more"), "{}", strip.text);
}

#[test]
fn a_lane_of_several_causes_shows_the_share_of_all_until_one_is_the_subject() {
    let [from, to, again, end] = [1.0, 2.0, 5.0, 7.0].map(millis);
    let lane =
        chart::timeline(millis(10.0)).interval("task", "one", from, to).interval("task", "two", again, end);
    let svg = lane.clone().figure().svg;
    assert!(svg.contains(">30.0 %<") && svg.contains(">share<"), "{svg}");
    let svg = lane.subject("two").figure().svg;
    assert!(svg.contains(">20.0 %<") && !svg.contains(">share<"), "{svg}");
}

#[test]
fn the_atlas_of_the_book_has_one_line_for_each_act() {
    let atlas = gallery::pieces().into_iter().find(|piece| piece.name == "matrix-atlas").unwrap();
    let figure = (atlas.draw)(SCREEN);
    for cell in figure.table.rows.iter().flatten() {
        assert!(figure.svg.contains(&format!(">{cell}</text>")), "“{cell}” is broken into lines");
    }
}

#[test]
fn nothing_measured_is_said_and_not_drawn_empty() {
    let silent = gallery::pieces()
        .into_iter()
        .filter(|p| p.name.ends_with("unavailable") || p.name.ends_with("empty"));
    for Piece { name, draw } in silent {
        let title = draw(SCREEN).title;
        assert!(title.starts_with("Not measured here: "), "{name}: {title}");
    }
}

/// What is written in a picture below its title, one entry for each text.
fn written(figure: &Figure) -> Vec<String> {
    let document = roxmltree::Document::parse(&figure.svg).expect("a picture is XML");
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let size = |node: &roxmltree::Node| node.attribute("font-size").and_then(|size| size.parse().ok());
    let texts = texts.filter(|node| size(node).is_some_and(|size: f64| size < 16.0));
    texts.filter_map(|node| node.text()).map(str::to_owned).collect()
}

/// The numbers of a sentence that have a unit: the number, the unit, and its size.
fn quantities(sentence: &str) -> Vec<(String, f64)> {
    const UNITS: [(&str, f64); 6] =
        [("ns", 1.0), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("%", 0.01), ("times", 1.0)];
    let words: Vec<&str> = sentence.split([' ', '\u{a0}']).collect();
    let pair = |pair: &[&str]| {
        let number = pair[0].trim_start_matches(['(', '+', '−']).replace(',', "");
        let unit = pair[1].trim_end_matches([',', ':', ';', '.', ')']);
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let number: f64 = number.parse().ok()?;
        Some((format!("{} {unit}", pair[0].trim_start_matches(['(', '+', '−'])), number * size))
    };
    words.windows(2).filter_map(pair).collect()
}

#[test]
fn the_numbers_of_a_title_stand_in_its_picture() {
    let mut faults = Vec::new();
    for Piece { name, draw } in gallery::pieces() {
        let figure = draw(SCREEN);
        let mut known: Vec<(String, f64)> = Vec::new();
        for text in &written(&figure) {
            known.extend(quantities(text));
            // What has no unit of its own can still be one side of a ratio.
            known.extend(text.replace(',', "").parse().map(|number: f64| (text.clone(), number)));
        }
        // A number in the name of a thing is a name.
        let names = figure
            .table
            .rows
            .iter()
            .filter_map(|row| row.first())
            .chain(&figure.table.headers)
            .filter(|name| name.len() > 3);
        let title = names.fold(figure.title.clone(), |title, name| title.replace(name.as_str(), "it"));
        for (words, size) in quantities(&title) {
            let is_there = known.iter().any(|(other, _)| *other == words);
            let near = |ratio: f64| (ratio / size - 1.0).abs() < 0.012;
            let is_ratio = known.iter().any(|(_, one)| known.iter().any(|(_, other)| near(one / other)));
            if !(is_there || words.ends_with("times") && is_ratio) {
                faults.push(format!("{name}: {words} of “{}” is nowhere in its picture", figure.title));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_belongs_to_nothing_here_is_a_fault_that_can_be_seen() {
    use helpers::{Count, chart, nanos};
    let [one, other] = [gallery::clean("one", 100.0, 0.1), gallery::clean("other", 200.0, 0.1)];
    let stranger = gallery::clean("stranger", 300.0, 0.1);
    let two = || chart::dots([&one, &other]);
    let said = gallery::said("a third", nanos(5.0));
    let count = gallery::said("one", Count(3));
    let lost = [
        (two().guess(&said), "no subject"),
        (two().guess_of(&stranger, &said), "nothing is called stranger"),
        (two().subject(&one).guess(&count), "it is a count"),
        (two().subject(&stranger), "“stranger” is nothing in this chart"),
    ];
    for (chart, why) in lost {
        let figure = chart.figure();
        assert!(figure.faults().iter().any(|fault| fault.contains(why)), "{why}: {:?}", figure.faults());
        assert!(figure.text.contains(why) && written(&figure).join(" ").contains(why), "{}", figure.text);
    }
    assert_eq!(two().subject(&other).guess(&said).figure().faults(), [""; 0]);
    assert_eq!(two().guess_of(&other, &said).figure().faults(), [""; 0]);
}

/// A piece of the gallery by its name.
fn drawn(name: &str) -> Figure {
    let piece = gallery::pieces().into_iter().find(|piece| piece.name == name);
    (piece.unwrap_or_else(|| panic!("no piece is called {name}")).draw)(SCREEN)
}

#[test]
fn subtitles_speak_of_what_is_in_the_picture() {
    // Durations are no calls; a diary's gaps are not always waiting; nothing is grey where all is known.
    assert!(!drawn("distribution-coarse-clock").subtitle.contains("call"));
    assert!(drawn("distribution-ordinary").subtitle.contains("call"));
    assert!(!drawn("timeline-diary").subtitle.contains("waiting"));
    assert!(drawn("timeline-ordinary").subtitle.contains("waiting"));
    assert!(!drawn("card-one").subtitle.contains("grey") && drawn("card-machine").subtitle.contains("grey"));
    assert!(!drawn("heat-ordinary").subtitle.contains("from (rows)"));
    let merged = |name| written(&drawn(name)).join(" ").contains("as high as their share");
    assert!(merged("timeline-twenty-thousand") && !merged("timeline-ordinary"));
}

#[test]
fn orange_is_for_the_subject_and_ink_for_what_was_expected() {
    use helpers::{chart, nanos};
    const ACCENT: &str = "#d55e00";
    let [one, other] = [gallery::clean("one", 100.0, 0.1), gallery::clean("other", 200.0, 0.1)];
    let guessed = chart::dots([&one, &other]).guess_of(&one, &gallery::said("one", nanos(50.0)));
    assert!(!guessed.figure().svg.contains(ACCENT));
    assert!(guessed.subject(&one).figure().svg.contains(ACCENT));
}

#[test]
fn a_sweep_is_ruled_and_tabled_at_its_places() {
    let figure = drawn("line-doubling");
    for place in ["1", "2", "4", "8", "16", "32"] {
        assert!(written(&figure).iter().any(|text| text == place), "no tick at {place}");
    }
    assert_eq!(figure.table.rows.iter().filter(|row| row[0].parse::<u32>().is_ok()).count(), 6);
    assert!(figure.alt.contains("at 32 (the hog's turn in ms)"), "{}", figure.alt);
    // What is undecided has its spread in picture and table.
    let open = drawn("line-ratios");
    assert!(open.svg.contains("fill-opacity") && open.table.rows[1][1].contains(" to "), "{:?}", open.table);
}

#[test]
fn tails_are_cut_and_combs_are_seen() {
    assert!(written(&drawn("distribution-log")).iter().any(|text| text.contains("beyond, up to")));
    // Nine steps of the clock are nine teeth, with gaps between them.
    let figure = drawn("distribution-coarse-clock");
    let picture = roxmltree::Document::parse(&figure.svg).unwrap();
    let number = |node: &roxmltree::Node, name| node.attribute(name).unwrap().parse::<f64>().unwrap();
    let mut bars: Vec<(f64, f64)> = picture
        .descendants()
        .filter(|node| node.has_tag_name("rect") && node.attribute("rx").is_none())
        .map(|node| (number(&node, "x"), number(&node, "x") + number(&node, "width")))
        .collect();
    bars.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert_eq!(bars.len(), 9);
    assert!(bars.windows(2).all(|pair| pair[1].0 - pair[0].1 > 3.0), "{bars:?}");
}

#[test]
fn small_parts_and_counts_are_written() {
    let texts = written(&drawn("shares-ordinary"));
    assert!(texts.iter().any(|text| text == "nice 10 9.90 %"), "{texts:?}");
    assert!(written(&drawn("shares-all-equal")).iter().any(|text| text == "a 5"));
}

#[test]
fn half_of_a_symmetric_map_is_enough() {
    use helpers::{Nanos, chart, nanos};
    let row = |from: usize| {
        (0..3).map(move |to| (to > from).then(|| nanos((from + to) as f64))).collect::<Vec<Option<Nanos>>>()
    };
    let names = ["CPU 0", "CPU 1", "CPU 2"];
    let map = chart::heat("one", "other", "time one way").columns(names);
    let map = names.iter().enumerate().fold(map, |map, (from, name)| map.row(name, row(from)));
    let texts = written(&map.figure());
    assert!(!texts.contains(&"–".to_owned()), "{texts:?}");
    let holed = chart::heat("row", "column", "time")
        .row("a", [Some(nanos(1.0)), None])
        .row("b", [None, Some(nanos(2.0))]);
    assert_eq!(written(&holed.figure()).iter().filter(|text| *text == "–").count(), 2);
}

#[test]
fn no_ligature_changes_an_address() {
    assert!(drawn("matrix-atlas").svg.contains("font-variant-ligatures:none"));
}

/// What takes too little to be seen has no time that another one could be so many times of.
#[test]
fn a_bound_is_told_as_a_bound() {
    let bound = |name, time| {
        let mut timing = Timing::of(name, &[nanos(time)]);
        timing.status = Status::BelowResolution("an empty harness alone takes 1.21 ns".into());
        timing
    };
    let (nothing, next) = (bound("nothing", 0.5), bound("next to nothing", 0.8));
    let call = Timing::of("call", &[nanos(100.0)]);
    let titles = [
        (
            chart::dots([&nothing, &call]),
            "From less than 0.500 ns (nothing) to 100 ns (call), more than 200 times as long",
        ),
        (
            chart::dots([&nothing, &call]).subject(&call),
            "call takes 100 ns, more than 200 times as long as nothing",
        ),
        (chart::dots([&nothing, &call]).subject(&nothing), "nothing takes less than 0.500 ns"),
        (chart::dots([&nothing, &next]), "All 2 take less than 0.800 ns"),
        (chart::dots([&nothing]), "nothing takes less than 0.500 ns"),
        (chart::dots([&call]), "call takes 100 ns"),
    ];
    for (chart, title) in titles {
        assert_eq!(chart.figure().title, title);
    }
}

/// A page carries each picture twice, and a noisy second must not be what makes it heavy.
#[test]
fn however_much_was_seen_a_folded_strip_stays_light() {
    let mut random = fastrand::Rng::with_seed(7);
    for count in [100, 4_000, 100_000] {
        let seen: Vec<_> = (0..count)
            .map(|_| millis(random.f64() * 1_000.0))
            .map(|from| ("gap", from, nanos(from.0 + 5_000.0)))
            .collect();
        for period in [1.0, 10.0] {
            let size = chart::folded(millis(period), &seen).figure().svg.len();
            assert!(size < 40_000, "{count} gaps folded on {period} ms: {size} bytes");
        }
    }
}
