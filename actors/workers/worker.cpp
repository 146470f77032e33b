#include "worker.hpp"

#include "../reactor/cores.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/reject.hpp"
#include "../reactor/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/detail/sync_request_bouncer.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <pthread.h>
#include <sched.h>

namespace sake::actors {

namespace {

// How long a worker polls for the next task before it sleeps. Waking a sleeping core costs tens of
// microseconds, for the task and for its client.
constexpr std::chrono::microseconds attention{50};

void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// The cores for worker `index`. If none are configured, cores are taken from the last down, as
// reactors and interrupts prefer the first.
std::vector<std::size_t> cores_for(std::size_t index, const pool_settings& config) {
  auto cores = config.cores;
  if (cores.empty()) {
    cores = usable_cores();
    std::reverse(cores.begin(), cores.end());
  }
  return config.pinned ? std::vector{cores[index % cores.size()]} : cores;
}

void set_scheduling(scheduling wanted) {
  const int policy = wanted == scheduling::idle     ? SCHED_IDLE
                     : wanted == scheduling::normal ? SCHED_OTHER
                                                    : SCHED_BATCH;
  const sched_param none{};
  if (const int error = pthread_setschedparam(pthread_self(), policy, &none))
    log_event(log_level::warning, "cannot set the scheduling class of a worker; it keeps its own",
              {{"errno", error}});
}

} // namespace

worker::worker(caf::actor_config& cfg, owner& pool, worker_slot& own)
    : caf::blocking_actor(cfg), pool_(pool), slot_(own) {}

// CAF wakes a blocked actor under a lock that the actor also takes. A worker of the idle class that
// loses its core there would block the sender, so workers sleep on a semaphore instead.
void worker::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  const auto id = message->mid;
  const auto from = message->sender;
  switch (mailbox().push_back(std::move(message))) {
    case caf::intrusive::inbox_result::success:
      break;
    case caf::intrusive::inbox_result::unblocked_reader:
      parked_.release();
      break;
    case caf::intrusive::inbox_result::queue_closed:
      if (id.is_request())
        caf::detail::sync_request_bouncer{caf::make_error(caf::sec::request_receiver_down)}(from,
                                                                                            id);
  }
}

void worker::await_data() {
  using clock = std::chrono::steady_clock;
  const auto sleepy = clock::now() + attention;
  while (mailbox().empty() && clock::now() < sleepy)
    relax();
  if (mailbox().try_block())
    parked_.acquire();
  mailbox().fetch_more();
}

// Takes tasks with priority first, unlike CAF's own `dequeue`, but at most `max_urgent_in_a_row`
// while others wait. The queues are indexed by the categories of messages, whatever their names.
caf::mailbox_element_ptr worker::next() {
  mailbox().fetch_more();
  auto& queues = mailbox().queue().queues();
  auto& urgent = std::get<caf::message_id::urgent_message_category>(queues);
  auto& normal = std::get<caf::message_id::normal_message_category>(queues);
  const bool has_turn = urgent_in_a_row_ < executor::max_urgent_in_a_row || normal.empty();
  if (auto taken = has_turn ? urgent.take_front() : nullptr) {
    ++urgent_in_a_row_;
    return taken;
  }
  urgent_in_a_row_ = 0;
  return normal.take_front();
}

void worker::act() {
  const executor::stay here{system()};
  settle_in();
  for (;;) {
    await_data();
    if (pool_.is_too_many(slot_)) {
      fail_state(caf::exit_reason::user_shutdown);
      break;
    }
    if (!handle(next()))
      break;
  }
  hand_over();
}

void worker::settle_in() const {
  const auto& config = pool_.settings();
  pthread_setname_np(pthread_self(), pool_.thread_name(slot_.index).c_str());
  // Independent of the settings of the thread that started this one.
  const auto who = pool_.thread_name(slot_.index);
  const auto cores = cores_for(slot_.index, config);
  const bool is_pinned = keep_on(cores, who) && config.pinned;
  slot_.core = is_pinned ? static_cast<int>(cores.front()) : worker_slot::no_core;
  set_scheduling(config.scheduling);
  const auto nice =
      config.nice + (config.scheduling == scheduling::background ? background_nice : 0);
  if (nice != 0)
    be_nice(nice, who);
}

bool worker::handle(caf::mailbox_element_ptr message) {
  if (auto* const sent = detail::value_of<std::shared_ptr<routing::work>>(*message)) {
    auto task = std::move(*sent);
    if (task == nullptr)
      return true;
    task->run(this);
    return true;
  }
  auto& content = message->content();
  if (content.match_elements<caf::exit_msg>()) {
    auto& reason = content.get_mutable_as<caf::exit_msg>(0).reason;
    if (!reason)
      return true;
    fail_state(std::move(reason));
    return false;
  }
  detail::reject(*message);
  return true;
}

void worker::hand_over() {
  // In this order no task is lost: after `leave` no task is sent here.
  pool_.leave(slot_);
  mailbox().close();
  auto hand = [this](const auto&, const auto&, caf::mailbox_element& left) {
    if (auto* const task = detail::value_of<std::shared_ptr<routing::work>>(left)) {
      if (*task == nullptr)
        return caf::intrusive::task_result::resume;
      slot_.remove_task();
      pool_.place(std::move(*task));
    } else {
      caf::detail::sync_request_bouncer{caf::make_error(caf::sec::request_receiver_down)}(left);
    }
    return caf::intrusive::task_result::resume;
  };
  // Not with `dequeue`, which would ask the closed inbox for more.
  while (mailbox().queue().new_round(1, hand).consumed_items > 0)
    ;
}

} // namespace sake::actors
