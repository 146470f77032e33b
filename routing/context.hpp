// What a handler sees of its request, and how it answers.
#pragma once

#include <sake/http/json.hpp>
#include <sake/http/request.hpp>
#include <sake/http/response.hpp>
#include <sake/http/uri.hpp>
#include <sake/routing/detail/callback.hpp>
#include <sake/routing/handler.hpp>
#include <sake/routing/log.hpp>
#include <sake/routing/offload.hpp>
#include <sake/routing/once.hpp>
#include <sake/routing/response_stream.hpp>
#include <sake/routing/task.hpp>
#include <sake/routing/waiter.hpp>

#include <any>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sake {

class event_stream;

namespace routing {
class streams;
} // namespace routing

/// One request on its way through its chain: what came in, the response in the making, and the way
/// on. Lives until the response is sent. Belongs to whoever runs the chain at the moment (the
/// reactor of its connection, or one worker), never to two threads at once.
///
/// Views that the request side returns stay valid as long as the context.
class context {
public:
  context(const context&) = delete;
  context& operator=(const context&) = delete;

  // -- the request --------------------------------------------------------------

  /// The request. Its `content()` is empty until the content is there: see `body`.
  [[nodiscard]] const http::request& request() const noexcept { return request_; }
  [[nodiscard]] std::string_view method() const noexcept { return request_.method_token(); }
  /// The path of the target, still percent-encoded.
  [[nodiscard]] std::string_view path() const noexcept { return request_.path(); }
  /// The content, whole; empty on a route that says `.streams_content()`.
  /// @throws std::logic_error in middleware that acts before the content is there, where the
  ///         request has some: say `use(sake::reads_content(middleware))`
  [[nodiscard]] std::string_view body() const {
    if (!has_content_) [[unlikely]]
      check_content();
    return request_.content();
  }
  /// The value of the first field named `name`, without case; empty where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    return request_.header(name);
  }
  /// The path parameter `name` of the route, percent-decoded; empty where the route has none.
  [[nodiscard]] std::string_view param(std::string_view name) const noexcept {
    return request_.param(name);
  }
  /// The first query parameter `name`, decoded; empty where there is none.
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

  /// Sets the status; the content stays as it is. @throws std::invalid_argument as response::status
  context& status(int code);
  /// Sets a field of the response. @throws std::invalid_argument as response::set_header
  context& set_header(std::string_view name, std::string_view value);
  /// Adds a line to a field that may stand several times.
  context& add_header(std::string_view name, std::string_view value);

  // A writer answers: it replaces the content and the Content-Type, it does not append.

  void string(int code, std::string_view text);
  void html(int code, std::string_view text);
  /// @param content_type  empty: the response has no Content-Type
  void data(int code, std::string_view content_type, std::string octets);
  /// Serialises `value` (see <sake/http/json.hpp> for what can be written).
  template <class T>
  void json(int code, const T& value) {
    http::json_writer out{begin_json(code)};
    http::write_json(out, value);
  }
  /// Serialises an object literal: `ctx.json(200, {{"message", "hi"}, {"n", 3}})`.
  void json(int code, std::initializer_list<http::json_member> members);
  /// Sends the client to `location`. @throws std::invalid_argument unless 300 <= code <= 308
  void redirect(int code, std::string_view location);
  /// Answers with a response that was made elsewhere. Fields set before stay unless it has them
  /// too; of those that add up (Set-Cookie, Vary, Link and others, see
  /// <sake/routing/response_fields.hpp>) all lines stay.
  /// @throws std::invalid_argument when it was moved from
  void respond(http::response answer);

  /// Begins a response that a coroutine writes piece by piece: `auto out = ctx.stream(200,
  /// "text/plain"); co_await out.write(octets);`. What was set in the response before counts, what
  /// is set later is ignored. Ends with the handler; one that throws leaves the content incomplete,
  /// and the client sees that. The deadline of the request no longer applies; that of writing does.
  ///
  /// @param content_type  empty: none, or what was set before
  /// @param length  the octets that will be written, where they are known; they go out as
  ///                Content-Length then instead of in chunks. Fewer leave the content incomplete
  /// @throws std::invalid_argument for a status that has no content (204, 205, 304)
  response_stream stream(int code, std::string_view content_type,
                         std::optional<std::uint64_t> length = std::nullopt);

  /// Begins a stream of server-sent events. Defined by <sake/routing/event_stream.hpp>.
  sake::event_stream event_stream();

  // -- the way on ---------------------------------------------------------------

  class next_awaiter;

  /// Passes the request on to the next layer. In a plain function the rest runs once the function
  /// returns; in a coroutine `co_await ctx.next()` returns when the response is ready. Throws
  /// `std::logic_error` inside `when_all` or `when_any`: a chain has one way on.
  ///
  /// A middleware that returns without `next` passes on as well, unless it answered or aborted.
  next_awaiter next() noexcept;

  /// Passes the request on, and calls `after` once the response is ready and before it is sent:
  /// the layers come back in reverse order. The same wherever the answer comes from.
  template <class After>
  requires std::is_invocable_v<After&, context&>
  void next(After&& after) {
    next_called_ = true;
    open_.push_back({std::forward<After>(after), {}, {}});
  }

  /// No further layer sees the request. What layers before handed to `next` still runs.
  void abort() noexcept { aborted_ = true; }
  void abort_with_status(int code);
  [[nodiscard]] bool is_aborted() const noexcept { return aborted_; }

  // -- values handed from layer to layer ----------------------------------------

  template <class T>
  void set(std::string_view key, T&& value) {
    slot(key) = std::forward<T>(value);
  }
  /// The value under `key`; null when there is none or it is of another type.
  template <class T>
  [[nodiscard]] T* get(std::string_view key) noexcept {
    return std::any_cast<T>(find(key));
  }
  /// The value under `key`. @throws std::out_of_range when `get` would return null
  template <class T>
  [[nodiscard]] T& must_get(std::string_view key) {
    if (T* value = get<T>(key))
      return *value;
    missing(key);
  }

  // -- waiting without blocking -------------------------------------------------

  class read_awaiter;
  class sleep_awaiter;
  class draining_awaiter;
  template <class Function, bool MayBeTemporary>
  class offload_suspension;
  template <class Function, bool MayBeTemporary>
  class offload_awaiter;

  /// `while (auto piece = co_await ctx.read())`: the next octets of the content, in order, at most
  /// `limits::buffered_content_bytes` of them; none at the end. As they arrive on a route that says
  /// `.streams_content()`, elsewhere in one piece, and not before `body` may be called.
  ///
  /// While nobody reads, the connection does not read either. Content that will never be complete
  /// ends the coroutine where it waits, as when its request is cancelled. A second one that reads
  /// at a time is thrown `std::logic_error`.
  read_awaiter read();

  /// `co_await ctx.sleep(20ms)`: goes on after at least that time, on the same reactor. Gives true;
  /// or false before the time has passed, once, where the response is a stream and the engine shuts
  /// down: `while (co_await ctx.sleep(1s)) co_await events.send(…);` ends then. Other handlers sleep
  /// on, as their client waits for an answer.
  sleep_awaiter sleep(std::chrono::milliseconds duration) noexcept;

  /// `co_await ctx.draining()`: goes on when the engine begins to shut down, at once where it has.
  /// With `when_any` beside something that may take for ever, such as a question to an actor.
  draining_awaiter draining() noexcept;

  /// `auto n = co_await ctx.offload([] { return work(); })`: runs the function on the worker pool
  /// and comes back to where the handler runs. What the function throws is thrown here. With the
  /// pool off it runs at once. When the pool is full it throws `sake::pool_full`, which answers
  /// 503 with Retry-After unless it is caught.
  ///
  /// A lambda that captures a string or the like is given its place first, for g++ 12 destroys what
  /// such a temporary captured twice: `auto counted = ctx.offload([text] { … }); co_await
  /// counted;`.
  ///
  /// A plain function may wait with `.get()`, even on the pool itself: a function that no worker
  /// has begun is then run by the one who waits, so that waiting never deadlocks. On a reactor
  /// `.get()` holds up every other request of that reactor: prefer a coroutine or `.worker()`.
  template <class Function>
  offload_awaiter<std::decay_t<Function>, !std::is_lvalue_reference_v<Function>> offload(
      Function&& function);

  /// `auto n = co_await ctx.ask<int>(actor, 1s, get_atom::value)`: sends a request to an actor and
  /// gives its answer as `caf::expected`; past the deadline `caf::sec::request_timeout`, for an
  /// empty handle `caf::sec::invalid_argument`. Defined by <sake/actors/ask.hpp>.
  template <class Result = void, class Handle, class... Ts>
  auto ask(const Handle& whom, std::chrono::milliseconds deadline, Ts&&... message);

  /// Whether nobody waits for the response any more: the client has gone, or the deadline has
  /// passed. The layer that waits is then ended where it stands, and what is queued does not begin;
  /// layers before it see 499 or 504. Work without a pause may look now and then. Safe from any
  /// thread.
  [[nodiscard]] virtual bool is_cancelled() const noexcept { return false; }

  /// Whether the engine is shutting down: a response that would go on for ever is then to come to
  /// its end, or it is cut off at the drain deadline; see `draining`. Safe from any thread.
  [[nodiscard]] virtual bool is_draining() const noexcept { return false; }

  /// Whether the handler runs away from its reactor just now: on a worker, on a thread of its own,
  /// or on CAF's scheduler.
  [[nodiscard]] virtual bool in_worker_pool() const noexcept { return false; }

  /// Writes a line to the log with what is known of the request: its method, its route, the peer,
  /// and its id, which is the field X-Request-Id where the client sent one. See `sake::log`.
  void log(log_level level, std::string_view text,
           std::initializer_list<log_field> facts = {}) const noexcept;

  // -- for awaiters -------------------------------------------------------------

  /// Resumes a coroutine of this request in the place where its chain runs, unless it is gone by
  /// then. Safe from any thread. Of several, each is resumed, in no order that is promised.
  virtual void resume_later(routing::waiter_ptr waiting) noexcept = 0;

  /// Whether what was queued for this request need not begin.
  [[nodiscard]] virtual bool drops_work() const noexcept { return false; }

  /// Keep the context for as long as something that was started on its behalf may come back.
  virtual void add_reference() noexcept = 0;
  virtual void drop_reference() noexcept = 0;

protected:
  context() = default;
  virtual ~context();

  // -- for the one who runs the chain -------------------------------------------

  /// The handler, and middleware before it, take the content as it arrives.
  void stream_content() noexcept { has_content_ = true; }
  /// Whether content is still to come that layers wait for: `move_handler` waits for it then.
  [[nodiscard]] virtual bool awaits_content() const noexcept { return false; }

  /// Makes the context ready for `request`. `layers` outlives it.
  void begin(http::request request, const routing::chain& layers);

  /// Runs the chain until it waits for something or is at its end.
  void run();

  /// Whether the layer at work is the handler.
  [[nodiscard]] bool is_at_handler() const noexcept { return index_ == layers_->size(); }

  /// Runs the layer on this thread, where `move_handler` brought it, or resumes it there, or
  /// answers `code` in its place. The chain goes on with `run` in its old place, once `is_waiting`
  /// is false.
  void run_moved_handler();
  void resume_moved(std::coroutine_handle<> waiting);
  void skip_moved_handler(int code);

  /// Resumes a coroutine of this chain, and runs the chain on when its layer is through.
  void resume(std::coroutine_handle<> waiting);

  /// Ends what the layer at work waits for, a coroutine where it stands; `code` is the response,
  /// and the layers before see it. With 0 the response stays. The chain runs on.
  void end_wait(int code);

  /// The layer at work waits for something other than a coroutine, until `run_on`.
  void wait() noexcept { waits_ = true; }
  void run_on();

  /// Whether the layer at work waits for something.
  [[nodiscard]] bool is_waiting() const noexcept;

  /// Makes the response a plain `code` in place of whatever it was.
  void replace_response(int code);
  /// Answers 503 with Retry-After in place of whatever it was, and aborts.
  void shed(std::chrono::seconds retry_after);
  /// Answers what an exception that left a layer asks for: 500, or 503 when the pool is full.
  void fail(std::exception_ptr error);
  /// Answers 500 in place of whatever it was, and aborts; somebody else has told why.
  void fail_told();

  /// What layers have set.
  [[nodiscard]] const std::vector<std::pair<std::string, std::any>>& values() const noexcept {
    return values_;
  }

  /// Whether the response has begun as a stream, whatever has become of it since.
  [[nodiscard]] bool is_stream() const noexcept { return streaming_ != streaming::no; }

  /// What content in pieces goes by; by default both contents are whole.
  virtual std::shared_ptr<routing::streams> make_streams();

  /// Whether the response has gone out piece by piece, and the one in the context is for nobody. A
  /// stream that is not over yet is cut off; `instead` is for a client that knows of none yet.
  bool was_streamed(const http::response& instead) {
    return streaming_ != streaming::no && has_sent_stream(instead);
  }

  /// The facts of a log line: `given`, then what is known of the request; none where there is no
  /// memory.
  [[nodiscard]] std::vector<log_field> facts(std::initializer_list<log_field> given) const noexcept;

  /// Lets go of all that belongs to the request, coroutines first.
  void clear() noexcept;

  http::request request_{nullptr};
  http::response response_{nullptr};
  /// Only where content is read or written in pieces.
  std::shared_ptr<routing::streams> streams_;

private:
  friend class response_stream;
  friend void routing::detail::layer_ended(context&) noexcept;
  friend void routing::detail::start(context&, task<>);

  // -- what the chain asks of the place it runs in ------------------------------

  /// Whether the handler is to run elsewhere; then `move_handler` follows, and touches the context
  /// last.
  virtual bool moves_handler() { return false; }
  virtual void move_handler() {}
  /// The chain is at its end and the response final. Nothing touches the context afterwards.
  virtual void finished() = 0;
  /// An exception left a layer: for the log. The answer is 500.
  virtual void report(std::exception_ptr error) noexcept = 0;
  /// The route, and an id for a request that came without one; empty where there is none.
  [[nodiscard]] virtual std::string_view route_title() const noexcept { return {}; }
  [[nodiscard]] virtual std::string own_request_id() const { return {}; }
  /// @param until_drain  whether the sleep ends when the engine begins to shut down
  virtual std::unique_ptr<routing::pending> start_sleep(std::chrono::milliseconds duration,
                                                        routing::waiter_ptr waiting,
                                                        bool until_drain) = 0;
  virtual routing::admission submit(std::shared_ptr<routing::work> work) = 0;

  /// The response as a stream: whether it is one, and what became of it.
  enum class streaming : std::uint8_t { no, open, failed, over };

  enum class phase : std::uint8_t { descending, in_layer, unwinding, done };

  /// A layer that passed the request on and waits for the response: a function to call, or a
  /// coroutine to resume.
  struct open_layer {
    routing::detail::callback after;
    task<> frame;
    std::coroutine_handle<> waiting;
  };

  void check_content() const;
  void enter_layer();
  void act(const routing::layer& layer);
  void after_layer();
  void leave_layer();

  routing::streams& streams();
  bool write_piece(std::string_view octets);
  void end_stream();
  bool has_sent_stream(const http::response& instead);

  void break_off();
  void answer(int code, std::string_view content_type_line);
  std::string& begin_json(int code);
  void refuse_json(const http::json_error& error);
  std::any& slot(std::string_view key);
  std::any* find(std::string_view key) noexcept;
  [[noreturn]] static void missing(std::string_view key);

  const routing::chain* layers_ = nullptr;
  std::vector<open_layer> open_;
  task<> task_;
  std::coroutine_handle<> waiting_for_next_;
  std::uint32_t index_ = 0;
  /// The layers that were open when the stream began.
  std::uint32_t stream_depth_ = 0;
  phase phase_ = phase::descending;
  streaming streaming_ = streaming::no;
  bool running_ = false;
  bool returning_ = false;
  bool moved_ = false;
  /// The content of the request is there, or its route takes it as it arrives.
  bool has_content_ = false;
  bool next_called_ = false;
  bool answered_ = false;
  bool aborted_ = false;
  bool waits_ = false;
  /// A sleep has told the handler of the shutdown; further sleeps take their time.
  bool knows_of_drain_ = false;
  std::vector<std::pair<std::string, std::any>> values_;
  mutable std::optional<std::vector<http::query_parameter>> query_;
};

/// What `next` returns: nothing to a plain function, the wait for the response to a coroutine.
class context::next_awaiter {
public:
  explicit next_awaiter(context& ctx) noexcept : ctx_(&ctx) {}
  // Passing on twice does nothing: the response is ready.
  bool await_ready() const noexcept { return ctx_->returning_; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) noexcept {
    if (routing::detail::runs_beside_others(waiting)) {
      is_misplaced_ = true;
      return false;
    }
    ctx_->waiting_for_next_ = waiting;
    return true;
  }
  void await_resume() const {
    if (is_misplaced_)
      throw std::logic_error("ctx.next() is awaited inside when_all or when_any");
  }

private:
  context* ctx_;
  bool is_misplaced_ = false;
};

inline context::next_awaiter context::next() noexcept {
  next_called_ = true;
  return next_awaiter{*this};
}

/// What `read` returns. Each await is a wait of its own, for the next octets.
class [[nodiscard("nothing is read before it is awaited: write co_await")]] context::read_awaiter {
public:
  explicit read_awaiter(context& ctx) noexcept : ctx_(&ctx) {}

  class suspension {
  public:
    explicit suspension(context& ctx) noexcept : ctx_(&ctx) {}
    bool await_ready();
    void await_suspend(std::coroutine_handle<> waiting);
    std::optional<std::string> await_resume();

  private:
    context* ctx_;
    routing::wait wait_;
    bool is_second_ = false;
  };
  suspension operator co_await() const noexcept { return suspension{*ctx_}; }

private:
  context* ctx_;
};

inline context::read_awaiter context::read() {
  if (!has_content_) [[unlikely]]
    check_content();
  return read_awaiter{*this};
}

/// What `sleep` returns. Each await is a wait of its own, for the whole duration.
class [[nodiscard("it does not sleep before it is awaited: write co_await")]] context::sleep_awaiter {
public:
  sleep_awaiter(context& ctx, std::chrono::milliseconds duration) noexcept
      : ctx_(&ctx), duration_(duration) {}

  class suspension {
  public:
    suspension(context& ctx, std::chrono::milliseconds duration) noexcept
        : ctx_(&ctx), duration_(duration) {}
    bool await_ready() const noexcept { return duration_.count() <= 0; }
    void await_suspend(std::coroutine_handle<> waiting) {
      const bool until_drain = ctx_->is_stream() && !ctx_->knows_of_drain_;
      pending_ = ctx_->start_sleep(duration_, wait_.begin(waiting), until_drain);
    }
    bool await_resume() noexcept {
      const auto ended = std::move(pending_);
      const bool is_cut_short = ended != nullptr && ended->is_cut_short();
      ctx_->knows_of_drain_ = ctx_->knows_of_drain_ || is_cut_short;
      return !is_cut_short;
    }

  private:
    context* ctx_;
    std::chrono::milliseconds duration_;
    routing::wait wait_;
    std::unique_ptr<routing::pending> pending_;
  };
  suspension operator co_await() const noexcept { return {*ctx_, duration_}; }

private:
  context* ctx_;
  std::chrono::milliseconds duration_;
};

inline context::sleep_awaiter context::sleep(std::chrono::milliseconds duration) noexcept {
  return {*this, duration};
}

/// What `draining` returns. Each await is a wait of its own.
class [[nodiscard("write co_await: it waits for the shutdown")]] context::draining_awaiter {
public:
  explicit draining_awaiter(context& ctx) noexcept : ctx_(&ctx) {}

  class suspension {
  public:
    explicit suspension(context& ctx) noexcept : ctx_(&ctx) {}
    bool await_ready() const noexcept { return ctx_->is_draining(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      pending_ = ctx_->start_sleep(std::chrono::milliseconds::max(), wait_.begin(waiting), true);
    }
    void await_resume() noexcept { pending_.reset(); }

  private:
    context* ctx_;
    routing::wait wait_;
    std::unique_ptr<routing::pending> pending_;
  };
  suspension operator co_await() const noexcept { return suspension{*ctx_}; }

private:
  context* ctx_;
};

inline context::draining_awaiter context::draining() noexcept {
  return draining_awaiter{*this};
}

/// The wait for an offloaded function.
template <class Function, bool MayBeTemporary>
class context::offload_suspension {
public:
  using work = routing::detail::function_work<Function>;

  offload_suspension(context& ctx, Function function)
      : ctx_(&ctx), work_(std::make_shared<work>(std::move(function))) {}

  static void check_temporary() {
    // A closure of one expression with co_await lives in the coroutine's frame.
    constexpr bool is_safe = !MayBeTemporary || std::is_trivially_destructible_v<Function>
                             || !routing::detail::destroys_temporaries_twice;
    static_assert(is_safe, "g++ 12 destroys twice what a temporary lambda has captured; name what "
                           "offload gives and await that: "
                           "auto work = ctx.offload([text] { ... }); co_await work;");
  }

  typename work::result get() {
    if (ctx_->submit(work_) == routing::admission::full)
      throw pool_full{};
    work_->wait();
    return work_->take();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    // Before it is offered: a worker may be done with it before submit returns.
    work_->resume_when_done(ctx_, wait_.begin(waiting));
    admission_ = ctx_->submit(work_);
    if (admission_ == routing::admission::queued)
      return true;
    work_->resume_when_done(nullptr, {});
    return false;
  }
  typename work::result await_resume() {
    if (admission_ == routing::admission::full)
      throw pool_full{};
    if (admission_ == routing::admission::run_here)
      work_->run();
    return work_->take();
  }

private:
  context* ctx_;
  std::shared_ptr<work> work_;
  routing::wait wait_;
  routing::admission admission_ = routing::admission::run_here;
};

/// What `offload` returns: awaited once, or waited for once by `get`.
template <class Function, bool MayBeTemporary>
class [[nodiscard("nothing runs before it is awaited: write co_await, or get()")]] context::offload_awaiter
    : public routing::once<offload_suspension<Function, MayBeTemporary>> {
public:
  offload_awaiter(context& ctx, Function function)
      : routing::once<offload_suspension<Function, MayBeTemporary>>(
          offload_suspension<Function, MayBeTemporary>{ctx, std::move(function)}) {}

  /// Waits without a coroutine: blocks this thread, or runs the function on it.
  auto get() { return this->take().get(); }
};

template <class Function>
context::offload_awaiter<std::decay_t<Function>, !std::is_lvalue_reference_v<Function>>
context::offload(Function&& function) {
  return {*this, std::forward<Function>(function)};
}

} // namespace sake
