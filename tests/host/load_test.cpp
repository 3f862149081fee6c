// Many starts: one after the other, 64 at a time, a thousand at once; and nothing is left of them.
// NSEXEC_STARTS (make load: 10000) says how many.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <thread>

#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::Message;
using test::Parent;
using test::Pids;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr int kNobody = 65534;

long value_of(const std::string& file, const std::string& key) {
  const std::string text = test::read_file(file);
  const size_t at = text.find(key);
  return at == std::string::npos ? -1 : std::stol(text.substr(at + key.size()));
}

// What there is of all that could be left.
struct Inventory {
  long fds = 0;
  long processes = 0;
  long mounts = 0;
  long open_files = 0;  // of the whole system
  long slab_kib = 0;    // not reclaimable
  long used_kib = 0;

  // Whoever else works on this machine: a process by the names of ours, or a child of this one,
  // dead ones too. proc_pid_stat(5): "pid (comm) state ppid".
  static bool is_of_a_start(const std::string& stat) {
    const size_t end = stat.rfind(')');
    if (end == std::string::npos) return false;
    const std::string name = stat.substr(stat.find('(') + 1, end - stat.find('(') - 1);
    return name == "nsexec-true" || name.rfind("runc:[", 0) == 0 ||
           atoi(stat.c_str() + end + 4) == getpid();
  }

  static Inventory take() {
    Inventory now;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      now.fds += entry.path().empty() ? 0 : 1;
    }
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
      const std::string name = entry.path().filename();
      const bool is_process = name.find_first_not_of("0123456789") == std::string::npos;
      if (is_process && is_of_a_start(test::read_file(entry.path().string() + "/stat"))) {
        ++now.processes;
      }
    }
    const std::string table = test::read_file("/proc/self/mountinfo");
    now.mounts = std::count(table.begin(), table.end(), '\n');
    now.open_files = std::stol(test::read_file("/proc/sys/fs/file-nr"));
    now.slab_kib = value_of("/proc/meminfo", "SUnreclaim:");
    now.used_kib =
        value_of("/proc/meminfo", "MemTotal:") - value_of("/proc/meminfo", "MemAvailable:");
    return now;
  }
};

std::ostream& operator<<(std::ostream& out, const Inventory& now) {
  return out << now.fds << " fds, " << now.processes << " processes, " << now.mounts << " mounts, "
             << now.open_files << " open files, " << now.slab_kib << " KiB slab, " << now.used_kib
             << " KiB used";
}

class LoadTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    (void)start(message().bytes());  // what is allocated once
  }

  // One whole start, by root or by somebody else.
  [[nodiscard]] Message message() const {
    Message message;
    constexpr unsigned kFour = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
    message.flags(GetParam() == 0 ? kFour : kFour | CLONE_NEWUSER);
    if (GetParam() == 0) return message;
    return message.boolean(Attribute::kRootless, true)
        .text(Attribute::kUidMap, "0 65534 1\n")
        .text(Attribute::kGidMap, "0 65534 1\n");
  }
  bool start(const std::string& bytes) const {
    Parent parent(built("nsexec-true"));
    parent.uid = GetParam();
    parent.log_level = 2;
    const Pids pids = parent.run(bytes);
    parent.stage0 = 0;  // reaped
    return pids.stage2 > 0;
  }

  // The kernel frees namespaces a moment after their last process.
  static void expect_nothing_left(const Inventory& before, long starts) {
    Inventory after;
    for (int tries = 0; tries < 50; ++tries) {
      after = Inventory::take();
      if (after.fds == before.fds && after.processes <= before.processes &&
          after.slab_kib - before.slab_kib < 2048)
        break;
      usleep(200'000);
    }
    std::cout << "          " << starts << " starts; before: " << before
              << "\n          after: " << after << "\n";
    EXPECT_EQ(before.fds, after.fds);
    EXPECT_LE(after.processes, before.processes);
    EXPECT_EQ(before.mounts, after.mounts);
    // Others work on this machine, too: what counts is that it is not so much for each start.
    EXPECT_LT(after.open_files - before.open_files, 200);
    EXPECT_LT(after.slab_kib - before.slab_kib, 16 << 10);
    EXPECT_LT(after.used_kib - before.used_kib, 256 << 10);
  }
  static int starts() {
    const char* wanted = getenv("NSEXEC_STARTS");
    return wanted != nullptr ? std::stoi(wanted) : test::repetitions(500);
  }
};

TEST_P(LoadTest, OneAfterTheOther) {
  const Inventory before = Inventory::take();
  const std::string bytes = message().bytes();
  int good = 0;
  for (int i = 0; i < starts(); ++i) good += start(bytes) ? 1 : 0;
  EXPECT_EQ(starts(), good);
  expect_nothing_left(before, good);
}

TEST_P(LoadTest, SixtyFourAtATime) {
  const Inventory before = Inventory::take();
  const std::string bytes = message().bytes();
  constexpr int kAtATime = 64;
  const int each = std::max(1, starts() / kAtATime);
  std::vector<std::thread> threads;
  std::vector<int> good(kAtATime);
  for (int& count : good) {
    threads.emplace_back([&] {
      for (int i = 0; i < each; ++i) count += start(bytes) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(kAtATime, std::count(good.begin(), good.end(), each));
  expect_nothing_left(before, long{kAtATime} * each);
}

TEST_P(LoadTest, ManyThatStay) {
  const Inventory before = Inventory::take();
  const std::string bytes = message().bytes();
  const int count = std::min(starts(), 1000);
  std::vector<std::unique_ptr<Parent>> parked;
  std::vector<Pids> pids;
  for (int i = 0; i < count; ++i) {
    parked.push_back(std::make_unique<Parent>(built("tests/probe")));
    Parent& parent = *parked.back();
    parent.uid = GetParam();
    parent.with_report = true;
    parent.log_level = 2;
    pids.push_back(parent.run(bytes));
    parent.stage0 = 0;
    ASSERT_GT(pids.back().stage2, 0) << i;
  }
  const Inventory meanwhile = Inventory::take();
  EXPECT_EQ(static_cast<size_t>(count), test::children_of(getpid()).size());
  std::cout << "          " << count
            << " parked: " << (meanwhile.used_kib - before.used_kib) / std::max(count, 1)
            << " KiB each, the kernel's share included\n";
  for (size_t i = 0; i < parked.size(); ++i) {
    EXPECT_EQ("1", parked[i]->read_report()["end"]);
    parked[i]->finish_probe();
    EXPECT_TRUE(test::wait_for(pids[i].stage2).exited_with(0));
  }
  parked.clear();
  expect_nothing_left(before, count);
}

INSTANTIATE_TEST_SUITE_P(As, LoadTest, testing::Values(0, kNobody),
                         [](const auto& each) { return each.param == 0 ? "root" : "nobody"; });

}  // namespace
