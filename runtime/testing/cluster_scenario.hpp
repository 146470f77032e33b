// The scenario that tests several nodes.
#pragma once

#include "simulation.hpp"

#include <cstddef>
#include <cstdint>

namespace sake::testing {

/// One run of several nodes.
struct cluster_run {
  std::size_t nodes = 3;
  std::size_t requests = 24;
  std::size_t faults = 8;
  /// A defect, to test whether the run finds it: a route whose second run does harm claims to be
  /// idempotent.
  bool runs_posts_again = false;
};

/// Runs several nodes under one seed, which chooses every next step: arrivals on links, turns of
/// reactors, tasks, time; and faults: a node is killed, noticed at once or not, and another starts
/// in its place; links are cut; two nodes are parted and joined again. Meanwhile clients send
/// requests to any node.
///
/// Required: every request is answered, by 200, 502, 503 or 504; a handler whose second run would
/// do harm runs once at most, and has run if the answer is 200; at the end all nodes are joined.
[[nodiscard]] run_result run_cluster(std::uint64_t seed, const cluster_run& of = {});

} // namespace sake::testing
