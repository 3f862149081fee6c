#include "stub/log.h"

#include "syscalls/file.h"
#include "syscalls/process.h"
#include "syscalls/signals.h"

namespace stub {

using sys::Text;

namespace {

constexpr int kStandardError = 2;

// Seven names, padded: an array of pointers would want relocation.
constexpr char kLevelNames[][8] = {"panic", "fatal", "error", "warning", "info", "debug", "trace"};

constexpr char kHexDigits[] = "0123456789abcdef";

// The length of the UTF-8 sequence that `text` begins with, 0 where it is none (RFC 3629: nothing
// overlong, no surrogates, nothing above U+10FFFF).
size_t utf8_length(Text text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned point = byte(0);
  if (point < 0x80) return 1;
  size_t length = 2;
  while (length <= 4 && (point & (0x80U >> length)) != 0) ++length;
  if (point < 0xc0 || length > 4 || text.size() < length) return 0;
  point &= 0x7fU >> length;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    point = point << 6 | (byte(i) & 0x3f);
  }
  // The least that needs this length: 0x80, 0x800, 0x10000.
  const unsigned least = length == 2 ? 0x80 : 1U << (5 * length - 4);
  const bool surrogate = point >> 11 == 0xd800 >> 11;
  return point < least || surrogate || point > 0x10ffff ? 0 : length;
}

}  // namespace

Escaped escape_json(Text text, sys::Span<char> out) {
  size_t size = 0;
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto c = static_cast<unsigned char>(text[0]);
    char escape[6] = {'\\', 'u', '0', '0', kHexDigits[c >> 4], kHexDigits[c & 15]};
    Text piece = text.first(length);
    if (length == 0) {
      piece = "\\ufffd";
    } else if (c == '"' || c == '\\') {
      escape[1] = text[0];
      piece = {escape, 2};
    } else if (c < 0x20 || c == 0x7f) {
      piece = {escape, sizeof escape};
    }
    if (size + piece.size() > out.size) return {size, false};
    for (const char byte : piece) out[size++] = byte;
    text = text.from(length == 0 ? 1 : length);
  }
  return {size, true};
}

Record::Record(Log& log, LogLevel level)
    : log_(log),
      wanted_(log.wants(level) || (log.pipe_ < 0 && level <= LogLevel::kFatal)),
      full_(!wanted_) {
  if (!wanted_) return;
  if (log.pipe_ >= 0) {
    put("{\"level\":\"");
    put(kLevelNames[static_cast<int>(level)]);
    put("\", \"msg\": \"");
  }
  *this << "nsexec";
  if (log.stage_ >= 0) *this << "-" << log.stage_;
  *this << "[" << sys::getpid() << "]: ";
}

Record::~Record() {
  if (!wanted_) return;
  put(log_.pipe_ >= 0 ? "\"}\n" : "\n");
  log_.write({line_, size_});
}

void Record::put(const char* string) {
  while (*string != '\0') line_[size_++] = *string++;
}

Record& Record::operator<<(Text text) {
  if (full_) return *this;
  const Escaped escaped = escape_json(text, {line_ + size_, kPipeBuf - kTail - size_});
  size_ += escaped.size;
  full_ = !escaped.complete;
  return *this;
}

void Log::write(Text line) {
  // A parent that has gone must not end us by SIGPIPE half-way: a record that cannot be written
  // is lost, nothing more.
  if (!broken_pipe_blocked_) {
    const auto before = sys::signal_mask(SIG_BLOCK, sys::SignalSet::of(SIGPIPE));
    if (before) {
      broken_pipe_blocked_ = true;
      mask_at_exec_ = before.value();
    }
  }
  const auto written = sys::write(pipe_ >= 0 ? pipe_ : kStandardError, line);
  if (!written && written.error() == EPIPE && !mask_at_exec_.has(SIGPIPE)) {
    (void)sys::take_pending_signal(sys::SignalSet::of(SIGPIPE));
  }
}

void Log::restore_signals() {
  if (broken_pipe_blocked_) (void)sys::signal_mask(SIG_SETMASK, mask_at_exec_);
  broken_pipe_blocked_ = false;
}

}  // namespace stub
