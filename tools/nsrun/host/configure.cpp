#include "tools/nsrun/host/configure.h"

#include "syscalls/memory.h"
#include "tools/nsrun/common/id_ranges.h"
#include "tools/nsrun/common/procfs.h"
#include "tools/nsrun/common/user_namespaces.h"
#include "tools/nsrun/host/container_files.h"
#include "tools/nsrun/host/id_maps.h"

namespace nsrun {

namespace {

void write_id_map(const ContainerFiles& files, const char* file, sys::Text map) {
  const auto written = files.try_write(file, map);
  if (written) return;
  sys::FixedString<256> reason;
  explain_refused_id_map(reason, written.error());
  fail("write", file, reason.c_str());
}

}  // namespace

// If each id is mapped to itself, one line is enough. The kernel refuses that line if nsrun itself
// is in a user namespace; then nsrun must first read which ids that one has.
void write_id_maps(const Options& options, const ContainerFiles& files) {
  const bool all = options.maps_all();
  const bool all_uids = all && files.try_write("uid_map", kAllIds);
  const bool all_gids = all && files.try_write("gid_map", kAllIds);
  if (all_uids && all_gids) return;
  sys::Mapping memory;
  check(memory.map_private(IdMaps::kMemory), "mmap", "id maps");
  IdMaps maps({reinterpret_cast<char*>(memory.data()), memory.size()});
  read_id_maps(options, maps);
  if (!all_uids) write_id_map(files, "uid_map", maps.uid.text());
  if (!all_gids) write_id_map(files, "gid_map", maps.gid.text());
}

void configure_container(const Options& options, sys::Pid container, bool by_stages,
                         InitPipe& init_pipe) {
  const bool sets_score = options.process.oom_score_adj != nullptr && !by_stages;
  const bool maps_ids = options.creates(CLONE_NEWUSER);
  if (sets_score || maps_ids) {
    const sys::Fd procfs = require_procfs();
    const ContainerFiles files(procfs.get(), container);
    if (sets_score) files.write("oom_score_adj", sys::Text::of(options.process.oom_score_adj));
    if (maps_ids) write_id_maps(options, files);
  }
  init_pipe.send("\n\n");  // one for the first process, one for the process that builds its file
                           // system
  const bool talks = options.process.tty || options.process.die_with_parent || options.announces();
  if (!by_stages && !talks) init_pipe.silence();
}

}  // namespace nsrun
