// The place of one worker in its pool.
#pragma once

#include <caf/actor_control_block.hpp>

#include <atomic>
#include <cstddef>

namespace sake::actors {

/// The place of one worker in its pool.
struct worker_slot {
  static constexpr int no_core = -1;

  std::size_t index = 0;
  /// The core that the worker is pinned to, or `no_core`.
  std::atomic<int> core{no_core};
  /// The worker that takes tasks; null if there is none.
  caf::strong_actor_ptr actor;
  /// True while a worker owns this slot, from spawn until its thread has ended.
  bool is_taken = false;
  /// Tasks queued or running here.
  std::atomic<std::size_t> load{0};

  void add_task() noexcept { load.fetch_add(1, std::memory_order_relaxed); }
  void remove_task() noexcept { load.fetch_sub(1, std::memory_order_relaxed); }
};

} // namespace sake::actors
