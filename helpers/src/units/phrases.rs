//! Words that belong together wherever a line is broken.

/// Words that must not be parted: a number from what it counts, `163 ns`, `8 threads`; and marks that stand between two.
pub(crate) fn phrases(text: &str) -> Vec<String> {
    const CLINGING: [&str; 3] = ["·", "–", "×"];
    let is_number = |word: &str| {
        let bare = word.trim_start_matches(['(', '“', '−', '+', '<', '=', '†', '□']);
        bare.starts_with(|c: char| c.is_ascii_digit())
            && bare.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'))
            && bare.ends_with(|c: char| c.is_ascii_digit())
    };
    let mut phrases: Vec<String> = Vec::new();
    let mut after = false;
    for word in text.split(' ') {
        match phrases.last_mut() {
            Some(last) if after || CLINGING.contains(&word) => {
                last.push(' ');
                last.push_str(word);
            }
            _ => phrases.push(word.to_owned()),
        }
        // A cross that multiplies holds on to both sides: `1 × 4 KiB`.
        after = is_number(word) || word == "×";
    }
    phrases
}

/// The text with spaces that no line is broken at, inside what must not be parted.
pub(crate) fn unparted(text: &str) -> String {
    let phrases: Vec<String> = phrases(text).iter().map(|phrase| phrase.replace(' ', "\u{a0}")).collect();
    phrases.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_what_it_counts() {
        assert_eq!(
            phrases("4.35 at 8 threads, 11.4 times 1,000."),
            ["4.35 at", "8 threads,", "11.4 times", "1,000."]
        );
        assert_eq!(phrases("is 1 × 4 KiB, read"), ["is", "1 × 4 KiB,", "read"]);
        assert_eq!(unparted("takes 80.8 ns here"), "takes 80.8\u{a0}ns here");
        assert_eq!(unparted(""), "");
    }
}
