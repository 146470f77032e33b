#include "test_cluster.hpp"

#include <algorithm>
#include <utility>

namespace sake::testing {

namespace {

constexpr auto ask_patience = std::chrono::minutes{10};

} // namespace

test_cluster::~test_cluster() = default;

test_app& test_cluster::add(const std::string& name, actors::node_settings own,
                            const config& options, std::size_t reactors) {
  if (has(name))
    throw failure("there is a node " + name + " already");
  auto& made = *(nodes_[name] = std::make_unique<hosted>());
  made.app = std::make_unique<test_app>(options, reactors);
  made.address = "127.0.0.1:" + std::to_string(7000 + ++started_);
  own.name = name;
  own.listen = made.address;
  own.join.clear();
  for (const auto& [other, each] : nodes_)
    if (other != name)
      own.join.push_back(each->address);
  add_routes_(made.app->routes(), name);
  auto& runtime = made.app->runtime();
  runtime.pass(passed_);
  runtime.join(network_, std::move(own));
  runtime.start();
  return *made.app;
}

test_cluster::hosted& test_cluster::find(const std::string& name) {
  const auto at = nodes_.find(name);
  if (at == nodes_.end())
    throw failure("there is no node " + name);
  return *at->second;
}

void test_cluster::kill(const std::string& name, bool is_noticed) {
  network_.crash(find(name).address, is_noticed);
  nodes_.erase(name);
}

void test_cluster::part(const std::string& one, const std::string& other) {
  network_.part(find(one).address, find(other).address);
}

void test_cluster::heal(const std::string& one, const std::string& other) {
  network_.heal(find(one).address, find(other).address);
}

void test_cluster::cut(const std::string& one, const std::string& other) {
  network_.cut(find(one).address, find(other).address);
}

// -- events and time --------------------------------------------------------------------

std::size_t test_cluster::ready() {
  std::size_t count = network_.ready();
  for (const auto& [name, each] : nodes_)
    count += each->app->runtime().ready();
  return count;
}

void test_cluster::handle(std::size_t i) {
  if (i < network_.ready()) {
    network_.handle(i);
    return;
  }
  i -= network_.ready();
  for (const auto& [name, each] : nodes_) {
    auto& runtime = each->app->runtime();
    const auto count = runtime.ready();
    if (i < count) {
      runtime.handle(i);
      return;
    }
    i -= count;
  }
}

void test_cluster::run() {
  for (;;) {
    while (ready() != 0)
      handle(0);
    const bool had_work = std::ranges::any_of(
        nodes_, [](const auto& each) { return each.second->app->runtime().step(); });
    if (!had_work && ready() == 0)
      return;
  }
}

std::optional<actors::time_point> test_cluster::next_due() {
  std::optional<actors::time_point> first;
  for (const auto& [name, each] : nodes_)
    if (const auto next = each->app->runtime().next_due(); next && (!first || *next < *first))
      first = next;
  return first;
}

void test_cluster::pass(std::chrono::nanoseconds by) {
  passed_ += by;
  for (const auto& [name, each] : nodes_)
    each->app->runtime().pass(by);
}

void test_cluster::advance(std::chrono::milliseconds by) {
  const auto end = passed_ + by;
  run_until([] { return false; }, by);
  if (passed_ < end)
    pass(end - passed_);
  run();
}

bool test_cluster::run_until(const std::function<bool()>& holds,
                             std::chrono::milliseconds patience) {
  const auto end = passed_ + patience;
  while (!holds()) {
    if (ready() != 0) {
      handle(0);
      continue;
    }
    run();
    const auto next = next_due();
    if (!next)
      return holds();
    const auto wait =
        std::max<std::chrono::nanoseconds>(*next - now(), std::chrono::nanoseconds{0});
    if (passed_ + wait > end)
      return holds();
    pass(wait);
    run();
  }
  return true;
}

bool test_cluster::join_all() {
  return run_until([this] {
    return std::ranges::all_of(nodes_, [this](const auto& each) {
      const auto known = each.second->app->runtime().cluster()->nodes();
      return static_cast<std::size_t>(
                 std::ranges::count_if(known, [](const auto& n) { return n.state == "up"; }))
             == nodes_.size();
    });
  });
}

response test_cluster::ask(test_app& front, const request& what) {
  auto pending = front.send(what);
  if (!run_until([&] { return pending.is_ready(); }, ask_patience))
    throw failure("no response to " + what.title());
  return pending.take();
}

} // namespace sake::testing
