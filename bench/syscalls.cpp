// What the kernel costs without a libc in the way: each wrapper of syscalls/ beside glibc's
// function and beside the bare instruction.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "syscalls/mount.h"
#include "syscalls/namespaces.h"
#include "syscalls/process.h"

namespace bench {

namespace {

template <class Call>
void add(const std::string& name, Call call) {
  benchmark::RegisterBenchmark(name.c_str(), [call](benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(call());
  });
}

// The bare instruction, through the one function that has it (arch/<arch>/syscall.h).
template <class... Words>
long bare(long number, Words... words) {
  return arch::syscall(number, static_cast<long>(words)...);
}

long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

void add_small_calls() {
  add("syscall/getpid/wrapper", [] { return sys::getpid(); });
  add("syscall/getpid/bare", [] { return bare(__NR_getpid); });
  add("syscall/getpid/glibc", [] { return ::getpid(); });

  static const int zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
  static unsigned char byte;
  add("syscall/read/wrapper", [] { return sys::read(zero, {&byte, 1}).value(); });
  add("syscall/read/bare", [] { return bare(__NR_read, zero, address(&byte), 1); });
  add("syscall/read/glibc", [] { return ::read(zero, &byte, 1); });
  add("syscall/write/wrapper", [] { return sys::write(zero, "x").value(); });
  add("syscall/write/bare", [] { return bare(__NR_write, zero, address("x"), 1); });
  add("syscall/write/glibc", [] { return ::write(zero, "x", 1); });

  add("syscall/openat+close/wrapper",
      [] { return sys::openat(AT_FDCWD, "/dev/null", O_RDONLY).value().get(); });
  add("syscall/openat+close/bare", [] {
    const long fd = bare(__NR_openat, AT_FDCWD, address("/dev/null"), O_RDONLY | O_CLOEXEC, 0);
    return bare(__NR_close, fd);
  });
  add("syscall/openat+close/glibc",
      [] { return ::close(::openat(AT_FDCWD, "/dev/null", O_RDONLY | O_CLOEXEC)); });

  add("syscall/memfd_create+close/wrapper",
      [] { return sys::memfd_create("bench", MFD_CLOEXEC).value().get(); });
  add("syscall/memfd_create+close/glibc",
      [] { return ::close(::memfd_create("bench", MFD_CLOEXEC)); });
}

void add_processes() {
  add("process/clone+wait/wrapper", [] {
    const sys::Pid child = sys::clone(SIGCHLD).value();
    if (child == 0) sys::exit(0);
    return sys::wait(child).value().status;
  });
  add("process/clone3+wait/wrapper", [] {
    clone_args arguments{};
    arguments.exit_signal = SIGCHLD;
    const sys::Pid child = sys::clone3(arguments).value();
    if (child == 0) sys::exit(0);
    return sys::wait(child).value().status;
  });
  add("process/fork+wait/glibc", [] {
    const pid_t child = ::fork();
    if (child == 0) _exit(0);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  });
  add("process/vfork+wait/glibc", [] {
    const pid_t child = ::vfork();
    if (child == 0) _exit(0);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  });
}

int64_t nanoseconds() {
  struct timespec time {};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000 + time.tv_nsec;
}

// Times one call in a process of its own, since it cannot be undone.
template <class Call>
void add_in_child(const std::string& name, Call call) {
  benchmark::RegisterBenchmark(name.c_str(), [call](benchmark::State& state) {
    sys::Mapping page;
    if (!page.map_shared(sizeof(int64_t))) return;
    auto* took = reinterpret_cast<int64_t*>(page.data());
    for (auto _ : state) {
      const sys::Pid child = sys::clone(SIGCHLD).value();
      if (child == 0) {
        const int64_t start = nanoseconds();
        const bool good = call();
        *took = good ? nanoseconds() - start : -1;
        sys::exit(0);
      }
      (void)sys::wait(child);
      if (*took < 0) {
        state.SkipWithError("refused");
        return;
      }
      state.SetIterationTime(static_cast<double>(*took) * 1e-9);
    }
  })->UseManualTime();
}

void add_namespaces() {
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    add_in_child(std::string("unshare/") + type.name,
                 [flag = type.flag] { return static_cast<bool>(sys::unshare(flag)); });
    const std::string path = std::string("/proc/self/ns/") + type.name;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    // Its own user namespace nobody may join.
    if (type.flag != CLONE_NEWUSER) {
      add_in_child(std::string("setns/") + type.name,
                   [fd, flag = type.flag] { return static_cast<bool>(sys::setns(fd, flag)); });
    }
  }
  static const sys::Fd self = sys::pidfd_open(sys::getpid()).value();
  constexpr unsigned kFive =
      CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP;
  add_in_child("setns/five-by-pidfd",
               [] { return static_cast<bool>(sys::setns(self.get(), kFive)); });
}

void add_mounts() {
  // By its name: /proc/self/exe is still in the mount namespace that this program left.
  static const std::string binary = built("nsexec-true");
  add_in_child("mount/open_tree-clone", [] {
    return static_cast<bool>(sys::open_tree(AT_FDCWD, binary.c_str(), OPEN_TREE_CLONE));
  });
  add_in_child("mount/open_tree-clone+mount_setattr", [] {
    const auto tree = sys::open_tree(AT_FDCWD, binary.c_str(), OPEN_TREE_CLONE);
    return tree && sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY});
  });
  for (const char* type : {"tmpfs", "proc", "devpts", "mqueue"}) {
    add_in_child(std::string("mount/new-") + type, [type] {
      const sys::Fd fs = sys::fsopen(type).value();
      return sys::fsconfig(fs.get(), sys::FsConfig::kCreate) && sys::fsmount(fs.get(), 0);
    });
  }
}

}  // namespace

void register_system_calls() {
  add_small_calls();
  add_processes();
  add_namespaces();
  add_mounts();
}

}  // namespace bench
