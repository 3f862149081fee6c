// Shared by the benchmarks.
#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "tests/support/support.h"

namespace bench {

using test::built;

/// Returns a directory for the files of this run. It is removed at the end.
const std::string& scratch();

/// Returns the path of a program in PATH or the sbin directories, or "" if there is none.
std::string find_program(const std::string& name);

void register_system_calls();
void register_flows();
void register_joins();
void register_sealings();
void register_runc_init();
void register_launches();
void register_growth();

}  // namespace bench
