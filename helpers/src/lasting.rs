//! What lasts as long as the kernel.
//!
//! Before each cell evcxr takes every variable that a notebook keeps out of a store, and puts all of them back after it. For
//! each that has something to drop, the compiler writes down what becomes of it should any of the others fail: a late cell of a
//! notebook with 111 variables took 1.05 s to compile, and 0.18 s once none of them had anything to drop. So what a
//! measurement returns is as plain as a number: it is copied, never moved out of a cell that may be run again, and what it
//! points to stays where it is. A notebook's timings are some megabytes; who measures in a loop for days starts a new kernel.

use serde::{Deserialize, Deserializer, Serialize};
use std::collections::HashSet;
use std::fmt::{self, Debug, Display, Formatter};
use std::ops::Deref;
use std::sync::Mutex;

/// A value that lasts as long as the kernel, and can be copied like a number. It is read as what it holds.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Lasting<T: ?Sized + 'static>(&'static T);

static WORDS: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);

/// Words that are kept once, for good. Not generic: what is, is compiled again in each cell that uses it.
fn interned(words: String) -> &'static str {
    // In a forked child nobody may be left to let go of the lock: then the words are kept once more.
    let Ok(mut all) = WORDS.try_lock() else { return words.leak() };
    let all = all.get_or_insert_default();
    if let Some(kept) = all.get(words.as_str()) {
        return kept;
    }
    let words: &'static str = words.leak();
    all.insert(words);
    words
}

impl<T> Lasting<T> {
    /// This, for good.
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(value)))
    }
}

impl<T: ?Sized> Lasting<T> {
    /// What it holds, for as long as anybody likes.
    pub fn held(self) -> &'static T {
        self.0
    }
}

impl<T: ?Sized> Clone for Lasting<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Lasting<T> {}

impl<T: ?Sized> Deref for Lasting<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T: ?Sized> AsRef<T> for Lasting<T> {
    fn as_ref(&self) -> &T {
        self.0
    }
}

impl From<String> for Lasting<str> {
    fn from(words: String) -> Self {
        Self(interned(words))
    }
}

impl From<&str> for Lasting<str> {
    fn from(words: &str) -> Self {
        Self(interned(words.to_owned()))
    }
}

impl<T> From<Vec<T>> for Lasting<[T]> {
    fn from(list: Vec<T>) -> Self {
        Self(list.leak())
    }
}

impl<T> Default for Lasting<[T]> {
    fn default() -> Self {
        Self(&[])
    }
}

impl<T> FromIterator<T> for Lasting<[T]> {
    fn from_iter<I: IntoIterator<Item = T>>(list: I) -> Self {
        Vec::from_iter(list).into()
    }
}

impl From<Lasting<str>> for String {
    fn from(words: Lasting<str>) -> Self {
        words.0.to_owned()
    }
}

impl From<&Lasting<str>> for String {
    fn from(words: &Lasting<str>) -> Self {
        words.0.to_owned()
    }
}

impl<'a, T> IntoIterator for &'a Lasting<[T]> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T: ?Sized + PartialEq> PartialEq for Lasting<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T: ?Sized + Eq> Eq for Lasting<T> {}

impl PartialEq<str> for Lasting<str> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Lasting<str> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl PartialEq<String> for Lasting<str> {
    fn eq(&self, other: &String) -> bool {
        self.0 == other
    }
}

impl<T: PartialEq, const N: usize> PartialEq<[T; N]> for Lasting<[T]> {
    fn eq(&self, other: &[T; N]) -> bool {
        self.0 == other
    }
}

impl<T: ?Sized + Display> Display for Lasting<T> {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        Display::fmt(self.0, out)
    }
}

impl<T: ?Sized + Debug> Debug for Lasting<T> {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        Debug::fmt(self.0, out)
    }
}

impl<'de> Deserialize<'de> for Lasting<str> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::from)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lasting<[T]> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::deserialize(from).map(Self::from)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lasting<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        T::deserialize(from).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_once_and_come_back_from_json() {
        let one = Lasting::<str>::from("only one CPU");
        assert!(std::ptr::eq(one.held(), Lasting::<str>::from("only one CPU".to_owned()).held()));
        assert_eq!(serde_json::to_string(&one).unwrap(), "\"only one CPU\"");
        assert_eq!(serde_json::from_str::<Lasting<str>>("\"only one CPU\"").unwrap(), one);
    }

    #[test]
    fn lists_come_back_from_json() {
        let list: Lasting<[f64]> = vec![1.0, 2.5].into();
        assert_eq!(serde_json::to_string(&list).unwrap(), "[1.0,2.5]");
        assert_eq!(serde_json::from_str::<Lasting<[f64]>>("[1.0,2.5]").unwrap(), list);
    }

    #[test]
    fn many_threads_may_keep_at_once() {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for number in 0..100 {
                        let words = format!("reason {number}");
                        assert_eq!(Lasting::<str>::from(words.as_str()), Lasting::<str>::from(words));
                    }
                });
            }
        });
    }
}
