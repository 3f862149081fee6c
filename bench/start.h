// Starts programs as a parent does, as fast as possible, and waits for all their processes.
#pragma once

#include <string>
#include <vector>

namespace bench {

/// A program with its arguments and environment, ready for execve(2).
class Command {
 public:
  explicit Command(std::vector<std::string> arguments, std::vector<std::string> environment = {});
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// Executes it. Call it only in a child of vfork(2).
  void execute() const;
  [[nodiscard]] const std::string& name() const { return arguments_[0]; }

 private:
  std::vector<std::string> arguments_;
  std::vector<std::string> environment_;
  std::vector<char*> argv_;
  std::vector<char*> envp_;
};

/// Seconds on CLOCK_MONOTONIC.
double now();

/// How long one start took, in seconds from before the fork.
struct FlowTimes {
  double pids = 0;    ///< until the pid line came
  double stage0 = 0;  ///< until stage 0 had exited
  double entry = 0;   ///< until stage 2 had ended; its real entry point exits at once
  double all = 0;     ///< until all stages were reaped
  bool good = false;  ///< stage 0 exited 0
};

/// Starts an init process whose init pipe is fd 3, sends the message to it, reads lines until one
/// has the pids, and reaps all stages.
FlowTimes run_flow(const Command& command, const std::string& message);

/// Runs a command until it ends. Returns the seconds, or a negative number if it did not exit with
/// 0.
double run_to_end(const Command& command);

}  // namespace bench
