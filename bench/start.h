// Starts programs as fast as a parent can, and waits for all the processes that result.
#pragma once

#include <string>
#include <vector>

namespace bench {

/// A command and its environment, ready for execve(2).
class Command {
 public:
  explicit Command(std::vector<std::string> arguments, std::vector<std::string> environment = {});
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Executes the command. Call it only in a child of vfork(2).
  void execute() const;
  [[nodiscard]] const std::string& name() const { return arguments_[0]; }

 private:
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

/// Returns the seconds of CLOCK_MONOTONIC.
double now();

/// The times of one start, in seconds from before the fork.
struct FlowTimes {
  double pids = 0;    ///< until the pid line was read
  double stage0 = 0;  ///< until stage 0 had exited
  double entry = 0;   ///< until stage 2 had ended, with a program that exits at once
  double all = 0;     ///< until all stages were reaped
  bool good = false;  ///< stage 0 exited with 0
};

/// Starts an init process whose init pipe is fd 3, sends it the message, reads lines until one has
/// the pids, and reaps all stages.
FlowTimes run_flow(const Command& command, const std::string& message);

/// Runs a command to its end. Returns the seconds, or a negative number if it did not exit with 0.
double run_to_end(const Command& command);

}  // namespace bench
