//! A minimal container runtime: runs a program in new namespaces. The program must have nsexec-stub
//! in front.
//!
//!     cargo run --example minimal-runtime PROGRAM [ARGUMENT]...
//!
//! If root runs it, the program is root in the container. If another user runs it, that user's id
//! is mapped to root. The kernel permits a map of one's own id without help.

use nsexec_parent::{Command, Error, Level, Namespace};
use std::env;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::ExitStatusExt;
use std::process::{exit, ExitStatus};

fn run(program: &str, arguments: &[String]) -> Result<ExitStatus, Error> {
    // The owner of /proc/self is this process's effective user.
    let user = std::fs::metadata("/proc/self").map_or((0, 0), |own| (own.uid(), own.gid()));
    let mut command = Command::new(program)
        .args(arguments)
        .unshare([Namespace::Pid, Namespace::Mount, Namespace::Uts, Namespace::Ipc, Namespace::Net])
        .log_level(Level::Warning)
        .on_record(|record| eprintln!("minimal-runtime: {}", record));
    if user.0 != 0 {
        command = command
            .unshare([Namespace::User])
            .rootless(true)
            .uid_map(0, user.0, 1)
            .gid_map(0, user.1, 1);
    }
    let mut container = command.start()?;
    eprintln!("minimal-runtime: the container's init is process {}", container.id());
    container.wait()
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if arguments.len() < 2 {
        eprintln!("usage: {} PROGRAM [ARGUMENT]...", arguments[0]);
        exit(2);
    }
    match run(&arguments[1], &arguments[2..]) {
        Ok(status) => exit(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))),
        Err(error) => {
            eprintln!("minimal-runtime: {}", error);
            exit(1)
        }
    }
}
