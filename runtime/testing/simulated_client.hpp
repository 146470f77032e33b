// A client of a simulation.
#pragma once

#include <sake/testing/matchers.hpp>
#include <sake/testing/memory_peer.hpp>
#include <sake/testing/request.hpp>
#include <sake/testing/response.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace sake::testing {

class simulation;

/// A client of a simulation: makes its requests in order, on one connection after the other. The
/// seed decides where its octets are cut, how many requests it sends ahead, how slowly it reads,
/// and whether it leaves in the midst of it.
class simulated_client {
public:
  using expectation = std::function<verdict(const response&)>;

  /// Adds a request to what it will ask, and what its response has to be.
  simulated_client& ask(const request& what, expectation expected);
  simulated_client& ask(const request& what, const matcher& expected);
  /// It may leave at any time, whatever it has asked.
  simulated_client& may_leave() noexcept;

private:
  friend class simulation;

  struct question {
    std::string title;
    std::string octets;
    bool to_head;
    expectation expected;
  };

  simulated_client(simulation& own, std::size_t number);

  [[nodiscard]] bool is_ready() const;
  void act();
  void hang_up();
  [[nodiscard]] bool is_gone() const { return !peer_ || peer_->is_gone(); }
  /// One sentence for what it still waits for, or empty.
  [[nodiscard]] std::string unanswered() const;

  [[nodiscard]] bool can_connect() const;
  [[nodiscard]] bool can_begin() const;
  void connect();
  void begin_next();
  void send_some();
  void take();
  void take_response(const response& got);
  void connection_closed();

  simulation& simulation_;
  std::size_t number_;
  std::deque<question> questions_;
  /// Sent, at least in part, and not answered.
  std::deque<question> asked_;
  std::optional<memory_peer> peer_;
  response_reader reader_;
  std::string unsent_;
  std::size_t most_ahead_;
  bool reads_slowly_;
  bool may_leave_ = false;
  bool has_left_ = false;
  bool end_announced_ = false;
};

} // namespace sake::testing
