// A context without actors: the test ends its waits.
#pragma once

#include <sake/routing/chain_runner.hpp>

#include <coroutine>
#include <cstddef>
#include <deque>
#include <exception>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace sake::test {

/// A context without actors. It runs a chain until that waits; the test then ends the wait.
class test_context final : public routing::chain_runner {
public:
  test_context() = default;
  /// @param layers  in order, the handler last
  test_context(std::initializer_list<handler> layers) { set_layers(layers); }
  ~test_context() override { clear(); }

  void set_layers(const std::vector<handler>& layers) {
    chain_.clear();
    for (const handler& each : layers)
      chain_.push_back(each.get());
  }

  void set_chain(routing::chain layers) { chain_ = std::move(layers); }

  /// Runs the chain for `request` until it waits or ends; returns the response so far.
  const http::response& serve(http::request request = {}) {
    finish_count = 0;
    begin(std::move(request), chain_);
    run();
    return response();
  }

  /// Runs the handler at the end of `layers` for a call from another process.
  const http::response& serve(routing::remote_call call, const routing::chain& layers) {
    finish_count = 0;
    begin_remote(std::move(call), layers);
    run();
    return response();
  }
  using chain_runner::to_remote_call;

  /// Resumes the waits that are over; false if there were none.
  bool run_ready() {
    while (!ready_.empty())
      if (const auto next = take_ready(); !next->is_forgotten()) {
        resume_waiting(next->coroutine());
        return true;
      }
    return false;
  }

  /// Ends the current sleep.
  void wake() { resume_later(sleeping); }

  /// Begins and ends a wait without a coroutine.
  using chain_runner::run_on;
  using chain_runner::wait;

  /// Acts as the worker that a deferred handler runs on: runs or resumes the handler until it
  /// waits, then runs the rest of the chain outside the pool.
  void run_deferred() {
    in_pool = true;
    if (std::exchange(is_deferred, false))
      run_deferred_layer();
    else
      resume(take_ready()->coroutine());
    in_pool = false;
    if (!is_waiting())
      run();
  }

  /// Acts as a worker that takes a handler too late.
  void skip_deferred(int code) {
    skip_deferred_layer(code);
    run();
  }

  [[nodiscard]] bool is_finished() const noexcept { return finish_count == 1; }
  [[nodiscard]] bool is_in_layer() const noexcept { return is_waiting(); }
  [[nodiscard]] bool in_worker_pool() const noexcept override { return in_pool; }
  void forget() noexcept { clear(); }

  void resume_later(sake::routing::waiter_ptr waiting) noexcept override {
    ready_.push_back(std::move(waiting));
  }
  void add_reference() noexcept override { ++references; }
  void drop_reference() noexcept override { --references; }

  int finish_count = 0;
  int references = 0;
  int sleeps_called_off = 0;
  bool defers = false;
  bool in_pool = false;
  bool is_deferred = false;
  sake::routing::waiter_ptr sleeping;
  std::chrono::milliseconds slept_for{};
  std::vector<std::string> reports;
  /// What becomes of offered work, and the work that was queued.
  routing::submission admits = routing::submission::run_here;
  std::vector<std::shared_ptr<routing::work>> submitted;

private:
  class sleep final : public routing::pending {
  public:
    explicit sleep(test_context& owner) : owner_(owner) {}
    ~sleep() override { ++owner_.sleeps_called_off; }

  private:
    test_context& owner_;
  };

  sake::routing::waiter_ptr take_ready() {
    auto next = std::move(ready_.front());
    ready_.pop_front();
    return next;
  }

  bool prepare_handler() override { return !defers; }
  void defer_layer() override { is_deferred = true; }
  void finished() override { ++finish_count; }

  void report(std::exception_ptr error) noexcept override {
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      reports.emplace_back(e.what());
    } catch (...) {
      reports.emplace_back("no std::exception");
    }
  }

  std::unique_ptr<routing::pending> start_sleep(std::chrono::milliseconds duration,
                                                sake::routing::waiter_ptr waiting, bool) override {
    slept_for = duration;
    sleeping = std::move(waiting);
    return std::make_unique<sleep>(*this);
  }

  routing::submission submit(std::shared_ptr<routing::work> work) override {
    if (admits == routing::submission::queued)
      submitted.push_back(std::move(work));
    return admits;
  }

  routing::chain chain_;
  std::deque<sake::routing::waiter_ptr> ready_;
};

} // namespace sake::test
