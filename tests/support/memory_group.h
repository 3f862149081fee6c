// A memory cgroup of the test's own, v1 or v2. It measures what the test's processes cost. The
// figures of /proc/meminfo include every other process of the machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "syscalls/fd.h"

namespace test {

class MemoryGroup {
 public:
  /// Makes the cgroup. is_there() is false where the system has no memory cgroups or refuses.
  MemoryGroup();
  /// Waits until the group's last process has ended, and removes the cgroup.
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  [[nodiscard]] bool is_there() const { return !path_.empty(); }
  /// Moves the calling process into it. Its children start there. A process that has given up
  /// root's ids may call it: the file was opened by root.
  void enter() const;
  /// Pids of the processes in it. The kernel lists no dead ones in v2.
  [[nodiscard]] std::vector<std::string> processes() const;
  /// Bytes charged to its processes, past and present: their memory, the kernel's objects that they
  /// made (namespaces, mounts, open files, …) and the pages of files that they were first to read.
  [[nodiscard]] int64_t usage() const;
  /// Bytes of usage() that are pages of files, those of a tmpfs and of memfds included.
  [[nodiscard]] int64_t cache() const;
  /// Bytes of cache() that are a tmpfs's and memfds'.
  [[nodiscard]] int64_t shmem() const;
  /// Bytes by which usage() can be too large: each CPU keeps 64 charged pages in stock, used or not
  /// (MEMCG_CHARGE_BATCH in the kernel's include/linux/memcontrol.h).
  static int64_t stock();

 private:
  [[nodiscard]] std::string usage_file() const;
  [[nodiscard]] int64_t statistic(const char* v1_key, const char* v2_key) const;
  std::string path_;
  sys::Fd processes_;
  bool is_v1_ = false;
};

}  // namespace test
