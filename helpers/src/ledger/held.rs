//! What this process holds: files and children.

use crate::proc;
use crate::reading::{Reading, Unavailable};
use crate::units::Count;

/// How many files this process has open: the same before and after, if nothing leaks.
///
/// ```
/// use helpers::ledger::open_files;
/// // Does a dropped file stay open?
/// let before = open_files();
/// drop(std::fs::File::open("/dev/null"));
/// assert_eq!(open_files(), before);
/// ```
///
/// # Errors
/// Where `/proc/self/fd` cannot be listed.
pub fn open_files() -> Reading<Count> {
    let listed =
        std::fs::read_dir("/proc/self/fd").map_err(|error| Unavailable::refused("/proc/self/fd", &error))?;
    // The listing itself holds one file open.
    Ok(Count((listed.count() as u64).saturating_sub(1)))
}

/// How many children this process has, the dead and not yet reaped ("zombies") included.
///
/// ```
/// use helpers::ledger::children;
/// // Is a child that has ended and was waited for still there?
/// let before = children();
/// let _ = std::process::Command::new("true").status();
/// assert_eq!(children(), before);
/// ```
///
/// # Errors
/// Where the kernel keeps no such list (that takes `PROC_CHILDREN`) or has no `/proc`.
pub fn children() -> Reading<Count> {
    children_in("/proc/self/task")
}

fn children_in(tasks: &str) -> Reading<Count> {
    const NONE: &str = "this kernel keeps no such list, which takes PROC_CHILDREN when it is built";
    let mut sum = 0;
    for task in std::fs::read_dir(tasks).map_err(|error| Unavailable::refused(tasks, &error))?.flatten() {
        let home = format!("{tasks}/{}", task.file_name().to_string_lossy());
        match proc::read_in(&home, "children", NONE) {
            Ok(bytes) => {
                sum += bytes.split(u8::is_ascii_whitespace).filter(|pid| !pid.is_empty()).count() as u64;
            }
            // The thread itself has ended since it was listed.
            Err(_) if proc::is_there(&home) == Ok(false) => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(Count(sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_missing_has_a_cause_and_one_that_is_refused_has_its_own() {
        let tasks = std::env::temp_dir().join(format!("tasks-{}", std::process::id()));
        let told = |made: &str| {
            std::fs::create_dir_all(tasks.join(made)).unwrap();
            children_in(tasks.to_str().unwrap()).unwrap_err().to_string()
        };
        // A folder in place of the list cannot be read even by root.
        let (missing, refused) = (told("1"), told("1/children"));
        std::fs::remove_dir_all(&tasks).unwrap();
        let names_it = |told: &str| told.contains("PROC_CHILDREN");
        assert!(names_it(&missing) && !names_it(&refused), "{missing} {refused}");
    }
}
