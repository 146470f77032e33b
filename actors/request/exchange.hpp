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
#include "placed_request.hpp"
#include "shard.hpp"
#include "waiting_request.hpp"

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
/// The chain runs on the shard's reactor, the handler where its route has its place. Pooled.
class exchange final : public placed_request,
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

  /// Runs the handler of `endpoint` for another node. On the reactor.
  /// @param client  takes the response, kept alive by the sender of `message`
  static void serve_call(shard& home, const routing::endpoint& endpoint, route_load& load,
                         routing::remote_call call, client_port& client,
                         caf::mailbox_element_ptr&& message);

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
    return {endpoint().name, endpoint().pattern};
  }
  [[nodiscard]] bool is_draining() const noexcept override { return shard_->is_draining(); }
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

  exchange();
  ~exchange() override;

  [[nodiscard]] bool awaits_content() const noexcept override;
  // -- actor calls ----------------------------------------------------------------
  [[nodiscard]] actors::reactor& call_home() noexcept override { return shard_->reactor(); }
  [[nodiscard]] http::request request_to_send() override;
  [[nodiscard]] request_origin origin() const noexcept override;
  /// Of actor calls and worker trips.
  [[nodiscard]] bool is_urgent() const noexcept override {
    return endpoint().admission.high_priority;
  }
  [[nodiscard]] owed_reference call_begun() override;
  void call_refused(owed_reference owed) noexcept override;
  void on_answer(http::response answer, owed_reference owed) noexcept override;
  void on_failure(std::optional<std::string> why, owed_reference owed) noexcept override;
  void on_exhausted(owed_reference owed) noexcept override;
  void on_broken(const std::exception_ptr& why) noexcept override;
  /// Ends the actor call: `answer` makes the response, and the chain continues.
  template <class Answer>
  void go_on_with(Answer answer) noexcept;

  void note_refused() noexcept override;
  void note_lost() noexcept override;
  /// Begins the request, runs its chain by `begin`, and waits if that waits.
  template <class Begin>
  static void serve(shard& home, const routing::endpoint& endpoint, route_load& load,
                    client_port* client, caf::mailbox_element_ptr&& message, Begin begin);

  /// Tells observers of responses.
  void note_route() noexcept;
  void begin_streaming();
  [[nodiscard]] std::shared_ptr<http::content_stream> arriving_content() const noexcept override {
    return streamed_;
  }
  void take_over_content();
  void listen_to_content();
  void content_came();
  void call_off_content() noexcept;
  void begin_with_content();
  /// Starts the time limit of the waiting request: at its connection, or as a deadline here.
  void limit_wait() noexcept;
  /// The deadline of a request that did not come from a connection.
  void expired(time_point now) override;

  bool prepare_handler() override;
  void defer_layer() override;
  void finished() override;
  void report(std::exception_ptr error) noexcept override;
  [[nodiscard]] std::string own_request_id() const override { return origin().id(); }
  /// Logs a line of the engine about this request.
  void log_failure(log_level level, std::string_view text,
                   std::initializer_list<log_field> more) const noexcept;
  std::unique_ptr<routing::pending> start_sleep(std::chrono::milliseconds duration,
                                                routing::waiter_ptr waiting,
                                                bool until_drain) override;
  routing::submission submit(std::shared_ptr<routing::work> work) override;
  std::shared_ptr<routing::streams> make_streams() override;
  [[nodiscard]] std::shared_ptr<routing::streams> make_streams(
      std::shared_ptr<http::content_stream> content, int if_lost);
  void read_from(std::shared_ptr<http::content_stream> content) override {
    streams_ = make_streams(std::move(content), 502);
  }

  void go_home() noexcept override;
  void go_on();
  void end_now();
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
  caf::mailbox_element_ptr message_;
  /// Takes the response; null: the sender of the message does. Used on the reactor.
  client_port* client_ = nullptr;
  actor_call actor_call_{static_cast<actor_call::caller&>(*this)};
  /// Null if the content came with the head, or is read in pieces.
  std::unique_ptr<content_collector> content_;
  /// Null unless the content is read in pieces.
  std::shared_ptr<http::content_stream> streamed_;
  bool answered_ = false;
  bool finished_ = false;
  /// In the list of its shard, where its connection may find it. Written on the reactor.
  std::atomic<bool> parked_{false};
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
