// hello: an ordinary Rust program that prints what it sees, run by hand or as a container's init.
// Its source does not mention the stub:
//
//   rustc -O hello.rs -C link-arg=libnsexec.a -C link-arg=-Wl,-e,nsexec_start
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex};
use std::{env, fs, process, thread, time};

static ARRIVED: AtomicI32 = AtomicI32::new(0);

extern "C" {
    fn getuid() -> u32;
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn raise(number: i32) -> i32;
}

extern "C" fn arrive(number: i32) {
    ARRIVED.store(number, Ordering::SeqCst);
}

fn threads(count: usize) -> usize {
    let sum = Arc::new(Mutex::new(0));
    for _ in 0..count / 50 {
        let some: Vec<_> = (0..50)
            .map(|_| {
                let sum = sum.clone();
                thread::spawn(move || *sum.lock().unwrap() += 1)
            })
            .collect();
        for one in some {
            one.join().unwrap();
        }
    }
    let total = *sum.lock().unwrap();
    total
}

fn main() {
    const SIGUSR1: i32 = 10;
    let hello = env::var("HELLO").unwrap_or_default();
    let arguments: Vec<String> = env::args().collect();
    println!("entered: true");
    println!("pid: {}", process::id());
    println!("uid: {}", unsafe { getuid() });
    println!("args: {} {}", arguments.len(), arguments.last().unwrap());
    println!("variable: {}", hello);
    for name in ["mnt", "uts", "user"] {
        let target = fs::read_link(format!("/proc/self/ns/{}", name)).unwrap();
        println!("ns_{}: {}", name, target.display());
    }
    println!("threads: {}", threads(1000));
    unsafe {
        signal(SIGUSR1, arrive);
        raise(SIGUSR1);
    }
    println!("signals: {}", ARRIVED.load(Ordering::SeqCst) == SIGUSR1);
    let before = time::Instant::now();
    thread::sleep(time::Duration::from_millis(1));
    println!("clock: {}", before.elapsed() >= time::Duration::from_millis(1));
    if hello == "crash" {
        process::abort();
    }
}
