// Measures the kernel without a libc: each wrapper of syscalls/ is compared with glibc's function
// and with the bare instruction.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
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

// Executes the bare instruction through the one function that contains it (arch/<arch>/syscall.h).
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

// Measures a process that exits at once, for each way to create one.
int wait_for(long child) { return sys::wait(static_cast<sys::Pid>(child)).value().status; }

void add_processes() {
  add("process/clone+wait/wrapper", [] {
    const sys::Pid child = sys::clone(SIGCHLD).value();
    if (child == 0) sys::exit(0);
    return wait_for(child);
  });
  add("process/clone+wait/bare", [] {
    const long child = arch::clone(__NR_clone, SIGCHLD, 0);
    if (child == 0) sys::exit(0);
    return wait_for(child);
  });
  add("process/clone+wait/glibc", [] {
    const pid_t child = ::fork();
    if (child == 0) _exit(0);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  });
  clone_args arguments{};
  arguments.exit_signal = SIGCHLD;
  add("process/clone3+wait/wrapper", [arguments] {
    const sys::Pid child = sys::clone3(arguments).value();
    if (child == 0) sys::exit(0);
    return wait_for(child);
  });
  add("process/clone3+wait/bare", [arguments] {
    const long child = bare(__NR_clone3, address(&arguments), sizeof arguments);
    if (child == 0) sys::exit(0);
    return wait_for(child);
  });
  add("process/vfork+wait/wrapper",
      [] { return wait_for(sys::clone_to_execute([] { sys::exit(0); }).value()); });
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

// Times one call in a new process each time, because the call cannot be undone.
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

// The same calls in three versions, for the benchmarks that need several calls. true, or an fd of 0
// or more, means success.
struct Wrapper {
  static constexpr char kName[] = "/wrapper";
  static bool unshare(unsigned flags) { return static_cast<bool>(sys::unshare(flags)); }
  static bool setns(int fd, unsigned flags) { return static_cast<bool>(sys::setns(fd, flags)); }
  static int open_tree(const char* path, unsigned flags) {
    return static_cast<int>(sys::open_tree(AT_FDCWD, path, flags).release());
  }
  static bool make_read_only(int tree) {
    const sys::MountAttributes attributes{.set = MOUNT_ATTR_RDONLY};
    return static_cast<bool>(sys::mount_setattr(tree, "", AT_EMPTY_PATH, attributes));
  }
  static int fsopen(const char* type) { return static_cast<int>(sys::fsopen(type).release()); }
  static bool set(int fs, const char* key, const char* value) {
    return static_cast<bool>(sys::fsconfig(fs, sys::FsConfig::kSetString, key, value));
  }
  static bool create(int fs) {
    return static_cast<bool>(sys::fsconfig(fs, sys::FsConfig::kCreate));
  }
  static int fsmount(int fs) { return static_cast<int>(sys::fsmount(fs, 0).release()); }
  static bool mount(const char* source, const char* target, unsigned long flags) {
    return static_cast<bool>(sys::mount(source, target, nullptr, flags, nullptr));
  }
  static bool unmount(const char* target) {
    return static_cast<bool>(sys::unmount(target, MNT_DETACH));
  }
  static int memfd() {
    return static_cast<int>(sys::memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING).release());
  }
  static bool copy(int from, int to) {
    return static_cast<bool>(sys::sendfile(from, to, size_t{1} << 30));
  }
  static bool seal(int fd) { return static_cast<bool>(sys::fcntl(fd, F_ADD_SEALS, 15)); }
  static bool close(int fd) { return static_cast<bool>(sys::close(fd)); }
};

struct Bare {
  static constexpr char kName[] = "/bare";
  static bool unshare(unsigned flags) { return bare(__NR_unshare, flags) == 0; }
  static bool setns(int fd, unsigned flags) { return bare(__NR_setns, fd, flags) == 0; }
  static int open_tree(const char* path, unsigned flags) {
    return static_cast<int>(
        bare(__NR_open_tree, AT_FDCWD, address(path), flags | OPEN_TREE_CLOEXEC));
  }
  static bool make_read_only(int tree) {
    const sys::MountAttributes attributes{.set = MOUNT_ATTR_RDONLY};
    return bare(__NR_mount_setattr, tree, address(""), AT_EMPTY_PATH, address(&attributes),
                sizeof attributes) == 0;
  }
  static int fsopen(const char* type) {
    return static_cast<int>(bare(__NR_fsopen, address(type), FSOPEN_CLOEXEC));
  }
  static bool set(int fs, const char* key, const char* value) {
    return bare(__NR_fsconfig, fs, FSCONFIG_SET_STRING, address(key), address(value), 0) == 0;
  }
  static bool create(int fs) { return bare(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0) == 0; }
  static int fsmount(int fs) {
    return static_cast<int>(bare(__NR_fsmount, fs, FSMOUNT_CLOEXEC, 0));
  }
  static bool mount(const char* source, const char* target, unsigned long flags) {
    return bare(__NR_mount, address(source), address(target), 0, flags, 0) == 0;
  }
  static bool unmount(const char* target) {
    return bare(__NR_umount2, address(target), MNT_DETACH) == 0;
  }
  static int memfd() {
    return static_cast<int>(
        bare(__NR_memfd_create, address("bench"), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  }
  static bool copy(int from, int to) {
    return bare(__NR_sendfile, to, from, 0, size_t{1} << 30) >= 0;
  }
  static bool seal(int fd) { return bare(arch::kFcntl, fd, F_ADD_SEALS, 15) == 0; }
  static bool close(int fd) { return bare(__NR_close, fd) == 0; }
};

struct Glibc {
  static constexpr char kName[] = "/glibc";
  static bool unshare(unsigned flags) { return ::unshare(static_cast<int>(flags)) == 0; }
  static bool setns(int fd, unsigned flags) { return ::setns(fd, static_cast<int>(flags)) == 0; }
  static int open_tree(const char* path, unsigned flags) {
    return ::open_tree(AT_FDCWD, path, flags | OPEN_TREE_CLOEXEC);
  }
  static bool make_read_only(int tree) {
    struct mount_attr attributes {};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    return ::mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0;
  }
  static int fsopen(const char* type) { return ::fsopen(type, FSOPEN_CLOEXEC); }
  static bool set(int fs, const char* key, const char* value) {
    return ::fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) == 0;
  }
  static bool create(int fs) {
    return ::fsconfig(fs, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0;
  }
  static int fsmount(int fs) { return ::fsmount(fs, FSMOUNT_CLOEXEC, 0); }
  static bool mount(const char* source, const char* target, unsigned long flags) {
    return ::mount(source, target, nullptr, flags, nullptr) == 0;
  }
  static bool unmount(const char* target) { return ::umount2(target, MNT_DETACH) == 0; }
  static int memfd() { return ::memfd_create("bench", MFD_CLOEXEC | MFD_ALLOW_SEALING); }
  static bool copy(int from, int to) { return ::sendfile(to, from, nullptr, size_t{1} << 30) >= 0; }
  static bool seal(int fd) { return ::fcntl(fd, F_ADD_SEALS, 15) == 0; }
  static bool close(int fd) { return ::close(fd) == 0; }
};

template <class By>
void add_namespaces() {
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    add_in_child(std::string("unshare/") + type.name + By::kName,
                 [flag = type.flag] { return By::unshare(flag); });
    const std::string path = std::string("/proc/self/ns/") + type.name;
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    // A process cannot join the user namespace that it is in already.
    if (type.flag != CLONE_NEWUSER) {
      add_in_child(std::string("setns/") + type.name + By::kName,
                   [fd, flag = type.flag] { return By::setns(fd, flag); });
    }
  }
  static const sys::Fd self = sys::pidfd_open(sys::getpid()).value();
  constexpr unsigned kFive =
      CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWCGROUP;
  add_in_child(std::string("setns/five-by-pidfd") + By::kName,
               [] { return By::setns(self.get(), kFive); });
}

// Measures the calls of each strategy to seal a binary (docs/sealing.md), without executing the
// result.
template <class By>
void add_sealing_calls() {
  // Opens it by name, because /proc/self/exe is in the mount namespace that this program has left.
  static const std::string binary = built("nsexec-true");
  static const std::string directories = binary.substr(0, binary.rfind('/')) + ":" + scratch();
  static const int binary_fd = open(binary.c_str(), O_RDONLY | O_CLOEXEC);
  static const std::string target = scratch() + "/bound";
  test::write_file(target, "");
  const auto add_calls = [](const char* name, auto calls) {
    add_in_child(std::string("mount/") + name + By::kName, calls);
  };
  add_calls("open_tree-clone", [] {
    const int tree = By::open_tree(binary.c_str(), OPEN_TREE_CLONE);
    return tree >= 0 && By::close(tree);
  });
  add_calls("seal-detached-mount", [] {
    const int tree = By::open_tree(binary.c_str(), OPEN_TREE_CLONE);
    return tree >= 0 && By::make_read_only(tree) && By::close(tree);
  });
  add_calls("seal-child-mount", [] {
    if (!By::unshare(CLONE_NEWUSER | CLONE_NEWNS)) return false;
    const int tree = By::open_tree(binary.c_str(), OPEN_TREE_CLONE);
    return tree >= 0 && By::make_read_only(tree) && By::close(tree);
  });
  add_calls("seal-overlay", [] {
    const int fs = By::fsopen("overlay");
    if (fs < 0 || !By::set(fs, "lowerdir", directories.c_str()) || !By::create(fs)) return false;
    const int mount = By::fsmount(fs);
    return mount >= 0 && By::close(mount) && By::close(fs);
  });
  add_calls("seal-bind-mount", [] {
    return By::mount(binary.c_str(), target.c_str(), MS_BIND) &&
           By::mount(nullptr, target.c_str(), MS_BIND | MS_REMOUNT | MS_RDONLY) &&
           By::unmount(target.c_str());
  });
  add_calls("seal-memfd", [] {
    const int copy = By::memfd();
    lseek(binary_fd, 0, SEEK_SET);
    return copy >= 0 && By::copy(binary_fd, copy) && By::seal(copy) && By::close(copy);
  });
}

void add_mounts() {
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
  add_namespaces<Wrapper>();
  add_namespaces<Bare>();
  add_namespaces<Glibc>();
  add_sealing_calls<Wrapper>();
  add_sealing_calls<Bare>();
  add_sealing_calls<Glibc>();
  add_mounts();
}

}  // namespace bench
