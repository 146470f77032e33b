// One request and its response, on their way through a chain.
#pragma once

#include "../../http/response_port.hpp"
#include "../../routing/context.hpp"
#include "../connection/client_port.hpp"
#include "../reactor/deadline_wheel.hpp"
#include "../reactor/log.hpp"
#include "../workers/route_load.hpp"
#include "actor_call.hpp"
#include "content_collector.hpp"
#include "route_admission.hpp"
#include "shard.hpp"
#include "strand.hpp"
#include "waiting_request.hpp"
#include "worker_trip.hpp"

#include <caf/intrusive_ptr.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sake::actors {

/// One request and its response, on their way through a chain: the context of handlers, with the
/// message that the request came in and its shard. Answered exactly once: by the response of the
/// chain, or by 500 if the last reference is released before that, 503 if it was cancelled.
///
/// The chain runs on the shard's reactor, the handler of a `.worker()` route on a worker. Pooled.
class exchange final : public worker_trip::traveller,
                       public caf::resumable,
                       public waiting_request,
                       private deadline,
                       private actor_call::caller {
public:
  using pointer = caf::intrusive_ptr<exchange>;

  /// Runs the chain of `endpoint` for `request`, which came in `message`. On the reactor.
  /// @param client  takes the response, kept alive by the sender of `message`; null: the sender
  ///                takes it, as a message
  static void serve(shard& home, const routing::endpoint& endpoint, route_load& load,
                    http::request request, client_port* client, caf::mailbox_element_ptr&& message);

  [[nodiscard]] const routing::endpoint& endpoint() const noexcept { return *endpoint_; }

  /// Lets an actor answer in place of a handler. On the reactor.
  void delegate(const caf::strong_actor_ptr& whom, const actor_call_options& options = {}) {
    actor_call_.begin(whom, options);
  }

  /// Cancels the request: the waiting layer is ended where it stands, queued work is not begun, and
  /// running work is not interrupted. Earlier layers see `status`. On the reactor.
  void cancel(int status) noexcept override;

  void end_where_it_waits(int status) noexcept override;

  void let_go() noexcept override;

  // -- context ------------------------------------------------------------------

  [[nodiscard]] routing::route_info route() const noexcept override {
    return {endpoint_->name, endpoint_->pattern};
  }
  [[nodiscard]] bool in_worker_pool() const noexcept override;
  [[nodiscard]] bool is_cancelled() const noexcept override { return ending_ != ending::none; }
  [[nodiscard]] bool is_draining() const noexcept override { return shard_->is_draining(); }
  void resume_later(routing::waiter_ptr waiting) noexcept override;
  [[nodiscard]] bool drops_work() const noexcept override {
    return ending_ == ending::asked || ending_ == ending::let_go;
  }
  void add_reference() noexcept override { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference() noexcept override;

  // -- resumable ----------------------------------------------------------------

  resume_result resume(caf::execution_unit* here, std::size_t) override;
  void intrusive_ptr_add_ref_impl() override { add_reference(); }
  void intrusive_ptr_release_impl() override { drop_reference(); }

  exchange* next_free = nullptr;

private:
  // The free list deletes exchanges.
  template <class T, std::size_t Max>
  friend class http::detail::free_list;

  /// The state of an early end. `asked`: the waiting layer must be ended; `done`: it was; `let_go`:
  /// the whole chain is released.
  enum class ending : std::uint8_t { none, asked, done, let_go };

  exchange();
  ~exchange() override;

  [[nodiscard]] bool awaits_content() const noexcept override;
  // -- actor calls ----------------------------------------------------------------
  [[nodiscard]] actors::reactor& call_home() noexcept override { return shard_->reactor(); }
  [[nodiscard]] http::request request_to_send() override;
  [[nodiscard]] request_origin origin() const noexcept override;
  /// Of actor calls and worker trips.
  [[nodiscard]] bool is_urgent() const noexcept override { return endpoint_->bounds.high_priority; }
  [[nodiscard]] owed_reference call_begun() override;
  void call_refused(owed_reference owed) noexcept override;
  void on_answer(http::response answer, owed_reference owed) noexcept override;
  void on_failure(std::optional<std::string> why, owed_reference owed) noexcept override;
  void on_exhausted(owed_reference owed) noexcept override;
  void on_broken(const std::exception_ptr& why) noexcept override;
  /// Ends the actor call: `answer` makes the response, and the chain continues.
  template <class Answer>
  void go_on_with(Answer answer) noexcept;

  /// Takes the content that the current layer waits for, if it is complete.
  bool content_is_whole();
  /// Tells observers of responses.
  void note_route() noexcept;
  void begin_streaming();
  void take_over_content();
  void listen_to_content();
  void content_came();
  void call_off_content() noexcept;
  void shed_and_go_on(std::chrono::seconds retry_after, const executor* place);
  void begin_layer();
  void begin_handler();
  /// The time from the end of the request to its response; 0: no bound.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;
  /// Starts the time limit of the waiting request: at its connection, or as a deadline here.
  void limit_wait() noexcept;
  /// The deadline of a request that did not come from a connection.
  void expired(time_point now) override;

  bool moves_handler() override;
  void move_handler() override;
  void finished() override;
  void report(std::exception_ptr error) noexcept override;
  [[nodiscard]] std::string own_request_id() const override { return origin().id(); }
  /// Logs a line of the engine about this request.
  void log_failure(log_level level, std::string_view text,
                   std::initializer_list<log_field> more) const noexcept;
  std::unique_ptr<routing::pending> start_sleep(std::chrono::milliseconds duration,
                                                routing::waiter_ptr waiting,
                                                bool until_drain) override;
  routing::admission submit(std::shared_ptr<routing::work> work) override;
  std::shared_ptr<routing::streams> make_streams() override;

  void go_home() noexcept override;
  void go_on();
  void end_now();
  bool begin_trip();
  /// Sends the handler to a worker again, after its wait.
  void move_again();
  [[nodiscard]] bool work_on() override;
  [[nodiscard]] bool is_dropped() const noexcept override;
  bool run_handler();
  void left_by_executor() noexcept override;
  void reply(http::response answer);
  void answer_dropped() noexcept;

  /// The barrier for exceptions of engine code, such as of an allocation: the request is answered
  /// with 500, or its connection is closed if there is no memory for that.
  template <class Function>
  void contain(Function function) noexcept;
  void give_up(const std::exception_ptr& why) noexcept;
  using chain_runner::fail;
  void fail(const std::string& why);
  /// The id of the request, at its client or its sender.
  [[nodiscard]] std::uint64_t id() const noexcept;
  bool gives_up_last() noexcept;
  void leave_waiting() noexcept;
  void recycle() noexcept;

  std::atomic<std::uint32_t> references_{1};
  const routing::endpoint* endpoint_ = nullptr;
  route_load* load_ = nullptr;
  /// The executor of the handler, set before the handler begins; null: the reactor.
  executor* executor_ = nullptr;
  caf::mailbox_element_ptr message_;
  /// Takes the response; null: the sender of the message does. Used on the reactor.
  client_port* client_ = nullptr;
  actor_call actor_call_{static_cast<actor_call::caller&>(*this)};
  std::unique_ptr<content_collector> content_;
  /// The shared request as layers saw it before its content was complete.
  http::request seen_before_{nullptr};
  time_point due_;
  strand strand_;
  bool answered_ = false;
  bool finished_ = false;
  /// In the list of its shard, where its connection may find it. Written on the reactor.
  std::atomic<bool> parked_{false};
  std::atomic<ending> ending_{ending::none};
  int cancel_status_ = 503;
  /// Whether the chain is on its reactor, and not on a worker. Written there.
  bool at_home_ = true;
  std::atomic<bool> begun_on_worker_{false};
  route_admission admission_;
};

template <class Function>
void exchange::contain(Function function) noexcept {
  try {
    function();
  } catch (...) {
    give_up(std::current_exception());
  }
}

} // namespace sake::actors
