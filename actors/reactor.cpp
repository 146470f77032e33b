#include <sake/actors/reactor.hpp>

#include <caf/abstract_actor.hpp>

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

// Output memory that a reactor keeps between two flushes.
constexpr std::size_t kept_output = 256 * 1024;

int make_bell() {
  const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0)
    throw std::system_error(errno, std::generic_category(), "eventfd");
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
  void handle(reactor& here) override { receiver->enqueue(std::move(message), &here); }
  caf::strong_actor_ptr receiver;
  caf::mailbox_element_ptr message;
};

// No locks inside: other threads reach a reactor through its inbox alone.
reactor::reactor(caf::actor_system& system, std::size_t index, const clock& time)
  : caf::execution_unit(&system), clock_(&time), index_(index), io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),
    wheel_(time.now()), timer_(io_), now_(time.coarse_now()), input_(new char[input_bytes]), bell_(io_, make_bell()) {
  wait_for_inbox();
}

reactor::~reactor() {
  for (item* at = inbox_.exchange(nullptr); at != nullptr;)
    delete std::exchange(at, at->next);
  for (caf::resumable* left : ready_)
    caf::intrusive_ptr_release(left);
}

void reactor::push(item* what) noexcept {
  item* head = inbox_.load(std::memory_order_relaxed);
  do
    what->next = head;
  while (!inbox_.compare_exchange_weak(head, what, std::memory_order_release, std::memory_order_relaxed));
  // Whoever fills an empty inbox rings; everybody else comes with that ring.
  if (head == nullptr) {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(bell_.native_handle(), &one, sizeof one);
  }
}

void reactor::wait_for_inbox() {
  bell_.async_wait(bell_.wait_read, [this](const boost::system::error_code& ec) {
    if (ec)
      return;
    wake();
    std::uint64_t rings = 0;
    [[maybe_unused]] const auto read = ::read(bell_.native_handle(), &rings, sizeof rings);
    drain_inbox();
    settle();
    wait_for_inbox();
  });
}

void reactor::drain_inbox() {
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
}

// -- running ------------------------------------------------------------------------

void reactor::run() {
  current_ = this;
  const auto guard = boost::asio::make_work_guard(io_);
  io_.run();
  current_ = nullptr;
}

void reactor::stop() {
  post([this] { io_.stop(); });
}

void reactor::run_ready() {
  reactor* const before = std::exchange(current_, this);
  io_.restart();
  wake();
  drain_inbox();
  settle();
  io_.poll();
  current_ = before;
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
  while (!ready_.empty()) {
    caf::resumable* next = ready_.front();
    ready_.pop_front();
    if (next->resume(this, max_throughput) == caf::resumable::resume_later)
      ready_.push_back(next);
    else
      caf::intrusive_ptr_release(next);
  }
}

void reactor::settle() {
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
  wake();
  timer_due_ = time_point::max();
  wheel_.advance(clock_->now());
  settle();
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
