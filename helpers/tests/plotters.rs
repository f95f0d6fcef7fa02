//! Whether plotters does the drawing: take any of its parts out, and a picture changes. Each is taken out of a copy of this crate,
//! which is then built, so this takes minutes: `cargo test -p helpers --test all plotters:: -- --ignored`.

use std::path::Path;
use std::process::Command;

/// What is taken out: its name, where it stands, how, and what takes its place.
const PARTS: [[&str; 4]; 5] = [
    [
        "coordinates",
        "src/drawing/scale.rs",
        "(f64::from(from) + f64::from(to - from) * self.share(*value)).round() as i32",
        "{ let _ = (value, to); from }",
    ],
    [
        "key points",
        "src/drawing/scale.rs",
        "if hint.max_num_points() == 0 {",
        "if hint.max_num_points() < 1000 {",
    ],
    [
        "mesh",
        "src/drawing/plot.rs",
        "self.area.draw_mesh(draw, all(y), all(x)).expect(\"drawing into memory does not fail\")",
        "let _ = (draw, all(y), all(x))",
    ],
    [
        "elements",
        "src/drawing/element.rs",
        "self.form.draw(&points.collect::<Vec<_>>(), canvas);",
        "let _ = (&self.form, points, canvas);",
    ],
    [
        "backend",
        "src/drawing/canvas/backend.rs",
        "self.line(&[from, to], &Pen::from(style));",
        "let _ = (from, to, Pen::from(style));",
    ],
];

fn copied(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (source, goal) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() { copied(&source, &goal) } else { std::fs::copy(source, goal).map(drop).unwrap() }
    }
}

/// Whether the pictures of the crate in this folder are the reviewed ones; none if it does not build.
fn pictures_are_the_same(folder: &Path) -> Option<bool> {
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", folder.join("target"));
        // Pictures are the same however well the crate is optimised.
        cargo.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
        cargo.output().unwrap().status.success()
    };
    let built = cargo(&["test", "--quiet", "-p", "helpers", "--test", "all", "--no-run"]);
    let same = || cargo(&["test", "--quiet", "-p", "helpers", "--test", "all", "every_picture_is_the"]);
    built.then(same)
}

#[test]
#[ignore = "builds the crate six times"]
fn no_part_of_plotters_can_be_taken_out() {
    let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plotters");
    for folder in ["src", "tests", "benches", "examples"] {
        copied(&crate_folder.join(folder), &copy.join("helpers").join(folder));
    }
    std::fs::copy(crate_folder.join("Cargo.toml"), copy.join("helpers/Cargo.toml")).unwrap();
    for file in ["Cargo.toml", "Cargo.lock"] {
        std::fs::copy(crate_folder.join("..").join(file), copy.join(file)).unwrap();
    }
    assert_eq!(pictures_are_the_same(&copy), Some(true), "nothing was taken out");
    for [part, file, there, gone] in PARTS {
        let path = copy.join("helpers").join(file);
        let whole = std::fs::read_to_string(&path).unwrap();
        assert_eq!(whole.matches(there).count(), 1, "{part} is looked for in {file}");
        std::fs::write(&path, whole.replace(there, gone)).unwrap();
        let same = pictures_are_the_same(&copy);
        std::fs::write(&path, whole).unwrap();
        assert_eq!(same, Some(false), "without plotters' {part}");
    }
}
