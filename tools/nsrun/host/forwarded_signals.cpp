#include "tools/nsrun/host/forwarded_signals.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

void ForwardedSignals::open() { fd_ = check(sys::signalfd(watched_signals()), "signalfd"); }

int ForwardedSignals::next() const {
  const auto signal = sys::read_signal(fd_.get());
  return signal ? signal.value() : 0;
}

}  // namespace nsrun
