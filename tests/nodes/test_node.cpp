#include "test_node.hpp"

#include <sake/actors/nodes/basp/middleman_settings.hpp>

#include <chrono>
#include <future>
#include <stdexcept>
#include <utility>

namespace sake::test {

namespace {

constexpr std::chrono::seconds patience{20};

} // namespace

// -- link_recorder --------------------------------------------------------------------

void link_recorder::on_up() noexcept {
  const std::lock_guard lock{mutex_};
  is_in_order_ = is_in_order_ && ups_ == 0 && downs_ == 0;
  ++ups_;
  changed_.notify_all();
}

void link_recorder::on_envelope(actors::nodes::envelope what) noexcept {
  {
    const std::lock_guard lock{mutex_};
    is_in_order_ = is_in_order_ && ups_ == 1 && downs_ == 0;
    ++count_;
    if (!then && keeps_frames_)
      envelopes_.push_back(std::move(what));
    changed_.notify_all();
  }
  if (then)
    then(std::move(what));
}

void link_recorder::on_down() noexcept {
  const std::lock_guard lock{mutex_};
  is_in_order_ = is_in_order_ && downs_ == 0;
  ++downs_;
  changed_.notify_all();
}

bool link_recorder::await(const std::function<bool()>& condition) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, condition);
}

bool link_recorder::await_up() {
  return await([this] { return ups_ > 0; });
}

bool link_recorder::await_down() {
  return await([this] { return downs_ > 0; });
}

bool link_recorder::await_envelopes(std::size_t count) {
  return await([this, count] { return count_ >= count; });
}

std::vector<actors::nodes::envelope> link_recorder::envelopes() {
  const std::lock_guard lock{mutex_};
  return envelopes_;
}

std::size_t link_recorder::ups() {
  const std::lock_guard lock{mutex_};
  return ups_;
}

std::size_t link_recorder::downs() {
  const std::lock_guard lock{mutex_};
  return downs_;
}

bool link_recorder::is_in_order() {
  const std::lock_guard lock{mutex_};
  return is_in_order_;
}

// -- dial_recorder --------------------------------------------------------------------

actors::nodes::verdict dial_recorder::judge(std::string_view introduction) {
  introduction_ = introduction;
  return refusal.empty() ? actors::nodes::verdict{owner_, {}}
                         : actors::nodes::verdict{nullptr, refusal};
}

void dial_recorder::on_dialled(std::shared_ptr<actors::nodes::link> made) {
  const std::lock_guard lock{mutex_};
  link_ = std::move(made);
  ++ends_;
  changed_.notify_all();
}

void dial_recorder::on_failed(std::string reason, bool is_refused) {
  const std::lock_guard lock{mutex_};
  problem_ = std::move(reason);
  is_refused_ = is_refused;
  ++ends_;
  changed_.notify_all();
}

bool dial_recorder::await() {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [this] { return ends_ > 0; }) && ends_ == 1;
}

// -- test_node ------------------------------------------------------------------------

test_node::test_node(actors::node_settings settings, bool keeps_frames)
    : keeps_frames_(keeps_frames) {
  config_.set("scheduler.max-threads", std::size_t{1});
  actors::nodes::load_middleman(config_);
  system_ = std::make_unique<caf::actor_system>(config_);
  reactor_ = std::make_unique<actors::reactor>(*system_);
  network_ =
      std::make_unique<actors::nodes::basp_network>(*reactor_, *system_, std::move(settings));
  thread_ = std::thread{[this] { reactor_->run(); }};
}

test_node::~test_node() {
  end();
}

void test_node::end() {
  if (!thread_.joinable())
    return;
  run([this] { network_ = nullptr; });
  reactor_->stop();
  thread_.join();
  reactor_->retire();
  accepted_.clear();
  system_ = nullptr;
  reactor_ = nullptr;
}

void test_node::run(std::function<void()> function) {
  std::promise<void> done;
  reactor_->post([&] {
    function();
    done.set_value();
  });
  done.get_future().wait();
}

std::string test_node::listen() {
  std::string where;
  run([&] {
    network_->listen(*this);
    where = network_->where();
  });
  return where;
}

void test_node::dial_by(const std::string& address, const std::string& introduction,
                        std::shared_ptr<dial_recorder> by) {
  run([&] { network_->dial(address, introduction, std::move(by)); });
}

std::shared_ptr<dial_recorder> test_node::dial(const std::string& address,
                                               const std::string& introduction) {
  auto by = std::make_shared<dial_recorder>(std::make_shared<link_recorder>(keeps_frames_));
  dial_by(address, introduction, by);
  if (!by->await())
    throw std::runtime_error("a dial has not ended once");
  return by;
}

actors::nodes::verdict test_node::judge(std::string_view introduction, std::string_view) {
  last_introduction_ = introduction;
  if (!refusal.empty())
    return {nullptr, refusal};
  return {std::make_shared<link_recorder>(keeps_frames_), {}};
}

void test_node::on_accepted(std::shared_ptr<actors::nodes::link> made,
                            const std::shared_ptr<actors::nodes::link_owner>& owner) {
  const std::lock_guard lock{mutex_};
  accepted_.push_back(
      {last_introduction_, std::static_pointer_cast<link_recorder>(owner), std::move(made)});
  changed_.notify_all();
}

test_node::accepted test_node::next_accepted() {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, patience, [this] { return !accepted_.empty(); }))
    throw std::runtime_error("no node was accepted");
  auto next = std::move(accepted_.front());
  accepted_.pop_front();
  return next;
}

} // namespace sake::test
