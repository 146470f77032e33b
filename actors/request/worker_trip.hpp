// The way of a handler to an executor and back.
#pragma once

#include "../../routing/offload.hpp"
#include "running_request.hpp"

#include <utility>

namespace sake::actors {

/// One way of the handler of a request to an executor and back. While it is under way, the worker
/// that has it owns the strand of the request.
class worker_trip final : public routing::work {
public:
  /// A request with a handler that travels.
  class traveller : public running_request {
  public:
    /// Runs the handler. On a worker.
    /// @returns false if the handler waits: the end of the wait begins another trip
    [[nodiscard]] virtual bool work_on() = 0;
    /// Whether `work_on` will not run the handler: its result is not wanted any more.
    [[nodiscard]] virtual bool is_dropped() const noexcept = 0;
    /// The handler is through: continues on the reactor.
    virtual void go_home() noexcept = 0;
    /// The executor has ended before it began the handler.
    virtual void left_by_executor() noexcept = 0;
    /// Whether the handler precedes others on the executor.
    [[nodiscard]] virtual bool is_urgent() const noexcept = 0;
  };

  explicit worker_trip(traveller& who) noexcept : who_(&who) {}
  ~worker_trip() override;
  /// The executor has refused the trip: its traveller keeps the strand.
  void call_off() noexcept { is_pending_ = false; }

private:
  void act() noexcept override;
  [[nodiscard]] bool is_dropped() const noexcept override { return who_->is_dropped(); }
  [[nodiscard]] bool has_priority() const noexcept override { return who_->is_urgent(); }

  caf::intrusive_ptr<traveller> who_;
  bool is_pending_ = true;
};

} // namespace sake::actors
