// Tests nsrun as the first process of a system, in a pid namespace. There reboot(2) ends it with a
// signal (pid_namespaces(7)): SIGINT for powering off, SIGHUP for rebooting. tests/rig/appliance
// does the same on a whole machine.
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/nsrun.h"

namespace {

using test::contains;
using std::chrono_literals::operator""s;

class NsrunSystemTest : public test::NsrunShellTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    test::copy_program(nsrun_, root_.file("init"));
    for (const char* name : {"etc", "sys", "run", "inner", "inner/bin"}) {
      mkdir(root_.file(name).c_str(), 0755);
    }
    test::copy_program("/bin/busybox", root_.file("inner/bin/sh"));
  }
  void configure(const std::string& text) { test::write_file(root_.file("etc/nsrun.conf"), text); }
  test::Arguments system() {
    return {nsrun_,      "--rootfs",  root_.path(), "--ns", "mnt,pid,uts,ipc",
            "--no-mask", "--cap-add", "all",        "--",   "/init"};
  }
  // Starts the system, waits until a container has printed "started" and `also`, sends the signal,
  // and returns the status.
  test::Status end_by(int signal, const std::string& also = "") {
    const std::string output = root_.file("output");
    const pid_t child = fork();
    if (child == 0) {
      const std::string command = "exec \"$@\" > " + output + " 2>&1";
      std::vector<std::string> words = {"/bin/sh", "-c", command, "sh"};
      for (const std::string& word : system()) words.push_back(word);
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      execv(argv[0], argv.data());
      _exit(99);
    }
    EXPECT_TRUE(test::eventually(test::kHangs, [&] {
      return contains(said(), "started") && contains(said(), also);
    })) << said();
    kill(child, signal);
    return test::wait_for(child, 20s);
  }
  std::string said() { return test::read_file(root_.file("output")); }
};

TEST_F(NsrunSystemTest, RunsItsContainersAndPowersOff) {
  configure(
      "a once --rootfs /inner --hostname in -- /bin/sh -c 'echo \"$$ $(cat "
      "/proc/sys/kernel/hostname)\"'\n"
      "b once --rootfs /inner -- /bin/sh -c 'exit 3'\n");
  const test::Outcome outcome = test::run_command(system());
  EXPECT_TRUE(outcome.status.exited_with(128 + SIGINT)) << outcome.status << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "a: 1 in\n")) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "nsrun: b: ended with status 3\n")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "nsrun: the system: powers off\n")) << outcome.err;
}

TEST_F(NsrunSystemTest, RebootsIfConfigured) {
  configure("finally reboot\na once --rootfs /inner -- /bin/sh -c true\n");
  EXPECT_TRUE(test::run_command(system()).status.exited_with(128 + SIGHUP));
}

TEST_F(NsrunSystemTest, ContinuesWithoutAFileAndWithoutItsWrongLines) {
  EXPECT_TRUE(contains(test::run_command(system()).err, "nsrun: open /etc/nsrun.conf: ENOENT\n"));
  configure("a never true\nb once --rootfs /inner -- /bin/sh -c 'echo here'\n");
  const test::Outcome outcome = test::run_command(system());
  EXPECT_TRUE(contains(outcome.err, "nsrun: /etc/nsrun.conf:1: not of the form")) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "b: here\n")) << outcome.out;
}

TEST_F(NsrunSystemTest, StopsItsContainersFirst) {
  // The first container ends at once after SIGTERM. The other ignores it and must be killed.
  configure(
      "finally stay\n"
      "a always --rootfs /inner --init -- /bin/sh -c 'trap \"echo stopped; exit 0\" TERM; echo "
      "started; while :; do sleep 1; done'\n"
      "b always --rootfs /inner -- /bin/sh -c 'trap \"\" TERM; echo runs; while :; do sleep 1; "
      "done'\n");
  // The kernel sends SIGINT to the first process for Ctrl-Alt-Del.
  EXPECT_TRUE(end_by(SIGINT, "runs").exited_with(128 + SIGHUP)) << "must reboot: " << said();
  EXPECT_TRUE(contains(said(), "a: stopped\n")) << said();
  EXPECT_TRUE(contains(said(), "nsrun: b: ended with status 137\n")) << said();
  unlink(root_.file("output").c_str());
  EXPECT_TRUE(end_by(SIGTERM).exited_with(128 + SIGINT)) << "must power off: " << said();
}

TEST_F(NsrunSystemTest, StaysIfConfigured) {
  configure("finally stay\na once --rootfs /inner -- /bin/sh -c 'echo started'\n");
  EXPECT_TRUE(end_by(SIGTERM).exited_with(128 + SIGINT)) << said();
  EXPECT_FALSE(contains(said(), "stopped")) << said();
}

}  // namespace
