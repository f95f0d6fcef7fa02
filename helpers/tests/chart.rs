//! Every kind of chart in every regime: compared byte for byte with a reviewed picture, and checked for what a reader could
//! not read. `UPDATE_GOLDEN=1 cargo test --test chart` writes the pictures anew; look at each before you commit it.

mod gallery;

use gallery::Piece;
use std::path::PathBuf;

const SCREEN: f64 = 760.0;
const PHONE: f64 = 360.0;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.svg"))
}

#[test]
fn every_picture_is_the_reviewed_one() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut differing = Vec::new();
    for Piece { name, draw } in gallery::pieces() {
        let svg = draw(SCREEN).svg;
        let path = golden(name);
        if update {
            std::fs::write(&path, &svg).unwrap();
        }
        if std::fs::read_to_string(&path).ok().as_deref() != Some(&svg) {
            differing.push(name);
        }
    }
    assert!(differing.is_empty(), "differ from tests/golden (UPDATE_GOLDEN=1 rewrites them): {differing:?}");
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
        assert_eq!((one.draw)(SCREEN), (other.draw)(SCREEN), "{}", one.name);
    }
}

#[test]
fn every_figure_is_whole() {
    for Piece { name, draw } in gallery::pieces() {
        let figure = draw(SCREEN);
        for markup in [&figure.svg, &figure.html()] {
            if let Err(fault) = well_formed(markup) {
                panic!("{name}: {fault}");
            }
            assert!(!markup.contains("<script"), "{name}");
        }
        assert!(figure.svg.starts_with("<svg xmlns=") && figure.svg.contains("role=\"img\""), "{name}");
        assert!(figure.svg.contains("<title>") && figure.svg.contains("<desc>"), "{name}");
        assert!(!figure.title.is_empty() && !figure.subtitle.is_empty(), "{name}");
        assert!(figure.alt.starts_with(figure.title.trim_end_matches('.')), "{name}: {}", figure.alt);
        assert!(figure.table.rows.iter().all(|row| row.len() == figure.table.headers.len()), "{name}");
        assert!(figure.text.starts_with(&figure.title), "{name}");
        assert!(!figure.text.lines().any(|line| line.starts_with("EVCXR_")), "{name}");
        assert!(figure.svg.len() < 100_000, "{name} takes {} bytes", figure.svg.len());
        for bad in ["NaN", "inf ", "None", "\u{0}"] {
            assert!(!figure.svg.contains(bad), "{name} holds {bad}");
        }
    }
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

/// Whether every tag is closed in order, every attribute quoted and every ampersand part of an entity.
fn well_formed(markup: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = markup;
    while let Some(start) = rest.find('<') {
        let (text, tag) = rest.split_at(start);
        entities(text)?;
        let end = tag.find('>').ok_or("a tag without end")?;
        let (inside, after) = (&tag[1..end], &tag[end + 1..]);
        rest = after;
        if inside.contains('<') || inside.matches('"').count() % 2 != 0 {
            return Err(format!("a broken tag <{inside}>"));
        }
        entities(inside)?;
        if let Some(name) = inside.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes nothing"));
            }
        } else if !inside.ends_with('/') && !inside.starts_with("img ") {
            open.push(inside.split([' ', '\n']).next().unwrap_or_default());
        }
    }
    entities(rest)?;
    if open.is_empty() { Ok(()) } else { Err(format!("never closed: {open:?}")) }
}

fn entities(text: &str) -> Result<(), String> {
    for (place, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
        if !known.iter().any(|entity| text[place..].starts_with(entity)) {
            return Err(format!("a bare ampersand in {text}"));
        }
    }
    Ok(())
}

/// `PHONE_PICTURES=folder` writes every picture as it is laid out for a telephone, to be looked at.
#[test]
fn pictures_for_a_phone() {
    let Some(folder) = std::env::var_os("PHONE_PICTURES") else { return };
    for Piece { name, draw } in gallery::pieces() {
        std::fs::write(PathBuf::from(&folder).join(format!("{name}.svg")), draw(PHONE).svg).unwrap();
    }
}
