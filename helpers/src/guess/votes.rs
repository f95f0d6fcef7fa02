//! Votes on pairs of statements that seem to contradict each other, cast where a pair is settled and kept in a file.

use crate::reading::{Reading, Unavailable};
use crate::record::{plain_text, write_json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// Where votes are kept: beside the notebook.
const FILE: &str = "votes.json";

/// The form of the file.
const FORM: u32 = 1;

/// Which of two contradicting statements a reader believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// The first.
    First,
    /// The second.
    Second,
    /// Each is true somewhere.
    Both,
    /// Neither is true anywhere.
    Neither,
}

/// A vote on two statements: unset until [`first`](Vote::first), [`second`](Vote::second), [`both`](Vote::both) or
/// [`neither`](Vote::neither) casts it.
#[derive(Clone, PartialEq, Eq)]
pub struct Vote {
    statements: [String; 2],
    choice: Option<Choice>,
    /// What became of it.
    remark: String,
}

/// Asks for a vote on two statements that seem to contradict each other. What is cast is kept in `votes.json`.
///
/// ```
/// use helpers::vote;
/// // What if nobody votes?
/// let vote = vote("a thread costs 1 MB", "a thread costs 60 kB");
/// assert!(vote.to_string().contains("Add .first(), .second(), .both() or .neither()"));
/// ```
pub fn vote(first: &str, second: &str) -> Vote {
    Vote::among(first, second, Path::new(FILE))
}

impl Vote {
    fn among(first: &str, second: &str, path: &Path) -> Self {
        let statements = [first, second].map(str::to_owned);
        // An unreadable file is spoken of when something is to be written to it.
        let choice = if path.exists() {
            Votes::read(path).ok().and_then(|votes| votes.on(first, second))
        } else {
            None
        };
        Self { statements, choice, remark: String::new() }
    }

    /// For the first statement.
    pub fn first(self) -> Self {
        self.cast(Choice::First, Path::new(FILE))
    }

    /// For the second statement.
    pub fn second(self) -> Self {
        self.cast(Choice::Second, Path::new(FILE))
    }

    /// Each is true somewhere.
    pub fn both(self) -> Self {
        self.cast(Choice::Both, Path::new(FILE))
    }

    /// Neither is true anywhere.
    pub fn neither(self) -> Self {
        self.cast(Choice::Neither, Path::new(FILE))
    }

    fn cast(mut self, choice: Choice, path: &Path) -> Self {
        self.choice = Some(choice);
        self.remark = match Votes::with(&self.statements, choice, path) {
            Ok(()) => format!(" It is kept in {}.", path.display()),
            Err(reason) => format!(" It was not kept: {reason}."),
        };
        self
    }

    /// What was voted, here or earlier.
    pub fn choice(&self) -> Option<Choice> {
        self.choice
    }
}

impl Display for Vote {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        let Self { statements: [first, second], choice, remark } = self;
        let said = match choice {
            None => {
                return write!(
                    out,
                    "“{first}” or “{second}”? Add .first(), .second(), .both() or .neither(), and run the cell again."
                );
            }
            Some(Choice::First) => format!("for “{first}”, against “{second}”"),
            Some(Choice::Second) => format!("for “{second}”, against “{first}”"),
            Some(Choice::Both) => format!("that “{first}” and “{second}” are both true somewhere"),
            Some(Choice::Neither) => format!("that neither “{first}” nor “{second}” is true"),
        };
        write!(out, "You voted {said}.{remark}")
    }
}

/// The reader's votes on pairs of contradicting statements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Votes {
    form: u32,
    votes: BTreeMap<String, Choice>,
}

impl Votes {
    /// The votes that are kept beside this notebook.
    ///
    /// # Errors
    /// When there are none, or the file holds none: the reason, and what to do about it.
    pub fn kept() -> Reading<Self> {
        Self::read(FILE)
    }

    /// Reads the votes kept at `path`.
    ///
    /// # Errors
    /// As [`kept`](Self::kept).
    pub fn read(path: impl AsRef<Path>) -> Reading<Self> {
        let path = path.as_ref();
        let text = plain_text(path)?;
        let no_votes = |what: &dyn Display| {
            let path = path.display();
            Unavailable::because(format!("{path} holds no votes ({what}); move it away and vote again"))
        };
        let votes: Self = serde_json::from_str(&text).map_err(|error| no_votes(&error))?;
        if votes.form == FORM { Ok(votes) } else { Err(no_votes(&format!("it is of form {}", votes.form))) }
    }

    /// The vote on a pair of statements, if it was cast.
    pub fn on(&self, first: &str, second: &str) -> Option<Choice> {
        self.votes.get(&pair(first, second)).copied()
    }

    /// Keeps one more vote at `path`; a new vote on a pair replaces the old one, a file that holds anything else stays.
    fn with([first, second]: &[String; 2], choice: Choice, path: &Path) -> Reading<()> {
        let is_there = path.symlink_metadata().is_ok();
        let mut all = if is_there { Self::read(path)? } else { Self { form: FORM, votes: BTreeMap::new() } };
        all.votes.insert(pair(first, second), choice);
        write_json(path, &all)
    }
}

fn pair(first: &str, second: &str) -> String {
    format!("{first} / {second}")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("votes-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn votes_are_kept_together_and_the_last_on_a_pair_stands() {
        let folder = Folder::new("together");
        let path = folder.0.join("votes.json");
        let cast = |first: &str, choice| Vote::among(first, "b", &path).cast(choice, &path);
        cast("a", Choice::First);
        cast("c", Choice::Neither);
        let kept = cast("a", Choice::Both);
        assert!(
            kept.to_string()
                .starts_with("You voted that “a” and “b” are both true somewhere. It is kept in ")
        );
        let all = Votes::read(&path).unwrap();
        assert_eq!((all.on("a", "b"), all.on("c", "b")), (Some(Choice::Both), Some(Choice::Neither)));
        // Who only looks is told what stands, and changes nothing.
        assert_eq!(Vote::among("c", "b", &path).choice(), Some(Choice::Neither));
        assert_eq!(Vote::among("x", "b", &path).choice(), None);
        assert_eq!(Votes::read(&path).unwrap(), all);
    }

    #[test]
    fn a_foreign_or_broken_file_is_never_overwritten() {
        let folder = Folder::new("foreign");
        let path = folder.0.join("votes.json");
        let foreign: [&[u8]; 6] =
            [b"not votes", b"", b"{}", b"{\"form\":1}", b"{\"form\":2,\"votes\":{}}", b"\xff\xfe"];
        for text in foreign {
            std::fs::write(&path, text).unwrap();
            let vote = Vote::among("a", "b", &path).cast(Choice::First, &path);
            assert!(vote.to_string().contains("It was not kept: "), "{vote}");
            assert_eq!(std::fs::read(&path).unwrap(), text);
        }
    }

    #[test]
    fn a_device_and_a_pipe_are_no_votes() {
        let folder = Folder::new("pipe");
        let pipe = folder.0.join("votes.json");
        std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        for path in [Path::new("/dev/zero"), &pipe] {
            let vote = Vote::among("a", "b", path).cast(Choice::First, path);
            assert!(vote.to_string().contains("is no plain file"), "{vote}");
        }
    }

    #[test]
    fn an_unwritable_place_is_told_not_raised() {
        let path = Path::new("/proc/nowhere/votes.json");
        let vote = Vote::among("a", "b", path).cast(Choice::Second, path);
        assert!(vote.to_string().starts_with("You voted for “b”, against “a”. It was not kept: "), "{vote}");
    }
}
