// The end of a request before its chain is through.
#pragma once

#include <atomic>
#include <cstdint>

namespace sake::actors {

/// The end of a request before its chain is through. Begins and proceeds on the reactor, or after
/// it has stopped; any thread may ask for its state.
class early_end {
public:
  /// The waiting layer is to be ended. Earlier layers see `status`; with 0 the response stays.
  void begin(int status) noexcept { set(state::begun, status); }
  /// The waiting layer has been ended; the chain continues with the earlier ones.
  void layer_ended() noexcept { state_ = state::in_earlier_layers; }
  /// The whole chain is released, and the answer is `status`.
  void release_chain(int status) noexcept { set(state::chain_released, status); }

  [[nodiscard]] bool has_begun() const noexcept { return state_ != state::none; }
  [[nodiscard]] bool releases_chain() const noexcept { return state_ == state::chain_released; }
  /// Whether no layer may go on: the waiting one is still to be ended, or the chain is released.
  [[nodiscard]] bool is_pending() const noexcept {
    const auto now = state_.load();
    return now == state::begun || now == state::chain_released;
  }
  [[nodiscard]] int status() const noexcept { return status_; }

  /// Resets it for its next use. No other thread may refer to it.
  void reset() noexcept { state_.store(state::none, std::memory_order_relaxed); }

private:
  enum class state : std::uint8_t { none, begun, in_earlier_layers, chain_released };

  void set(state next, int status) noexcept {
    status_ = status;
    state_ = next;
  }

  std::atomic<state> state_{state::none};
  int status_ = 0;
};

} // namespace sake::actors
