// Watches the container from the host.
#pragma once

#include "tools/nsrun/host/children.h"
#include "tools/nsrun/host/conversation.h"
#include "tools/nsrun/host/forwarded_signals.h"
#include "tools/nsrun/host/launched.h"
#include "tools/nsrun/host/preparation.h"
#include "tools/nsrun/host/stage_log.h"
#include "tools/nsrun/host/terminal.h"

namespace nsrun {

/// Waits for events, and passes each to the object that handles it, until the container has ended.
class Watch {
 public:
  explicit Watch(Preparation& preparation)
      : preparation_(preparation),
        options_(preparation.options),
        log_(options_.reporting.verbose ? preparation.started : 0, options_.reporting.quiet) {}

  /// Call it before the container is started.
  void open() { signals_.open(); }
  /// Exits with the status of the command.
  [[noreturn]] void run(Launched launched);

 private:
  [[nodiscard]] bool is_running();
  void wait();
  [[nodiscard]] sys::Result<int> wait_for_news(sys::Span<sys::PollEntry> entries);
  void listen();
  void take_pids(const Conversation::News& news);
  void take_step(Step step);
  void announce();
  void handle_signals();
  void forward(int signal);
  void suspend(bool group);
  void resume();
  void take_terminal_news(const Terminal::News& news);
  void forward_kept();
  void reap();
  void note_end(Child child);
  [[noreturn]] void abandon(const char* what, const char* object, sys::Errno error);
  [[noreturn]] void give_up();
  [[noreturn]] void finish();

  Preparation& preparation_;
  const Options& options_;
  bool by_stages_ = false;
  Step step_ = Step::kNone;  // the last step that the container sent
  Conversation conversation_;
  Children children_;
  ForwardedSignals signals_;
  StageLog log_;
  Terminal terminal_;
};

}  // namespace nsrun
