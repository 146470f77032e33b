// A thread, an epoll set and an execution unit of CAF in one.
#pragma once

#include <sake/actors/clock.hpp>
#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/detail/descriptor.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/http/buffer.hpp>
#include <sake/http/date.hpp>

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

/// A thread, an epoll set and an execution unit of CAF in one: what lives here runs on one thread
/// and needs no lock. Actors that are messaged from a reactor run on it; they are resumed at the
/// end of the turn that messaged them. One that always has another message takes its turns between
/// those of everything else.
///
/// Descriptors are registered once and edge-triggered, so that a request costs no change of the
/// set, and what is ready is handled in one batch. Only `exec_later`, `post` and `deliver` are safe
/// from other threads; they are for as long as the reactor exists, also when it has retired.
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

  /// Something with a file descriptor.
  class watch {
  public:
    /// What epoll_wait(2) tells of the descriptor, in a turn of the reactor.
    virtual void on_events(std::uint32_t events) = 0;

  protected:
    watch() = default;
    watch(const watch&) = delete;
    watch& operator=(const watch&) = delete;
    virtual ~watch() = default;
  };

  /// Somebody with workers on other cores.
  class reserve {
  public:
    /// Gives a task that waits behind its own reactor to a worker that has nothing to do. Whichever
    /// worker gets to it first runs it.
    /// @returns false when there is none
    virtual bool pass_on(std::shared_ptr<routing::work> task) = 0;

  protected:
    reserve() = default;
    reserve(const reserve&) = delete;
    reserve& operator=(const reserve&) = delete;
    virtual ~reserve() = default;
  };

  /// The time in which one thing is handled, or a batch of them, with all that comes of it. Every
  /// way into the reactor's actors opens one; when the outermost ends, actors that were messaged
  /// are resumed, then what waits for it is flushed.
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

  /// The time in which the calling thread is the reactor's.
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

  /// Runs until `stop`, on the calling thread, which becomes the reactor's.
  void run();
  /// Makes `run` return soon. Safe from any thread.
  void stop();
  /// Handles what is ready now, deadlines included, and returns: for tests, and for the last work
  /// at shutdown.
  /// @returns whether there was anything
  bool run_ready();
  /// Takes in nothing more: what is handed over from now on, and what was not handled, is dropped.
  /// Where nothing runs here any more. The reactor may go when nobody can hand over anything, which
  /// is when the actor system has gone.
  void retire() noexcept;
  /// Safe from any thread.
  [[nodiscard]] bool has_retired() const noexcept;

  // -- one thing at a time: for simulations, in place of `run` ----------------------

  /// Whether something was handed over by another thread, or as if by one.
  [[nodiscard]] bool has_posts() const noexcept {
    const item* const newest = inbox_.load();
    return newest != nullptr && !has_retired(newest);
  }
  /// Handles the oldest thing that was handed over, and no other.
  void handle_post();
  /// When a deadline may be due; empty when none is armed.
  [[nodiscard]] std::optional<time_point> next_due() const noexcept { return wheel_.next(); }
  [[nodiscard]] bool is_due() const noexcept;
  /// Expires what is due.
  void handle_due();

  /// Whether the calling thread is the reactor's.
  [[nodiscard]] bool is_here() const noexcept { return current_ == this; }
  /// The reactor whose thread this is, or null.
  [[nodiscard]] static reactor* current() noexcept { return current_; }

  [[nodiscard]] std::size_t index() const noexcept { return index_; }

  // -- work ---------------------------------------------------------------------

  /// Has `others` pass `task` on for as long as nobody has begun it: it is with a worker on this
  /// core, who begins when nobody else wants the core. They outlive the reactor's turns. Does nothing
  /// where memory is short.
  void look_after(const std::shared_ptr<routing::work>& task, reserve& others) noexcept;
  /// Whether there was hardly anything else to do in this turn, so that the reactor will wait soon.
  [[nodiscard]] bool is_calm() const noexcept { return batch_count_ <= most_when_calm; }

  /// Has `what` resumed on this reactor. Takes over one reference. Safe from any thread.
  void exec_later(caf::resumable* what) override;

  /// Calls `function` on this reactor. Safe from any thread.
  void post(std::function<void()> function);

  /// Brings a message to an actor of this reactor that has no mailbox. Safe from any thread.
  void deliver(caf::strong_actor_ptr receiver, caf::mailbox_element_ptr message);

  /// Flushes `what` when the turn is over; once, however often it is asked for.
  void flush_later(flushable& what);
  /// Drops a reference when the turn is over: for an actor that may be in the midst of something.
  /// Where there is no memory to do so the actor stays for ever.
  void release_later(caf::strong_actor_ptr last) noexcept;
  /// Forgets what `flush_later` asked for.
  void forget(flushable& what) noexcept;

  /// Which route's handler is at work here, for the watchdog.
  [[nodiscard]] actors::activity& activity() noexcept { return activity_; }

  // -- descriptors ----------------------------------------------------------------

  /// Tells `what` of `events` on `fd`, edge-triggered. Throws `std::system_error`.
  void add(int fd, std::uint32_t events, watch& what);
  /// Changes the events, and tells of what is ready already.
  void modify(int fd, std::uint32_t events, watch& what) noexcept;
  /// Tells of nothing more. Before `fd` is closed.
  void remove(int fd, watch& what) noexcept;
  /// Tells `what` of `events` once more after what else is ready: for a descriptor that was left
  /// while it was ready still.
  void again(watch& what, std::uint32_t events);

  // -- time ---------------------------------------------------------------------

  /// The time as of the current turn, some milliseconds behind at most.
  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] time_point exact_now() const noexcept { return clock_->now(); }
  void arm(deadline& what, time_point when) noexcept { wheel_.arm(what, when); }
  void disarm(deadline& what) noexcept { wheel_.disarm(what); }
  /// "Date: …\r\n" for now.
  [[nodiscard]] std::string_view date_line();

  // -- buffers that one connection at a time borrows ------------------------------

  static constexpr std::size_t input_bytes = 64 * 1024;
  [[nodiscard]] char* input() noexcept { return input_.get(); }
  [[nodiscard]] http::buffer& output() noexcept { return output_; }

private:
  /// The descriptors that are told in one batch.
  static constexpr std::size_t batch_size = 256;
  /// So many events in one batch are handled in some tens of microseconds.
  static constexpr std::size_t most_when_calm = 8;

  struct bell;
  struct alarm;
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
  void tell(watch& what, std::uint32_t events);
  void handle_again();
  void pass_on_work();
  void push(item* what) noexcept;
  /// What becomes of `what` once the reactor has retired.
  void turn_away(caf::resumable* what) noexcept;
  [[nodiscard]] static bool has_retired(const item* newest) noexcept;
  /// False when the inbox was empty.
  bool drain_inbox();
  item* take_oldest_post() noexcept;
  void resume_ready();
  void set_alarm() noexcept;
  void expire();
  void expire_heard();

  static inline constinit thread_local reactor* current_ = nullptr;

  const clock* clock_;
  std::size_t index_;
  detail::descriptor set_;
  std::array<epoll_event, batch_size> batch_;
  std::size_t batch_count_ = 0;
  std::size_t batch_left_ = 0;
  std::vector<std::pair<watch*, std::uint32_t>> again_;
  std::vector<std::pair<watch*, std::uint32_t>> telling_;
  std::deque<caf::resumable*> ready_;
  /// Those that have handled as many messages as they may in this turn, and have more.
  std::vector<caf::resumable*> had_their_share_;
  std::size_t resumes_left_ = 0;
  /// Without a share in them: whoever waits for the end of a task does not wait for this list.
  std::vector<std::pair<std::weak_ptr<routing::work>, reserve*>> looked_after_;
  std::vector<flushable*> unflushed_;
  std::vector<caf::strong_actor_ptr> released_;
  deadline_wheel wheel_;
  std::unique_ptr<alarm> alarm_;
  time_point now_;
  http::date_clock date_;
  std::string_view date_line_;
  time_point date_due_ = time_point::min();
  std::unique_ptr<char[]> input_;
  http::buffer output_;
  std::atomic<item*> inbox_{nullptr};
  /// Whether it waits, or is about to: only then does whoever fills the inbox ring.
  std::atomic<bool> is_waiting_{false};
  std::unique_ptr<bell> bell_;
  bool is_stopped_ = false;
  /// The alarm went off: deadlines expire once all that is ready was handled.
  bool is_expiring_ = false;
  std::size_t turns_ = 0;
  actors::activity activity_;
};

} // namespace sake::actors
