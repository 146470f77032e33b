// A node with a network of its own, on a reactor with a thread.
#pragma once

#include <sake/actors/nodes/basp/basp_network.hpp>
#include <sake/actors/nodes/network.hpp>
#include <sake/actors/nodes/node_settings.hpp>
#include <sake/actors/reactor/reactor.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sake::test {

/// Keeps the envelopes of a link, and checks the order of the calls.
class link_recorder final : public actors::nodes::link_owner {
public:
  explicit link_recorder(bool keeps_frames = true) : keeps_frames_(keeps_frames) {}

  void on_up() noexcept override;
  void on_envelope(actors::nodes::envelope what) noexcept override;
  void on_down() noexcept override;

  /// Called with each envelope in place of keeping it.
  std::function<void(actors::nodes::envelope)> then;

  /// Each waits for 20 s at most, and returns false then.
  bool await_up();
  bool await_down();
  bool await_envelopes(std::size_t count);

  [[nodiscard]] std::vector<actors::nodes::envelope> envelopes();
  [[nodiscard]] std::size_t ups();
  [[nodiscard]] std::size_t downs();
  /// Whether every call came when it may.
  [[nodiscard]] bool is_in_order();

private:
  bool await(const std::function<bool()>& condition);

  const bool keeps_frames_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<actors::nodes::envelope> envelopes_;
  std::size_t count_ = 0;
  std::size_t ups_ = 0;
  std::size_t downs_ = 0;
  bool is_in_order_ = true;
};

/// How one dial ends.
class dial_recorder final : public actors::nodes::dial_listener {
public:
  explicit dial_recorder(std::shared_ptr<link_recorder> owner = std::make_shared<link_recorder>())
      : owner_(std::move(owner)) {}

  actors::nodes::verdict judge(std::string_view introduction) override;
  void on_dialled(std::shared_ptr<actors::nodes::link> made) override;
  void on_failed(std::string reason, bool is_refused) override;

  /// Waits for the end.
  [[nodiscard]] bool await();

  /// In place of `owner`, if not empty.
  std::string refusal;

  [[nodiscard]] link_recorder& owner() noexcept { return *owner_; }
  // Once `await` has returned true.
  [[nodiscard]] const std::string& introduction() const noexcept { return introduction_; }
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  [[nodiscard]] bool is_refused() const noexcept { return is_refused_; }
  [[nodiscard]] actors::nodes::link& link() const noexcept { return *link_; }
  [[nodiscard]] bool has_link() const noexcept { return link_ != nullptr; }

private:
  std::shared_ptr<link_recorder> owner_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t ends_ = 0;
  std::string introduction_;
  std::string problem_;
  bool is_refused_ = false;
  std::shared_ptr<actors::nodes::link> link_;
};

/// A node with an actor system and a reactor of its own. It accepts every node, unless it is told
/// otherwise.
class test_node final : public actors::nodes::network_host {
public:
  explicit test_node(actors::node_settings settings = {}, bool keeps_frames = true);
  ~test_node();

  /// Listens on a port that the system chooses, and returns the address.
  std::string listen();
  /// Dials, and waits for the end.
  std::shared_ptr<dial_recorder> dial(const std::string& address,
                                      const std::string& introduction = "I am the dialler");
  void dial_by(const std::string& address, const std::string& introduction,
               std::shared_ptr<dial_recorder> by);
  /// Calls `function` on the reactor, and waits.
  void run(std::function<void()> function);
  void end();

  /// A link that this node has accepted.
  struct accepted {
    std::string introduction;
    std::shared_ptr<link_recorder> owner;
    std::shared_ptr<actors::nodes::link> link;
  };
  /// Waits for the next one.
  accepted next_accepted();

  /// Refuses all nodes for that reason, unless it is empty. Before `listen`.
  std::string refusal;

  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }
  [[nodiscard]] actors::nodes::basp_network& network() noexcept { return *network_; }

  std::string introduce() override { return "I am the host"; }
  actors::nodes::verdict judge(std::string_view introduction, std::string_view from) override;
  void on_accepted(std::shared_ptr<actors::nodes::link> made,
                   const std::shared_ptr<actors::nodes::link_owner>& owner) override;

private:
  const bool keeps_frames_;
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::unique_ptr<actors::reactor> reactor_;
  std::unique_ptr<actors::nodes::basp_network> network_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string last_introduction_;
  std::deque<accepted> accepted_;
};

} // namespace sake::test
