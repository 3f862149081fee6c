// The fixtures for tests of nsrun.
#pragma once

#include <sys/stat.h>

#include <algorithm>

#include "tests/support/support.h"

namespace test {

/// Makes a root file system for nsrun that contains nsreport and tool. An ordinary user can use it
/// too.
class NsrunTest : public testing::Test {
 protected:
  NsrunTest() {
    copy_program(built("nsreport"), root_.file("nsreport"));
    copy_program(built("tests/tool"), root_.file("tool"));
    copy_program(built("nsrun"), nsrun_);
    chmod(root_.path().c_str(), 0777);
  }
  ~NsrunTest() override {
    EXPECT_TRUE(all_gone(nsrun_));
    EXPECT_EQ(mounts_, read_file("/proc/self/mountinfo")) << "a mount was left behind";
  }
  Outcome nsrun(Arguments arguments, int uid = 0) {
    arguments.insert(arguments.begin(), nsrun_);
    return run_command(arguments, {.uid = uid, .environment = {}});
  }
  std::map<std::string, std::string> report(Arguments options, int uid = 0) {
    for (const char* more : {"--report", "--", "/nsreport"}) options.emplace_back(more);
    options.insert(options.begin(), {"--rootfs", root_.path()});
    const Outcome outcome = nsrun(options, uid);
    EXPECT_TRUE(outcome.status.exited_with(0)) << outcome.status << outcome.err;
    EXPECT_EQ("", outcome.err);
    return parse_report(outcome.out);
  }
  void expect_error(const Arguments& arguments, int status, const std::string& message,
                    int uid = 0) {
    const Outcome outcome = nsrun(arguments, uid);
    EXPECT_TRUE(outcome.status.exited_with(status)) << outcome.status;
    EXPECT_TRUE(contains(outcome.err, message)) << outcome.err << "not: " << message;
  }

  std::string mounts_ = read_file("/proc/self/mountinfo");
  TemporaryDirectory root_;
  TemporaryDirectory bin_;
  std::string nsrun_ = bin_.file("nsrun");
};

/// A static busybox for the machine that this program is for: NSEXEC_BUSYBOX, or else the system's.
inline std::string busybox() {
  const char* given = getenv("NSEXEC_BUSYBOX");
  return given != nullptr ? given : "/bin/busybox";
}

/// Adds busybox to the root file system, with the commands that the scripts need.
class NsrunShellTest : public NsrunTest {
 protected:
  NsrunShellTest() {
    mkdir(root_.file("bin").c_str(), 0755);
    copy_program(busybox(), root_.file("bin/busybox"));
    for (const char* name : {"sh",    "ls",    "cat",   "id",   "grep",     "stat", "readlink",
                             "touch", "stty",  "sleep", "head", "hostname", "env",  "awk",
                             "ps",    "mkdir", "kill",  "wc",   "true",     "echo", "tty"}) {
      if (symlink("busybox", root_.file(std::string("bin/") + name).c_str()) != 0) abort();
    }
    chmod(root_.file("bin").c_str(), 0755);
  }
  /// Waits until a process of the container executes sleep. A signal sent before that would reach
  /// the shell, which handles some signals itself.
  [[nodiscard]] bool runs_sleep() const {
    return eventually(kHangs, [&] {
      const std::vector<pid_t> all = processes_of(root_.file("bin/busybox"));
      return std::any_of(all.begin(), all.end(), [](pid_t pid) {
        return read_file("/proc/" + std::to_string(pid) + "/comm") == "sleep\n";
      });
    });
  }
  /// Waits until a process that executes this program waits in its terminal's foreground, where
  /// Ctrl-C and Ctrl-Z reach it. `name` is that of the process. proc_pid_stat(5): "pid (name) state
  /// ppid pgrp session tty_nr tpgid".
  [[nodiscard]] static bool waits_in_the_foreground(const std::string& program,
                                                    const std::string& name) {
    return eventually(kHangs, [&] {
      const std::vector<pid_t> all = processes_of(program);
      return std::any_of(all.begin(), all.end(), [&](pid_t pid) {
        const std::string stat = read_file("/proc/" + std::to_string(pid) + "/stat");
        const std::string waits = " (" + name + ") S ";
        const size_t at = stat.find(waits);
        int pgrp = 0;
        int tpgid = -1;
        return at != std::string::npos &&
               sscanf(stat.c_str() + at + waits.size(), "%*d %d %*d %*d %d", &pgrp, &tpgid) == 2 &&
               pgrp == tpgid;
      });
    });
  }
  /// Runs a script in the root file system with these options and returns what it prints.
  std::string inside(const std::string& script, Arguments options = {}, int uid = 0) {
    options.insert(options.begin(), {"--rootfs", root_.path()});
    for (const std::string& more : Arguments{"--env", "PATH=/bin", "--", "/bin/sh", "-c", script}) {
      options.push_back(more);
    }
    const Outcome outcome = nsrun(options, uid);
    EXPECT_EQ("", outcome.err) << script;
    return outcome.out;
  }
};

}  // namespace test
