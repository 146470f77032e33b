// A handler's view of its request and its response.
#pragma once

#include "../http/json/json.hpp"
#include "../http/request.hpp"
#include "../http/response.hpp"
#include "../http/uri.hpp"
#include "awaiters.hpp"
#include "awaiting_chain.hpp"
#include "detail/chain_state.hpp"
#include "detail/json_answer.hpp"
#include "detail/nullable.hpp"
#include "event_stream.hpp"
#include "log.hpp"
#include "make_ask.hpp"
#include "offload.hpp"
#include "response_stream.hpp"
#include "route_info.hpp"
#include "value_store.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sake {

/// One request on its way through its chain: the request, its response in the making, and the next
/// layers. Lives until the response is sent. Belongs to the thread that runs the chain (the reactor
/// of its connection, or one worker), never to two threads at once.
/// Views that the request side returns stay valid as long as the context.
class context : public routing::value_store {
public:
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  // -- the request --------------------------------------------------------------

  /// The request. Its `content()` is empty until the content is there: see `body`.
  [[nodiscard]] const http::request& request() const noexcept { return request_; }
  [[nodiscard]] std::string_view method() const noexcept { return request_.method_token(); }
  /// The path of the target, still percent-encoded.
  [[nodiscard]] std::string_view path() const noexcept { return request_.path(); }
  /// The content, whole; empty on a route with `.streams_content()`.
  /// @throws std::logic_error in middleware that acts before the content is there, if the request
  ///         has some: register it with `use(sake::reads_content(middleware))`
  [[nodiscard]] std::string_view body() const {
    if (!state_.has_content) [[unlikely]]
      check_content();
    return request_.content();
  }
  /// The same to keep, once, without a copy unless an actor shares the request; ends views of it.
  [[nodiscard]] std::string take_body();
  /// Name and path pattern of the route, for middleware too: the router finds it before all layers.
  [[nodiscard]] route_info route() const noexcept { return chain_.route(); }
  /// The value of the first field named `name`, without case; empty if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    return request_.header(name);
  }
  /// The path parameter `name` of the route, percent-decoded; empty if the route has none.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept {
    return request_.param(name);
  }
  /// The first query parameter `name`, decoded; empty if there is none.
  [[nodiscard]] std::string_view query(std::string_view name) const {
    return default_query(name, {});
  }
  [[nodiscard]] std::string_view default_query(std::string_view name,
                                               std::string_view otherwise) const;
  /// Every value of the query parameter `name`, in order.
  [[nodiscard]] std::vector<std::string_view> query_array(std::string_view name) const;

  /// Reads the content as JSON. On failure answers 400 with the place and the reason, and aborts.
  template <class T>
  [[nodiscard]] std::optional<T> bind_json() {
    auto read = http::read_json<T>(body());
    if (read)
      return std::move(*read);
    refuse_json(read.error());
    return std::nullopt;
  }

  // -- the response -------------------------------------------------------------

  /// The response in the making; complete only after `next`.
  [[nodiscard]] const http::response& response() const noexcept { return response_; }

  /// Sets the status only. @throws std::invalid_argument as response::status
  context& status(int code);
  /// Sets a field of the response. @throws std::invalid_argument as response::set_header
  context& set_header(std::string_view name, std::string_view value);
  context& add_header(std::string_view name, std::string_view value);

  // A writer replaces the content and the Content-Type. Its texts may be views of both.
  void string(int code, std::string_view text);
  void html(int code, std::string_view text);
  /// @param content_type  empty: the response has no Content-Type
  void data(int code, std::string_view content_type, std::string octets);
  /// Sends, without a copy, octets of a `std::shared_ptr` to a container, or `sake::static_octets`.
  void data(int code, std::string_view content_type, http::kept_octets octets);
  /// Serialises `value`; see <sake/http/json/json.hpp> for the types.
  template <class T>
  void json(int code, const T& value) {
    routing::detail::json_answer answer{response_, code};
    http::write_json(answer.writer(), value);
    state_.answered = answer.finish();
  }
  /// Serialises an object literal: `ctx.json(200, {{"message", "hi"}, {"n", 3}})`.
  void json(int code, std::initializer_list<http::json_member> members);
  /// Sends the client to `location`. @throws std::invalid_argument unless 300 <= code <= 308
  void redirect(int code, std::string_view location);
  /// Answers with `answer`. Fields set before stay unless `answer` has them too; of fields that add
  /// up, such as Set-Cookie (see <sake/routing/response_fields.hpp>), all lines stay.
  /// @throws std::invalid_argument if `answer` was moved from
  void respond(http::response answer);

  /// Begins a response that a coroutine writes piece by piece: `auto out = ctx.stream(200,
  /// "text/plain"); co_await out.write(octets);`. The stream ends with the handler; if that throws,
  /// the client sees that the content is incomplete. Later changes to the response are ignored. In
  /// place of the deadline of the request, that of writing applies.
  /// @param content_type  empty: none, or the one set before
  /// @param length  the octets that will be written, if known, in place of chunks
  /// @throws std::invalid_argument for a status that has no content (204, 205, 304)
  /// @throws std::logic_error if the response is a stream already
  response_stream stream(int code, std::string_view content_type,
                         std::optional<std::uint64_t> length = std::nullopt);

  /// Begins a stream of server-sent events.
  sake::event_stream event_stream();

  // -- the next layers ----------------------------------------------------------

  /// Passes the request on to the next layer, in a plain function once that returns; in a coroutine
  /// `co_await ctx.next()` returns when the response is ready. A middleware that returns without
  /// `next` passes on as well, unless it answered or aborted.
  /// @throws std::logic_error inside `when_all` or `when_any`: a chain has only one next layer
  routing::next_awaiter next() noexcept {
    state_.next_called = true;
    return routing::next_awaiter{chain_};
  }

  /// Passes the request on, and calls `after` once the response is ready, before it is sent.
  /// @throws std::invalid_argument for a null function pointer and an empty `std::function`
  template <class After>
    requires std::is_invocable_v<After&, context&>
  void next(After&& after) {
    if (routing::detail::is_null<std::decay_t<After>>(after))
      throw std::invalid_argument("ctx.next() is given an empty function");
    state_.next_called = true;
    state_.open.push_back({std::forward<After>(after), {}, {}});
  }

  /// No further layer sees the request. Functions that earlier layers gave to `next` still run.
  void abort() noexcept { state_.aborted = true; }
  void abort_with_status(int code);
  [[nodiscard]] bool is_aborted() const noexcept { return state_.aborted; }

  // -- waiting without blocking -------------------------------------------------

  /// `while (auto piece = co_await ctx.read())`: the next octets of the content, in order, at most
  /// `limits::buffered_content_bytes`; empty at the end. On a route with `.streams_content()` they
  /// come as they arrive, elsewhere in one piece, and not before `body` may be called.
  /// While the handler does not read, the connection does not read either. If the content will
  /// never be complete, the coroutine ends at this wait, as when its request is cancelled.
  /// @throws std::logic_error if another coroutine is reading
  routing::read_awaiter read() {
    if (!state_.has_content) [[unlikely]]
      check_content();
    return routing::read_awaiter{chain_.streams()};
  }

  /// `co_await ctx.sleep(20ms)`: continues after at least that time, where the handler runs.
  /// Returns true. If the response is a stream and the engine shuts down, returns false at once,
  /// one time: `while (co_await ctx.sleep(1s)) co_await events.send(…);` ends then.
  routing::sleep_awaiter sleep(std::chrono::milliseconds duration) noexcept {
    return {chain_, duration};
  }

  /// `co_await ctx.draining()`: continues when the engine begins to shut down, at once if it has.
  /// An endless response must then end, or it is cut off at the drain deadline.
  routing::draining_awaiter draining() noexcept { return routing::draining_awaiter{chain_}; }

  /// `auto n = co_await ctx.offload([] { return work(); })`: runs the function on the worker pool,
  /// at once if that is off, and returns to where the handler runs. Rethrows its exceptions. Throws
  /// `sake::pool_full` if the pool is full (uncaught: 503 with Retry-After), and
  /// `std::invalid_argument` for a null pointer or an empty `std::function`.
  /// A lambda that captures a string or the like must have a name (g++ 12 destroys a temporary
  /// twice): `auto counted = ctx.offload([text] { … }); co_await counted;`. A plain function may
  /// wait with `.get()`, which runs the function itself if no worker has begun it, so that it never
  /// deadlocks; on a reactor it blocks all other requests there.
  template <class Function>
  routing::offload_awaiter<std::decay_t<Function>, !std::is_lvalue_reference_v<Function>> offload(
      Function&& function) {
    return {chain_, std::forward<Function>(function)};
  }

  /// `auto n = co_await ctx.ask<int>(actor, 1s, get_atom::value)`: sends a request to an actor and
  /// returns its response as `caf::expected`; past the deadline `caf::sec::request_timeout`, for an
  /// empty handle `caf::sec::invalid_argument`. Needs <sake/actors.hpp>.
  template <class Result = void, class Handle, class... Ts>
  auto ask(const Handle& whom, std::chrono::milliseconds deadline, Ts&&... message) {
    return routing::make_ask<Result, Handle>::from(chain_, whom, deadline,
                                                   std::forward<Ts>(message)...);
  }

  /// Whether the response is no longer wanted: the client has gone (499), or the deadline has
  /// passed (504). A waiting layer is then ended where it stands. Safe from any thread.
  [[nodiscard]] bool is_cancelled() const noexcept { return chain_.is_cancelled(); }
  /// Whether the engine shuts down; see `draining`. Safe from any thread.
  [[nodiscard]] bool is_draining() const noexcept { return chain_.is_draining(); }
  /// Whether the handler runs off its reactor: on a worker, its own thread, or CAF's scheduler.
  [[nodiscard]] bool in_worker_pool() const noexcept { return chain_.in_worker_pool(); }

  /// For your own awaiters: resumes a coroutine of this request where its chain runs, unless it has
  /// been destroyed by then. Safe from any thread.
  void resume_later(routing::waiter_ptr who) noexcept { chain_.resume_later(std::move(who)); }

  /// Logs a line with the method, route, peer and id (X-Request-Id) of the request.
  void log(log_level level, std::string_view text,
           std::initializer_list<log_field> facts = {}) const noexcept;

private:
  friend class routing::chain_runner;

  explicit context(routing::awaiting_chain& own) noexcept : chain_(own) {}
  ~context() = default;

  void check_content() const;
  void refuse_json(const http::json_error& error);
  void answer(int code, std::string_view content_type_line, std::string_view text);
  void answer_as(int code, std::string_view content_type);
  /// Makes the response a plain `code`; fields other than Content-Type stay.
  void replace_response(int code);
  /// The facts of a log line: `given`, then those of the request; empty if memory is short.
  [[nodiscard]] std::vector<log_field> facts(std::initializer_list<log_field> given) const noexcept;

  routing::awaiting_chain& chain_;
  http::request request_{nullptr};
  http::response response_{nullptr};
  mutable std::optional<std::vector<http::query_parameter>> query_;
  routing::detail::chain_state state_;
};

} // namespace sake
