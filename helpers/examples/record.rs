//! What `make record` and `make check` ask of the instruments: one record of a machine made of those of its notebooks, and
//! whether records can be read.
//!
//! `record make LABEL OUT NOTEBOOK…` writes OUT; `record check FILE…` names what cannot be read, and why.

use helpers::{Reading, Record};
use std::process::ExitCode;

fn make(label: &str, out: &str, notebooks: &[String]) -> Reading<Vec<String>> {
    let notebooks = notebooks.iter().map(Record::read).collect::<Reading<Vec<Record>>>()?;
    let machine = Record::of_machine(label, &notebooks)?;
    machine.write(out)?;
    println!(
        "{out}: {}, {} timings, {} rulings",
        machine.title(),
        machine.timings.len(),
        machine.verdicts.len()
    );
    Ok(Vec::new())
}

fn check(files: &[String]) -> Vec<String> {
    files.iter().filter_map(|file| Record::read(file).err()).map(|reason| reason.to_string()).collect()
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let faults = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", label, out, ..] => {
            make(label, out, &arguments[3..]).unwrap_or_else(|reason| vec![reason.to_string()])
        }
        ["check", ..] => check(&arguments[1..]),
        _ => vec!["record make LABEL OUT NOTEBOOK…, or record check FILE…".to_owned()],
    };
    for fault in &faults {
        eprintln!("{fault}");
    }
    ExitCode::from(u8::from(!faults.is_empty()))
}
