//! Programs outside of this workspace that depend on the crate. RUSTFLAGS says how they are linked.

use nsexec_parent::{Command, Dialect, Error, Namespace};
use std::fs;
use std::io::Read;
use std::os::unix::io::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process;

const NAMED: &str = "fn main() {
    println!(\"init {} pid {}\", nsexec_stub::is_init(), std::process::id());
}";
const UNNAMED: &str = "fn main() {
    let init = std::env::var(\"_LIBCONTAINER_INITPIPE\").map_or(false, |pipe| !pipe.is_empty());
    println!(\"init {} pid {}\", init, std::process::id());
}";
const ENTRY: &str = "fn main() {
    println!(\"cargo:rustc-link-arg-bins=-Wl,-e,nsexec_start,--defsym=nsexec_entry=nsexec_start\");
}";

/// A package outside of this workspace, with these files.
struct Package {
    name: &'static str,
    directory: PathBuf,
}

impl Package {
    fn new(name: &'static str, files: &[(&str, &str)]) -> Package {
        let directory =
            std::env::temp_dir().join(format!("nsexec-stub-{}-{}", name, process::id()));
        let package = Package { name, directory };
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
            name
        );
        package.write("Cargo.toml", &manifest);
        for (name, text) in files {
            package.write(name, text);
        }
        package
    }

    fn that_depends(name: &'static str, files: &[(&str, &str)]) -> Package {
        let package = Package::new(name, files);
        package.depend("nsexec-stub", env!("CARGO_MANIFEST_DIR"));
        package
    }

    fn depend(&self, name: &str, path: &str) {
        self.add_to_manifest(&format!("[dependencies]\n{} = {{ path = {:?} }}\n", name, path));
    }

    fn add_to_manifest(&self, text: &str) {
        let manifest = fs::read_to_string(self.directory.join("Cargo.toml")).unwrap();
        self.write("Cargo.toml", &(manifest + text));
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// One directory for all packages, so that the crate itself is built once.
    fn target() -> PathBuf {
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside")
    }

    fn cargo(&self, more: &[&str]) -> process::Command {
        let mut command = process::Command::new(env!("CARGO"));
        command
            .args(["build", "--offline", "--quiet"])
            .args(more)
            .current_dir(&self.directory)
            .env("CARGO_TARGET_DIR", Package::target());
        command
    }

    fn build(&self, more: &[&str]) -> PathBuf {
        let output = self.cargo(more).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let profile = if more.contains(&"--release") { "release" } else { "debug" };
        Package::target().join(profile).join(self.name)
    }

    /// cargo's output if the build fails.
    fn failure(mut command: process::Command) -> String {
        let output = command.output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{}", said);
        said
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn output_of(command: Command) -> Result<String, Error> {
    let (mut reader, writer) = UnixStream::pair().unwrap();
    let mut container = command.stdout(OwnedFd::from(writer)).start()?;
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    assert!(container.wait()?.success(), "{}", text);
    Ok(text)
}

/// Runs a program by hand, by hand with a malformed variable, and as an init.
fn expect_stub(program: &Path) {
    let by_hand =
        |pipe| process::Command::new(program).env("_LIBCONTAINER_INITPIPE", pipe).output().unwrap();
    let ran = by_hand("");
    let out = String::from_utf8(ran.stdout).unwrap();
    assert!(ran.status.success() && out.starts_with("init false"), "{}", out);
    let refused = by_hand("three");
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(refused.stdout, b"");
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("_LIBCONTAINER_INITPIPE=three: not a decimal int"), "{}", said);
    let command = Command::new(program).unshare([Namespace::Pid, Namespace::Net]);
    assert_eq!(output_of(command).unwrap(), "init true pid 1\n");
}

/// Whether the stub's mark is behind the ELF entry point, elf(5).
fn enters_by_the_stub(program: &Path) -> bool {
    let bytes = fs::read(program).unwrap();
    let number = |at: usize, size: usize| {
        let number = bytes[at..at + size].iter();
        let add = |sum: usize, byte: &u8| sum << 8 | usize::from(*byte);
        if cfg!(target_endian = "big") {
            number.fold(0, add)
        } else {
            number.rev().fold(0, add)
        }
    };
    let (entry, headers, count) = (number(24, 8), number(32, 8), number(56, 2));
    (0..count).map(|i| headers + i * 56).any(|header| {
        let (offset, address, size) =
            (number(header + 8, 8), number(header + 16, 8), number(header + 32, 8));
        let is_loaded = number(header, 4) == 1;
        is_loaded && (address..address + size).contains(&entry) && {
            let start = entry - address + offset;
            let code = &bytes[start..bytes.len().min(start + 512)];
            code.windows(16).any(|one| one == b"nsexec stub here")
        }
    })
}

#[test]
fn a_dependency_is_enough() {
    let program = Package::that_depends("named", &[("src/main.rs", NAMED)]).build(&[]);
    expect_stub(&program);
    assert!(!enters_by_the_stub(&program));
}

#[test]
fn a_dependency_that_no_line_names_is_enough() {
    expect_stub(&Package::that_depends("unnamed", &[("src/main.rs", UNNAMED)]).build(&[]));
}

#[test]
fn a_dependency_of_a_dependency_is_enough() {
    let library = Package::that_depends("library", &[("src/lib.rs", "pub fn nothing() {}")]);
    let package = Package::new("indirect", &[("src/main.rs", UNNAMED)]);
    package.depend("library", library.directory.to_str().unwrap());
    expect_stub(&package.build(&[]));
}

#[test]
fn a_program_without_the_dependency_is_not_started() {
    let program = Package::new("without", &[("src/main.rs", UNNAMED)]).build(&[]);
    let error = Command::new(&program).start().unwrap_err();
    assert_eq!(error, Error::NoStub { program });
}

#[test]
fn link_time_optimization_and_strip_leave_it_there() {
    for (name, source) in [("lto-named", NAMED), ("lto-unnamed", UNNAMED)] {
        let package = Package::that_depends(name, &[("src/main.rs", source)]);
        package.add_to_manifest(
            "[profile.release]\nlto = true\ncodegen-units = 1\npanic = \"abort\"\nstrip = true\n",
        );
        expect_stub(&package.build(&["--release"]));
    }
}

#[test]
fn a_build_script_makes_it_the_entry_point() {
    for (name, source) in [("entry-named", NAMED), ("entry-unnamed", UNNAMED)] {
        let package = Package::that_depends(name, &[("src/main.rs", source), ("build.rs", ENTRY)]);
        let program = package.build(&[]);
        assert!(enters_by_the_stub(&program));
        expect_stub(&program);
    }
}

#[test]
fn the_entry_point_without_the_crate_does_not_link() {
    let package = Package::new("no-crate", &[("src/main.rs", UNNAMED), ("build.rs", ENTRY)]);
    let said = Package::failure(package.cargo(&[]));
    assert!(said.contains("nsexec_start") && !said.contains("unknown argument"), "{}", said);
}

#[test]
fn a_program_chooses_its_dialect() {
    for (name, dialect) in [
        ("Runc12", Dialect::Runc12),
        ("Runc11", Dialect::Runc11),
        ("Runc10", Dialect::Runc10),
        ("Runc2019", Dialect::Runc2019),
    ] {
        let source = format!(
            "nsexec_stub::config!(nsexec_stub::Config::new(nsexec_stub::Dialect::{}));\n{}",
            name, NAMED
        );
        let program = Package::that_depends("dialect", &[("src/main.rs", &source)]).build(&[]);
        let command =
            Command::new(&program).dialect(dialect).unshare([Namespace::Pid, Namespace::Cgroup]);
        assert_eq!(output_of(command).unwrap(), "init true pid 1\n", "{}", name);
        // The program must have the constant that the stub reads exactly once.
        let mut config = (dialect as u32).to_ne_bytes().to_vec();
        config.extend(b"runc:[0:PARENT]\0runc:[1:CHILD]");
        let bytes = fs::read(&program).unwrap();
        let names = |one: &&[u8]| one[4..] == config[4..];
        let found: Vec<_> = bytes.windows(config.len()).filter(names).collect();
        assert_eq!(found, [config.as_slice()]);
    }
}

#[test]
fn a_library_directory_without_the_library_is_an_error() {
    let package = Package::that_depends("nowhere", &[("src/main.rs", NAMED)]);
    let mut cargo = package.cargo(&[]);
    cargo.env("CARGO_TARGET_DIR", package.directory.join("target"));
    cargo.env("NSEXEC_LIBDIR", "/nowhere");
    let said = Package::failure(cargo);
    assert!(said.contains("/nowhere/nsexec-stub/libnsexec-archive.a does not exist"), "{}", said);
}

#[test]
fn the_example_runs_as_an_init() {
    let profile = std::env::current_exe().unwrap();
    let program = profile.parent().unwrap().parent().unwrap().join("examples/hello");
    let command = Command::new(program).arg("init").unshare([Namespace::Pid, Namespace::Uts]);
    let text = output_of(command).unwrap();
    assert!(text.contains("\npid: 1\n") && text.contains("\nthreads: 1000\n"), "{}", text);
}
