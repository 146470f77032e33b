// Who may run a chain, and which of its waits are over.
#pragma once

#include "../../routing/waiter.hpp"

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sake::actors {

/// Who may run a chain, and which of its waits are over. One thread runs a chain at a time. A
/// thread that ends a wait adds the wait here, and claims the chain if it is free.
///
/// `free`: the chain waits, any thread may claim it. `taken`: one thread runs it. `wanted`: taken,
/// and its owner must check for ended waits before releasing it.
class strand {
public:
  /// Adds a wait that is over. Safe from any thread.
  /// @returns whether the caller has claimed the chain, and must make it continue
  bool wake(routing::waiter_ptr waiting) noexcept {
    auto* const added = waiting.release();
    added->next = awake_.load(std::memory_order_relaxed);
    while (!awake_.compare_exchange_weak(added->next, added, std::memory_order_release,
                                         std::memory_order_relaxed)) {
    }
    return claim();
  }

  /// Claims the chain if it is free; else makes its owner check again. A claimed chain counts as
  /// wanted until its owner begins a check. Safe from any thread.
  /// @returns whether the caller owns it now
  bool claim() noexcept {
    return state_.exchange(state::wanted, std::memory_order_acq_rel) == state::free;
  }

  /// Releases the chain. By its owner.
  /// @returns false if the owner must check again; the caller then still owns the chain
  bool release() noexcept {
    auto mine = state::taken;
    return state_.compare_exchange_strong(mine, state::free, std::memory_order_acq_rel);
  }

  /// Releases the chain unconditionally. By its owner, at the end of the executor.
  void release_unseen() noexcept { state_.store(state::free, std::memory_order_release); }

  /// Begins a check: `release` notices waits that are added from now on. By its owner.
  void begin_check() noexcept { state_.exchange(state::taken, std::memory_order_acq_rel); }

  /// Begins a check, and passes each awakened coroutine to `resume`, in the order of the ends of
  /// their waits. Destroyed coroutines are skipped. By its owner, who may lose the chain to another
  /// thread with the first call.
  template <class Resume>
  void resume_awake(Resume resume);

  /// Counts a function on the pool that may use the frames of coroutines until the wait for it is
  /// resumed. By its owner.
  void add_function() noexcept { ++functions_; }
  [[nodiscard]] bool has_functions() const noexcept { return functions_ != 0; }

  /// Resets it for its next use: taken, with no ended waits. No other thread may refer to it.
  void reset() noexcept {
    // An exchange costs more than a load.
    if (awake_.load(std::memory_order_relaxed) != nullptr)
      for (auto* left = awake_.exchange(nullptr, std::memory_order_acquire); left != nullptr;)
        const routing::waiter_ptr dropped{std::exchange(left, left->next)};
    state_.store(state::taken, std::memory_order_relaxed);
    functions_ = 0;
  }

private:
  enum class state : std::uint8_t { free, taken, wanted };

  /// Pushed to from any thread, taken whole by the owner.
  std::atomic<routing::waiter*> awake_{nullptr};
  std::atomic<state> state_{state::taken};
  std::size_t functions_ = 0;
};

template <class Resume>
void strand::resume_awake(Resume resume) {
  begin_check();
  auto* newest = awake_.exchange(nullptr, std::memory_order_acquire);
  routing::waiter* oldest = nullptr;
  while (newest != nullptr) {
    auto* const each = std::exchange(newest, newest->next);
    functions_ -= each->has_function ? 1 : 0;
    each->next = std::exchange(oldest, each);
  }
  while (oldest != nullptr) {
    const routing::waiter_ptr next{std::exchange(oldest, oldest->next)};
    if (!next->is_forgotten())
      resume(next->coroutine());
  }
}

} // namespace sake::actors
