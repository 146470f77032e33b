// Links between nodes in memory.
#pragma once

#include "../../actors/nodes/network.hpp"
#include "../../actors/reactor/reactor.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// The network between the nodes of a test: octets arrive when the test says so, in the order of
/// each direction of a link, and links and addresses can be cut off. Belongs to one thread; must
/// outlive the nodes.
class virtual_network {
public:
  virtual_network() = default;
  virtual_network(const virtual_network&) = delete;
  virtual_network& operator=(const virtual_network&) = delete;
  ~virtual_network();

  /// Makes the network of the node at `address`, which lives on `home`.
  [[nodiscard]] std::unique_ptr<actors::nodes::network> join(std::string address,
                                                             actors::reactor& home);

  /// A number for a node that starts: another one each time.
  [[nodiscard]] std::uint64_t next_id() noexcept { return ++last_id_; }

  /// The number of events that could be next: the arrival of the oldest message of a direction of a
  /// link, the next step of a dial.
  [[nodiscard]] std::size_t ready() const;
  /// Lets event `i` happen, below `ready()`.
  void handle(std::size_t i);

  /// Nothing arrives between the two addresses until `heal`; no dial between them ends well.
  void part(const std::string& one, const std::string& other);
  void heal(const std::string& one, const std::string& other);
  /// Nothing leaves or reaches the address any more, as after the end of its process.
  /// @param is_noticed  whether the others hear at once that their links are down
  void crash(const std::string& address, bool is_noticed);
  /// Cuts every link between the two addresses: both hear of it.
  void cut(const std::string& one, const std::string& other);

  /// Links that are up, or on the way.
  [[nodiscard]] std::size_t link_count() const noexcept { return pipes_.size(); }

private:
  class node;
  class end;
  struct arrival;
  struct pipe;
  struct dial;
  /// What could happen next: a dial goes on, or the oldest arrival of one side of a pipe.
  struct event {
    std::shared_ptr<dial> dialling;
    std::shared_ptr<pipe> along;
    std::size_t side = 0;
  };

  [[nodiscard]] bool are_parted(const std::string& one, const std::string& other) const;
  [[nodiscard]] std::vector<event> events() const;
  void go_on(const std::shared_ptr<dial>& which);
  void arrive(const std::shared_ptr<pipe>& along, std::size_t side);
  void connect(dial& which, node& with);
  void cut(const std::shared_ptr<pipe>& which, std::size_t by);

  std::map<std::string, node*> nodes_;
  std::vector<std::shared_ptr<pipe>> pipes_;
  std::vector<std::shared_ptr<dial>> dials_;
  std::set<std::pair<std::string, std::string>> parted_;
  std::uint64_t last_id_ = 0;
};

} // namespace sake::testing
