//! Starts programs that have [nsexec-stub](https://github.com/nsexec-stub/nsexec-stub) in front, in
//! namespaces of their own. This crate is a safe wrapper of the C library `libnsexec-parent`, which
//! implements the parent's side of runc's protocol.
//!
//! ```no_run
//! use nsexec_parent::{Command, Namespace};
//!
//! # fn main() -> Result<(), nsexec_parent::Error> {
//! let mut container = Command::new("/usr/bin/my-program")
//!     .arg("init")
//!     .unshare([Namespace::Pid, Namespace::Mount, Namespace::Net])
//!     .on_record(|record| eprintln!("{}", record))
//!     .start()?;
//! println!("its init is process {}", container.id());
//! let status = container.wait()?;
//! # Ok(())
//! # }
//! ```
//!
//! The stages and the init are children of this process. It must not ignore SIGCHLD, and no other
//! part of the program may reap children that it does not know (`waitpid(-1, ...)`).

#![warn(missing_docs)]

mod command;
mod container;
mod errno;
mod error;
mod ffi;
mod record;

pub use command::{check, seal, Clock, Command, Dialect, Namespace, Sealed};
pub use container::{Container, Pids, Starting};
pub use error::Error;
pub use record::{Level, Record};
