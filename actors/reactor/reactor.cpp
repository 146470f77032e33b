#include "reactor.hpp"

#include "../../http/detail/spare_octets.hpp"
#include "../../routing/offload.hpp"
#include "detail/failure.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/sec.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace sake::actors {

namespace {

// Resumptions of actors in one turn of the reactor.
constexpr std::size_t max_resumes = 1000;

// Batches of events that `run_ready` handles at most.
constexpr int max_rounds = 1000;

// Memory that a thread keeps for large content, and for how long.
constexpr std::size_t spare_bytes = 4 * 1024 * 1024;
constexpr std::chrono::seconds spare_time{5};

// Batches that are handled before deadlines expire: enough to read all octets that the kernel holds
// for a connection (`tcp_rmem`), `input_bytes` at a time.
constexpr int max_rounds_before_expiry = 128;

// Interval at which unclaimed tasks are offered to idle workers again.
constexpr int look_interval_ms = 5;

// Output memory that a reactor keeps between two flushes.
constexpr std::size_t kept_output = 256 * 1024;

} // namespace

// The barrier for exceptions: a failing handler ends neither the process nor the work after it.
template <class Function>
bool reactor::contain(std::string_view where, Function function) noexcept {
  if (detail::contain(where, function))
    return true;
  activity_.end();
  return false;
}

// -- the inbox: items from other threads --------------------------------------------

// With a lock, a worker of the idle scheduling class that loses its core at the wrong moment could
// stop the reactor. So the inbox is a list: pushed to by compare-and-swap, and taken whole.
struct reactor::item {
  virtual ~item() = default;
  virtual void handle(reactor& here) = 0;
  item* next = nullptr;
};

struct reactor::resume_item final : item {
  resume_item(reactor& to, caf::resumable* r) noexcept : here(to), what(r) {}
  ~resume_item() override {
    if (what != nullptr)
      here.turn_away(what);
  }
  void handle(reactor&) override { here.ready_.push_back(std::exchange(what, nullptr)); }
  reactor& here;
  caf::resumable* what;
};

struct reactor::function_item final : item {
  explicit function_item(std::function<void()> f) noexcept : function(std::move(f)) {}
  void handle(reactor&) override { function(); }
  std::function<void()> function;
};

struct reactor::message_item final : item {
  message_item(caf::strong_actor_ptr r, caf::mailbox_element_ptr m) noexcept
      : receiver(std::move(r)), message(std::move(m)) {}
  // Requests to an actor of a retired reactor get an error response.
  ~message_item() override {
    if (message != nullptr)
      caf::detail::sync_request_bouncer{caf::make_error(caf::sec::request_receiver_down)}(*message);
  }
  void handle(reactor& here) override { receiver->enqueue(std::move(message), &here); }
  caf::strong_actor_ptr receiver;
  caf::mailbox_element_ptr message;
};

/// The only item in the inbox of a retired reactor.
struct reactor::last_item final : item {
  void handle(reactor&) override {}
  static last_item instance;
};
reactor::last_item reactor::last_item::instance;

bool reactor::has_retired(const item* newest) noexcept {
  return newest == &last_item::instance;
}

/// Other threads ring it after they have put an item into the inbox of a waiting reactor. The loop
/// looks into the inbox after every wake-up, and each ring is a new edge, so the descriptor is
/// never read.
struct reactor::wakeup_fd final : io_handler {
  void ring() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd.get(), &one, sizeof one);
  }
  void on_events(std::uint32_t) override {}

  detail::descriptor fd{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd"};
};

// Frees the memory that the thread keeps for large content, a while after it began to keep some.
struct reactor::spare_memory final : deadline {
  void expired(time_point) override { http::detail::spare_octets::drop(); }
};

/// Fires when a deadline may be due. Setting it again clears its readiness, so it is never read
/// either.
struct reactor::timer_fd final : io_handler {
  explicit timer_fd(reactor& r) : here(r) {}

  void set(time_point when) noexcept {
    due = when;
    using namespace std::chrono;
    // Zero would disarm the timer.
    const auto since_start = std::max<nanoseconds>(when.time_since_epoch(), nanoseconds{1});
    const auto whole = duration_cast<seconds>(since_start);
    itimerspec at{};
    at.it_value.tv_sec = whole.count();
    at.it_value.tv_nsec = (since_start - whole).count();
    ::timerfd_settime(fd.get(), TFD_TIMER_ABSTIME, &at, nullptr);
  }
  void on_events(std::uint32_t) override {
    due = time_point::max();
    here.is_expiring_ = true;
  }

  reactor& here;
  detail::descriptor fd{::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC),
                        "timerfd_create"};
  time_point due = time_point::max();
};

reactor::reactor(caf::actor_system& system, std::size_t index, const clock& time)
    : caf::execution_unit(&system),
      clock_(&time),
      index_(index),
      set_(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1"),
      wheel_(time.now()),
      timer_fd_(std::make_unique<timer_fd>(*this)),
      now_(time.coarse_now()),
      input_(new char[input_bytes]),
      wakeup_fd_(std::make_unique<wakeup_fd>()),
      spare_memory_(std::make_unique<spare_memory>()) {
  add(wakeup_fd_->fd.get(), EPOLLIN, *wakeup_fd_);
  add(timer_fd_->fd.get(), EPOLLIN, *timer_fd_);
}

reactor::~reactor() {
  retire();
}

void reactor::retire() noexcept {
  item* left = inbox_.exchange(&last_item::instance, std::memory_order_acq_rel);
  while (left != nullptr && !has_retired(left))
    delete std::exchange(left, left->next);
  offered_.clear();
  for (caf::resumable* each : std::exchange(ready_, {}))
    turn_away(each);
}

// A scheduled actor has messages, such as the exit message, and is woken only for the first of
// them.
void reactor::turn_away(caf::resumable* what) noexcept {
  if (what->subtype() == caf::resumable::scheduled_actor)
    system().scheduler().enqueue(what);
  else
    caf::intrusive_ptr_release(what);
}

void reactor::push(item* what) noexcept {
  item* head = inbox_.load(std::memory_order_relaxed);
  do {
    if (has_retired(head)) {
      delete what;
      return;
    }
    what->next = head;
  } while (!inbox_.compare_exchange_weak(head, what, std::memory_order_seq_cst,
                                         std::memory_order_relaxed));
  // Every pusher rings, not only the first: a worker of the idle class may lose its core right
  // here.
  if (is_waiting_.load(std::memory_order_seq_cst))
    wakeup_fd_->ring();
}

bool reactor::drain_inbox() {
  if (!has_posts())
    return false;
  item* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  item* oldest = nullptr;
  while (newest != nullptr) {
    item* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    const std::unique_ptr<item> taken{std::exchange(oldest, oldest->next)};
    contain("what another thread handed over", [&] { taken->handle(*this); });
  }
  return true;
}

// -- descriptors ----------------------------------------------------------------------

void reactor::add(int fd, std::uint32_t events, io_handler& what) {
  epoll_event wanted{};
  wanted.events = events | EPOLLET;
  wanted.data.ptr = &what;
  if (::epoll_ctl(set_.get(), EPOLL_CTL_ADD, fd, &wanted) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}

void reactor::modify(int fd, std::uint32_t events, io_handler& what) noexcept {
  epoll_event wanted{};
  wanted.events = events | EPOLLET;
  wanted.data.ptr = &what;
  ::epoll_ctl(set_.get(), EPOLL_CTL_MOD, fd, &wanted);
}

void reactor::remove(int fd, io_handler& what) noexcept {
  ::epoll_ctl(set_.get(), EPOLL_CTL_DEL, fd, nullptr);
  // The rest of the batch has one event for each handler, and none for the one that was just told.
  const bool was_told = batch_left_ < batch_count_ && batch_[batch_left_].data.ptr == &what;
  for (std::size_t i = 0; i < batch_left_ && !was_told; ++i)
    if (batch_[i].data.ptr == &what)
      batch_[i].data.ptr = nullptr;
  for (auto* list : {&requeued_, &dispatching_})
    for (auto& [who, events] : *list)
      if (who == &what)
        who = nullptr;
}

void reactor::requeue(io_handler& what, std::uint32_t events) {
  requeued_.emplace_back(&what, events);
}

// -- running ------------------------------------------------------------------------

void reactor::run() {
  const stay here{*this};
  activity_.set_thread(detail::thread_identity::here());
  using http::detail::spare_octets;
  spare_octets::set_limit(spare_bytes);
  while (!is_stopped_) {
    if (spare_octets::held() != 0 && !spare_memory_->is_armed()) [[unlikely]]
      arm(*spare_memory_, now() + spare_time);
    set_timer();
    run_once(true);
    if (std::exchange(is_expiring_, false))
      expire_heard();
  }
  spare_octets::set_limit(0);
  is_stopped_ = false;
}

// After a pause of the process, input that clients sent in time is pending beside deadlines that
// have passed and that the input would move: so the input is read first. One round as a rule; more
// while a batch is full or handlers are requeued.
void reactor::expire_heard() {
  for (int round = 0; round < max_rounds_before_expiry; ++round) {
    run_once(false);
    if (batch_count_ < batch_size && requeued_.empty())
      break;
  }
  is_expiring_ = false;
  expire();
}

void reactor::stop() {
  post([this] { is_stopped_ = true; });
}

bool reactor::run_ready() {
  const stay here{*this};
  bool had_work = false;
  for (int round = 0; round < max_rounds && run_once(false); ++round)
    had_work = true;
  // The timer is set only in `run`; and the clock need not be the machine's.
  if (!is_due())
    return had_work;
  expire();
  return true;
}

// Handles each ready event once; its consequences wait for the next call.
bool reactor::run_once(bool may_wait) {
  await_batch(may_wait && requeued_.empty() && ready_.empty());
  if (!offered_.empty())
    offer_again();
  // Inside another turn, that turn resumes the ready actors when it ends.
  const bool resumes = turns_ == 0 && !ready_.empty();
  const bool had_work = batch_left_ > 0 || !requeued_.empty() || resumes;
  const turn now{*this};
  const bool had_posts = drain_inbox();
  if (dispatching_.empty())
    dispatching_.swap(requeued_);
  handle_batch();
  handle_requeued();
  return had_work || had_posts;
}

void reactor::await_batch(bool may_wait) noexcept {
  // When called during a batch, the rest of that batch comes first.
  if (batch_left_ > 0)
    return;
  // In this order, and in one total order with `push`: if we do not see a pushed item, its pusher
  // sees that we wait.
  if (may_wait)
    is_waiting_.store(true, std::memory_order_seq_cst);
  const bool waits = may_wait && !has_posts();
  const int patience = !waits ? 0 : offered_.empty() ? -1 : look_interval_ms;
  const int count =
      ::epoll_wait(set_.get(), batch_.data(), static_cast<int>(batch_.size()), patience);
  if (may_wait)
    is_waiting_.store(false, std::memory_order_relaxed);
  batch_count_ = batch_left_ = static_cast<std::size_t>(std::max(count, 0));
}

void reactor::handle_batch() {
  // From the back, so that the remaining events are at the front.
  while (batch_left_ > 0) {
    const epoll_event& next = batch_[--batch_left_];
    if (next.data.ptr != nullptr)
      tell(*static_cast<io_handler*>(next.data.ptr), next.events);
  }
}

void reactor::handle_requeued() {
  while (!dispatching_.empty()) {
    const auto [who, events] = dispatching_.back();
    dispatching_.pop_back();
    if (who != nullptr)
      tell(*who, events);
  }
}

void reactor::tell(io_handler& what, std::uint32_t events) {
  contain("the handling of a descriptor", [&] { what.on_events(events); });
}

void reactor::offer(const std::shared_ptr<routing::work>& task, idle_workers& others) noexcept {
  try {
    offered_.emplace_back(task, &others);
  } catch (const std::bad_alloc&) {
    // The task stays with its worker.
  }
}

void reactor::offer_again() {
  std::erase_if(offered_, [](const auto& each) {
    const auto task = each.first.lock();
    return task == nullptr || task->has_begun() || each.second->steal(task);
  });
}

bool reactor::is_due() const noexcept {
  const auto next = wheel_.next();
  return next && *next <= clock_->now();
}

bool reactor::has_retired() const noexcept {
  return has_retired(inbox_.load(std::memory_order_relaxed));
}

void reactor::handle_due() {
  const stay here{*this};
  expire();
}

void reactor::handle_post() {
  const stay here{*this};
  const turn now{*this};
  const std::unique_ptr<item> taken{take_oldest_post()};
  if (taken != nullptr)
    contain("what another thread handed over", [&] { taken->handle(*this); });
}

// Takes the whole list, and puts all but the oldest back, below items pushed since.
reactor::item* reactor::take_oldest_post() noexcept {
  if (!has_posts())
    return nullptr;
  item* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  item** last = &newest;
  while (*last != nullptr && (*last)->next != nullptr)
    last = &(*last)->next;
  item* const oldest = std::exchange(*last, nullptr);
  for (item* none = nullptr; newest != nullptr; none = nullptr) {
    if (inbox_.compare_exchange_strong(none, newest, std::memory_order_acq_rel))
      break;
    item* const newer = inbox_.exchange(nullptr, std::memory_order_acquire);
    item* end = newer;
    while (end->next != nullptr)
      end = end->next;
    end->next = std::exchange(newest, newer);
  }
  return oldest;
}

void reactor::exec_later(caf::resumable* what) {
  if (is_here())
    ready_.push_back(what);
  else
    push(new resume_item(*this, what));
}

void reactor::post(std::function<void()> function) {
  push(new function_item(std::move(function)));
}

void reactor::deliver(caf::strong_actor_ptr receiver, caf::mailbox_element_ptr message) {
  push(new message_item(std::move(receiver), std::move(message)));
}

void reactor::resume_ready() {
  for (; !ready_.empty() && resumes_left_ > 0; --resumes_left_) {
    caf::resumable* next = ready_.front();
    ready_.pop_front();
    if (detail::resume(*next, *this) == caf::resumable::resume_later)
      yielded_.push_back(next);
    else
      caf::intrusive_ptr_release(next);
  }
}

void reactor::settle() {
  resumes_left_ = max_resumes;
  for (;;) {
    if (!ready_.empty())
      resume_ready();
    if (unflushed_.empty())
      break;
    // A flush may lead to new messages, and these to new output.
    while (!unflushed_.empty()) {
      flushable* next = unflushed_.back();
      unflushed_.pop_back();
      next->waits_for_flush_ = false;
      contain("a flush", [&] { next->flush(); });
    }
  }
  // Actors that always have a message must not delay sockets, deadlines and other threads.
  if (!yielded_.empty()) {
    ready_.insert(ready_.end(), yielded_.begin(), yielded_.end());
    yielded_.clear();
  }
  if (!released_.empty())
    released_.clear();
  if (output_.capacity() > kept_output)
    output_.release();
}

void reactor::flush_later(flushable& what) {
  if (!what.waits_for_flush_) {
    what.waits_for_flush_ = true;
    unflushed_.push_back(&what);
  }
}

void reactor::release_later(caf::strong_actor_ptr last) noexcept {
  try {
    released_.push_back(last);
  } catch (...) {
    (void)last.release();
  }
}

void reactor::forget(flushable& what) noexcept {
  if (std::exchange(what.waits_for_flush_, false))
    std::erase(unflushed_, &what);
}

// -- time ---------------------------------------------------------------------------

// Never later than the next armed deadline. May fire early, if that deadline was disarmed.
void reactor::set_timer() noexcept {
  if (const auto next = wheel_.next(); next && *next < timer_fd_->due)
    timer_fd_->set(*next);
}

void reactor::expire() {
  const turn now{*this};
  // If a deadline throws, the due deadlines after it expire in the next call.
  contain("a deadline", [&] { wheel_.advance(clock_->now()); });
}

std::string_view reactor::date_line() {
  if (now_ >= date_due_) {
    date_line_ = date_.line(clock_->time_of_day());
    // A tenth of a second: the field shows seconds, and reading the time costs as much as encoding.
    date_due_ = now_ + std::chrono::milliseconds{100};
  }
  return date_line_;
}

} // namespace sake::actors
