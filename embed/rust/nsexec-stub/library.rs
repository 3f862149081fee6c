// Finds the C libraries. The build scripts of both crates include this file.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory of libnsexec.a and libnsexec-parent.a: NSEXEC_LIBDIR, or else the build directory
/// of the source tree around this crate, or else what pkg-config says. Stops if it has no `file`.
fn library_directory(file: &str, package: &str) -> PathBuf {
    for name in ["NSEXEC_LIBDIR", "PKG_CONFIG", "PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"] {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=library.rs");
    let machine = machine();
    let directory = match std::env::var_os("NSEXEC_LIBDIR") {
        Some(directory) => PathBuf::from(directory),
        None => match in_tree(machine) {
            Some(directory) => directory,
            None => by_pkg_config(package),
        },
    };
    let path = directory.join(file);
    if !path.exists() {
        stop(&format!(
            "{} does not exist. Build it with `make ARCH={}`, or set NSEXEC_LIBDIR to the directory that has {}",
            path.display(), machine, file
        ));
    }
    println!("cargo:rerun-if-changed={}", path.display());
    directory
}

/// The machine for which the program is built, with the name that `uname -m` prints there.
fn machine() -> &'static str {
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let [system, arch, endian] =
        ["OS", "ARCH", "ENDIAN"].map(|name| of(&format!("CARGO_CFG_TARGET_{}", name)));
    match (system.as_str(), arch.as_str(), endian.as_str()) {
        ("linux", "x86_64", _) if of("CARGO_CFG_TARGET_POINTER_WIDTH") == "64" => "x86_64",
        ("linux", "aarch64", "little") => "aarch64",
        ("linux", "powerpc64", "little") => "ppc64le",
        ("linux", "s390x", _) => "s390x",
        ("linux", "x86", _) => "i686",
        ("linux", "arm", "little") if hard_float_armv7(&of("TARGET")) => "armv7l",
        ("linux", "riscv64", _) => "riscv64",
        ("linux", "loongarch64", _) => "loongarch64",
        _ => stop(&format!("there is no stub for {}", of("TARGET"))),
    }
}

/// Targets for older machines, and those that pass floating-point numbers otherwise, have "arm" too.
fn hard_float_armv7(target: &str) -> bool {
    (target.starts_with("armv7-") || target.starts_with("thumbv7neon-")) && target.ends_with("eabihf")
}

fn in_tree(machine: &str) -> Option<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    if !top.join("stub/nsexec.h").exists() {
        return None;
    }
    Some(top.canonicalize().ok()?.join("build").join(machine))
}

fn by_pkg_config(package: &str) -> PathBuf {
    // Plain pkg-config finds the libraries of the machine that it runs on.
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let named = of("PKG_CONFIG").or_else(|| {
        (of("TARGET") == of("HOST") || of("PKG_CONFIG_LIBDIR").is_some())
            .then(|| "pkg-config".into())
    });
    let program = named.unwrap_or_else(|| {
        stop("this is a cross-build: set NSEXEC_LIBDIR, PKG_CONFIG or PKG_CONFIG_LIBDIR")
    });
    let output = Command::new(&program).args(["--variable=libdir", package]).output();
    let hint = "Install nsexec-stub (`make install`), or set NSEXEC_LIBDIR to the directory of its libraries";
    match output {
        Err(error) => stop(&format!("cannot run {:?}: {}. {}", program, error, hint)),
        Ok(output) if !output.status.success() => {
            stop(&format!("{}. {}", String::from_utf8_lossy(&output.stderr).trim(), hint))
        }
        Ok(output) => PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end().to_string()),
    }
}

fn stop(message: &str) -> ! {
    eprintln!("{}: {}", env!("CARGO_PKG_NAME"), message);
    std::process::exit(1)
}
