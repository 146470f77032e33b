// A thread, an epoll set and an execution unit of CAF in one.
#pragma once

#include "../../http/http1/date.hpp"
#include "../../http/output.hpp"
#include "activity.hpp"
#include "clock.hpp"
#include "deadline_wheel.hpp"
#include "detail/descriptor.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/resumable.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <sys/epoll.h>

namespace sake::routing {
class work;
} // namespace sake::routing

namespace sake::actors {

/// A thread, an epoll set and an execution unit of CAF in one. Objects of a reactor run on its
/// thread and need no lock. Actors that are messaged from a reactor run on it; they are resumed at
/// the end of the turn that messaged them. An actor that always has another message shares the
/// reactor with all other work, turn by turn.
///
/// Descriptors are registered once and edge-triggered, so that a request costs no change of the
/// set, and ready descriptors are handled in one batch. Only `exec_later`, `post` and `deliver` are
/// safe from other threads; they stay safe as long as the reactor exists, even after `retire`.
class reactor final : public caf::execution_unit {
public:
  /// An object with output to send at the end of the turn.
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

  /// The handler of a file descriptor.
  class io_handler {
  public:
    /// Receives the events that epoll_wait(2) reports for the descriptor, in a turn of the reactor.
    virtual void on_events(std::uint32_t events) = 0;

  protected:
    io_handler() = default;
    io_handler(const io_handler&) = delete;
    io_handler& operator=(const io_handler&) = delete;
    virtual ~io_handler() = default;
  };

  /// A pool with workers on other cores.
  class idle_workers {
  public:
    /// Gives a task that waits for a worker on the reactor's core to an idle worker. The first
    /// worker to reach the task runs it.
    /// @returns false when there is no idle worker
    virtual bool steal(std::shared_ptr<routing::work> task) = 0;

  protected:
    idle_workers() = default;
    idle_workers(const idle_workers&) = delete;
    idle_workers& operator=(const idle_workers&) = delete;
    virtual ~idle_workers() = default;
  };

  /// A turn: the scope in which the reactor handles one event or a batch, with all consequences.
  /// Every entry into the reactor's actors opens one. When the outermost turn ends, actors that
  /// were messaged are resumed, then pending output is flushed.
  class turn {
  public:
    explicit turn(reactor& here) noexcept : reactor_(here) {
      if (reactor_.turns_++ == 0)
        reactor_.wake();
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() {
      if (reactor_.turns_ == 1)
        reactor_.settle();
      --reactor_.turns_;
    }

  private:
    reactor& reactor_;
  };

  /// The scope in which the calling thread is the reactor's thread.
  class stay {
  public:
    explicit stay(reactor& here) noexcept : before_(std::exchange(current_, &here)) {}
    stay(const stay&) = delete;
    stay& operator=(const stay&) = delete;
    ~stay() { current_ = before_; }

  private:
    reactor* before_;
  };

  explicit reactor(caf::actor_system& system, std::size_t index = 0,
                   const clock& time = clock::system());
  reactor(const reactor&) = delete;
  reactor& operator=(const reactor&) = delete;
  ~reactor() override;

  /// Runs until `stop`, on the calling thread, which becomes the reactor's thread.
  void run();
  /// Makes `run` return soon. Safe from any thread.
  void stop();
  /// Handles all ready events, posts and deadlines, and returns. For tests, and for the last work
  /// at shutdown.
  /// @returns whether there was anything to handle
  bool run_ready();
  /// Accepts nothing more: functions and messages that were not handled or come later are dropped
  /// (requests get `request_receiver_down`), and scheduled actors go to CAF's scheduler. The
  /// reactor must not be running. It may be destroyed when no thread can use it any more, that is
  /// after the actor system.
  void retire() noexcept;
  /// Safe from any thread.
  [[nodiscard]] bool has_retired() const noexcept;

  // -- one thing at a time: for simulations, in place of `run` ----------------------

  /// Returns whether the inbox holds an item that was posted, by this thread or another.
  [[nodiscard]] bool has_posts() const noexcept {
    const item* const newest = inbox_.load();
    return newest != nullptr && !has_retired(newest);
  }
  /// Handles only the oldest item of the inbox.
  void handle_post();
  /// Returns when a deadline may be due; empty when none is armed.
  [[nodiscard]] std::optional<time_point> next_due() const noexcept { return wheel_.next(); }
  [[nodiscard]] bool is_due() const noexcept;
  /// Expires the deadlines that are due.
  void handle_due();

  /// Returns whether the calling thread is the reactor's thread.
  [[nodiscard]] bool is_here() const noexcept { return current_ == this; }
  /// The reactor of the calling thread, or null.
  [[nodiscard]] static reactor* current() noexcept { return current_; }

  [[nodiscard]] std::size_t index() const noexcept { return index_; }

  // -- work ---------------------------------------------------------------------

  /// Offers `task`, queued on this core's worker, to idle workers of `others` until a worker begins
  /// it. `others` must outlive the reactor's turns. Does nothing when memory is short.
  void offer(const std::shared_ptr<routing::work>& task, idle_workers& others) noexcept;
  /// Returns whether this turn had so few events that the reactor will wait soon.
  [[nodiscard]] bool is_lightly_loaded() const noexcept { return batch_count_ <= light_load; }

  /// Resumes `what` on this reactor. Takes over one reference. Safe from any thread.
  void exec_later(caf::resumable* what) override;

  /// Calls `function` on this reactor. Safe from any thread.
  void post(std::function<void()> function);

  /// Delivers a message to an actor of this reactor that has no mailbox. Safe from any thread.
  void deliver(caf::strong_actor_ptr receiver, caf::mailbox_element_ptr message);

  /// Flushes `what` once at the end of the turn, however often this is called.
  void flush_later(flushable& what);
  /// Releases a reference at the end of the turn, for an actor that may still be executing. If
  /// memory is short, the reference is leaked and the actor stays forever.
  void release_later(caf::strong_actor_ptr last) noexcept;
  /// Undoes `flush_later`.
  void forget(flushable& what) noexcept;

  /// The route that holds this reactor, for the watchdog.
  [[nodiscard]] actors::activity& activity() noexcept { return activity_; }

  // -- descriptors ----------------------------------------------------------------

  /// Reports `events` on `fd` to `what`, edge-triggered. Throws `std::system_error`.
  void add(int fd, std::uint32_t events, io_handler& what);
  /// Changes the events, and reports pending ones.
  void modify(int fd, std::uint32_t events, io_handler& what) noexcept;
  /// Stops all reports to `what`. Must be called before `fd` is closed.
  void remove(int fd, io_handler& what) noexcept;
  /// Reports `events` to `what` once more, after the other ready descriptors: for a handler that
  /// stopped before its descriptor was drained.
  void requeue(io_handler& what, std::uint32_t events);

  // -- time ---------------------------------------------------------------------

  /// The time at the start of the current turn, some milliseconds behind at most.
  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] time_point exact_now() const noexcept { return clock_->now(); }
  void arm(deadline& what, time_point when) noexcept { wheel_.arm(what, when); }
  void disarm(deadline& what) noexcept { wheel_.disarm(what); }
  /// "Date: …\r\n" for now.
  [[nodiscard]] std::string_view date_line();

  // -- buffers that one connection at a time borrows ------------------------------

  static constexpr std::size_t input_bytes = 64 * 1024;
  [[nodiscard]] char* input() noexcept { return input_.get(); }
  [[nodiscard]] http::output& output() noexcept { return output_; }

private:
  /// Descriptors per batch, at most.
  static constexpr std::size_t batch_size = 256;
  /// Events in a batch that take only some tens of microseconds to handle.
  static constexpr std::size_t light_load = 8;

  struct spare_memory;
  struct wakeup_fd;
  struct timer_fd;
  struct item;
  struct resume_item;
  struct function_item;
  struct message_item;
  struct last_item;

  template <class Function>
  bool contain(std::string_view where, Function function) noexcept;
  void wake() noexcept { now_ = clock_->coarse_now(); }
  void settle();
  bool run_once(bool may_wait);
  void await_batch(bool may_wait) noexcept;
  void handle_batch();
  void tell(io_handler& what, std::uint32_t events);
  void handle_requeued();
  void offer_again();
  void push(item* what) noexcept;
  /// Passes on `what` after `retire`: a scheduled actor to CAF's scheduler, else its reference is
  /// released.
  void turn_away(caf::resumable* what) noexcept;
  [[nodiscard]] static bool has_retired(const item* newest) noexcept;
  /// Returns false when the inbox was empty.
  bool drain_inbox();
  item* take_oldest_post() noexcept;
  void resume_ready();
  void set_timer() noexcept;
  void expire();
  void expire_heard();

  static inline constinit thread_local reactor* current_ = nullptr;

  const clock* clock_;
  std::size_t index_;
  detail::descriptor set_;
  std::array<epoll_event, batch_size> batch_;
  std::size_t batch_count_ = 0;
  std::size_t batch_left_ = 0;
  std::vector<std::pair<io_handler*, std::uint32_t>> requeued_;
  std::vector<std::pair<io_handler*, std::uint32_t>> dispatching_;
  std::deque<caf::resumable*> ready_;
  /// Actors that used up their messages per turn and have more.
  std::vector<caf::resumable*> yielded_;
  std::size_t resumes_left_ = 0;
  /// Weak, so that this list does not prolong the life of a task that a caller waits for.
  std::vector<std::pair<std::weak_ptr<routing::work>, idle_workers*>> offered_;
  std::vector<flushable*> unflushed_;
  std::vector<caf::strong_actor_ptr> released_;
  deadline_wheel wheel_;
  std::unique_ptr<timer_fd> timer_fd_;
  time_point now_;
  http::date_clock date_;
  std::string_view date_line_;
  time_point date_due_ = time_point::min();
  std::unique_ptr<char[]> input_;
  http::output output_;
  std::atomic<item*> inbox_{nullptr};
  /// Whether the reactor waits, or is about to. Other threads ring only then.
  std::atomic<bool> is_waiting_{false};
  std::unique_ptr<wakeup_fd> wakeup_fd_;
  std::unique_ptr<spare_memory> spare_memory_;
  bool is_stopped_ = false;
  /// The timer fired: deadlines expire after all ready events were handled.
  bool is_expiring_ = false;
  std::size_t turns_ = 0;
  actors::activity activity_;
};

} // namespace sake::actors
