#include "tests/support/memory_group.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "tests/support/support.h"

namespace test {

MemoryGroup::MemoryGroup() {
  static int count = 0;
  for (const char* root : {"/sys/fs/cgroup/memory", "/sys/fs/cgroup"}) {
    is_v1_ = contains(root, "memory");
    const std::string path = std::string(root) + "/nsexec-test-" + std::to_string(getpid()) + "-" +
                             std::to_string(count++);
    if (mkdir(path.c_str(), 0755) != 0) continue;
    path_ = path;
    processes_ = sys::Fd(open((path + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (processes_.is_open() && exists(usage_file())) return;
    rmdir(path.c_str());
    path_.clear();
  }
}

MemoryGroup::~MemoryGroup() {
  if (is_there()) eventually(kHangs, [&] { return rmdir(path_.c_str()) == 0; });
}

void MemoryGroup::enter() const {
  constexpr char kThisProcess[] = "0";
  ASSERT_EQ(1, write(processes_.get(), kThisProcess, 1));
}

std::vector<std::string> MemoryGroup::processes() const {
  std::vector<std::string> pids = split(read_file(path_ + "/cgroup.procs"), '\n');
  pids.erase(std::remove(pids.begin(), pids.end(), ""), pids.end());
  return pids;
}

int64_t MemoryGroup::usage() const { return std::stoll(read_file(usage_file())); }

int64_t MemoryGroup::cache() const { return statistic("cache ", "file "); }

int64_t MemoryGroup::shmem() const { return statistic("shmem ", "shmem "); }

int64_t MemoryGroup::stock() { return 64 * sysconf(_SC_PAGESIZE) * sysconf(_SC_NPROCESSORS_ONLN); }

std::string MemoryGroup::usage_file() const {
  return path_ + (is_v1_ ? "/memory.usage_in_bytes" : "/memory.current");
}

int64_t MemoryGroup::statistic(const char* v1_key, const char* v2_key) const {
  const std::string key = is_v1_ ? v1_key : v2_key;
  for (const std::string& line : split(read_file(path_ + "/memory.stat"), '\n')) {
    if (line.rfind(key, 0) == 0) return std::stoll(line.substr(key.size()));
  }
  return 0;
}

}  // namespace test
