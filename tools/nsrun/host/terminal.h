// --tty: nsrun between the container's terminal and the caller's.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/memory.h"
#include "syscalls/poll.h"
#include "syscalls/process.h"
#include "tools/nsrun/host/caller_terminal.h"
#include "tools/nsrun/host/escape.h"

namespace nsrun {

/// Carries bytes between its own stdin and stdout and the master. From start()
/// to restore() a terminal that is stdin is raw: what is typed is the container's, Ctrl-C too.
class Terminal {
 public:
  /// What has come of carrying that is not the terminal's to deal with.
  struct News {
    int typed_signal = 0;      ///< what was typed, Ctrl-C, sends it to the terminal's foreground
    bool suspend = false;      ///< "~^Z"
    bool end = false;          ///< "~."
    sys::Errno output_failed;  ///< nobody takes what the container prints
  };

  Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// From here on, with that master.
  void start(sys::Fd master);
  [[nodiscard]] bool started() const { return master_.is_open(); }

  /// What to wait for: three entries of poll(2).
  static constexpr size_t kEntries = 3;
  void prepare(sys::PollEntry* entries) const;
  /// Does what those entries say can be done.
  News carry(const sys::PollEntry* entries);
  /// Closes the master: whoever has the other side open finds its end.
  void hang_up() { master_.reset(); }
  /// The foreground process group, as the caller's pid namespace numbers it; 0: there is none.
  [[nodiscard]] sys::Pid foreground() const;
  /// Tells the container how large the caller's terminal is now.
  void resize() const;
  /// Prints what the container has left behind.
  void drain();
  /// Puts the caller's terminal back to what it was.
  void restore() { caller_.restore(); }
  /// After a restore(): takes it again.
  void take_again();

 private:
  // What has been read at one end and not been written at the other.
  struct Direction {
    sys::Span<unsigned char> memory;
    size_t start = 0;
    size_t size = 0;

    [[nodiscard]] sys::Text rest() const {
      return {reinterpret_cast<const char*>(memory.data) + start, size};
    }
    void advance(size_t count) { start += count, size -= count; }
    void fill(size_t count) { start = 0, size = count; }
  };

  void read_input(News& news);
  void write_input(News& news);
  [[nodiscard]] int signal_of(sys::Text typed);
  bool read_output();
  void write_output(News& news);

  sys::Fd master_;
  CallerTerminal caller_;  // stdin, where it is a terminal
  EscapeFilter escapes_;
  bool input_ended_ = false;
  bool literal_next_ = false;  // Ctrl-V was typed last
  sys::Mapping memory_;        // for both directions, half each
  Direction input_;
  Direction output_;
};

}  // namespace nsrun
