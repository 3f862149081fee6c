// The log pipe of the stages.
#pragma once

#include "tools/nsrun/host/records.h"

namespace nsrun {

/// Prints the stages' records as they come. Closed if there are no stages.
class StageLog {
 public:
  /// See RecordPrinter.
  StageLog(int64_t start, bool quiet) : printer_(start, quiet) {}
  void start(sys::Fd pipe) { pipe_ = static_cast<sys::Fd&&>(pipe); }
  [[nodiscard]] int get() const { return pipe_.get(); }
  RecordPrinter& printer() { return printer_; }

  /// Prints what is there, and closes the pipe when it has ended.
  void print() {
    if (pipe_.is_open() && printer_.read_from(pipe_.get()) == RecordPrinter::kEnd) pipe_.reset();
  }
  /// Prints the rest, when no stage will write more.
  void drain() {
    auto state = RecordPrinter::kRead;
    while (pipe_.is_open() && state == RecordPrinter::kRead) {
      state = printer_.read_from(pipe_.get());
    }
  }

 private:
  sys::Fd pipe_;
  RecordPrinter printer_;
};

}  // namespace nsrun
