// What the benchmarks share.
#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "tests/support/support.h"

namespace bench {

using test::built;

/// A directory for files of this run, removed at its end.
const std::string& scratch();

/// The path of a program in PATH or the sbin directories; "" where there is none.
std::string find_program(const std::string& name);

void register_system_calls();
void register_flows();
void register_joins();
void register_sealings();
void register_runc_init();
void register_launches();
void register_growth();

}  // namespace bench
