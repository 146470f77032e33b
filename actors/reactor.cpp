#include <sake/actors/reactor.hpp>

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/sec.hpp>

#include <boost/asio/post.hpp>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace sake::actors {

namespace {

// Messages that one actor handles before the next has its turn.
constexpr std::size_t max_throughput = 100;

// Turns of actors in one turn of the reactor.
constexpr std::size_t most_resumes = 1000;

// Handlers of the io_context that `run_ready` calls at most.
constexpr int most_handlers = 1000;

// Batches of events before timers and other handlers of the io_context have their turn.
constexpr int most_rounds = 16;

// Output memory that a reactor keeps between two flushes.
constexpr std::size_t kept_output = 256 * 1024;

// A new descriptor, or an exception that names the call.
int checked(int fd, const char* call) {
  if (fd < 0)
    throw std::system_error(errno, std::generic_category(), call);
  return fd;
}

} // namespace

// -- the inbox: what other threads hand over ----------------------------------------

// A lock would let a worker of the idle scheduling class, taken off its core at the wrong moment,
// stop the reactor; so the inbox is a list that is pushed to by compare-and-swap and taken whole.
struct reactor::item {
  virtual ~item() = default;
  virtual void handle(reactor& here) = 0;
  item* next = nullptr;
};

struct reactor::resume_item final : item {
  explicit resume_item(caf::resumable* r) noexcept : what(r) {}
  ~resume_item() override {
    if (what != nullptr)
      caf::intrusive_ptr_release(what);
  }
  void handle(reactor& here) override { here.ready_.push_back(std::exchange(what, nullptr)); }
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
  // Whoever asks an actor of a reactor that has retired gets an answer.
  ~message_item() override {
    if (message != nullptr)
      caf::detail::sync_request_bouncer{caf::make_error(caf::sec::request_receiver_down)}(*message);
  }
  void handle(reactor& here) override { receiver->enqueue(std::move(message), &here); }
  caf::strong_actor_ptr receiver;
  caf::mailbox_element_ptr message;
};

/// All that is in the inbox of a reactor that has retired.
struct reactor::last_item final : item {
  void handle(reactor&) override {}
  static last_item instance;
};
reactor::last_item reactor::last_item::instance;

bool reactor::has_retired(const item* newest) noexcept {
  return newest == &last_item::instance;
}

/// Rung by other threads: they have filled an empty inbox.
struct reactor::bell final : watch {
  explicit bell(reactor& r)
      : here(r), fd(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {}
  ~bell() override { ::close(fd); }

  void ring() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(fd, &one, sizeof one);
  }

  void on_events(std::uint32_t) override {
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto read = ::read(fd, &rings, sizeof rings);
    here.drain_inbox();
  }

  reactor& here;
  int fd;
};

// No locks inside: other threads reach a reactor through its inbox alone.
reactor::reactor(caf::actor_system& system, std::size_t index, const clock& time)
    : caf::execution_unit(&system),
      clock_(&time),
      index_(index),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),
      set_(io_, checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wheel_(time.now()),
      timer_(io_),
      now_(time.coarse_now()),
      input_(new char[input_bytes]),
      bell_(std::make_unique<bell>(*this)) {
  add(bell_->fd, EPOLLIN, *bell_);
  wait_for_events();
}

reactor::~reactor() {
  retire();
}

void reactor::retire() noexcept {
  item* left = inbox_.exchange(&last_item::instance, std::memory_order_acq_rel);
  while (left != nullptr && !has_retired(left))
    delete std::exchange(left, left->next);
  for (caf::resumable* each : std::exchange(ready_, {}))
    // An actor may have to be told to exit yet, and nobody else would resume it.
    if (each->subtype() == caf::resumable::scheduled_actor)
      system().scheduler().enqueue(each);
    else
      caf::intrusive_ptr_release(each);
}

void reactor::push(item* what) noexcept {
  item* head = inbox_.load(std::memory_order_relaxed);
  do {
    if (has_retired(head)) {
      delete what;
      return;
    }
    what->next = head;
  } while (!inbox_.compare_exchange_weak(head, what, std::memory_order_release,
                                         std::memory_order_relaxed));
  // Whoever fills an empty inbox rings; everybody else comes with that ring.
  if (head == nullptr)
    bell_->ring();
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
    taken->handle(*this);
  }
  return true;
}

// -- descriptors ----------------------------------------------------------------------

void reactor::add(int fd, std::uint32_t events, watch& what) {
  epoll_event wanted{};
  wanted.events = events | EPOLLET;
  wanted.data.ptr = &what;
  checked(::epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, fd, &wanted), "epoll_ctl");
}

void reactor::modify(int fd, std::uint32_t events, watch& what) noexcept {
  epoll_event wanted{};
  wanted.events = events | EPOLLET;
  wanted.data.ptr = &what;
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_MOD, fd, &wanted);
}

void reactor::remove(int fd, watch& what) noexcept {
  ::epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, fd, nullptr);
  // It may be in the batch that is being told.
  for (std::size_t i = 0; i < batch_left_; ++i)
    if (batch_[i].data.ptr == &what)
      batch_[i].data.ptr = nullptr;
  for (auto* list : {&again_, &telling_})
    for (auto& [who, events] : *list)
      if (who == &what)
        who = nullptr;
}

void reactor::again(watch& what, std::uint32_t events) {
  if (again_.empty())
    boost::asio::post(io_, [this] { handle_again(); });
  again_.emplace_back(&what, events);
}

void reactor::wait_for_events() {
  set_.async_wait(set_.wait_read, [this](const boost::system::error_code& ec) {
    if (ec)
      return;
    handle_events();
    wait_for_events();
  });
}

// Under load the next batch is there when one has been handled: asking for it here saves the way
// through the io_context, which costs as much as some requests. A lone event is hardly followed by
// another. Whatever is left ready makes the set ready again.
void reactor::handle_events() {
  for (int round = 0; round < most_rounds && handle_batch() > 1; ++round) {
  }
}

std::size_t reactor::handle_batch() {
  const int ready =
      ::epoll_wait(set_.native_handle(), batch_.data(), static_cast<int>(batch_.size()), 0);
  if (ready <= 0)
    return 0;
  const turn now{*this};
  // From the back, so that what is left is at the front.
  for (batch_left_ = static_cast<std::size_t>(ready); batch_left_ > 0;) {
    const epoll_event& next = batch_[--batch_left_];
    if (next.data.ptr != nullptr)
      static_cast<watch*>(next.data.ptr)->on_events(next.events);
  }
  return static_cast<std::size_t>(ready);
}

void reactor::handle_again() {
  const turn now{*this};
  telling_.swap(again_);
  for (std::size_t i = 0; i < telling_.size(); ++i)
    if (const auto [who, events] = telling_[i]; who != nullptr)
      who->on_events(events);
  telling_.clear();
}

// -- running ------------------------------------------------------------------------

void reactor::run() {
  const stay here{*this};
  const auto guard = boost::asio::make_work_guard(io_);
  io_.run();
}

void reactor::stop() {
  post([this] { io_.stop(); });
}

bool reactor::run_ready() {
  const stay here{*this};
  io_.restart();
  bool had_work = !ready_.empty();
  {
    const turn now{*this};
    had_work = drain_inbox() || had_work;
  }
  // The timer goes by the machine's clock, which need not be ours.
  if (is_due()) {
    on_timer();
    had_work = true;
  }
  for (int i = 0; i < most_handlers && io_.poll_one() > 0; ++i)
    had_work = true;
  return had_work;
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
  on_timer();
}

void reactor::handle_post() {
  const stay here{*this};
  const turn now{*this};
  const std::unique_ptr<item> taken{take_oldest_post()};
  if (taken == nullptr)
    return;
  taken->handle(*this);
}

// Takes the whole list, and puts all but its end back, below what has come meanwhile.
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
    push(new resume_item(what));
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
    if (next->resume(this, max_throughput) == caf::resumable::resume_later)
      had_their_share_.push_back(next);
    else
      caf::intrusive_ptr_release(next);
  }
}

// Actors that always have a message must not keep sockets, deadlines and other threads waiting.
void reactor::resume_next_turn() {
  ready_.insert(ready_.end(), had_their_share_.begin(), had_their_share_.end());
  had_their_share_.clear();
  if (!ready_.empty() && !std::exchange(comes_back_, true))
    boost::asio::post(io_, [this] {
      comes_back_ = false;
      const turn now{*this};
    });
}

void reactor::settle() {
  resumes_left_ = most_resumes;
  for (;;) {
    if (!ready_.empty())
      resume_ready();
    if (unflushed_.empty())
      break;
    // A flush may lead to new messages, and those to new output.
    while (!unflushed_.empty()) {
      flushable* next = unflushed_.back();
      unflushed_.pop_back();
      next->waits_for_flush_ = false;
      next->flush();
    }
  }
  if (!ready_.empty() || !had_their_share_.empty())
    resume_next_turn();
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

void reactor::forget(flushable& what) noexcept {
  if (std::exchange(what.waits_for_flush_, false))
    std::erase(unflushed_, &what);
}

// -- time ---------------------------------------------------------------------------

void reactor::arm(deadline& what, time_point when) {
  wheel_.arm(what, when);
  if (when < timer_due_)
    set_timer();
}

void reactor::set_timer() {
  const auto next = wheel_.next();
  if (!next || *next >= timer_due_)
    return;
  timer_due_ = *next;
  timer_.expires_at(*next);
  timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec)
      on_timer();
  });
}

void reactor::on_timer() {
  timer_due_ = time_point::max();
  {
    const turn now{*this};
    wheel_.advance(clock_->now());
  }
  set_timer();
}

std::string_view reactor::date_line() {
  if (now_ >= date_due_) {
    date_line_ = date_.line(clock_->time_of_day());
    // A tenth of a second: the field shows seconds, and asking the time costs as much as encoding.
    date_due_ = now_ + std::chrono::milliseconds{100};
  }
  return date_line_;
}

} // namespace sake::actors
