// A terminal at which a test types as a person would.
#pragma once

#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace test {

/// A terminal of 80 columns and 24 lines with a program in its foreground.
class TypedTerminal {
 public:
  explicit TypedTerminal(const Arguments& command, int uid = 0) {
    struct winsize size = {24, 80, 0, 0};
    child_ = forkpty(&master_, nullptr, nullptr, &size);
    if (child_ != 0) return;
    if (uid != 0 &&
        (setgid(static_cast<unsigned>(uid)) != 0 || setuid(static_cast<unsigned>(uid)) != 0))
      _exit(98);
    // A suite that runs in the background may ignore SIGINT, and the program would inherit that.
    signal(SIGINT, SIG_DFL);
    std::vector<char*> argv;
    for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(99);
  }
  ~TypedTerminal() {
    if (child_ > 0) kill(child_, SIGKILL);
    if (child_ > 0) waitpid(child_, nullptr, 0);
    close(master_);
  }
  TypedTerminal(const TypedTerminal&) = delete;
  TypedTerminal& operator=(const TypedTerminal&) = delete;

  void type(const std::string& text) {
    ASSERT_EQ(static_cast<ssize_t>(text.size()), write(master_, text.data(), text.size()));
  }
  void resize(unsigned short rows, unsigned short columns) {
    const struct winsize size = {rows, columns, 0, 0};
    ioctl(master_, TIOCSWINSZ, &size);
  }
  // Reads the screen until the text appears. Forgets everything up to the text.
  [[nodiscard]] bool shows(const std::string& text, Duration limit = kHangs) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!contains(screen_, text)) {
      struct pollfd entry = {master_, POLLIN, 0};
      char buffer[4096];
      if (std::chrono::steady_clock::now() > end) return false;
      if (poll(&entry, 1, 100) <= 0) continue;
      const ssize_t size = read(master_, buffer, sizeof buffer);
      if (size <= 0) return false;
      screen_.append(buffer, static_cast<size_t>(size));
    }
    screen_.erase(0, screen_.find(text) + text.size());
    return true;
  }
  [[nodiscard]] const std::string& screen() const { return screen_; }
  [[nodiscard]] bool echoes() const {
    struct termios mode {};
    tcgetattr(master_, &mode);
    return (mode.c_lflag & ECHO) != 0;
  }
  Status wait() {
    const Status status = wait_for(child_);
    if (status.ended) child_ = 0;
    return status;
  }

 private:
  int master_ = -1;
  pid_t child_ = -1;
  std::string screen_;
};

}  // namespace test
