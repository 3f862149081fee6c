// Command lines of bwrap users, run unchanged by nsrun, must have the same result. Where bwrap is
// installed, it runs them as well.
#include <sys/stat.h>
#include <unistd.h>

#include <regex>
#include <set>

#include "tests/support/nsrun.h"
#include "tests/support/sealing.h"

namespace {

using test::contains;
using test::Outcome;

constexpr int kNobody = 65534;

class NsrunAsBwrapTest : public test::NsrunTest {
 protected:
  NsrunAsBwrapTest() {
    chmod(home_.path().c_str(), 0777);
    mkdir((home_.path() + "/.git").c_str(), 0777);
    test::write_file(home_.file("secret"), "secret\n");
    test::write_file(home_.file(".git/config"), "config\n");
    chmod(home_.file("secret").c_str(), 0666);
    chmod(home_.file(".git/config").c_str(), 0666);
  }

  // Returns the line's options that nsrun does not have.
  static std::string missing(const std::string& line) {
    static const std::regex kOption(" (--[a-z][a-z-]*)");
    const std::string help = test::run_command({test::built("nsrun"), "--help"}).out;
    std::string names;
    // Options after "--" belong to the command.
    const std::string options = line.substr(0, line.find(" -- "));
    for (std::sregex_iterator match(options.begin(), options.end(), kOption);
         match != std::sregex_iterator(); ++match) {
      const std::string name = (*match)[1].str();
      static const std::regex kType("--(unshare|share)-(cgroup|ipc|net|pid|user|uts)");
      const std::regex listed(name + "(?![a-z-])");
      if (!std::regex_match(name, kType) && !std::regex_search(help, listed)) names += name + " ";
    }
    return names;
  }
  // Returns whether a mount on / becomes the root. If it does not, the host's shell is found and
  // runs.
  bool takes_mount_as_root() {
    return !nsrun({"--tmpfs", "/", "--", "/bin/sh", "-c", "true"}, kNobody).status.exited_with(0);
  }
  // Runs the line. In it "bwrap" stands for the program, and H is a directory of the user.
  Outcome run(const std::string& program, const std::string& line, int uid) {
    return test::run_command(
        {"/bin/sh", "-c",
         "cd " + home_.path() + "; bwrap() { " + program + " \"$@\"; }; export H=" + home_.path() +
             "; unset PWD OLDPWD; " + line},
        {.uid = uid});
  }
  // `expected` is what the line must print with either program.
  void expect(const std::string& program, const std::string& line, const std::string& expected,
              int status) {
    for (const int uid : {0, kNobody}) {
      if (uid == 0 && !test::is_root()) continue;
      const Outcome outcome = run(program, line, uid);
      EXPECT_EQ(expected, outcome.out) << program << " as " << uid << ": " << outcome.err;
      EXPECT_TRUE(outcome.status.exited_with(status)) << outcome.status << outcome.err;
    }
  }
  // Runs the line with bwrap, if it is installed, to show that the expectation is right.
  void expect_of_bwrap(const std::string& line, const std::string& expected, int status = 0) {
    if (test::exists(kBwrap)) expect(kBwrap, line, expected, status);
  }
  void expect_of_nsrun(const std::string& line, const std::string& expected, int status = 0) {
    expect(nsrun_, line, expected, status);
  }

  static constexpr char kBwrap[] = "/usr/bin/bwrap";
  // Not below /tmp, because /tmp may be another directory inside.
  test::TemporaryDirectory home_{""};
};

// The arguments are what a line prints, and its exit status if that is not 0.
#define EXPECT_AS_BWRAP(line, ...)                                                         \
  expect_of_bwrap(line, __VA_ARGS__);                                                      \
  if (!missing(line).empty()) GTEST_SKIP() << "nsrun does not have " << missing(line);     \
  if (!takes_mount_as_root()) GTEST_SKIP() << "nsrun does not make a mount on / the root"; \
  expect_of_nsrun(line, __VA_ARGS__)

// The most common line: a read-only root and one writable directory.
TEST_F(NsrunAsBwrapTest, RunsWithAReadOnlyHostAndAWritableDirectory) {
  REQUIRE_MOUNT_SETATTR();
  EXPECT_AS_BWRAP(
      "bwrap --ro-bind / / --bind $H $H sh -c 'touch $H/made && echo made; rm $H/made; "
      "touch /nsrun-made 2>/dev/null || echo refused'",
      "made\nrefused\n");
  EXPECT_AS_BWRAP(
      "bwrap --ro-bind / / --tmpfs /tmp --dev /dev --proc /proc --unshare-pid "
      "sh -c 'ls -A /tmp | wc -l; echo x > /dev/null && echo null; test -d /proc/self && echo "
      "proc'",
      "0\nnull\nproc\n");
}

// The sandbox of a coding agent (as of Codex and Claude Code): the host read-only, the agent's
// directory writable except .git, secret files hidden, and no network.
TEST_F(NsrunAsBwrapTest, RunsACodingAgentsSandbox) {
  REQUIRE_MOUNT_SETATTR();
  const std::string line =
      "bwrap --new-session --die-with-parent --unshare-net --ro-bind / / --dev /dev "
      "--bind $H $H --ro-bind $H/.git $H/.git --ro-bind /dev/null $H/secret --unshare-pid "
      "--proc /proc --chdir $H -- sh -c 'pwd | grep -c .; touch made && echo made; rm made; "
      "(echo x >> .git/config) 2>/dev/null || echo refused; cat secret; "
      "grep -c : /proc/net/dev; cat .git/config'";
  EXPECT_AS_BWRAP(line, "1\nmade\nrefused\n1\nconfig\n");
}

TEST_F(NsrunAsBwrapTest, RunsACodingAgentsSandboxWithTheHostsDevices) {
  REQUIRE_MOUNT_SETATTR();
  const std::string line =
      "bwrap --ro-bind / / --dev-bind /dev /dev --bind $H $H --unshare-user --unshare-net "
      "--unshare-ipc --die-with-parent --new-session --chdir $H -- "
      "sh -c 'echo x > /dev/null && echo null; touch made && rm made && echo made'";
  EXPECT_AS_BWRAP(line, "null\nmade\n");
}

// The build sandbox of opam.
TEST_F(NsrunAsBwrapTest, RunsABuildSandbox) {
  REQUIRE_MOUNT_SETATTR();
  if (!test::exists("/usr/bin/env")) GTEST_SKIP() << "this system has no /usr/bin";
  const std::string line =
      "bwrap --unshare-net --new-session --die-with-parent --proc /proc --dev /dev --bind $H /tmp "
      "--setenv TMPDIR /tmp --setenv TMP /tmp --setenv HOME /tmp --unsetenv OLDPWD --tmpfs /run "
      "--ro-bind /usr /usr --ro-bind-try /bin /bin --ro-bind-try /lib /lib --ro-bind-try /lib64 "
      "/lib64 --ro-bind-try /nonexistent /nonexistent --ro-bind /etc /etc --chdir /tmp -- "
      "/usr/bin/env sh -c 'echo $TMPDIR $TMP $HOME; pwd; touch made && ls made; rm made; "
      "touch /usr/made 2>/dev/null || echo refused; ls -A /run | wc -l'";
  EXPECT_AS_BWRAP(line, "/tmp /tmp /tmp\n/tmp\nmade\nrefused\n0\n");
}

// WebKitGTK starts the process that renders pages like this.
TEST_F(NsrunAsBwrapTest, RunsABrowsersSandbox) {
  REQUIRE_MOUNT_SETATTR();
  if (!test::exists("/usr/bin/env")) GTEST_SKIP() << "this system has no /usr/bin";
  const std::string line =
      "printf '%s\\0' --unshare-pid --unshare-uts --unshare-net --die-with-parent --ro-bind /usr "
      "/usr --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind-try /bin /bin "
      "--ro-bind-try /nonexistent /nonexistent --dev /dev --proc /proc --tmpfs /tmp --dir "
      "/run/user/1000 --setenv XDG_RUNTIME_DIR /run/user/1000 --unsetenv TMPDIR > $H/args; "
      "bwrap --args 5 -- /usr/bin/env sh -c 'echo $XDG_RUNTIME_DIR; ls -d /run/user/1000; "
      "ls -A /tmp | wc -l; test \"$(ls -d /proc/[0-9]* | wc -l)\" -lt 9 && echo alone' 5< $H/args";
  EXPECT_AS_BWRAP(line, "/run/user/1000\n/run/user/1000\n0\nalone\n");
}

// Flatpak starts an application like this: its runtime is /usr, and it passes files through fds.
TEST_F(NsrunAsBwrapTest, RunsAFlatpakSandbox) {
  REQUIRE_MOUNT_SETATTR();
  if (!test::exists("/usr/bin/env")) GTEST_SKIP() << "this system has no /usr/bin";
  const std::string line =
      "echo 'user:x:1000:1000::/home/user:/bin/sh' > $H/passwd; echo data > $H/data; "
      "bwrap --unshare-user --uid 1000 --gid 1000 --unshare-pid --unshare-ipc --unshare-net "
      "--disable-userns --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib "
      "--symlink usr/lib64 /lib64 --perms 0755 --tmpfs /var --size 1048576 --tmpfs /tmp --dev /dev "
      "--proc /proc --file 5 /etc/passwd --ro-bind-data 6 /etc/data --perms 0700 --dir "
      "/run/user/1000 --setenv XDG_RUNTIME_DIR /run/user/1000 --remount-ro /var --chdir / "
      "--die-with-parent --new-session -- /usr/bin/env sh -c 'id -u; cat /etc/passwd /etc/data; "
      "touch /var/x 2>/dev/null || echo refused; stat -c %a /run/user/1000; "
      "unshare -U true 2>/dev/null || echo no userns' 5< $H/passwd 6< $H/data";
  EXPECT_AS_BWRAP(line,
                  "1000\nuser:x:1000:1000::/home/user:/bin/sh\ndata\nrefused\n700\nno userns\n");
}

// The example of bwrap's README.
TEST_F(NsrunAsBwrapTest, RunsTheShellOfTheReadme) {
  REQUIRE_MOUNT_SETATTR();
  if (!test::exists("/usr/bin/env")) GTEST_SKIP() << "this system has no /usr/bin";
  const std::string line =
      "bwrap --ro-bind /usr /usr --symlink usr/lib64 /lib64 --symlink usr/lib /lib --symlink "
      "usr/bin /bin --proc /proc --dev /dev --unshare-pid --new-session "
      "sh -c 'echo $$ | grep -c .; touch /usr/x 2>/dev/null || echo refused; exit 7'";
  EXPECT_AS_BWRAP(line, "1\nrefused\n", 7);
  // The root has nothing else of the host.
  EXPECT_AS_BWRAP(
      "bwrap --ro-bind /usr /usr --symlink usr/lib64 /lib64 --symlink usr/lib /lib --symlink "
      "usr/bin /bin --proc /proc --dev /dev --unshare-pid sh -c 'ls -d $H 2>/dev/null; "
      "ls / | tr \"\\n\" \" \"'",
      "bin dev lib lib64 proc usr ");
}

// Sets the requested ids on the host's whole file system.
TEST_F(NsrunAsBwrapTest, SetsAnotherUserOnTheHostsFiles) {
  const std::string line =
      "bwrap --unshare-user --uid 1234 --gid 5678 --ro-bind / / --dev /dev -- sh -c 'id -u; id -g'";
  EXPECT_AS_BWRAP(line, "1234\n5678\n");
}

TEST_F(NsrunAsBwrapTest, SetsVariablesAndTheDirectory) {
  EXPECT_AS_BWRAP(
      "export A=1 B=2; bwrap --dev-bind / / --setenv C 'three four' --unsetenv A --chdir / -- "
      "sh -c 'echo \"$A-$B-$C\"; pwd'",
      "-2-three four\n/\n");
  EXPECT_AS_BWRAP(
      "export A=1; bwrap --dev-bind / / --clearenv --setenv PATH \"$PATH\" -- sh -c 'echo \"$A-\"'",
      "-\n");
}

TEST_F(NsrunAsBwrapTest, ReturnsTheStatusOfASignalAndOfTheCommand) {
  // The signal is sent to a child of COMMAND. With nsrun COMMAND is pid 1, and a signal that pid 1
  // sends itself does not kill it.
  EXPECT_AS_BWRAP(
      "bwrap --ro-bind / / --unshare-pid sh -c 'sh -c \"kill -9 \\$\\$\"; exit $?' 2>/dev/null; "
      "echo $?",
      "137\n");
  EXPECT_AS_BWRAP("bwrap --ro-bind / / sh -c 'exit 3'", "", 3);
}

// By that name the caller is himself, as with bwrap, and has no capabilities unless he asks.
TEST_F(NsrunAsBwrapTest, CalledBwrapTheCallerIsHimself) {
  const std::string called = home_.file("bwrap");
  ASSERT_EQ(0, symlink(nsrun_.c_str(), called.c_str()));
  const std::string look = "sh -c 'id -u; id -g; grep CapEff /proc/self/status'";
  const std::string none = "65534\n65534\nCapEff:\t0000000000000000\n";
  for (const std::string& program : {std::string(kBwrap), called}) {
    if (!test::exists(program)) continue;
    const auto said = [&](const std::string& options) {
      const Outcome outcome = run(program, "bwrap --ro-bind / / " + options + look, kNobody);
      return outcome.out + outcome.err;
    };
    EXPECT_EQ(none, said("")) << program;
    EXPECT_EQ(none, said("--unshare-all ")) << program;
    EXPECT_EQ("65534\n65534\nCapEff:\t0000000000001000\n",
              said("--unshare-user --cap-add CAP_NET_ADMIN "))
        << program;
  }
  // What says who he is comes first.
  const auto id = [&](const std::string& options) {
    return run(called, "bwrap --ro-bind / / " + options + " -- id -u", kNobody).out;
  };
  EXPECT_EQ("0\n", id("--map-root-user"));
  EXPECT_EQ("7\n", id("--unshare-user --uid 7"));
  EXPECT_EQ("5\n", id("--uid-map 5:65534:1"));
}

// Mounts bwrap's --dev over the host's /dev while the root stays the host's.
TEST_F(NsrunAsBwrapTest, MountsANewDevOverTheHosts) {
  for (const int uid : {0, kNobody}) {
    if (uid == 0 && !test::is_root()) continue;
    const Outcome outcome =
        nsrun({"--dev", "/dev", "--", "/bin/sh", "-c",
               "echo x > /dev/null && echo null; test -e /dev/ptmx && echo tty; "
               "test -e /dev/mem || echo small"},
              uid);
    EXPECT_EQ("null\ntty\nsmall\n", outcome.out) << uid << outcome.err;
  }
}

}  // namespace
