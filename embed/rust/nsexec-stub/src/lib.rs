//! Puts [nsexec-stub](https://github.com/nsexec-stub/nsexec-stub) in front of a program that is
//! started as a container's init.
//!
//! To depend on this crate is enough. If a container runtime starts the program as an init, the stub
//! joins and creates the namespaces before `main`, and before the program has a second thread. In
//! any other process it makes three system calls.
//!
//! ```toml
//! [dependencies]
//! nsexec-stub = { path = "/usr/local/share/nsexec-stub/rust/nsexec-stub" }
//! ```
//!
//! # Constructor mode and entry mode
//!
//! By default the stub runs from a constructor: behind the dynamic linker, in front of the program's
//! own constructors. As the ELF entry point it runs before all other code, needs no `/proc` and
//! makes no system call where the process is no init. A crate cannot choose the entry point of a
//! program, so the program's own `build.rs` does:
//!
//! ```
//! // build.rs
//! println!("cargo:rustc-link-arg-bins=-Wl,-e,nsexec_start,--defsym=nsexec_entry=nsexec_start");
//! ```
//!
//! With both the stub runs once. `--defsym` refers to the stub, so that a program that has this line,
//! but does not depend on the crate, does not link: for an entry point that does not exist the linker
//! would only warn.
//!
//! # Where the library comes from
//!
//! This crate's build script looks for `nsexec-stub/libnsexec-archive.a` in the directory that
//! `NSEXEC_LIBDIR` names, in `build/<machine>` if the crate is in the project's source tree, and in
//! the directory that `pkg-config nsexec-stub` names.

#![warn(missing_docs)]

use std::os::raw::{c_int, c_ulong};
use std::os::unix::io::RawFd;

extern "C" {
    fn nsexec();
    fn getauxval(kind: c_ulong) -> c_ulong;
}

// The archive's member with this function has a constructor that calls it.
#[used]
static STUB: unsafe extern "C" fn() = nsexec;

/// Whether this process is a container's init: the stub has run, and a parent waits at the other end
/// of [`init_pipe`].
pub fn is_init() -> bool {
    init_pipe().is_some()
}

/// The descriptor of the init pipe, a stream socket. On it parent and program may write to each
/// other what they like. It is open in an init alone, and the program is its owner.
///
/// ```
/// assert_eq!(nsexec_stub::init_pipe(), None);
/// ```
pub fn init_pipe() -> Option<RawFd> {
    descriptor("_LIBCONTAINER_INITPIPE")
}

/// The descriptor of the pipe for log records, if the parent wants any: one JSON object a line, with
/// the members `level` and `msg`.
pub fn log_pipe() -> Option<RawFd> {
    init_pipe().and(descriptor("_LIBCONTAINER_LOGPIPE"))
}

fn descriptor(name: &str) -> Option<RawFd> {
    // In a set-user-ID program the stub ignores its variables.
    const AT_SECURE: c_ulong = 23;
    if unsafe { getauxval(AT_SECURE) } != 0 {
        return None;
    }
    std::env::var(name).ok()?.parse::<c_int>().ok()
}

/// The generation of parents that a program serves. See [`config!`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Dialect {
    /// runc 1.2 and later: the default.
    Runc12 = 0,
    /// runc 1.1.
    Runc11 = 1,
    /// runc 1.0.
    Runc10 = 2,
    /// Older parents.
    Runc2019 = 3,
}

/// What a program can decide about its stub: `struct nsexec_config` of `nsexec.h`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Config {
    dialect: Dialect,
    process_names: [[u8; 16]; 3],
    sealing: [u8; 12],
}

impl Config {
    /// The defaults, for parents of that dialect.
    pub const fn new(dialect: Dialect) -> Config {
        Config {
            dialect,
            process_names: [*b"runc:[0:PARENT]\0", *b"runc:[1:CHILD]\0\0", *b"runc:[2:INIT]\0\0\0"],
            sealing: [0; 12],
        }
    }
}

/// Configures the stub of this program. To be used once, in the program itself:
///
/// ```
/// nsexec_stub::config!(nsexec_stub::Config::new(nsexec_stub::Dialect::Runc11));
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! config {
    ($config:expr) => {
        #[doc(hidden)]
        #[allow(non_upper_case_globals)]
        #[no_mangle]
        #[used]
        pub static nsexec_config: $crate::Config = $config;
    };
}
