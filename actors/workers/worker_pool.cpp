#include "worker_pool.hpp"

#include "../reactor/detail/element.hpp"
#include "../reactor/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include <sched.h>

namespace sake::actors {

namespace {

// The limit of Linux.
constexpr std::size_t longest_thread_name = 15;

// Delay after a worker could not get a thread; doubled with each failure.
constexpr std::chrono::milliseconds first_retry{20};
constexpr unsigned max_doublings = 8;

caf::mailbox_element_ptr message_of(std::shared_ptr<routing::work> task) {
  const bool is_urgent = task == nullptr || task->has_priority();
  const auto id =
      caf::make_message_id(is_urgent ? caf::message_priority::high : caf::message_priority::normal);
  return detail::element<std::shared_ptr<routing::work>>::make(nullptr, id, std::move(task));
}

} // namespace

worker_pool::worker_pool(caf::actor_system& system, const pool_settings& config, std::string name)
    : executor(system, std::move(name)), config_(config), width_(config.workers) {}

worker_pool::~worker_pool() = default;

// -- starting workers -----------------------------------------------------------------

void worker_pool::start() {
  std::call_once(started_, [this] {
    const std::lock_guard lock{resize_mutex_};
    has_started_ = true;
    hire_where_missing();
  });
}

bool worker_pool::resize(std::size_t workers) {
  const std::lock_guard lock{resize_mutex_};
  if (stopping_)
    return false;
  {
    const std::unique_lock slots_lock{slots_mutex_};
    width_ = workers;
    // A sleeping worker would not notice that it is surplus.
    for (const auto& each : slots_)
      if (is_too_many(*each) && each->actor != nullptr)
        wake(each->actor);
  }
  if (has_started_)
    hire_where_missing();
  return true;
}

bool worker_pool::hire_where_missing() {
  for (std::size_t i = 0; i < width(); ++i)
    if (!hire(i))
      return false;
  return true;
}

void worker_pool::note_shortage() noexcept {
  const auto delay = first_retry * (1U << std::min(failed_tries_++, max_doublings));
  retry_due_ = std::chrono::steady_clock::now() + delay;
  is_short_ = true;
}

// Called with every task, and repeatedly while tasks wait for the first worker.
void worker_pool::hire_if_due() {
  if (!is_short_.load(std::memory_order_relaxed)
      || std::chrono::steady_clock::now() < retry_due_.load())
    return;
  const std::unique_lock lock{resize_mutex_, std::try_to_lock};
  if (!lock || !is_short_.exchange(false) || !hire_where_missing())
    return;
  failed_tries_ = 0;
  std::vector<log_field> facts{{"workers", width()}};
  if (!name().empty())
    facts.emplace_back("pool", name());
  log_event(log_level::info, "the pool has all its workers", facts);
}

// Returns null if the slot is taken, or its worker is surplus.
worker_slot* worker_pool::take_slot(std::size_t index) {
  const std::unique_lock lock{slots_mutex_};
  if (index >= width())
    return nullptr;
  while (slots_.size() <= index) {
    slots_.push_back(std::make_unique<worker_slot>());
    slots_.back()->index = slots_.size() - 1;
  }
  worker_slot& wanted = *slots_[index];
  return std::exchange(wanted.is_taken, true) ? nullptr : &wanted;
}

// Returns false if no thread could be started.
bool worker_pool::hire(std::size_t index) {
  worker_slot* const taken = take_slot(index);
  if (taken == nullptr)
    return true;
  {
    const std::lock_guard lock{ending_mutex_};
    if (stopping_)
      return true;
    ++running_;
  }
  const auto hired = spawn(*taken);
  if (hired == nullptr) {
    note_shortage();
    return false;
  }
  std::vector<std::shared_ptr<routing::work>> left_behind;
  {
    const std::unique_lock lock{slots_mutex_};
    taken->actor = hired;
    left_behind.swap(unplaced_);
    // `resize` and `begin_stop` wake only workers that are in their slots.
    if (is_too_many(*taken))
      wake(hired);
  }
  for (auto& task : left_behind)
    place(std::move(task));
  // Last: the worker may have ended already, and the functor is then called at once.
  hired->get()->attach_functor(
      [this, taken](const caf::error& reason) { worker_ended(*taken, reason); });
  return true;
}

// Returns null if no thread could be started; the slot is then free again.
caf::strong_actor_ptr worker_pool::spawn(worker_slot& taken) {
  try {
    caf::actor_config cfg;
    return caf::actor_cast<caf::strong_actor_ptr>(
        system().spawn_impl<worker, caf::detached + caf::hidden>(
            cfg, static_cast<worker::owner&>(*this), taken));
  } catch (const std::system_error& e) {
    auto facts = facts_of(taken.index);
    facts.emplace_back("error", e.what());
    log_event(log_level::error, "cannot start a worker", facts);
  }
  // CAF has counted the thread that could not be started.
  system().dec_detached_threads();
  {
    const std::unique_lock lock{slots_mutex_};
    taken.is_taken = false;
  }
  const std::lock_guard lock{ending_mutex_};
  --running_;
  ended_.notify_all();
  return nullptr;
}

// -- ending workers -------------------------------------------------------------------

void worker_pool::leave(worker_slot& own) {
  const std::unique_lock lock{slots_mutex_};
  own.actor = nullptr;
}

void worker_pool::worker_ended(worker_slot& own, const caf::error& reason) {
  {
    const std::unique_lock lock{slots_mutex_};
    own.is_taken = false;
  }
  const bool is_replaced = hire(own.index);
  const std::lock_guard lock{ending_mutex_};
  --running_;
  if (reason != caf::exit_reason::user_shutdown && !is_too_many(own)) {
    auto facts = facts_of(own.index);
    facts.emplace_back("replaced", is_replaced);
    log_event(log_level::warning, "a worker died", facts);
  }
  ended_.notify_all();
}

void worker_pool::begin_stop() {
  {
    const std::lock_guard lock{ending_mutex_};
    if (stopping_.exchange(true))
      return;
  }
  for (const auto& each : workers())
    wake(each);
}

bool worker_pool::await_end(std::chrono::steady_clock::time_point deadline) {
  {
    std::unique_lock lock{ending_mutex_};
    if (!ended_.wait_until(lock, deadline, [this] { return running_ == 0; }))
      return false;
  }
  std::vector<std::shared_ptr<routing::work>> left_behind;
  {
    const std::unique_lock lock{slots_mutex_};
    is_over_ = true;
    left_behind.swap(unplaced_);
  }
  for (auto& task : left_behind)
    drop(std::move(task));
  return true;
}

bool worker_pool::stop(std::chrono::milliseconds deadline) {
  begin_stop();
  return await_end(time_after(std::chrono::steady_clock::now(), deadline));
}

// -- tasks ------------------------------------------------------------------------------

bool worker_pool::submit(std::shared_ptr<routing::work> task) {
  start();
  hire_if_due();
  // Count first: a worker may have run the task before this returns.
  if (!load_.admit(*task, width() + config_.max_queued))
    return false;
  place_counted(std::move(task));
  return true;
}

void worker_pool::resubmit(std::shared_ptr<routing::work> task) {
  start();
  hire_if_due();
  load_.add(*task);
  place_counted(std::move(task));
}

void worker_pool::place_counted(std::shared_ptr<routing::work> task) {
  const auto kept = task;
  try {
    place(std::move(task));
  } catch (...) {
    count_off(*kept); // no memory to send it
    throw;
  }
}

void worker_pool::place(std::shared_ptr<routing::work> task) {
  {
    const std::shared_lock lock{slots_mutex_};
    const int core = core_of_reactor();
    if (worker_slot* const best = least_loaded(core)) {
      const bool is_idle = best->load.load(std::memory_order_relaxed) == 0;
      if (is_idle && core != worker_slot::no_core
          && best->core.load(std::memory_order_relaxed) == core)
        reactor::current()->offer(task, *this);
      give(*best, std::move(task));
      return;
    }
  }
  // No worker is available: each is being replaced, none has started, or all have ended.
  std::unique_lock lock{slots_mutex_};
  if (least_loaded() == nullptr && !is_over_) {
    if (auto* const here = reactor::current())
      here->offer(task, *this);
    unplaced_.push_back(std::move(task));
    return;
  }
  const bool is_over = is_over_;
  lock.unlock();
  if (is_over)
    drop(std::move(task));
  else
    place(std::move(task));
}

// The core of the calling reactor, if its worker may get the task: a worker of a class that yields
// to reactors begins on that core when the reactor waits. That avoids two wake-ups across cores,
// which may cost more than the task.
int worker_pool::core_of_reactor() const noexcept {
  const auto* const here = reactor::current();
  const bool stands_back =
      config_.scheduling == scheduling::idle || config_.scheduling == scheduling::background;
  return stands_back && here != nullptr && here->is_lightly_loaded() ? ::sched_getcpu()
                                                                     : worker_slot::no_core;
}

bool worker_pool::steal(std::shared_ptr<routing::work> task) {
  hire_if_due();
  const std::shared_lock lock{slots_mutex_};
  worker_slot* const best = least_loaded();
  if (best == nullptr || best->load.load(std::memory_order_relaxed) != 0)
    return false;
  give(*best, std::move(task));
  return true;
}

worker_slot* worker_pool::least_loaded(int preferred_core) const noexcept {
  const std::size_t count = std::min(width(), slots_.size());
  const std::size_t start = next_.fetch_add(1, std::memory_order_relaxed);
  worker_slot* best = nullptr;
  std::size_t least = 0;
  for (std::size_t i = 0; i < count; ++i) {
    worker_slot& each = *slots_[(start + i) % count];
    if (each.actor == nullptr)
      continue;
    const std::size_t load = each.load.load(std::memory_order_relaxed);
    const bool is_preferred = preferred_core != worker_slot::no_core
                              && each.core.load(std::memory_order_relaxed) == preferred_core;
    if (best == nullptr || load < least || (load == least && is_preferred)) {
      best = &each;
      least = load;
    }
  }
  return best;
}

void worker_pool::give(worker_slot& whom, std::shared_ptr<routing::work> task) {
  auto message = message_of(std::move(task));
  whom.add_task();
  whom.actor->enqueue(std::move(message), nullptr);
}

// Wakes a worker to check whether it is surplus.
void worker_pool::wake(const caf::strong_actor_ptr& worker) {
  worker->enqueue(message_of(nullptr), nullptr);
}

void worker_pool::drop(std::shared_ptr<routing::work> task) noexcept {
  count_off(*task);
  task.reset();
}

void worker_pool::count_off(routing::work& task) noexcept {
  if (task.count_off())
    load_.remove(task);
}

// -- monitoring ---------------------------------------------------------------------------

std::vector<caf::strong_actor_ptr> worker_pool::workers() const {
  std::vector<caf::strong_actor_ptr> all;
  const std::shared_lock lock{slots_mutex_};
  for (const auto& each : slots_)
    if (each->actor != nullptr)
      all.push_back(each->actor);
  return all;
}

std::vector<log_field> worker_pool::facts_of(std::size_t index) const {
  std::vector<log_field> facts{{"worker", index}};
  if (!name().empty())
    facts.emplace_back("pool", name());
  return facts;
}

std::string worker_pool::thread_name(std::size_t index) const {
  const std::string number = '-' + std::to_string(index);
  const std::string prefix = "sake-" + (name().empty() ? "worker" : name());
  return prefix.substr(0, longest_thread_name - number.size()) + number;
}

} // namespace sake::actors
