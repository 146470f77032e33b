// The awaiters that a context returns to the coroutine of a handler.
#pragma once

#include "awaiting_chain.hpp"
#include "detail/awaitable.hpp"
#include "streams.hpp"
#include "task.hpp"
#include "waiter.hpp"

#include <chrono>
#include <coroutine>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace sake::routing {

/// Returned by `context::next`: a coroutine awaits the response with it, a plain function ignores
/// it.
class next_awaiter : public detail::awaitable {
public:
  explicit next_awaiter(awaiting_chain& own) noexcept : chain_(&own) {}
  // Passing on twice does nothing: the response is ready.
  bool await_ready() const noexcept { return chain_->is_returning(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> waiting) noexcept {
    if (detail::runs_beside_others(waiting)) {
      is_misplaced_ = true;
      return false;
    }
    chain_->await_return(waiting);
    return true;
  }
  void await_resume() const {
    if (is_misplaced_)
      throw std::logic_error("ctx.next() is awaited inside when_all or when_any");
  }

private:
  awaiting_chain* chain_;
  bool is_misplaced_ = false;
};

/// Returned by `context::read`. Each await waits for the next octets.
class [[nodiscard("nothing is read before it is awaited: write co_await")]] read_awaiter
    : public detail::awaitable {
public:
  explicit read_awaiter(streams& from) noexcept : streams_(&from) {}

  class suspension {
  public:
    explicit suspension(streams& from) noexcept : streams_(&from) {}
    bool await_ready() {
      is_second_ = streams_->has_reader();
      return is_second_ || streams_->fetch();
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      streams_->await_content(wait_.begin(waiting));
    }
    std::optional<std::string> await_resume() {
      if (is_second_)
        throw std::logic_error("the content of a request has one reader at a time");
      return streams_->take();
    }

  private:
    streams* streams_;
    wait wait_;
    bool is_second_ = false;
  };
  suspension operator co_await() const noexcept { return suspension{*streams_}; }

private:
  streams* streams_;
};

/// Returned by `context::sleep`. Each await waits for the whole duration.
class [[nodiscard("it does not sleep before it is awaited: write co_await")]] sleep_awaiter
    : public detail::awaitable {
public:
  sleep_awaiter(awaiting_chain& own, std::chrono::milliseconds duration) noexcept
      : chain_(&own), duration_(duration) {}

  class suspension {
  public:
    suspension(awaiting_chain& own, std::chrono::milliseconds duration) noexcept
        : chain_(&own), duration_(duration) {}
    bool await_ready() const noexcept { return duration_.count() <= 0; }
    void await_suspend(std::coroutine_handle<> waiting) {
      pending_ = chain_->start_sleep(duration_, wait_.begin(waiting), chain_->sleep_ends_at_drain);
    }
    bool await_resume() noexcept {
      const auto ended = std::move(pending_);
      const bool is_cut_short = ended != nullptr && ended->is_cut_short();
      if (is_cut_short)
        chain_->sleep_ends_at_drain = false;
      return !is_cut_short;
    }

  private:
    awaiting_chain* chain_;
    std::chrono::milliseconds duration_;
    wait wait_;
    std::unique_ptr<pending> pending_;
  };
  suspension operator co_await() const noexcept { return {*chain_, duration_}; }

private:
  awaiting_chain* chain_;
  std::chrono::milliseconds duration_;
};

/// Returned by `context::draining`. May be awaited several times.
class [[nodiscard("write co_await: it waits for the shutdown")]] draining_awaiter
    : public detail::awaitable {
public:
  explicit draining_awaiter(awaiting_chain& own) noexcept : chain_(&own) {}

  class suspension {
  public:
    explicit suspension(awaiting_chain& own) noexcept : chain_(&own) {}
    bool await_ready() const noexcept { return chain_->is_draining(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      pending_ = chain_->start_sleep(std::chrono::milliseconds::max(), wait_.begin(waiting), true);
    }
    void await_resume() noexcept { pending_.reset(); }

  private:
    awaiting_chain* chain_;
    wait wait_;
    std::unique_ptr<pending> pending_;
  };
  suspension operator co_await() const noexcept { return suspension{*chain_}; }

private:
  awaiting_chain* chain_;
};

} // namespace sake::routing
