// Log records for the parent: one JSON object a line, one write(2) a record.
// docs/protocol.md, "Log records".
#pragma once

#include "arch/syscall.h"
#include "syscalls/text.h"
#include "syscalls/uapi.h"

namespace stub {

/// The levels of logrus, which parents use. A smaller number is more serious.
enum class LogLevel : int { kPanic, kFatal, kError, kWarning, kInfo, kDebug, kTrace };

NSEXEC_SHARED constexpr char kHexDigits[] = "0123456789abcdef";

/// Where records go, and which stage writes them. fork copies it into every stage.
class Log {
 public:
  /// `pipe` -1: no records, except that fatal ones go to stderr as plain lines.
  Log(int pipe, int level) : pipe_(pipe), level_(level) {}

  [[nodiscard]] bool wants(LogLevel level) const {
    return pipe_ >= 0 && static_cast<int>(level) <= level_;
  }
  /// Says that later records come from stage 0, 1 or 2.
  void enter_stage(int stage) { stage_ = stage; }
  [[nodiscard]] int stage() const { return stage_; }

  /// Restores the signal mask of the exec. Call it before any other program runs.
  void restore_signals();

 private:
  friend class Record;
  void write(sys::Text line);

  int pipe_;
  int level_;
  int stage_ = -1;
  bool broken_pipe_blocked_ = false;
  sys::SignalSet mask_at_exec_;
};

/// One record: `Record(log, LogLevel::kDebug) << "joined " << path;`, written at the end of its
/// scope. The output is valid JSON for any input bytes, and at most PIPE_BUF long, so that pipes
/// never interleave records. What does not fit is left out. A record below the log level costs
/// nothing.
class Record {
 public:
  Record(Log& log, LogLevel level);
  ~Record();
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;

  Record& operator<<(const char* text);
  Record& operator<<(int64_t number) { return *this << sys::Decimal(number).c_str(); }

 private:
  void put(const char* text);

  static constexpr size_t kPipeBuf = 4096;  // PIPE_BUF, <linux/limits.h>
  static constexpr size_t kTail = 3;        // "}\n

  Log& log_;
  const bool wanted_;
  char* end_;  ///< the end of what has been written of the line
  char line_[kPipeBuf];
};

/// Writes `text` to `out` as the inside of a JSON string (RFC 8259, section 7, and DEL). Bytes that
/// are not UTF-8 become U+FFFD. Returns the end of the output. It never cuts an escape: it stops if
/// the longest escape would not fit before `end`.
char* escape_json(const char* text, char* out, const char* end);

}  // namespace stub
