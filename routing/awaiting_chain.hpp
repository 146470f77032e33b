// The chain of a request, as its awaiters see it.
#pragma once

#include "route_info.hpp"
#include "waiter.hpp"

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <memory>
#include <string>

namespace sake::routing {

class streams;
class work;

/// An operation under way on behalf of a coroutine, such as a sleep. Destroying it cancels it.
class pending {
public:
  virtual ~pending() = default;
  /// Whether it ended early because the engine shuts down.
  [[nodiscard]] virtual bool is_cut_short() const noexcept { return false; }
};

/// The result of offering a function to the worker pool.
enum class submission : std::uint8_t {
  queued,   ///< a worker will run it
  run_here, ///< there is no pool: the caller runs it
  full      ///< the queue is at its limit
};

/// The chain of a request, as its awaiters see it. Implemented by chain runners.
class awaiting_chain {
public:
  awaiting_chain(const awaiting_chain&) = delete;
  awaiting_chain& operator=(const awaiting_chain&) = delete;

  // -- from any thread ----------------------------------------------------------------

  /// Resumes a coroutine of this request where its chain runs, unless it has been destroyed by
  /// then. Several coroutines are resumed in unspecified order.
  virtual void resume_later(waiter_ptr waiting) noexcept = 0;

  /// Whether queued work of this request need not begin.
  [[nodiscard]] virtual bool drops_work() const noexcept { return false; }
  /// See `context::is_cancelled`, `context::is_draining`.
  [[nodiscard]] virtual bool is_cancelled() const noexcept { return false; }
  [[nodiscard]] virtual bool is_draining() const noexcept { return false; }

  /// Keep the request alive while something started on its behalf may come back.
  virtual void add_reference() noexcept = 0;
  virtual void drop_reference() noexcept = 0;

  // -- where the chain runs -------------------------------------------------------------

  /// See `context::in_worker_pool`.
  [[nodiscard]] virtual bool in_worker_pool() const noexcept { return false; }
  /// Whether content that layers wait for is still to come.
  [[nodiscard]] virtual bool awaits_content() const noexcept { return false; }
  /// See `context::route`.
  [[nodiscard]] virtual route_info route() const noexcept { return {}; }
  /// An id for a request that came without one; empty if there is none.
  [[nodiscard]] virtual std::string own_request_id() const { return {}; }

  /// Resumes `waiting` after `duration`, unless the returned object is destroyed before.
  /// @param until_drain  whether the sleep ends when the engine begins to shut down
  virtual std::unique_ptr<pending> start_sleep(std::chrono::milliseconds duration,
                                               waiter_ptr waiting, bool until_drain) = 0;
  /// Offers a function to the worker pool.
  virtual submission submit(std::shared_ptr<work> work) = 0;
  /// The content of request and response in pieces.
  [[nodiscard]] virtual routing::streams& streams() = 0;

  /// The coroutine of the current layer has ended.
  virtual void layer_ended() noexcept = 0;

  /// Whether the response is ready and the layers return in reverse order.
  [[nodiscard]] bool is_returning() const noexcept { return is_returning_; }
  /// The current layer waits for the response.
  void await_return(std::coroutine_handle<> waiting) noexcept { waiting_for_return_ = waiting; }

  /// Whether the next sleep ends when the engine begins to shut down: once, in a handler that
  /// streams its response.
  bool sleep_ends_at_drain = false;

protected:
  awaiting_chain() = default;
  ~awaiting_chain() = default;

  std::coroutine_handle<> waiting_for_return_;
  bool is_returning_ = false;
};

} // namespace sake::routing
