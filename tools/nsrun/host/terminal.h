// --tty: connects the container's terminal with the caller's.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/memory.h"
#include "syscalls/poll.h"
#include "syscalls/process.h"
#include "tools/nsrun/host/caller_terminal.h"
#include "tools/nsrun/host/escape.h"

namespace nsrun {

/// Copies bytes between its own stdin and stdout and the master. If stdin is a terminal, it is raw
/// from start() to restore(), so that all keys go to the container, Ctrl-C too.
class Terminal {
 public:
  /// What carry() found that the caller must handle.
  struct News {
    int typed_signal = 0;      ///< the signal that a typed key, such as Ctrl-C, sends to the
                               ///< foreground group
    bool suspend = false;      ///< "~^Z" was typed
    bool end = false;          ///< "~." was typed
    sys::Errno output_failed;  ///< stdout does not accept the container's output
  };

  Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Starts to copy bytes, with that master.
  void start(sys::Fd master);
  [[nodiscard]] bool started() const { return master_.is_open(); }

  /// The events to wait for: three entries of poll(2).
  static constexpr size_t kEntries = 3;
  void prepare(sys::PollEntry* entries) const;
  /// Copies the bytes that these entries say are ready.
  News carry(const sys::PollEntry* entries);
  /// Closes the master. Processes that have the slave open then read its end.
  void hang_up() { master_.reset(); }
  /// The foreground process group, by its number in the caller's pid namespace; 0: there is none.
  [[nodiscard]] sys::Pid foreground() const;
  /// Gives the container's terminal the current size of the caller's terminal.
  void resize() const;
  /// Prints the container's remaining output.
  void drain();
  /// Restores the mode of the caller's terminal.
  void restore() { caller_.restore(); }
  /// After restore(): makes the caller's terminal raw again.
  void take_again();

 private:
  // Bytes that were read from one end and are not yet written to the other.
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
  CallerTerminal caller_;  // stdin, if it is a terminal
  EscapeFilter escapes_;
  bool input_ended_ = false;
  bool literal_next_ = false;  // Ctrl-V was typed last
  sys::Mapping memory_;        // for both directions, half each
  Direction input_;
  Direction output_;
};

}  // namespace nsrun
