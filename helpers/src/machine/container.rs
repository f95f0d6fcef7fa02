//! The container around this process.

use crate::machine::host::Kernel;
use crate::proc::{self, cgroup};
use crate::reading::{Reading, Unavailable};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display, Formatter};

/// A container around this process, and what gave it away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// "Docker", "Kubernetes", "gVisor" …
    pub name: String,
    /// The sign by which it was known.
    pub known_by: String,
}

impl Display for Container {
    fn fmt(&self, out: &mut Formatter) -> fmt::Result {
        write!(out, "{}, known by {}", self.name, self.known_by)
    }
}

/// The container around this process, if one is to be seen. There is no sure way to tell that there is none.
pub(crate) fn container(kernel: &Reading<Kernel>) -> Reading<Option<Container>> {
    if cfg!(not(target_os = "linux")) {
        return Err(Unavailable::because("looked for on Linux only"));
    }
    if kernel.as_ref().is_ok_and(Kernel::is_gvisor) {
        return Ok(Some(Container {
            name: "gVisor".to_owned(),
            known_by: "the build date of its kernel".to_owned(),
        }));
    }
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    container_by(&variable, &|path| proc::is_there(path), &|path| proc::read_if_there(path))
}

/// The most telling sign first: Kubernetes runs its containers by another runtime, which leaves signs too.
fn container_by(
    variable: &dyn Fn(&str) -> Option<String>,
    is_there: &dyn Fn(&str) -> Reading<bool>,
    file: &dyn Fn(&str) -> Reading<Option<Vec<u8>>>,
) -> Reading<Option<Container>> {
    let found = |name: &str, known_by: &str| {
        Ok(Some(Container { name: name.to_owned(), known_by: known_by.to_owned() }))
    };
    if variable("KUBERNETES_SERVICE_HOST").is_some() {
        return found("Kubernetes", "the variable KUBERNETES_SERVICE_HOST");
    }
    let marks = [("/.dockerenv", "Docker"), ("/run/.containerenv", "Podman")];
    let marks = marks.map(|(path, name)| (path, name, is_there(path)));
    if let Some((path, name, _)) = marks.iter().find(|(.., is_there)| *is_there == Ok(true)) {
        return found(name, path);
    }
    let systemd = file("/run/systemd/container");
    if let Some(name) = systemd.as_ref().ok().and_then(Option::as_ref).and_then(|name| proc::word(name).ok())
    {
        return found(&name, "/run/systemd/container");
    }
    if let Some(name) = variable("container") {
        return found(&name, "the variable container");
    }
    let groups = file("/proc/self/cgroup")?.unwrap_or_default();
    match cgroup::groups(&groups).find_map(|(.., path)| runtime_of(path)) {
        Some(name) => found(name, "/proc/self/cgroup"),
        // No other sign, and perhaps one that could not be looked at.
        None => marks.iter().try_for_each(|(.., is_there)| is_there.map(drop)).and(systemd.map(|_| None)),
    }
}

/// The runtime that made a group. Its parts are held against what the runtimes write, not searched for words: the service that
/// runs Docker's daemon has a group of its own, and is in no container.
fn runtime_of(path: &[u8]) -> Option<&'static str> {
    let parts: Vec<&[u8]> = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).collect();
    let is_id = |text: &[u8]| text.len() >= 12 && text.iter().all(u8::is_ascii_hexdigit);
    let scope = |part: &[u8], prefix: &[u8]| {
        part.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(b".scope")).is_some_and(is_id)
    };
    parts.iter().enumerate().find_map(|(place, part)| {
        let next = parts.get(place + 1).copied();
        let starts = |sign: &[u8]| part.starts_with(sign);
        if *part == b"kubepods"
            || *part == b"kubepods.slice"
            || starts(b"kubepods-")
            || starts(b"kubelet-kubepods")
        {
            Some("Kubernetes")
        } else if scope(part, b"docker-") || (*part == b"docker" && next.is_some_and(is_id)) {
            Some("Docker")
        } else if scope(part, b"libpod-") || starts(b"libpod_pod_") {
            Some("Podman")
        } else if starts(b"lxc.payload") || (*part == b"lxc" && next.is_some()) {
            Some("LXC")
        } else {
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(set: &str, file: &str, contents: &str) -> Option<String> {
        let variable = |name: &str| (name == set).then(|| "oci".to_owned());
        let file = |path: &str| Ok((path == file).then(|| contents.as_bytes().to_vec()));
        let is_there = |path: &str| file(path).map(|found| found.is_some());
        container_by(&variable, &is_there, &file).unwrap().map(|found| found.name)
    }

    #[test]
    fn a_container_is_known_by_its_signs() {
        assert_eq!(by("", "", ""), None);
        assert_eq!(by("", "/.dockerenv", "").as_deref(), Some("Docker"));
        assert_eq!(by("KUBERNETES_SERVICE_HOST", "/.dockerenv", "").as_deref(), Some("Kubernetes"));
        assert_eq!(by("container", "", "").as_deref(), Some("oci"));
        assert_eq!(by("", "/run/systemd/container", "lxc\n").as_deref(), Some("lxc"));
    }

    #[test]
    fn a_group_is_a_containers_only_if_a_runtime_made_it() {
        let id = "f2b1a0c94d3e".repeat(5) + "abcd";
        for (path, name) in [
            (format!("/docker/{id}"), "Docker"),
            (format!("/system.slice/docker-{id}.scope"), "Docker"),
            (format!("/kubepods/burstable/pod6e/{id}"), "Kubernetes"),
            (format!("/kubepods.slice/kubepods-besteffort.slice/cri-containerd-{id}.scope"), "Kubernetes"),
            (format!("/machine.slice/libpod-{id}.scope/container"), "Podman"),
            ("/lxc/box".to_owned(), "LXC"),
            ("/lxc.payload.box/user.slice".to_owned(), "LXC"),
        ] {
            assert_eq!(by("", "/proc/self/cgroup", &format!("0::{path}\n")).as_deref(), Some(name), "{path}");
        }
        for path in [
            "/user.slice",
            "/system.slice/docker.service",
            "/system.slice/lxcfs.service",
            "/system.slice/lxc-net.service",
            "/system.slice/docker.socket",
            "/docker/buildx",
            "/user.slice/my-docker-notes.scope",
            "/lxc",
            "/machine.slice/libpod-conmon-x.scope",
        ] {
            assert_eq!(by("", "/proc/self/cgroup", &format!("0::{path}\n")), None, "{path}");
        }
        assert_eq!(by("", "/proc/self/cgroup", "3:name=docker:/\n"), None);
    }

    #[test]
    fn what_may_not_be_looked_at_is_no_absence() {
        let signs = ["/.dockerenv", "/run/.containerenv", "/run/systemd/container", "/proc/self/cgroup"];
        for hidden in signs {
            let look = |path: &str| {
                if path == hidden { Err(Unavailable::because("too many open files")) } else { Ok(()) }
            };
            let (is_there, file) =
                (|path: &str| look(path).map(|()| false), |path: &str| look(path).map(|()| None));
            let by = |variable: &dyn Fn(&str) -> Option<String>| container_by(variable, &is_there, &file);
            assert!(by(&|_| None).unwrap_err().to_string().contains("too many"), "{hidden}");
            let set = |name: &str| (name == "container").then(|| "oci".to_owned());
            assert_eq!(by(&set).unwrap().unwrap().name, "oci");
        }
    }
}
