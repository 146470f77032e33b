// Follows the responses of one connection until the client has them.
#pragma once

#include "access.hpp"
#include "peer.hpp"
#include "request.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::http {

/// Follows the requests of one connection until their responses have gone out, and then tells the
/// observers. Requests have the ids that the protocol gives them; their responses may go out in any
/// order, and in pieces beside each other.
///
/// No call throws: a record for which there is no memory is dropped. Belongs to the thread of its
/// connection.
class access_tracker {
public:
  /// @param observers   told of each response; must outlive the tracker
  /// @param connection  tells connections apart in the ids of requests without one
  /// @param clock       returns the exact time
  access_tracker(const access_observers& observers, http::peer peer, std::uint64_t connection,
                 std::function<time_point()> clock);
  access_tracker(const access_tracker&) = delete;
  access_tracker& operator=(const access_tracker&) = delete;

  // -- calls of the protocol --------------------------------------------------------

  /// The head of a request is complete.
  /// @param protocol  static text
  void on_head(std::uint64_t id, const request& message, std::string_view protocol) noexcept;
  /// Content of the request has arrived.
  void on_content(std::uint64_t id, std::size_t octets) noexcept;
  /// The request is refused. Its head may be incomplete: then there was no `on_head`.
  void on_refused(std::uint64_t id, std::string_view protocol) noexcept;
  /// The protocol is given a response, or the head of one in pieces. Once octets of a response are
  /// encoded, a call has no effect; until then the last one counts.
  void on_answer(std::uint64_t id) noexcept;
  /// The output since the last call of this or the next function belongs to this response.
  /// @param ahead  octets of output that the transport has not taken
  void on_encoded(std::uint64_t id, int status, std::size_t ahead) noexcept;
  /// That output belongs to no response.
  void on_interim(std::size_t ahead) noexcept { encoded_ = taken_ + ahead; }
  /// All octets of the response are encoded, or there will be no further ones.
  void on_end(std::uint64_t id, access_outcome outcome) noexcept;

  // -- calls of the connection --------------------------------------------------------

  /// The request has a route. The views must outlive the tracker.
  void on_route(std::uint64_t id, std::string_view name, std::string_view pattern) noexcept;
  /// The transport has taken that many octets more.
  void on_taken(std::size_t octets) noexcept;
  /// The connection is over: ends all responses that have not gone out. Later calls do nothing.
  void on_close(access_outcome outcome) noexcept;

private:
  struct entry {
    std::uint64_t id = 0;
    std::string request_id;
    std::string method;
    std::string target;
    /// Without the texts above, which may move.
    access_record record;
    /// Octets that are encoded and not taken.
    std::uint64_t waiting = 0;
    time_point answered = time_point::max();
    time_point last_taken;
    bool is_ended = false;
  };

  /// Octets of a response in the output of the connection, by their positions.
  struct piece {
    std::uint64_t id = 0;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };

  [[nodiscard]] entry* find(std::uint64_t id) noexcept;
  entry& add(std::uint64_t id, std::string_view protocol);
  void drop(std::uint64_t id) noexcept;
  void release() noexcept;
  void take_from(const piece& which, std::uint64_t octets, time_point now) noexcept;
  void tell(entry& which, time_point end) noexcept;

  const access_observers& observers_;
  http::peer peer_;
  std::uint64_t connection_;
  std::function<time_point()> clock_;
  std::vector<entry> entries_;
  std::vector<piece> pieces_;
  /// Octets of output that the transport has taken, and octets that the protocol has encoded.
  std::uint64_t taken_ = 0;
  std::uint64_t encoded_ = 0;
  bool is_closed_ = false;
};

} // namespace sake::http
