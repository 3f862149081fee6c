// Finds the stub, and makes sure that it is in every program that depends on this crate.

include!("library.rs");

fn main() {
    let directory =
        library_directory("nsexec-stub/libnsexec-archive.a", "nsexec-stub").join("nsexec-stub");
    println!("cargo:rustc-link-search=native={}", directory.display());
    println!("cargo:rustc-link-lib=static=nsexec-archive");
    link_where_nobody_names_it(&directory.join("libnsexec-archive.a"));
}

/// rustc omits a dependency that the program's source never names, and the stub with it. But cargo
/// gives the search paths of all dependencies to the program's linker. Each Rust program links
/// libgcc's unwinder, and the linker searches these paths for it first. So a linker script with the
/// unwinder's name links the stub and then the real unwinder.
fn link_where_nobody_names_it(archive: &Path) {
    let of = |name: &str| std::env::var(name).unwrap_or_default();
    let is_static = of("CARGO_CFG_TARGET_FEATURE").split(',').any(|one| one == "crt-static");
    let (name, unwinder) = if !is_static {
        ("libgcc_s.so", "GROUP ( libgcc_s.so.1 -lgcc )".to_string())
    } else {
        match static_unwinder() {
            Some(path) => ("libgcc_eh.a", format!("INPUT ( \"{}\" )", path)),
            None => return,
        }
    };
    // A second reference does no harm: the program still has one stub, which runs once.
    let out = PathBuf::from(of("OUT_DIR"));
    let source = out.join("reference.rs");
    let object = out.join("reference.o");
    write(
        &source,
        "#![no_std]\n\
         extern \"C\" { fn nsexec(); }\n\
         #[used]\n\
         static STUB: unsafe extern \"C\" fn() = nsexec;\n",
    );
    let compiled = Command::new(of("RUSTC"))
        .args(["--crate-type=lib", "--crate-name=reference", "--emit=obj", "--edition=2021"])
        .args(["--target", &of("TARGET"), "-o"])
        .args([&object, &source])
        .status();
    if !compiled.map_or(false, |status| status.success()) {
        stop("rustc cannot compile reference.rs");
    }
    let script =
        format!("INPUT ( \"{}\" \"{}\" )\n{}\n", object.display(), archive.display(), unwinder);
    write(&out.join(name), &script);
    println!("cargo:rustc-link-search=native={}", out.display());
}

/// libgcc_eh.a of the compiler that links. None if it has none, as with musl.
fn static_unwinder() -> Option<String> {
    let linker = std::env::var_os("RUSTC_LINKER").unwrap_or_else(|| "cc".into());
    let output = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?.trim().to_string();
    Path::new(&path).is_absolute().then_some(path)
}

fn write(path: &Path, text: &str) {
    if let Err(error) = std::fs::write(path, text) {
        stop(&format!("{}: {}", path.display(), error));
    }
}
