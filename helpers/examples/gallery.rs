//! `make gallery`: one page with the same data drawn twice, by plotters as it comes and by this crate, and below it every
//! chart of the tests' gallery on a screen and on a telephone. Written to `target/gallery/index.html`.

#[path = "../tests/gallery/mod.rs"]
mod gallery;
#[path = "gallery/plain.rs"]
mod plain;

use helpers::chart::Figure;
use std::fmt::Write as _;
use std::path::Path;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:1560px;margin:2rem auto;padding:0 1rem;\
    background:#f6f8fa;color:#1b1f24}.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr));\
    gap:1rem;align-items:start;margin:0 0 2.5rem}.pair>div>svg{max-width:100%;height:auto;background:#fff}\
    \
    .phone{max-width:320px}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{max-width:70ch}\
    @media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}}";

fn main() -> std::io::Result<()> {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/gallery/index.html"));
    path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>The same data, twice</title><style>{STYLE}</style><h1>The same data, twice</h1>\
         <p>Left: what plotters draws when it is left to itself. Right: the same numbers through \
         <code>helpers::chart</code>, which draws with plotters too.</p>"
    );
    for (title, plain, ours) in plain::pairs() {
        let _ = write!(
            page,
            "<h2>{title}</h2><div class=\"pair\"><div>{plain}</div><div>{}</div></div>",
            ours.html()
        );
    }
    page.push_str("<h1>Every kind, in every regime</h1><p>On a screen, and on a telephone.</p>");
    for gallery::Piece { name, draw } in gallery::pieces() {
        let (screen, phone): (Figure, Figure) = (draw(760.0), draw(320.0));
        let _ = write!(
            page,
            "<h2>{name}</h2><div class=\"pair\"><div>{}</div><div class=\"phone\">{}</div></div>",
            screen.html(),
            phone.html()
        );
    }
    page.push_str("</html>\n");
    std::fs::write(path, &page)?;
    println!("written to target/gallery/index.html, {} KB", page.len() / 1000);
    Ok(())
}
