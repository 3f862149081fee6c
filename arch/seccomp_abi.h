// What arch/<arch>/abi.h lists for each machine.
#pragma once

namespace arch {

/// A system call ABI: its AUDIT_ARCH_* number, and the number of ioctl(2) in it.
struct Abi {
  unsigned audit_arch;
  unsigned ioctl;
};

}  // namespace arch
