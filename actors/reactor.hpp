// A thread, an io_context and an execution unit of CAF in one.
#pragma once

#include <sake/actors/clock.hpp>
#include <sake/actors/deadline_wheel.hpp>
#include <sake/http/buffer.hpp>
#include <sake/http/date.hpp>

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::actors {

/// A thread, an `io_context` and an execution unit of CAF in one: what lives here runs on one
/// thread and needs no lock. Actors that are messaged from a reactor run on it; they are resumed
/// after the completion handler that messaged them.
///
/// Every completion handler begins with `wake` and ends with `settle`. Only `exec_later`, `post`
/// and `deliver` are safe from other threads.
class reactor final : public caf::execution_unit {
public:
  /// Something with output to send once what happens now is over.
  class flushable {
  public:
    virtual void flush() = 0;

  protected:
    flushable() = default;
    flushable(const flushable&) = delete;
    flushable& operator=(const flushable&) = delete;
    virtual ~flushable() = default;

  private:
    friend class reactor;
    bool waits_for_flush_ = false;
  };

  explicit reactor(caf::actor_system& system, std::size_t index = 0, const clock& time = clock::system());
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;
  ~reactor() override;

  /// Runs until `stop`, on the calling thread, which becomes the reactor's.
  void run();
  /// Makes `run` return soon. Safe from any thread.
  void stop();
  /// Handles what is ready now and returns: for tests, and for the last work at shutdown.
  void run_ready();

  /// Whether the calling thread is the reactor's.
  [[nodiscard]] bool is_here() const noexcept { return current_ == this; }
  /// The reactor whose thread this is, or null.
  [[nodiscard]] static reactor* current() noexcept { return current_; }

  [[nodiscard]] boost::asio::io_context& io() noexcept { return io_; }
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

  // -- work ---------------------------------------------------------------------

  /// Has `what` resumed on this reactor. Takes over one reference. Safe from any thread.
  void exec_later(caf::resumable* what) override;

  /// Calls `function` on this reactor. Safe from any thread.
  void post(std::function<void()> function);

  /// Brings a message to an actor of this reactor that has no mailbox. Safe from any thread.
  void deliver(caf::strong_actor_ptr receiver, caf::mailbox_element_ptr message);

  /// Flushes `what` when what happens now is over; once, however often it is asked for.
  void flush_later(flushable& what);
  /// Drops a reference when what happens now is over: for an actor that may be in the midst of it.
  void release_later(caf::strong_actor_ptr last) { released_.push_back(std::move(last)); }
  /// Forgets what `flush_later` asked for.
  void forget(flushable& what) noexcept;

  // -- time ---------------------------------------------------------------------

  /// The time as of the current completion handler, some milliseconds behind at most.
  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] time_point exact_now() const noexcept { return clock_->now(); }
  void arm(deadline& what, time_point when);
  void disarm(deadline& what) noexcept { wheel_.disarm(what); }
  /// "Date: …\r\n" for now.
  [[nodiscard]] std::string_view date_line();

  // -- buffers that one connection at a time borrows ------------------------------

  static constexpr std::size_t input_bytes = 64 * 1024;
  [[nodiscard]] char* input() noexcept { return input_.get(); }
  [[nodiscard]] http::buffer& output() noexcept { return output_; }

  // -- completion handlers --------------------------------------------------------

  /// Begins a completion handler.
  void wake() noexcept { now_ = clock_->coarse_now(); }
  /// Ends a completion handler: resumes actors that were messaged, then flushes.
  void settle();

private:
  struct item;
  struct resume_item;
  struct function_item;
  struct message_item;

  void push(item* what) noexcept;
  void wait_for_inbox();
  void drain_inbox();
  void resume_ready();
  void on_timer();
  void set_timer();

  static inline constinit thread_local reactor* current_ = nullptr;

  const clock* clock_;
  std::size_t index_;
  boost::asio::io_context io_;
  std::deque<caf::resumable*> ready_;
  std::vector<flushable*> unflushed_;
  std::vector<caf::strong_actor_ptr> released_;
  deadline_wheel wheel_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
    timer_;
  time_point timer_due_ = time_point::max();
  time_point now_;
  http::date_clock date_;
  std::string_view date_line_;
  time_point date_due_ = time_point::min();
  std::unique_ptr<char[]> input_;
  http::buffer output_;
  std::atomic<item*> inbox_{nullptr};
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> bell_;
};

} // namespace sake::actors
