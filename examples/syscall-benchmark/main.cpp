// Measures some system calls on this machine, without a libc between the program and the kernel.
//
//   g++ -std=c++20 -O2 main.cpp $(pkg-config --cflags nsexec-syscalls) -lbenchmark -o
//   syscall-benchmark
//   ./syscall-benchmark --benchmark_min_time=0.2
//
// Needs only Google Benchmark and the headers that `make install` installs.
#include <benchmark/benchmark.h>
#include <nsexec/syscalls/errno_names.h>
#include <nsexec/syscalls/file.h>
#include <nsexec/syscalls/memory.h>
#include <nsexec/syscalls/namespaces.h>
#include <nsexec/syscalls/poll.h>
#include <nsexec/syscalls/process.h>

namespace {

using benchmark::State;

// Skips a call that fails: the kernel may refuse it early, and then its time means nothing.
template <class T>
bool failed(State& state, const sys::Result<T>& result) {
  if (result) return false;
  state.SkipWithError(sys::ErrnoText(result.error()).c_str());
  return true;
}

void getppid(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sys::getppid());
}
BENCHMARK(getppid);

void clock_gettime(State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(sys::nanoseconds(CLOCK_MONOTONIC));
}
BENCHMARK(clock_gettime);

void open_and_close(State& state) {
  for (auto _ : state) {
    const auto file = sys::openat(AT_FDCWD, "/dev/null", O_RDONLY);
    if (failed(state, file)) return;
    (void)file.value();  // the owner closes it here
  }
}
BENCHMARK(open_and_close);

void write_to_pipe_and_read(State& state) {
  sys::Pipe pipe;
  if (failed(state, pipe.open(O_CLOEXEC))) return;
  unsigned char buffer[1];
  for (auto _ : state) {
    if (failed(state, sys::write(pipe.writer.get(), "x"))) return;
    if (failed(state, sys::read(pipe.reader.get(), {buffer, sizeof buffer}))) return;
  }
}
BENCHMARK(write_to_pipe_and_read);

void map_touch_and_unmap(State& state) {
  for (auto _ : state) {
    sys::Mapping page;
    if (failed(state, page.map_private(4096))) return;
    page.bytes()[0] = 1;  // the page fault
  }
}
BENCHMARK(map_touch_and_unmap);

// A child that ends at once, created as by fork(2) here and as by vfork(2) below. It calls no libc
// function.
void clone_and_wait(State& state) {
  for (auto _ : state) {
    const auto child = sys::clone(SIGCHLD);
    if (failed(state, child)) return;
    if (child.value() == 0) sys::exit(0);
    (void)sys::wait(child.value());
  }
}
BENCHMARK(clone_and_wait);

void vfork_and_wait(State& state) {
  for (auto _ : state) {
    const auto child = sys::clone_to_execute([] { sys::exit(0); });
    if (failed(state, child)) return;
    (void)sys::wait(child.value());
  }
}
BENCHMARK(vfork_and_wait);

// unshare(2), each time in a new child, whose namespace ends with it. Needs root.
void unshare_in_child(State& state) {
  const auto flag = static_cast<unsigned>(state.range(0));
  state.SetLabel(sys::namespace_name(flag));
  for (auto _ : state) {
    const auto child = sys::clone_to_execute([=] {
      const auto done = sys::unshare(flag);
      sys::exit(done ? 0 : done.error().number);
      ;
    });
    if (failed(state, child)) return;
    const auto ended = sys::wait(child.value());
    if (failed(state, ended)) return;
    if (ended.value().exit_status() != 0 &&
        failed(state, sys::Result<void>(sys::Errno{ended.value().exit_status()}))) {
      return;
    }
  }
}
BENCHMARK(unshare_in_child)
    ->Arg(CLONE_NEWUTS)
    ->Arg(CLONE_NEWIPC)
    ->Arg(CLONE_NEWNS)
    ->Arg(CLONE_NEWNET);

}  // namespace

BENCHMARK_MAIN();
