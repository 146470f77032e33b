// Runs the chain of a request.
#pragma once

#include "../http/request.hpp"
#include "../http/response.hpp"
#include "awaiting_chain.hpp"
#include "context.hpp"
#include "handler.hpp"
#include "log.hpp"
#include "remote_call.hpp"
#include "streams.hpp"
#include "task.hpp"

#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::routing {

/// Runs the chain of a request: calls one layer after the other, waits when a layer waits, and
/// returns through the layers in reverse. Derived classes decide where a handler runs and where the
/// response goes. A loop, not a recursion.
class chain_runner : public context, public awaiting_chain {
public:
  void resume_later(waiter_ptr waiting) noexcept override = 0;
  void layer_ended() noexcept override;
  [[nodiscard]] routing::streams& streams() override;

protected:
  chain_runner() noexcept : context(static_cast<awaiting_chain&>(*this)) {}
  virtual ~chain_runner();

  /// Prepares the context for `request`. `layers` must outlive it.
  void begin(http::request request, const chain& layers);
  /// The handler, and middleware before it, take the content as it arrives.
  void stream_content() noexcept { state_.has_content = true; }

  /// Prepares the context to run only the handler, for a call from another process. Middleware runs
  /// there. `layers` must outlive it.
  void begin_remote(remote_call call, const chain& layers);
  /// What another process needs to run the handler in place of this one, as it is now.
  /// @param endpoint  the index of the route
  /// @param time_left  until the response is due; empty: no limit
  [[nodiscard]] remote_call to_remote_call(
      std::size_t endpoint, std::optional<std::chrono::milliseconds> time_left) const;
  /// Whether every value that layers have set is part of `to_remote_call`.
  [[nodiscard]] bool values_travel() const noexcept;

  /// Runs the chain until it waits or ends.
  void run();

  /// Whether the current layer is the handler.
  [[nodiscard]] bool is_at_handler() const noexcept { return index_ == layers_->size(); }

  /// Run a deferred layer, or answer `code` in its place. On any one thread, where `resume` resumes
  /// the layer after its waits. Once `is_waiting` is false, `run` must continue the chain on the
  /// reactor.
  void run_deferred_layer();
  void skip_deferred_layer(int code);
  /// Runs `other` in place of the deferred layer. `run` must follow.
  void run_instead(const layer& other);
  /// The response to the handler, which is deferred, came from elsewhere. `run` must follow.
  void answer_deferred_layer(http::response answer);
  void resume(std::coroutine_handle<> waiting);

  /// Resumes a coroutine of this chain, and continues the chain if its layer has ended.
  void resume_waiting(std::coroutine_handle<> waiting);

  /// Ends the wait of the current layer and destroys its coroutine. Earlier layers see the response
  /// `code`; with 0 the response stays. The chain continues.
  void end_wait(int code);

  /// The current layer waits, not by a coroutine, until `run_on`.
  void wait() noexcept { waits_ = true; }
  void run_on();

  /// Whether the current layer waits.
  [[nodiscard]] bool is_waiting() const noexcept;

  using context::facts;
  using context::replace_response;
  /// Replaces the response with 503 and Retry-After, and aborts.
  void shed(std::chrono::seconds retry_after);
  /// Answers an exception that left a layer: 500, or 503 if the pool is full.
  void fail(std::exception_ptr error);
  /// Replaces the response with 500, and aborts; the reason is logged elsewhere.
  void fail_told();

  using context::request_;
  using context::response_;
  /// The values that layers have set.
  [[nodiscard]] const std::vector<detail::set_value>& values() const noexcept { return values_; }

  /// Whether the response has begun as a stream, even if it has ended since.
  [[nodiscard]] bool is_stream() const noexcept {
    return state_.stream != detail::chain_state::streaming::no;
  }

  /// Whether the response went out in pieces, so that the one in the context must not be sent. Cuts
  /// off a stream that is not over; `instead` is for a client that has seen no head.
  bool was_streamed(const http::response& instead) {
    return is_stream() && has_sent_stream(instead);
  }

  /// Makes the streams for content in pieces; by default both contents are whole.
  virtual std::shared_ptr<routing::streams> make_streams();

  /// Releases everything that belongs to the request, coroutines first.
  void clear() noexcept;

  /// Set only if content is read or written in pieces.
  std::shared_ptr<routing::streams> streams_;

private:
  friend void detail::start(context&, task<>);

  // -- decided by the derived class ---------------------------------------------

  /// The chain has come to its handler.
  /// @returns whether it begins at once, here; else it is deferred
  virtual bool prepare_handler() { return true; }
  /// The current layer is deferred: it begins later, because it needs content that is still to
  /// come, or elsewhere. The runner does not touch the chain after this.
  virtual void defer_layer() {}
  /// The chain has ended and the response is final. The runner does not touch the chain after it.
  virtual void finished() = 0;
  /// Logs an exception that left a layer. The response is 500.
  virtual void report(std::exception_ptr error) noexcept = 0;
  using streaming = detail::chain_state::streaming;
  enum class phase : std::uint8_t { descending, in_layer, unwinding, done };

  void enter_layer();
  void act(const layer& layer);
  void after_layer();
  void leave_layer();
  void break_off();
  void end_stream();
  bool has_sent_stream(const http::response& instead);

  const chain* layers_ = nullptr;
  task<> task_;
  std::uint32_t index_ = 0;
  phase phase_ = phase::descending;
  bool running_ = false;
  bool is_deferred_ = false;
  bool waits_ = false;
};

} // namespace sake::routing
