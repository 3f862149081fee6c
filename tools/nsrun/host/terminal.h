// --tty: nsrun between the container's terminal and the caller's.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/memory.h"
#include "syscalls/poll.h"

namespace nsrun {

/// Carries bytes between its own stdin and stdout and the master. From start()
/// to restore() a terminal that is stdin is raw: what is typed is the container's, Ctrl-C too.
class Terminal {
 public:
  Terminal() = default;
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// From here on, with that master.
  void start(sys::Fd master);
  [[nodiscard]] bool started() const { return master_.is_open(); }

  /// What to wait for: two entries of poll(2).
  void prepare(sys::PollEntry* entries) const;
  /// Does what those entries say can be done.
  void carry(const sys::PollEntry* entries);
  /// Tells the container how large the caller's terminal is now.
  void resize() const;
  /// Prints what the container has left behind.
  void drain();
  /// Puts the caller's terminal back to what it was.
  void restore();

 private:
  void read_input();
  void write_input();
  bool print_output();

  sys::Fd master_;
  bool is_terminal_ = false;  // stdin is one, and raw
  bool input_ended_ = false;
  unsigned char saved_[64];         // struct termios as it was
  sys::Mapping memory_;             // for both directions, half each
  sys::Span<unsigned char> input_;  // what has been typed and not been taken yet
  sys::Span<unsigned char> output_;
  size_t input_start_ = 0;
  size_t input_size_ = 0;
};

}  // namespace nsrun
