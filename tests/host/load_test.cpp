// Many starts: one after the other, 64 at a time, a thousand at once; and nothing is left of them.
// NSEXEC_STARTS (make load: 10000) says how many.
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

#include "tests/support/memory_group.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using test::built;
using test::MemoryGroup;
using test::Message;
using test::Parent;
using test::Pids;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

constexpr int kNobody = 65534;

// What a start can leave behind, counted. Nothing in it counts what other processes of this machine
// do: the builds and suites that run at the same time open files and take memory, too.
struct Inventory {
  long fds = 0;
  long processes = 0;
  long mounts = 0;
  long charged_kib = 0;  // to the starts' cgroup, pages of files not included

  static Inventory take(const MemoryGroup& group) {
    Inventory now;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      now.fds += entry.path().empty() ? 0 : 1;
    }
    // Dead children, too. The cgroup has those that lost their parent.
    std::vector<std::string> processes = test::children_of(getpid());
    const std::vector<std::string> members = group.processes();
    processes.insert(processes.end(), members.begin(), members.end());
    now.processes = static_cast<long>(std::set(processes.begin(), processes.end()).size());
    const std::string table = test::read_file("/proc/self/mountinfo");
    now.mounts = std::count(table.begin(), table.end(), '\n');
    if (group.is_there()) now.charged_kib = (group.usage() - group.cache()) / 1024;
    return now;
  }
};

std::ostream& operator<<(std::ostream& out, const Inventory& now) {
  return out << now.fds << " fds, " << now.processes << " processes, " << now.mounts << " mounts, "
             << now.charged_kib << " KiB charged";
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
    enter(parent);
    const Pids pids = parent.run(bytes);
    parent.stage0 = 0;  // reaped
    return pids.stage2 > 0;
  }

  void enter(Parent& parent) const {
    if (group_.is_there()) parent.before_exec = [this] { group_.enter(); };
  }
  [[nodiscard]] Inventory take() const { return Inventory::take(group_); }

  // The kernel frees namespaces a moment after their last process.
  void expect_nothing_left(const Inventory& before, long starts) const {
    // The memory that 500 mounts, namespaces or processes take is more than that, and 1 KiB a start
    // in a thousand starts.
    const long limit = MemoryGroup::stock() / 1024 + 512;
    Inventory after;
    for (int tries = 0; tries < 50; ++tries) {
      after = take();
      if (after.fds == before.fds && after.processes <= before.processes &&
          after.charged_kib - before.charged_kib < limit)
        break;
      usleep(200'000);
    }
    std::cout << "          " << starts << " starts; before: " << before
              << "\n          after: " << after << "\n";
    EXPECT_EQ(before.fds, after.fds);
    EXPECT_LE(after.processes, before.processes);
    EXPECT_EQ(before.mounts, after.mounts);
    EXPECT_LT(after.charged_kib - before.charged_kib, limit);
  }
  static int starts() {
    const char* wanted = getenv("NSEXEC_STARTS");
    return wanted != nullptr ? std::stoi(wanted) : test::repetitions(500);
  }

 private:
  MemoryGroup group_;
};

TEST_P(LoadTest, OneAfterTheOther) {
  const Inventory before = take();
  const std::string bytes = message().bytes();
  int good = 0;
  for (int i = 0; i < starts(); ++i) good += start(bytes) ? 1 : 0;
  EXPECT_EQ(starts(), good);
  expect_nothing_left(before, good);
}

TEST_P(LoadTest, SixtyFourAtATime) {
  const Inventory before = take();
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
  const Inventory before = take();
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
    enter(parent);
    pids.push_back(parent.run(bytes));
    parent.stage0 = 0;
    ASSERT_GT(pids.back().stage2, 0) << i;
  }
  const Inventory meanwhile = take();
  EXPECT_EQ(before.processes + count, meanwhile.processes);
  std::cout << "          " << count
            << " parked: " << (meanwhile.charged_kib - before.charged_kib) / std::max(count, 1)
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
