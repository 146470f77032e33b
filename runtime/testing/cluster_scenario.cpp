#include "cluster_scenario.hpp"

#include "seeded_random.hpp"
#include "test_cluster.hpp"
#include "trace.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sake::testing {

namespace {

using namespace std::chrono_literals;

// A run with more steps, or one that takes longer, does not come to its end.
constexpr std::size_t max_steps = 400'000;
constexpr auto longest_run = 120s;

// How often, in percent, time passes although steps are possible, and how long at most.
constexpr unsigned percent_late = 2;
constexpr std::uint64_t latest_ms = 20;

// How often, in percent of the steps, a client sends a request, and a fault happens.
constexpr unsigned percent_sent = 5;
constexpr unsigned percent_faults = 1;

/// One run.
class cluster_play {
public:
  cluster_play(std::uint64_t seed, const cluster_run& of)
      : of_(of),
        random_(seed),
        nodes_([this](route_group& to, const std::string& name) { add_routes(to, name); }) {}

  run_result play();

private:
  struct sent {
    std::string id;
    bool is_once = false;
    /// Null once the node of its client has been killed.
    std::unique_ptr<pending_response> pending;
    std::string front;
  };

  void add_routes(route_group& to, const std::string& name);
  void start(std::size_t index);
  [[nodiscard]] std::string name_of(std::size_t index) const { return "n" + std::to_string(index); }
  bool step();
  void send();
  void harm();
  void kill();
  void part();
  void take_answers();
  void check(const sent& which, const response& answer);
  void heal_all();
  [[nodiscard]] std::string views();
  void require(bool holds, const std::string& what) {
    if (!holds)
      findings_.push_back(what);
  }

  const cluster_run of_;
  seeded_random random_;
  trace trace_;
  std::vector<std::string> findings_;
  /// Runs of the handlers that must run once.
  std::map<std::string, int> runs_;
  test_cluster nodes_;
  std::vector<std::size_t> down_;
  std::vector<std::pair<std::string, std::string>> parted_;
  std::vector<sent> sent_;
  std::size_t sent_count_ = 0;
  std::size_t faults_ = 0;
  std::chrono::nanoseconds passed_{};
};

void cluster_play::add_routes(route_group& to, const std::string& name) {
  to.get("/where", [name](context& ctx) { ctx.string(200, name); }).worker();
  auto& once = to.post("/once/:id", [this, name](context& ctx) {
                   ++runs_[std::string{ctx.param("id")}];
                   ctx.string(200, name);
                 }).worker();
  if (of_.runs_posts_again)
    once.idempotent();
  to.put("/large", [](context& ctx) {
      ctx.string(200, std::to_string(ctx.body().size()));
    }).worker();
  to.get("/pieces", [](context& ctx) -> task<> {
      auto out = ctx.stream(200, "text/plain");
      for (int i = 0; i < 4; ++i)
        co_await out.write(std::string(30'000, 'x'));
    }).worker();
}

void cluster_play::start(std::size_t index) {
  const auto role = index == 0 ? actors::node_role::front : actors::node_role::both;
  nodes_.add(name_of(index), {.role = role}, config{}.with_workers(1 + random_.below(2)),
             1 + random_.below(2));
}

// Which nodes each node sees, and in which state.
std::string cluster_play::views() {
  std::string text;
  for (std::size_t i = 0; i < of_.nodes; ++i) {
    text += name_of(i) + " sees";
    for (const auto& each : nodes_.node(name_of(i)).runtime().cluster()->nodes())
      text += " " + each.name + " " + each.state;
    text += "; ";
  }
  return text;
}

run_result cluster_play::play() {
  for (std::size_t i = 0; i < of_.nodes; ++i)
    start(i);
  std::size_t steps = 0;
  while (sent_count_ < of_.requests || faults_ < of_.faults || !sent_.empty()) {
    if (!step() || ++steps > max_steps || passed_ > longest_run) {
      for (const auto& each : sent_)
        require(false, "no answer to request " + each.id);
      break;
    }
    take_answers();
  }
  heal_all();
  require(nodes_.join_all(), "the nodes do not join again: " + views());
  for (const auto& [id, count] : runs_)
    require(count <= 1, "request " + id + " has run " + std::to_string(count) + " times");
  return {trace_.hash(), findings_};
}

bool cluster_play::step() {
  if (sent_count_ < of_.requests && random_.chance(percent_sent)) {
    send();
    return true;
  }
  if (faults_ < of_.faults && random_.chance(percent_faults)) {
    harm();
    return true;
  }
  const auto ready = nodes_.ready();
  auto wait = std::chrono::nanoseconds{0};
  if (ready == 0) {
    nodes_.run();
    const auto next = nodes_.next_due();
    if (!next)
      return false;
    wait = std::max(*next - nodes_.now(), wait);
  } else if (random_.chance(percent_late)) {
    wait = std::chrono::milliseconds{random_.below(latest_ms + 1)};
  }
  if (wait > 0ns) {
    nodes_.pass(wait);
    passed_ += wait;
  }
  if (ready != 0) {
    const auto which = random_.below(nodes_.ready());
    trace_.note(which);
    nodes_.handle(which);
  }
  return true;
}

void cluster_play::send() {
  const auto front = name_of(random_.below(of_.nodes));
  if (!nodes_.has(front))
    return;
  const auto id = std::to_string(++sent_count_);
  trace_.note(id);
  request what{"GET", "/where"};
  bool is_once = false;
  switch (random_.below(5)) {
    case 0:
    case 1:
      what = request{"POST", "/once/" + id};
      is_once = true;
      break;
    case 2:
      what = request{"PUT", "/large"}.content(std::string(100'000, 'y'));
      break;
    case 3:
      what = request{"GET", "/pieces"};
      break;
    default:
      break;
  }
  sent_.push_back(
      {id, is_once, std::make_unique<pending_response>(nodes_.node(front).send(what)), front});
}

void cluster_play::take_answers() {
  std::erase_if(sent_, [this](sent& each) {
    if (each.pending->is_ready()) {
      check(each, each.pending->take());
      return true;
    }
    // A response in pieces whose node is lost is cut off.
    return each.pending->peer().is_closed();
  });
}

void cluster_play::check(const sent& which, const response& answer) {
  const auto status = answer.status();
  trace_.note(static_cast<std::uint64_t>(status));
  require(status == 200 || status == 502 || status == 503 || status == 504,
          "request " + which.id + " is answered " + std::to_string(status));
  if (which.is_once && status == 200)
    require(runs_[which.id] == 1, "request " + which.id + " is answered, and has run "
                                      + std::to_string(runs_[which.id]) + " times");
}

// -- faults ---------------------------------------------------------------------------------

void cluster_play::harm() {
  ++faults_;
  trace_.note(std::string_view{"fault"});
  switch (random_.below(4)) {
    case 0:
      kill();
      break;
    case 1:
      part();
      break;
    case 2:
      heal_all();
      break;
    default: {
      const auto one = name_of(random_.below(of_.nodes));
      const auto other = name_of(random_.below(of_.nodes));
      if (one != other && nodes_.has(one) && nodes_.has(other))
        nodes_.cut(one, other);
      break;
    }
  }
}

void cluster_play::kill() {
  const auto index = random_.below(of_.nodes);
  const auto name = name_of(index);
  if (!nodes_.has(name))
    return;
  std::erase_if(sent_, [&](const sent& each) { return each.front == name; });
  nodes_.kill(name, random_.chance(50));
  std::erase_if(parted_,
                [&](const auto& each) { return each.first == name || each.second == name; });
  down_.push_back(index);
}

void cluster_play::part() {
  const auto one = name_of(random_.below(of_.nodes));
  const auto other = name_of(random_.below(of_.nodes));
  if (one == other || !nodes_.has(one) || !nodes_.has(other))
    return;
  nodes_.part(one, other);
  parted_.emplace_back(one, other);
}

void cluster_play::heal_all() {
  for (const auto& [one, other] : std::exchange(parted_, {}))
    nodes_.heal(one, other);
  for (const auto index : std::exchange(down_, {}))
    start(index);
}

} // namespace

run_result run_cluster(std::uint64_t seed, const cluster_run& of) {
  cluster_play run{seed, of};
  try {
    return run.play();
  } catch (const std::exception& error) {
    return {0, {error.what()}};
  }
}

} // namespace sake::testing
